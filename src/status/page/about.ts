import type { StatusSnapshot } from "../../status.ts";
import { type Content, html, type Markup } from "./html.ts";
import type { Reader } from "./reader.ts";

/** The revision, from commit to live. */
export function revision({ revision, inStep, phase }: StatusSnapshot, { words, when }: Reader): Markup {
  const heading = html`<h2 id="revision-heading">${words.revision.heading}</h2>`;
  if (revision === null) return html`${heading}<p class="soft">${words.revision.none}</p>`;
  const { id, subject, authored, flipped, seen, live } = revision;
  const unknown = inStep ? words.revision.beforeStart : words.revision.notYet;
  const rows: [string, Content][] = [
    [words.revision.authored, authored === null ? null : when(authored)],
    [words.revision.flipped, flipped === null ? null : when(flipped)],
    [words.revision.seen, seen === null ? null : when(seen)],
    [words.revision.live, phase === "not-running" ? null : live === null ? unknown : when(live)],
  ];
  return html`${heading}
    <p class="subject"><bdi>${subject ?? words.revision.noSubject}</bdi></p>
    <p><code class="name">${id}</code></p>
    ${terms(rows)}`;
}

/** What an operator wants to know of the agent itself. */
export function about(snapshot: StatusSnapshot, reader: Reader): Markup {
  const { words, number, when } = reader;
  const { lastPass, health, ready, lastVerified, nextDrift, nextResync, started } = snapshot;
  const trigger = lastPass === null ? "" : (words.about.triggers[lastPass.trigger] ?? lastPass.trigger);
  const canCompare = snapshot.inventory === "inventory";
  const runningMs = started === null ? 0 : reader.nowMs - Date.parse(started);
  const rows: [string, Content][] = [
    [words.about.repository, html`<span class="name">${snapshot.repo}</span> (${snapshot.ref})`],
    [words.about.inserter, html`<span class="name">${snapshot.inserter}</span>`],
    [words.about.owner, snapshot.owner],
    [words.about.inventory, words.about.inventories[snapshot.inventory]],
    [
      words.about.lastPass,
      lastPass === null
        ? null
        : html`${when(lastPass.at)}<br><span class="soft">${words.about.pass(trigger, number(lastPass.examined))}</span>`,
    ],
    [words.about.verified, canCompare && lastVerified !== null ? when(lastVerified) : null],
    [words.about.nextDrift, canCompare && nextDrift !== null ? when(nextDrift) : null],
    [words.about.nextResync, nextResync === null ? null : when(nextResync)],
    [words.about.probes, words.about.probe(health.ok, ready.ok)],
    [words.about.running, started === null ? null : reader.span(Math.floor(runningMs / 1000) * 1000)],
    [words.about.version, `sync-agent ${snapshot.version}`],
  ];
  return html`<h2 id="about-heading">${words.about.heading}</h2>${terms(rows)}`;
}

/** Terms and what they are; those that nothing is known of are left out. */
function terms(rows: readonly (readonly [string, Content])[]): Markup {
  const known = rows.filter(([, content]) => content !== null);
  return html`<dl class="terms">${known.map(([term, content]) => html`<div><dt>${term}</dt><dd>${content}</dd></div>`)}</dl>`;
}
