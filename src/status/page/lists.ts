/** What is on its way, what waits for its date, what was delivered. */
import type { StatusSnapshot } from "../../status.ts";
import { named, tries } from "./article-parts.ts";
import { html, type Markup } from "./html.ts";
import type { Reader } from "./reader.ts";

/** How many of a long list are shown before it is unfolded. */
const OPEN_MAX = 10;

export function pending({ articles }: StatusSnapshot, reader: Reader): Markup | null {
  if (articles === null || articles.pending.total === 0) return null;
  const { words } = reader;
  const { total, shown } = articles.pending;
  const items = shown.map(
    (one) => html`<li>
      <div><span class="verb ${one.kind}">${words.pending[one.kind]}</span> ${named(one.path ?? one.id)}
      <span class="soft">${words.causes[one.cause]}</span></div>
      <div class="soft">${tries(one, reader)}</div>
    </li>`,
  );
  return html`<h2 id="pending-heading">${words.pending.heading} <span class="count">${reader.number(total)}</span></h2>
    <p class="soft">${words.pending.lead}</p>${folded(items, total, "pending-more", reader)}`;
}

export function scheduled({ articles }: StatusSnapshot, reader: Reader): Markup | null {
  if (articles === null || articles.scheduled.total === 0) return null;
  const { words } = reader;
  const { total, shown } = articles.scheduled;
  const items = shown.map(
    ({ path, at }) => html`<li>
      <div>${named(path)}</div>
      <div class="soft">${reader.when(at)} · <time class="exact" datetime="${at}">${at.slice(0, 16).replace("T", " ")} UTC</time></div>
    </li>`,
  );
  return html`<h2 id="scheduled-heading">${words.scheduled.heading} <span class="count">${reader.number(total)}</span></h2>
    <p class="soft">${words.scheduled.lead}</p>${folded(items, total, "scheduled-more", reader)}`;
}

function folded(items: readonly Markup[], total: number, id: string, { words, number }: Reader): Markup {
  const open = items.slice(0, OPEN_MAX);
  const rest = items.slice(OPEN_MAX);
  const beyond = total - items.length;
  const label = words.mend.rest(number(total - open.length));
  return html`<ul class="rows">${open}</ul>
    ${rest.length > 0 && html`<details id="${id}"><summary>${label}</summary><ul class="rows">${rest}</ul>${beyond > 0 && html`<p class="soft">${words.mend.rest(number(beyond))}</p>`}</details>`}`;
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
  return html`${heading}${folded(items, items.length, "recent-more", reader)}`;
}
