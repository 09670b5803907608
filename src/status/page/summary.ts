/** The sections about the agent: its verdict, its revision, and what an operator wants to know of it. */
import type { PassStatus, Reason, StatusSnapshot, VerdictKind } from "../../status.ts";
import { type Content, html, type Markup, type Reader, sayingOf } from "./html.ts";

/** Green, yellow with dots, yellow with a mark, red: one for each verdict. */
export type Level = "ok" | "working" | "attention" | "trouble";

const LEVELS: Readonly<Record<VerdictKind, Level>> = {
  "in-step": "ok",
  "in-step-except": "attention",
  behind: "working",
  "not-syncing": "trouble",
};

export function levelOf({ verdict }: StatusSnapshot): Level {
  const level = LEVELS[verdict.kind];
  return level === "working" && verdict.needsAction ? "attention" : level;
}

/** Shapes as well as colours: a check mark, three dots, an exclamation mark, a cross. */
const SHAPES: Readonly<Record<Level, string>> = {
  ok: "M9 16.5l5 5 9.5-11",
  working: "M9 16h.01M16 16h.01M23 16h.01",
  attention: "M16 8v10M16 24h.01",
  trouble: "M10 10l12 12M22 10l-12 12",
};
const ICON_COLOURS: Readonly<Record<Level, string>> = {
  ok: "#1a7f4b",
  working: "#8a6100",
  attention: "#8a6100",
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

/** The verdict in the reader's words. */
export function titleOf(
  { kind, except }: StatusSnapshot["verdict"],
  { words, number }: Pick<Reader, "words" | "number">,
): string {
  const { inStep, inStepExcept, behind, notSyncing } = words.verdict;
  const titles = { "in-step": inStep, behind, "not-syncing": notSyncing } as const;
  return kind === "in-step-except" ? inStepExcept(number(except.total)) : titles[kind];
}

function leadOf({ verdict }: StatusSnapshot, { words }: Reader): string {
  const { inStepLead, exceptLead, workingLead, behindLead, troubleLead } = words.verdict;
  const leads = { "in-step": inStepLead, "in-step-except": exceptLead, "not-syncing": troubleLead } as const;
  if (verdict.kind !== "behind") return leads[verdict.kind];
  return verdict.needsAction ? behindLead : workingLead;
}

/** In step or not; why not; and whether a person is needed. */
export function verdict(snapshot: StatusSnapshot, reader: Reader): Markup {
  const { words } = reader;
  const level = levelOf(snapshot);
  const shown = [...snapshot.health.reasons, ...snapshot.reasons];
  return html`
<div class="sign"><svg viewBox="0 0 32 32" width="56" height="56" aria-hidden="true" focusable="false"><circle cx="16" cy="16" r="16" fill="currentColor"/>${shapeOf(level, "var(--sign-ink)")}</svg></div>
<div>
  <h1>${titleOf(snapshot.verdict, reader)}${sinceOf(snapshot, reader)}</h1>
  <p class="lead">${leadOf(snapshot, reader)}</p>
  ${shown.length > 0 && html`<ul class="reasons">${shown.map((reason) => reasonOf(reason, snapshot.brake, reader))}</ul>`}
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

function reasonOf(reason: Reason, brake: StatusSnapshot["brake"], reader: Reader): Markup {
  const { message, hint, since } = reason;
  // The agent's own words are English; for others they come last, for the person who fixes it.
  const own = sayingOf(reader, reason, brake);
  const said = own ?? { title: message, more: hint };
  return html`<li><strong>${said.title}</strong>${since !== null && html` <span class="soft">${reader.when(since)}</span>`}
    ${said.more !== "" && html`<span class="detail">${said.more}</span>`}
    ${own !== null && html`<span class="detail soft" lang="en">${message}</span>`}</li>`;
}

function commitLine({ revision }: StatusSnapshot, { words, when }: Reader): Content {
  if (revision === null) return `${words.revision.heading}: ${words.revision.none}`;
  const { id, subject, authored } = revision;
  return html`<code>${id.slice(0, 12)}</code> <bdi>${subject ?? words.revision.noSubject}</bdi>${
    authored !== null && html` <span class="soft">${when(authored)}</span>`
  }`;
}

function needs(snapshot: StatusSnapshot, { words, number }: Reader): Content {
  const count = snapshot.verdict.except.total;
  // Before the first pass that is not known.
  if (count === 0 && snapshot.lastPass === null) return null;
  if (count === 0) return html`<p class="line soft">${words.verdict.nothingToFix}</p>`;
  return html`<p class="line"><a class="needs" href="#fix">${words.verdict.needs(number(count), count === 1)}</a></p>`;
}

/** The revision, from commit to live. */
export function revision({ revision, inStep, phase }: StatusSnapshot, { words, when }: Reader): Markup {
  const heading = html`<h2 id="revision-heading">${words.revision.heading}</h2>`;
  if (revision === null) return html`${heading}<p class="soft">${words.revision.none}</p>`;
  const { id, subject, authored, flipped, seen, live } = revision;
  const unknown = inStep ? words.revision.beforeStart : words.revision.notYet;
  const rows: [string, Content][] = [
    [words.revision.authored, authored && when(authored)],
    [words.revision.flipped, flipped && when(flipped)],
    [words.revision.seen, seen && when(seen)],
    [words.revision.live, phase === "not-running" ? null : live === null ? unknown : when(live)],
  ];
  return html`${heading}
    <p class="subject"><bdi>${subject ?? words.revision.noSubject}</bdi></p>
    <p><code class="name">${id}</code></p>
    ${terms(rows)}`;
}

/** What an operator wants to know of the agent itself. */
export function about(snapshot: StatusSnapshot, reader: Reader): Markup {
  const { words, when } = reader;
  const { lastPass, health, ready, lastVerified, nextDrift, nextResync, started } = snapshot;
  const canCompare = snapshot.inventory === "inventory";
  const runningMs = started === null ? 0 : reader.nowMs - Date.parse(started);
  const rows: [string, Content][] = [
    [words.about.repository, html`<span class="name">${snapshot.repo}</span> (${snapshot.ref})`],
    [words.about.inserter, html`<span class="name">${snapshot.inserter}</span>`],
    [words.about.owner, snapshot.owner],
    [words.about.inventory, words.about.inventories[snapshot.inventory]],
    [words.about.lastPass, lastPass && passOf(lastPass, reader)],
    [words.about.verified, canCompare ? lastVerified && when(lastVerified) : null],
    [words.about.nextDrift, canCompare ? nextDrift && when(nextDrift) : null],
    [words.about.nextResync, nextResync && when(nextResync)],
    [words.about.probes, words.about.probe(health.ok, ready.ok)],
    [words.about.running, started === null ? null : reader.span(Math.floor(runningMs / 1000) * 1000)],
    [words.about.version, `sync-agent ${snapshot.version}`],
  ];
  return html`<h2 id="about-heading">${words.about.heading}</h2>${terms(rows)}`;
}

function passOf({ at, trigger, examined }: PassStatus, { words, number, when }: Reader): Markup {
  const { triggers, pass } = words.about;
  return html`${when(at)}<br><span class="soft">${pass(triggers[trigger] ?? trigger, number(examined))}</span>`;
}

/** Terms and what they are; unknown ones are left out. */
function terms(rows: readonly (readonly [string, Content])[]): Markup {
  const known = rows.filter(([, content]) => content !== null);
  return html`<dl class="terms">${known.map(([term, content]) => html`<div><dt>${term}</dt><dd>${content}</dd></div>`)}</dl>`;
}
