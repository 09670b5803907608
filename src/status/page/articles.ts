/** The sections about articles: the search, what needs fixing, warnings, pending, scheduled, delivered. */

import type { Saying } from "../../messages/en/status-page.ts";
import { sentence } from "../../messages/problems.ts";
import type {
  FoundStatus,
  Listing,
  PendingStatus,
  ProblemStatus,
  RefusedStatus,
  StatusSnapshot,
} from "../../status.ts";
import { type Content, html, type Markup, type Reader } from "./html.ts";

/** What was looked for, and what was found. */
export interface Search {
  readonly text: string;
  readonly found: readonly FoundStatus[];
}

const FOUND_MAX = 20;
/** How many of a long list are shown before it is unfolded. */
const OPEN_MAX = 10;
const GOOD = new Set(["live"]);
const UNDERWAY = new Set(["pending", "unsent", "scheduled"]);

/** "Why is my article not there?": a form that works without a script too. */
export function find(search: Search | null, snapshot: StatusSnapshot, reader: Reader): Markup {
  const { words, lang } = reader;
  return html`
<h2 id="find-heading">${words.find.heading}</h2>
<form action="./" method="get" role="search">
  <label for="find-text">${words.find.label}</label>
  <div><input type="search" id="find-text" name="find" value="${search?.text ?? ""}" maxlength="300" autocomplete="off" spellcheck="false" autocapitalize="none">
  <input type="hidden" name="lang" value="${lang}"><button>${words.find.button}</button></div>
</form>
<div id="found" role="status">${search !== null && results(search, snapshot, reader)}</div>`;
}

function results({ text, found }: Search, snapshot: StatusSnapshot, reader: Reader): Content {
  const { words, number } = reader;
  if (found.length > 0) {
    const more = found.length >= FOUND_MAX && html`<p class="soft">${words.find.more(number(FOUND_MAX))}</p>`;
    return [html`<ul class="cards">${found.map((one) => card(one, reader))}</ul>`, more];
  }
  const globs = (list: readonly string[]): string => list.join(words.comma);
  const { include, exclude } = snapshot;
  const except = exclude.length > 0 ? words.find.except(globs(exclude)) : "";
  return html`<p><strong>${words.find.none(text)}</strong></p>
    <ul>${words.find.noneWhy.map((why) => html`<li>${why}</li>`)}<li>${words.find.looked(globs(include))}${except}</li></ul>`;
}

function card(found: FoundStatus, reader: Reader): Markup {
  const { words } = reader;
  const { state, path, id } = found;
  const tone = GOOD.has(state) ? "ok" : UNDERWAY.has(state) ? "working" : "trouble";
  const saying = state === "no-article" ? notAnArticle(found, reader) : words.found[state];
  return html`<li class="card ${tone}">
    <h3>${named(path ?? id ?? "")}${id !== null && path !== null && id !== path && html` <small>${named(id)}</small>`}</h3>
    <p><strong class="tone">${saying.title}</strong>${found.at !== null && html` <span class="soft">${reader.when(found.at)}</span>`}${
      found.other !== null && html` <span>${named(found.other)}</span>`
    }</p>
    <p>${saying.more}${GOOD.has(state) && found.problems.length > 0 && html` ${words.find.warned}`}</p>
    ${found.problems.map((problem) => problemOf(problem, path ?? "", reader))}
    ${found.refused !== null && refusalOf(found.refused, reader)}
    ${found.pending !== null && html`<p class="soft">${tries(found.pending, reader)}</p>`}
    ${!GOOD.has(state) && state !== "duplicate" && html`<p class="soft">${found.isLive ? words.find.stillThere : words.find.notThere}</p>`}
  </li>`;
}

/** Why a file is no article. */
function notAnArticle({ reason }: FoundStatus, { lang }: Reader): { title: string; more: string } {
  const { message, hint } = sentence(reason ?? "", {}, lang);
  return { title: message, more: hint };
}

