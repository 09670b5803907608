/** Two small pictures: articles by state, and how long changes took to go live. Each says in words what it shows. */

import type { StatusSnapshot } from "../../status.ts";
import type { Counts } from "../../sync/ports.ts";
import { html, type Markup, type Reader } from "./html.ts";

/** First the states of an article that goes well, then those that need a person. */
const STATES: readonly (keyof Counts)[] = [
  "published",
  "pending",
  "scheduled",
  "withdrawn",
  "held",
  "rejected",
  "refused",
  "undeletable",
];
const BAR_WIDTH = 1000;
/** A state with a single article among thousands is still to be seen. */
const SLICE_WIDTH_MIN = 12;

export function states({ articles }: StatusSnapshot, reader: Reader): Markup {
  const { words, number } = reader;
  const heading = html`<h2 id="states-heading">${words.states.heading}</h2>`;
  const counts = STATES.map((state) => ({ state, count: articles?.counts[state] ?? 0 }));
  const present = counts.filter(({ count }) => count > 0);
  if (present.length === 0) return html`${heading}<p class="soft">${words.states.none}</p>`;
  const total = present.reduce((sum, { count }) => sum + count, 0);
  const widths = present.map(({ count }) => Math.max(SLICE_WIDTH_MIN, (count / total) * BAR_WIDTH));
  const scale = BAR_WIDTH / widths.reduce((sum, width) => sum + width, 0);
  let x = 0;
  const slices = present.map(({ state }, index) => {
    const width = (widths[index] ?? 0) * scale;
    const slice = html`<rect class="fill-${state}" x="${x.toFixed(1)}" y="0" width="${Math.max(1, width - 3).toFixed(1)}" height="24"/>`;
    x += width;
    return slice;
  });
  const rows = present.map(
    ({ state, count }) =>
      html`<div><dt><svg viewBox="0 0 10 10" width="12" height="12" aria-hidden="true" focusable="false"><rect class="fill-${state}" width="10" height="10" rx="2"/></svg> ${words.states[state]}</dt><dd>${number(count)}</dd></div>`,
  );
  return html`${heading}
    <svg class="bar" viewBox="0 0 ${BAR_WIDTH} 24" preserveAspectRatio="none" aria-hidden="true" focusable="false">${slices}</svg>
    <dl class="legend">${rows}</dl>`;
}

const FIGURE_WIDTH = 500;
const FIGURE_HEIGHT = 100;
/** Decades that are always shown: from 10 ms to 10 s. */
const LEAST_MS = 10;
const MOST_MS = 10_000;

export function speed({ recent }: StatusSnapshot, reader: Reader): Markup {
  const { words, number, span } = reader;
  const heading = html`<h2 id="speed-heading">${words.speed.heading}</h2>`;
  const times = recent.flatMap(({ liveMs }) => liveMs ?? []).reverse();
  if (times.length === 0) return html`${heading}<p class="soft">${words.speed.none}</p>`;
  const sorted = times.toSorted((a, b) => a - b);
  const summary = words.speed.summary(
    number(times.length),
    span(quantile(sorted, 0.5)),
    span(quantile(sorted, 0.95)),
  );
  const most = Math.max(MOST_MS, sorted.at(-1) ?? 0);
  const decades = Math.ceil(Math.log10(most / LEAST_MS));
  const heightOf = (ms: number): number =>
    Math.max(2, (Math.log10(Math.max(LEAST_MS, ms) / LEAST_MS) / decades) * FIGURE_HEIGHT);
  const step = FIGURE_WIDTH / Math.max(20, times.length);
  const columns = times.map((ms, index) => {
    const height = heightOf(ms);
    const x = FIGURE_WIDTH - (times.length - index) * step;
    return html`<rect class="fill-live" x="${x.toFixed(1)}" y="${(FIGURE_HEIGHT - height).toFixed(1)}" width="${(step * 0.7).toFixed(1)}" height="${height.toFixed(1)}"/>`;
  });
  const lines = Array.from({ length: decades + 1 }, (_, decade) => {
    const y = FIGURE_HEIGHT - (decade / decades) * FIGURE_HEIGHT;
    return html`<line class="grid" x1="0" x2="${FIGURE_WIDTH}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}"/>`;
  });
  const labels = Array.from(
    { length: decades + 1 },
    (_, index) => html`<span>${span(LEAST_MS * 10 ** (decades - index))}</span>`,
  );
  return html`${heading}
    <figure>
      <div class="chart"><div class="axis" aria-hidden="true">${labels}</div>
      <svg viewBox="0 0 ${FIGURE_WIDTH} ${FIGURE_HEIGHT}" preserveAspectRatio="none" aria-hidden="true" focusable="false">${lines}${columns}</svg></div>
      <figcaption>${summary} <span class="soft">${words.speed.axis}</span></figcaption>
    </figure>`;
}

/** @param sorted Not empty, ascending. */
function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? 0;
}
