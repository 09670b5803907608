import type { Reason, ReasonCode, StatusSnapshot } from "../../status.ts";
import { type Content, html, type Markup } from "./html.ts";
import type { Reader } from "./reader.ts";

/** How it stands, in one of three: fine, being taken care of, or in need of a look. */
export type Level = "ok" | "working" | "trouble";

/** Reasons that take care of themselves within moments. */
const PASSING: ReadonlySet<ReasonCode> = new Set(["starting", "new-revision", "pending"]);

export function levelOf({ reasons, health }: StatusSnapshot): Level {
  if (!health.ok || reasons.some(({ code }) => !PASSING.has(code))) return "trouble";
  return reasons.length > 0 ? "working" : "ok";
}

/** Shapes as well as colours: a check mark, three dots, an exclamation mark. */
const SHAPES: Readonly<Record<Level, string>> = {
  ok: "M9 16.5l5 5 9.5-11",
  working: "M9 16h.01M16 16h.01M23 16h.01",
  trouble: "M16 8v10M16 24h.01",
};
const ICON_COLOURS: Readonly<Record<Level, string>> = {
  ok: "#1a7f4b",
  working: "#8a6100",
  trouble: "#b3261e",
};

function shapeOf(level: Level, colour: string): Markup {
  return html`<path d="${SHAPES[level]}" fill="none" stroke="${colour}" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/>`;
}

/** The picture beside the page's title, as a document of its own. */
export function iconOf(level: Level): string {
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="16" fill="${ICON_COLOURS[level]}"/>${shapeOf(level, "#fff")}</svg>`
    .text;
}

export function titleOf(level: Level, { verdict }: Reader["words"]): string {
  return { ok: verdict.inStep, working: verdict.working, trouble: verdict.trouble }[level];
}

/** Articles that nobody but a person can help. */
export function needing({ articles }: StatusSnapshot): number {
  if (articles === null) return 0;
  const { rejected, refused, held, undeletable } = articles.counts;
  return rejected + refused + held + undeletable;
}

/** In step or not, in one glance; why not; and whether anybody is needed. */
export function verdict(snapshot: StatusSnapshot, reader: Reader): Markup {
  const { words } = reader;
  const level = levelOf(snapshot);
  const lead = {
    ok: words.verdict.inStepLead,
    working: words.verdict.workingLead,
    trouble: words.verdict.troubleLead,
  }[level];
  const stuck = snapshot.health.reasons;
  const shown = [...stuck, ...snapshot.reasons];
  return html`
<div class="sign"><svg viewBox="0 0 32 32" width="56" height="56" aria-hidden="true" focusable="false"><circle cx="16" cy="16" r="16" fill="currentColor"/>${shapeOf(level, "var(--sign-ink)")}</svg></div>
<div>
  <h1>${titleOf(level, words)}${sinceOf(snapshot, reader)}</h1>
  <p class="lead">${lead}</p>
  ${shown.length > 0 && html`<ul class="reasons">${shown.map((reason) => reasonOf(reason, reader))}</ul>`}
  ${snapshot.startedOver !== null && html`<p class="note"><strong>${words.startedOver.title}</strong> ${words.startedOver.more}</p>`}
  <p class="line">${commitLine(snapshot, reader)}</p>
  ${needs(snapshot, reader)}
</div>`;
}

function sinceOf({ since, time }: StatusSnapshot, { words, span }: Reader): Content {
  if (since === null) return null;
  const ms = Math.floor((Date.parse(time) - Date.parse(since)) / 1000) * 1000;
  return ms < 1000 ? null : html` <small>${words.verdict.since(span(ms))}</small>`;
}

function reasonOf({ code, message, hint, since }: Reason, { words, when }: Reader): Markup {
  // The agent's own words are English; for others they come last, for whoever mends it.
  const own = words.reasons?.[code];
  const said = own ?? { title: message, more: hint };
  return html`<li><strong>${said.title}</strong>${since !== null && html` <span class="soft">${when(since)}</span>`}
    ${said.more !== "" && html`<span class="detail">${said.more}</span>`}
    ${own !== undefined && html`<span class="detail soft" lang="en">${message}</span>`}</li>`;
}

function commitLine({ revision }: StatusSnapshot, { words, when }: Reader): Content {
  if (revision === null) return `${words.revision.heading}: ${words.revision.none}`;
  const { id, subject, authored } = revision;
  return html`<code>${id.slice(0, 12)}</code> <bdi>${subject ?? words.revision.noSubject}</bdi>${
    authored !== null && html` <span class="soft">${when(authored)}</span>`
  }`;
}

function needs(snapshot: StatusSnapshot, { words, number }: Reader): Content {
  const count = needing(snapshot);
  // Before anything was looked at nobody knows.
  if (count === 0 && snapshot.lastPass === null) return null;
  if (count === 0) return html`<p class="line soft">${words.verdict.nothingToMend}</p>`;
  return html`<p class="line"><a class="needs" href="#mend">${words.verdict.needs(number(count), count === 1)}</a></p>`;
}
