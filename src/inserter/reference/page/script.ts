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
const pageItems = 20;
let shown = { q: "", tag: "" }, next = null, etag = null, asked = null, pause = 0;

/* A sentence with its one value filled in. */
function fill(sentence, value) {
  return sentence.replace("{}", () => value);
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
 * UTC, or most likely the zone of the reader. The epoch itself stands for no date.
 */
function day(iso) {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime()) || date.getTime() === 0) return "";
  const zone = date.toISOString().endsWith("T00:00:00.000Z") ? { timeZone: "UTC" } : {};
  const text = date.toLocaleDateString(locale, { dateStyle: "long", ...zone });
  return element("time", { datetime: date.toISOString() }, text);
}

/* Folds character by character, so that a place in the folded text leads back to a place in the text. */
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
  const answer = await fetch(path, options);
  if (!answer.ok && answer.status !== 304) {
    const { error } = await answer.json().catch(() => ({}));
    throw new Error(error || fill(say.answered, answer.status));
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
    element("div", { class: "line" }, day(item.created_at), ...(item.tags || []).map((tag) => tagLink(tag))),
    element("h2", {}, element("a", { href: "#/article/" + encodeURIComponent(item.id) }, ...marked(title, shown.q))),
  ];
  if (item.description) parts.push(element("p", {}, ...marked(item.description, shown.q)));
  if (item.snippet) parts.push(element("p", { class: "snippet" }, ...marked(item.snippet, shown.q)));
  return element("li", { lang: languageOf(title + (item.description || "") + (item.snippet || "")) }, ...parts);
}

function showCount({ total, indexing, items }) {
  const number = total === 1 ? say.one : fill(say.many, total.toLocaleString());
  const where = (shown.q ? fill(say.with, shown.q) : "") + (shown.tag ? fill(say.tagged, shown.tag) : "");
  const waiting = indexing && where ? fill(say.unsearchable, indexing.toLocaleString()) : "";
  count.textContent = number + where + waiting;
  if (items.length > 0 || next) return;
  const [head, hint] = where
    ? [say.nothing, say.nothingHint]
    : [say.none, say.noneHint];
  list.replaceChildren(element("li", { class: "nothing" }, element("strong", {}, head), hint));
}

/* Aborts the request before: a late answer must not replace a newer one. */
function newRequest() {
  asked?.abort();
  asked = new AbortController();
  return asked.signal;
}

async function load(cursor) {
  const signal = newRequest();
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
  showCount(found);
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

function backLink() {
  const label = shown.q || shown.tag ? say.results : say.all;
  return element("a", { class: "back", href: address(shown.q, shown.tag) }, label);
}

function outside(address) {
  return /^https?:\/\//i.test(address || "");
}

/*
 * The rendered text, in a frame where scripts never run and that loads nothing: so pictures become their
 * descriptions, and links that lead nowhere from here become plain text.
 */
function frameOf(html, title) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  for (const picture of parsed.querySelectorAll("img")) {
    const words = picture.getAttribute("alt") || (picture.getAttribute("src") || "").split("/").pop() || "";
    const stand = parsed.createElement("span");
    stand.className = "picture";
    stand.textContent = say.picture + (words ? ": " + words : "");
    picture.replaceWith(stand);
  }
  for (const link of parsed.querySelectorAll("a[href]")) {
    const href = link.getAttribute("href");
    if (outside(href) || href.startsWith("mailto:")) {
      link.target = "_blank";
      link.rel = "noopener noreferrer";
    } else if (!href.startsWith("#")) {
      link.removeAttribute("href");
    }
  }
  for (const active of parsed.querySelectorAll("script, style, iframe, object, embed, link, meta, base")) active.remove();
  const frame = element("iframe", {
    title: fill(say.textOf, title),
    sandbox: "allow-same-origin allow-popups allow-popups-to-escape-sandbox",
  });
  const head = '<!doctype html><html lang="' + (languageOf(html) || "") + '"><title>Text</title>';
  frame.srcdoc = head + $("article-style").innerHTML + "<body>" + parsed.body.innerHTML;
  frame.addEventListener("load", () => {
    const text = frame.contentDocument.body;
    const fit = () => { frame.style.height = Math.ceil(text.getBoundingClientRect().height) + 2 + "px"; };
    new ResizeObserver(fit).observe(text);
    fit();
  });
  return frame;
}

