import { sentence } from "../../messages/problems.ts";
import type { FoundStatus, StatusSnapshot } from "../../status.ts";
import { named, problemOf, refusalOf, tries } from "./article-parts.ts";
import { type Content, html, type Markup } from "./html.ts";
import type { Reader } from "./reader.ts";

/** What was looked for, and what was found. */
export interface Search {
  readonly text: string;
  readonly found: readonly FoundStatus[];
}

const FOUND_MAX = 20;
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
    <p>${saying.more}${GOOD.has(state) && found.problems.length > 0 && html` ${words.find.doubtful}`}</p>
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
