import type { Saying } from "../../messages/status-page.ts";
import type { ArticlesStatus, Listing, StatusSnapshot } from "../../status.ts";
import { named, problemOf, refusalOf } from "./article-parts.ts";
import { type Content, html, type Markup } from "./html.ts";
import type { Reader } from "./reader.ts";

/** So many of what is no more than doubtful are shown before the list is unfolded. */
const OPEN_MAX = 10;

/** All that waits for a person, by what that person has to do; nothing when nothing does. */
export function mend({ articles }: StatusSnapshot, reader: Reader): Markup | null {
  if (articles === null) return null;
  const { words } = reader;
  const groups = [
    group(words.mend.rejected, articles.rejected, reader, (item) => rejected(item, reader)),
    group(
      words.mend.duplicates,
      articles.duplicates,
      reader,
      ({ path, id, winner }) => html`<h4>${named(path)}</h4><p>${words.mend.duplicate(id, winner)}</p>`,
    ),
    group(
      words.mend.refused,
      articles.refused,
      reader,
      (item) => html`<h4>${named(item.path ?? item.id)}</h4>${refusalOf(item, reader)}`,
    ),
    group(
      words.mend.foreign,
      articles.foreign,
      reader,
      ({ path, owner }) => html`<h4>${named(path)}</h4><p>${words.mend.owner(owner)}</p>`,
    ),
    group(
      words.mend.held,
      articles.held,
      reader,
      ({ path, reason }) => html`<h4>${named(path)}</h4>${reader.lang === "en" && html`<p>${reason}</p>`}`,
    ),
    group(words.mend.undeletable, articles.undeletable, reader, ({ id, path }) => {
      return html`<h4>${named(id)}</h4>${path !== null && html`<p>${named(path)}</p>`}`;
    }),
  ].filter((one) => one !== null);
  if (groups.length === 0) return null;
  return html`<h2 id="mend-heading">${words.mend.heading}</h2>${groups}`;
}

/** What is published, and yet has something doubtful; nothing when nothing does. */
export function doubts({ doubtful }: StatusSnapshot, reader: Reader): Markup | null {
  if (doubtful.length === 0) return null;
  const { words, number } = reader;
  const cards = doubtful.map(
    ({ path, problems }) =>
      html`<li class="card working"><h3>${named(path)}</h3>${problems.map((problem) => problemOf(problem, path, reader))}</li>`,
  );
  const rest = cards.slice(OPEN_MAX);
  return html`<h2 id="doubts-heading">${words.doubts.heading} <span class="count">${number(doubtful.length)}</span></h2>
    <p class="soft">${words.doubts.lead}</p>
    <ul class="cards">${cards.slice(0, OPEN_MAX)}</ul>
    ${rest.length > 0 && html`<details id="doubts-more"><summary>${words.mend.rest(number(rest.length))}</summary><ul class="cards">${rest}</ul></details>`}`;
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
    ${rest > 0 && html`<p class="soft">${words.mend.rest(number(rest))}</p>`}
  </section>`;
}

function rejected(item: ArticlesStatus["rejected"]["shown"][number], reader: Reader): Content {
  const { path, problems, keeps } = item;
  const { words } = reader;
  return [
    html`<h4>${named(path)}</h4>`,
    problems.map((problem) => problemOf(problem, path, reader)),
    html`<p class="soft">${keeps.length > 0 ? words.mend.keeps : words.mend.keepsNothing}</p>`,
  ];
}