/** All that waits for a person, by what to do about it; null when nothing does. */
export function fix({ articles }: StatusSnapshot, reader: Reader): Markup | null {
  if (articles === null) return null;
  const { words, lang } = reader;
  const groups = [
    group(words.attention.rejected, articles.rejected, reader, ({ path, problems, keeps }) => [
      html`<h4>${named(path)}</h4>`,
      problems.map((problem) => problemOf(problem, path, reader)),
      html`<p class="soft">${keeps.length > 0 ? words.attention.keeps : words.attention.keepsNothing}</p>`,
    ]),
    group(
      words.attention.duplicates,
      articles.duplicates,
      reader,
      ({ path, id, winner }) => html`<h4>${named(path)}</h4><p>${words.attention.duplicate(id, winner)}</p>`,
    ),
    group(
      words.attention.refused,
      articles.refused,
      reader,
      (item) => html`<h4>${named(item.path ?? item.id)}</h4>${refusalOf(item, reader)}`,
    ),
    group(
      words.attention.foreign,
      articles.foreign,
      reader,
      ({ path, owner }) => html`<h4>${named(path)}</h4><p>${words.attention.owner(owner)}</p>`,
    ),
    group(
      words.attention.held,
      articles.held,
      reader,
      ({ path, reason }) => html`<h4>${named(path)}</h4>${lang === "en" && html`<p>${reason}</p>`}`,
    ),
    group(
      words.attention.undeletable,
      articles.undeletable,
      reader,
      ({ id, path }) => html`<h4>${named(id)}</h4>${path !== null && html`<p>${named(path)}</p>`}`,
    ),
  ].filter((one) => one !== null);
  if (groups.length === 0) return null;
  return html`<h2 id="fix-heading">${words.attention.heading}</h2>${groups}`;
}

function group<Item>(
  { title, more }: Saying,
  { total, shown }: Listing<Item>,
  { words, number }: Reader,
  itemOf: (item: Item) => Content,
): Markup | null {
  if (total === 0) return null;
  const rest = total - shown.length;
  return html`<section class="group">
    <h3>${title} <span class="count">${number(total)}</span></h3>
    <p class="soft">${more}</p>
    <ul class="cards">${shown.map((item) => html`<li class="card trouble">${itemOf(item)}</li>`)}</ul>
    ${rest > 0 && html`<p class="soft">${words.attention.rest(number(rest))}</p>`}
  </section>`;
}

/** Published articles with warnings; null when there are none. */
export function warnings({ doubtful }: StatusSnapshot, reader: Reader): Markup | null {
  const items = doubtful.map(
    ({ path, problems }) =>
      html`<li class="card working"><h3>${named(path)}</h3>${problems.map((problem) => problemOf(problem, path, reader))}</li>`,
  );
  return list("warnings", "cards", reader.words.warnings, { total: items.length, shown: items }, reader);
}

export function pending({ articles }: StatusSnapshot, reader: Reader): Markup | null {
  if (articles === null) return null;
  const { words } = reader;
  const { total, shown } = articles.pending;
  const items = shown.map(
    (one) => html`<li>
      <div><span class="verb ${one.kind}">${words.pending[one.kind]}</span> ${named(one.path ?? one.id)}
      <span class="soft">${words.causes[one.cause]}</span></div>
      <div class="soft">${tries(one, reader)}</div>
    </li>`,
  );
  return list("pending", "rows", words.pending, { total, shown: items }, reader);
}

export function scheduled({ articles }: StatusSnapshot, reader: Reader): Markup | null {
  if (articles === null) return null;
  const { total, shown } = articles.scheduled;
  const items = shown.map(
    ({ path, at }) => html`<li>
      <div>${named(path)}</div>
      <div class="soft">${reader.when(at)} · <time class="exact" datetime="${at}">${at.slice(0, 16).replace("T", " ")} UTC</time></div>
    </li>`,
  );
  return list("scheduled", "rows", reader.words.scheduled, { total, shown: items }, reader);
}

/** A section with a list; null where the list is empty. */
function list(
  id: string,
  look: "cards" | "rows",
  { heading, lead }: { readonly heading: string; readonly lead: string },
  { total, shown }: Listing<Markup>,
  reader: Reader,
): Markup | null {
  if (total === 0) return null;
  return html`<h2 id="${id}-heading">${heading} <span class="count">${reader.number(total)}</span></h2>
    <p class="soft">${lead}</p>${folded(id, look, { total, shown }, reader)}`;
}