function textOf(payload, title) {
  if (typeof payload.html === "string") return frameOf(payload.html, title);
  return element("div", { class: "plain" }, typeof payload.body === "string" ? payload.body : "");
}

function facts(payload, headers) {
  const rows = [
    [say.came, new Date(headers.get("last-modified")).toLocaleString(locale)],
    [say.id, payload.id],
    [say.file, payload.path],
    [say.owner, headers.get("sync-owner") && utf8(headers.get("sync-owner"))],
    [say.version, headers.get("sync-version")],
    [say.digest, headers.get("sync-digest")],
  ];
  const terms = rows.filter(([, value]) => typeof value === "string" && value !== "");
  return element(
    "details",
    {},
    element("summary", {}, say.facts),
    element("dl", {}, ...terms.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])),
    element("pre", { tabindex: "0", role: "region", "aria-label": say.payload }, JSON.stringify(payload, null, 2)),
  );
}

/* A header carries bytes; these are UTF-8. */
function utf8(header) {
  return new TextDecoder().decode(Uint8Array.from(header, (character) => character.charCodeAt(0)));
}

async function showArticle(id) {
  const answer = await ask(base + "/" + encodeURIComponent(id), { signal: newRequest() });
  const payload = await answer.json();
  const shownAs = id + " " + answer.headers.get("sync-version") + " " + answer.headers.get("sync-digest");
  if (article.dataset.shownAs === shownAs && article.querySelector("details")) return;
  const text = (name) => (typeof payload[name] === "string" ? payload[name] : "");
  const title = text("title") || id;
  const tags = Array.isArray(payload.tags) ? payload.tags.filter((tag) => typeof tag === "string") : [];
  const updated = text("updated_at") && text("updated_at") !== text("created_at") ? day(text("updated_at")) : "";
  document.title = title + " · " + say.articles;
  const language = languageOf(title + text("description") + text("body"));
  if (language) article.lang = language;
  else article.removeAttribute("lang");
  article.dataset.shownAs = shownAs;
  article.replaceChildren(
    backLink(),
    element("h1", { tabindex: "-1" }, title),
    element(
      "div",
      { class: "line" },
      day(text("created_at")),
      ...(updated ? [element("span", {}, say.updated + " ", updated)] : []),
      ...tags.map((tag) => tagLink(tag)),
    ),
    ...(text("description") ? [element("p", { class: "lead" }, text("description"))] : []),
    ...(payload.is_external === true && outside(payload.external_url)
      ? [element("a", { class: "away", href: payload.external_url, target: "_blank", rel: "noopener noreferrer" }, say.elsewhere)]
      : []),
    textOf(payload, title),
    facts(payload, answer.headers),
  );
}

async function show(focus) {
  const [, id] = /^#\/article\/(.+)$/.exec(location.hash) || [];
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
    $("heading").textContent = shown.tag ? fill(say.taggedHeading, shown.tag) : say.articles;
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

/* New articles appear by themselves, unless the reader is further down the list. */
async function refresh() {
  if (document.hidden) return;
  const headers = { accept: "application/x-ndjson", ...(etag ? { "if-none-match": etag } : {}) };
  const answer = await ask(base, { method: "HEAD", headers, cache: "no-store" });
  const known = etag;
  etag = answer.headers.get("etag");
  if (known && etag !== known && (!article.hidden || list.children.length <= pageItems)) await show(false);
}
setInterval(() => refresh().catch(() => {}), 4000);
refresh().catch(() => {});
show(false);
`;
