/** What several sections say of one article. */
import type { PendingStatus, ProblemStatus, RefusedStatus } from "../../status.ts";
import { type Content, html, type Markup } from "./html.ts";
import type { Reader } from "./reader.ts";

/** A path or id: in its own direction, broken where it must be. */
export function named(text: string): Markup {
  return html`<bdi class="name">${text}</bdi>`;
}

/** A problem as a compiler shows it: place, message, the line with its marked part, the mend. */
export function problemOf(problem: ProblemStatus, path: string, reader: Reader): Markup {
  const { message, hint } = reader.said(problem, path);
  const { line, column, severity, excerpt } = problem;
  const kind = severity === "warning" && html`<span class="kind">${reader.words.mend.warning}</span> `;
  return html`<div class="problem ${severity}">
    <p><code class="place">${line}:${column}</code> ${kind}<strong>${message}</strong></p>
    ${excerpt !== null && excerpt !== "" && marked(line, excerpt, problem)}
    ${hint !== "" && html`<p class="hint"><span class="soft">${reader.words.mend.toMend}</span> ${withCode(hint)}</p>`}
  </div>`;
}

function marked(line: number, text: string, { column, length }: ProblemStatus): Markup {
  const from = Math.min(column - 1, text.length);
  const to = Math.min(from + length, text.length);
  // Beyond the end something is missing: a mark of its own shows where.
  const part = from === to ? " " : text.slice(from, to);
  return html`<pre tabindex="0"><span class="number" aria-hidden="true">${line}</span><code>${text.slice(0, from)}<mark>${part}</mark>${text.slice(to)}</code></pre>`;
}

/** A sentence of the catalogue: what it has between backticks is to be typed as it stands. */
export function withCode(text: string): Content {
  return text.split("`").map((part, index) => (index % 2 === 0 ? part : html`<code>${part}</code>`));
}

/** What the inserter said when it refused. */
export function refusalOf({ status, kind, excerpt, since }: RefusedStatus, { words, when }: Reader): Markup {
  return html`<p>${words.mend.refusal(status, kind)} <span class="soft">${when(since)}</span></p>
    ${excerpt !== "" && html`<pre tabindex="0" aria-label="${words.mend.answer}"><code>${excerpt}</code></pre>`}`;
}

/** How delivery of one change fares. */
export function tries(pending: PendingStatus, reader: Reader): Content {
  const { words, number, ago, span } = reader;
  const { attempts, problem, nextTry } = pending;
  const waitedMs = Math.max(0, -Date.parse(pending.since) + reader.nowMs);
  const failed = problem === null ? null : words.pending.failed(number(attempts), attempts === 1, problem);
  return [
    failed !== null && html`<span class="trouble-text">${failed}</span> · `,
    words.pending.since(span(Math.floor(waitedMs / 1000) * 1000)),
    nextTry !== null && ` · ${words.pending.next(ago(nextTry))}`,
  ];
}
