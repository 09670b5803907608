import { articleScript } from "./article-script.ts";

/**
 * Script of the page: the address after `#` says what is shown, `#/?q=...&tag=...` a list,
 * `#/article/ID` an article. Texts of articles become text nodes, never markup.
 */
export const pageScript = String.raw`
const base = document.documentElement.dataset.url;
const say = JSON.parse(document.documentElement.dataset.words);
const locale = document.documentElement.lang === "en" ? undefined : document.documentElement.lang;
const $ = (id) => document.getElementById(id);
const list = $("list"), more = $("more"), count = $("count"), words = $("words"), article = $("article");
const tokenKey = "token";
const pageItems = 20;
let shown = { q: "", tag: "" }, next = null, etag = null, asked = null, pause = 0;

/* A sentence with what it is about. */
function about(sentence, what) {
  return sentence.replace("{}", () => what);
}

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value != null) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/* The language decides which shapes Chinese characters have. */
function languageOf(text) {
  if (/[\u3040-\u30ff]/.test(text)) return "ja";
  return /[\uac00-\ud7af]/.test(text) ? "ko" : null;
}

/*
 * Days are as the author wrote them. A day without a time is midnight in the zone of the configuration:
 * that is UTC, or most likely the zone of whoever reads this at home. The beginning of all time is no date.
 */
function day(iso) {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime()) || date.getTime() === 0) return "";
  const zone = date.toISOString().endsWith("T00:00:00.000Z") ? { timeZone: "UTC" } : {};
  const text = date.toLocaleDateString(locale, { dateStyle: "long", ...zone });
  return element("time", { datetime: date.toISOString() }, text);
}

/* Folds character by character, so that a place in what is searched is a place in the text. */
function folded(text) {
  let low = "";
  const places = [];
  let at = 0;
  for (const character of text) {
    const fold = character.normalize("NFKC").toLowerCase();
    for (let n = 0; n < fold.length; n++) places.push(at);
    low += fold;
    at += character.length;
  }
  return { low, places: [...places, at] };
}

function marked(text, query) {
  const { low, places } = folded(text);
  const terms = query.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
  if (terms.length === 0) return [text];
  terms.sort((a, b) => b.length - a.length);
  const pattern = new RegExp(terms.map((term) => term.replace(/[.*+?^$(){}|[\]\\]/g, "\\$&")).join("|"), "g");
  const parts = [];
  let at = 0;
  for (const hit of low.matchAll(pattern)) {
    const [from, to] = [places[hit.index], places[hit.index + hit[0].length]];
    parts.push(text.slice(at, from), element("mark", {}, text.slice(from, to)));
    at = to;
  }
  return [...parts, text.slice(at)];
}

function address(q, tag) {
  const query = new URLSearchParams();
  if (q) query.set("q", q);
  if (tag) query.set("tag", tag);
  return "#/" + (query.size ? "?" + query : "");
}

async function ask(path, options = {}) {
  const token = sessionStorage.getItem(tokenKey);
  const headers = { ...options.headers, ...(token ? { authorization: "Bearer " + token } : {}) };
  const answer = await fetch(path, { ...options, headers });
  if (answer.status === 401) {
    $("ask").hidden = false;
    $("browse").hidden = article.hidden = true;
    $("token").focus();
    throw new DOMException("A token is needed", "AbortError");
  }
  if (!answer.ok && answer.status !== 304) {
    const { error } = await answer.json().catch(() => ({}));
    throw new Error(error || about(say.answered, answer.status));
  }
  return answer;
}

function tagLink(tag, number, current) {
  const label = number == null ? [tag] : [tag, element("small", {}, String(number))];
  return element(
    "a",
    { class: "tag", href: address(current ? "" : words.value, current ? "" : tag), "aria-current": current ? "true" : null },
    ...label,
  );
}

async function showTags() {
  const { tags } = await (await ask("tags")).json();
  const links = tags.slice(0, 24);
  const chosen = shown.tag && !links.some((one) => one.tag === shown.tag) ? [{ tag: shown.tag }] : [];
  const items = [...chosen, ...links].map((one) =>
    element("li", {}, tagLink(one.tag, one.count, one.tag === shown.tag)),
  );
  $("tags").replaceChildren(element("ul", {}, ...items));
  $("tags").hidden = items.length === 0 || !article.hidden;
}

function card(item) {
  const title = item.title || item.id;
  const parts = [
    element("div", { class: "line" }, day(item.created_at || item.received_at), ...(item.tags || []).map((tag) => tagLink(tag))),
    element("h2", {}, element("a", { href: "#/article/" + encodeURIComponent(item.id) }, ...marked(title, shown.q))),
  ];
  if (item.description) parts.push(element("p", {}, ...marked(item.description, shown.q)));
  if (item.snippet) parts.push(element("p", { class: "snippet" }, ...marked(item.snippet, shown.q)));
  return element("li", { lang: languageOf(title + (item.description || "") + (item.snippet || "")) }, ...parts);
}

function tell({ total, indexing, items }) {
  const number = total === 1 ? say.one : about(say.many, total.toLocaleString());
  const where = (shown.q ? about(say.with, shown.q) : "") + (shown.tag ? about(say.tagged, shown.tag) : "");
  const waiting = indexing && where ? about(say.unsearchable, indexing.toLocaleString()) : "";
  count.textContent = number + where + waiting;
  if (items.length > 0 || next) return;
  const [head, hint] = where
    ? [say.nothing, say.nothingHint]
    : [say.none, say.noneHint];
  list.replaceChildren(element("li", { class: "nothing" }, element("strong", {}, head), hint));
}

/* What was asked before does not matter any more: a late answer must not replace a newer one. */
function anew() {
  asked?.abort();
  asked = new AbortController();
  return asked.signal;
}

async function load(cursor) {
  const signal = anew();
  const query = new URLSearchParams({ limit: pageItems });
  if (shown.q) query.set("q", shown.q);
  if (shown.tag) query.set("tag", shown.tag);
  if (cursor) query.set("cursor", cursor);
  const found = await (await ask(base + "?" + query, { signal })).json();
  next = found.next;
  more.hidden = next === null;
  const cards = found.items.map(card);
  if (cursor) {
    list.append(...cards);
    cards[0]?.querySelector("h2 a").focus();
    return;
  }
  const focused = list.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  list.replaceChildren(...cards);
  tell(found);
  if (focused) list.querySelector("a[href='" + CSS.escape(focused) + "']")?.focus({ preventScroll: true });
}

function failed(error) {
  if (error.name === "AbortError") return;
  count.textContent = "";
  const words = error instanceof TypeError ? say.unreachable : error.message + ".";
  const head = element(article.hidden ? "strong" : "h1", {}, say.failed);
  const notice = element("div", { class: "nothing", role: "alert" }, head, words);
  if (article.hidden) list.replaceChildren(element("li", {}, notice));
  else article.replaceChildren(backLink(), notice);
}

async function show(focus) {
  const [, id] = /^#\/article\/(.+)$/.exec(location.hash) || [];
  $("ask").hidden = true;
  $("browse").hidden = id !== undefined;
  article.hidden = id === undefined;
  try {
    if (id !== undefined) {
      $("tags").hidden = true;
      await showArticle(decodeURIComponent(id));
      if (focus) article.querySelector("h1").focus();
      return;
    }
    article.replaceChildren();
    const query = new URLSearchParams(location.hash.split("?")[1] || "");
    shown = { q: query.get("q") || "", tag: query.get("tag") || "" };
    if (words !== document.activeElement) words.value = shown.q;
    document.title = [shown.q || shown.tag, say.articles].filter(Boolean).join(" · ");
    $("heading").textContent = shown.tag ? about(say.taggedHeading, shown.tag) : say.articles;
    await Promise.all([load(null), showTags()]);
  } catch (error) {
    failed(error);
  }
}

function search() {
  clearTimeout(pause);
  const query = words.value.trim();
  if (article.hidden && query === shown.q) return;
  if (!article.hidden) location.hash = address(query, shown.tag);
  else {
    history.replaceState(null, "", address(query, shown.tag));
    show(false);
  }
}

words.addEventListener("input", (event) => {
  clearTimeout(pause);
  /* Half-typed Japanese is not a word yet. */
  if (!event.isComposing) pause = setTimeout(search, 150);
});
words.addEventListener("compositionend", search);
$("search").addEventListener("submit", (event) => {
  event.preventDefault();
  search();
});
$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(tokenKey, $("token").value);
  show(true);
});
more.addEventListener("click", () => load(next).catch(failed));
addEventListener("hashchange", () => {
  if (location.hash === "" || location.hash.startsWith("#/")) {
    scrollTo(0, 0);
    show(true);
  }
});
addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    words.focus();
    words.select();
  }
});

/* New articles appear by themselves, unless someone is further down the list. */
async function refresh() {
  if (document.hidden || !$("ask").hidden) return;
  const headers = { accept: "application/x-ndjson", ...(etag ? { "if-none-match": etag } : {}) };
  const answer = await ask(base, { method: "HEAD", headers, cache: "no-store" });
  const known = etag;
  etag = answer.headers.get("etag");
  if (known && etag !== known && (!article.hidden || list.children.length <= pageItems)) await show(false);
}
setInterval(() => refresh().catch(() => {}), 4000);
refresh().catch(() => {});
show(false);
${articleScript}`;