/** The first items, the others to be unfolded. */
function folded(
  id: string,
  look: "cards" | "rows",
  { total, shown }: Listing<Markup>,
  { words, number }: Reader,
): Markup {
  const open = shown.slice(0, OPEN_MAX);
  const rest = shown.slice(OPEN_MAX);
  const beyond = total - shown.length;
  const label = words.attention.rest(number(total - open.length));
  return html`<ul class="${look}">${open}</ul>
    ${rest.length > 0 && html`<details id="${id}-more"><summary>${label}</summary><ul class="${look}">${rest}</ul>${beyond > 0 && html`<p class="soft">${words.attention.rest(number(beyond))}</p>`}</details>`}`;
}

export function recent(snapshot: StatusSnapshot, reader: Reader): Markup {
  const { words, span, when } = reader;
  const heading = html`<h2 id="recent-heading">${words.recent.heading}</h2>`;
  if (snapshot.recent.length === 0) return html`${heading}<p class="soft">${words.recent.none}</p>`;
  const items = snapshot.recent.map(({ at, kind, id, path, cause, attempts, tookMs, liveMs }) => {
    const times =
      liveMs === null ? `${words.recent.took} ${span(tookMs)}` : `${words.recent.liveAfter} ${span(liveMs)}`;
    return html`<li>
      <div><span class="verb ${kind}">${words.pending[kind]}</span> ${named(path ?? id)}
      <span class="soft">${words.causes[cause]}</span></div>
      <div class="soft">${when(at)} · ${times}${attempts > 1 && ` · ${words.recent.attempts(reader.number(attempts))}`}</div>
    </li>`;
  });
  return html`${heading}${folded("recent", "rows", { total: items.length, shown: items }, reader)}`;
}

/** A path or id: in its own direction, broken where it must be. */
function named(text: string): Markup {
  return html`<bdi class="name">${text}</bdi>`;
}

/** A problem as a compiler shows it: place, message, the line with its marked part, how to fix it. */
function problemOf(problem: ProblemStatus, path: string, reader: Reader): Markup {
  const { message, hint } = reader.said(problem, path);
  const { line, column, severity, excerpt } = problem;
  const kind = severity === "warning" && html`<span class="kind">${reader.words.attention.warning}</span> `;
  return html`<div class="problem ${severity}">
    <p><code class="place">${line}:${column}</code> ${kind}<strong>${message}</strong></p>
    ${excerpt !== null && excerpt !== "" && marked(line, excerpt, problem)}
    ${hint !== "" && html`<p class="hint"><span class="soft">${reader.words.attention.howToFix}</span> ${withCode(hint)}</p>`}
  </div>`;
}

function marked(line: number, text: string, { column, length }: ProblemStatus): Markup {
  const from = Math.min(column - 1, text.length);
  const to = Math.min(from + length, text.length);
  // Beyond the end something is missing: a mark of its own shows where.
  const part = from === to ? " " : text.slice(from, to);
  return html`<pre tabindex="0"><span class="number" aria-hidden="true">${line}</span><code>${text.slice(0, from)}<mark>${part}</mark>${text.slice(to)}</code></pre>`;
}

/** A sentence of the catalogue: text between backticks is to be typed literally. */
function withCode(text: string): Content {
  return text.split("`").map((part, index) => (index % 2 === 0 ? part : html`<code>${part}</code>`));
}

/** What the inserter said when it refused. */
function refusalOf({ status, kind, excerpt, since }: RefusedStatus, { words, when }: Reader): Markup {
  return html`<p>${words.attention.refusal(status, kind)} <span class="soft">${when(since)}</span></p>
    ${excerpt !== "" && html`<pre tabindex="0" aria-label="${words.attention.answer}"><code>${excerpt}</code></pre>`}`;
}

/** How delivery of one change fares. */
function tries(pending: PendingStatus, reader: Reader): Content {
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
