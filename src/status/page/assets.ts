/** Script of the page: asks for it again and again, and changes what changed, so that the reader is not disturbed. */
export const pageScript = `
const everyMs = 3000;
const timeoutMs = 10000;
const { lang } = document.documentElement;
const locale = navigator.language.startsWith(lang) ? undefined : lang;
const stale = document.getElementById("stale");

/* The page has times in UTC; the browser knows the local time zone. */
function localise(root) {
  for (const time of root.querySelectorAll("time")) {
    const date = new Date(time.dateTime);
    if (time.classList.contains("clock")) time.textContent = date.toLocaleTimeString(locale);
    else if (time.classList.contains("exact")) time.textContent = date.toLocaleString(locale, { dateStyle: "long", timeStyle: "short" });
    else time.title = date.toLocaleString(locale, { dateStyle: "full", timeStyle: "medium" });
  }
}

/* What a reader did to the page stays: unfolded parts, what is typed, marked or in focus. */
function morph(now, next) {
  if (now.nodeType !== next.nodeType || now.nodeName !== next.nodeName || now.id !== next.id) {
    now.replaceWith(next);
    return;
  }
  if (now.nodeType !== Node.ELEMENT_NODE) {
    if (now.data !== next.data) now.data = next.data;
    return;
  }
  if (now.nodeName === "INPUT") return;
  for (const { name, value } of next.attributes) {
    if (now.getAttribute(name) !== value) now.setAttribute(name, value);
  }
  for (const { name } of [...now.attributes]) {
    if (!next.hasAttribute(name) && name !== "open") now.removeAttribute(name);
  }
  const before = [...now.childNodes];
  const after = [...next.childNodes];
  for (const [index, child] of after.entries()) {
    if (index < before.length) morph(before[index], child);
    else now.append(child);
  }
  for (const child of before.slice(after.length)) child.remove();
}

async function refresh() {
  const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(timeoutMs) });
  if (!answer.ok) throw new Error("HTTP " + answer.status);
  const next = new DOMParser().parseFromString(await answer.text(), "text/html");
  localise(next);
  document.title = next.title;
  for (const where of ["main", "footer", "link[rel=icon]"]) {
    morph(document.querySelector(where), next.querySelector(where));
  }
}

/* What was true when the agent last answered is no verdict on now. */
function setStale(isStale) {
  stale.hidden = !isStale;
  document.getElementById("verdict").hidden = isStale;
  if (isStale) document.title = stale.dataset.title + " · sync-agent";
}

async function keepFresh() {
  if (!document.hidden) {
    try {
      await refresh();
      setStale(false);
    } catch {
      setStale(true);
    }
  }
  setTimeout(keepFresh, everyMs);
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh().catch(() => {});
});
localise(document);
setTimeout(keepFresh, everyMs);
`;

/** Style of the page. Colours come in pairs, for light and dark; each text has a contrast of 4.5 or more. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#fbfaf7, #16181b);
  --card: light-dark(#ffffff, #1d2024);
  --ink: light-dark(#1f2328, #e7e5e0);
  --soft: light-dark(#5b6169, #a4a9b1);
  --line: light-dark(#e4e1da, #31353b);
  --accent: light-dark(#0b5c68, #7fd0da);
  --ok: light-dark(#17693f, #7dd3a0);
  --ok-soft: light-dark(#e4f3ea, #16301f);
  --working: light-dark(#775300, #e9c46a);
  --working-soft: light-dark(#fbf1da, #332a12);
  --trouble: light-dark(#a3221b, #ff9b92);
  --trouble-soft: light-dark(#fdebe9, #3b1c1a);
  --sign-ink: light-dark(#ffffff, #16181b);
  --sans: system-ui, -apple-system, "Segoe UI", "Hiragino Sans", "Noto Sans CJK JP", sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, monospace;
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.6 var(--sans); overflow-wrap: anywhere; }
a { color: var(--accent); text-underline-offset: .18em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
main:focus { outline: none; }
.skip { position: absolute; left: 1rem; top: -4rem; padding: .5rem 1rem; background: var(--card); z-index: 2; }
.skip:focus { top: .75rem; }
header > div, main, footer, #stale { max-width: 76rem; margin-inline: auto; padding-inline: 1.5rem; }
header > div { display: flex; flex-wrap: wrap; align-items: baseline; gap: .2rem 1rem; padding-block: 1.1rem .3rem; }
.brand { font-weight: 650; }
.way { color: var(--soft); font-size: .875rem; }
#stale { padding-block: 1.7rem; background: var(--trouble-soft); color: var(--trouble); font-size: 1.5rem; font-weight: 600; border-radius: 18px; }
h1, h2, h3, h4, p, ul, dl, figure { margin: 0; }
h1 { font-size: clamp(1.7rem, 4.5vw, 2.3rem); line-height: 1.2; letter-spacing: -.01em; text-wrap: balance; }
h1 small { font-size: .5em; font-weight: 450; color: var(--soft); letter-spacing: 0; white-space: nowrap; }
h2 { font-size: 1.15rem; line-height: 1.35; margin-bottom: .6rem; }
h3 { font-size: 1rem; }
h4 { font-size: .95rem; }
ul { padding: 0; list-style: none; }
.soft, .hint .soft { color: var(--soft); }
.soft { font-size: .9rem; }
.name { font-family: var(--mono); font-size: .9em; }
code { font-family: var(--mono); font-size: .9em; }
.count { margin-left: .35em; padding: .08em .55em; font-size: .78em; font-weight: 600; color: var(--soft); background: var(--line); border-radius: 999px; }

#verdict { display: flex; gap: 1.4rem; margin-block: .8rem 2rem; padding: 1.7rem 1.8rem; border-radius: 18px; }
#verdict.ok { --tone: var(--ok); background: var(--ok-soft); }
#verdict:is(.working, .attention) { --tone: var(--working); background: var(--working-soft); }
#verdict.trouble { --tone: var(--trouble); background: var(--trouble-soft); }
#verdict h1 { color: var(--tone); }
#verdict h1 small { color: light-dark(#4a5058, #b4b9c0); }
#verdict .soft { color: light-dark(#4a5058, #b4b9c0); }
.sign { color: var(--tone); flex: none; line-height: 0; padding-top: .15rem; }
.lead { margin: .35rem 0 .2rem; font-size: 1.08rem; }
.reasons { margin: .7rem 0; display: grid; gap: .8rem; }
.reasons li { padding-left: 1rem; border-left: 3px solid var(--tone); }
.detail { display: block; }
.note { margin-top: .8rem; }
.line { margin-top: .55rem; }
.needs { font-weight: 600; }

.columns { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 3fr); gap: 2.6rem 3rem; align-items: start; }
.wide, .narrow { display: grid; grid-template-columns: minmax(0, 1fr); gap: 2.4rem; }
form label { display: block; color: var(--soft); font-size: .9rem; margin-bottom: .35rem; }
form div { display: flex; gap: .6rem; }
input[type="search"] {
  flex: 1; min-width: 0; height: 2.75rem; padding: 0 .95rem; font: 1rem/1 var(--mono); color: inherit;
  background: var(--card); border: 1px solid light-dark(#84898f, #72797f); border-radius: 10px;
}
button {
  height: 2.75rem; padding: 0 1.4rem; font: 600 1rem/1 var(--sans); color: var(--sign-ink); background: var(--accent);
  border: 0; border-radius: 10px; cursor: pointer; white-space: nowrap;
}
#found:not(:empty) { margin-top: 1rem; }
#found > ul:not(.cards) { margin-top: .4rem; padding-left: 1.2rem; list-style: disc; }

.group + .group { margin-top: 1.8rem; }
.group > .soft { margin-bottom: .7rem; }
.cards { display: grid; grid-template-columns: minmax(0, 1fr); gap: .8rem; }
.card { --tone: var(--soft); padding: 1rem 1.15rem; background: var(--card); border: 1px solid var(--line); border-left: 5px solid var(--tone); border-radius: 12px; display: grid; grid-template-columns: minmax(0, 1fr); gap: .45rem; }
.card.ok { --tone: var(--ok); }
.card.working { --tone: var(--working); }
.card.trouble { --tone: var(--trouble); }
.tone { color: var(--tone); }
.trouble-text { color: var(--trouble); }
.problem { display: grid; grid-template-columns: minmax(0, 1fr); gap: .35rem; padding-block: .2rem; }
.problem + .problem { border-top: 1px solid var(--line); padding-top: .6rem; }
#warnings > .soft { margin-bottom: .7rem; }
.kind { margin-right: .3rem; padding: .02em .5em; font-size: .8rem; font-weight: 600; border-radius: 6px; color: var(--working); background: var(--working-soft); }
.warning mark { text-decoration-color: var(--working); }
.place { color: var(--soft); margin-right: .3rem; }
pre {
  margin: 0; padding: .6rem .8rem; overflow-x: auto; border-radius: 8px; background: light-dark(#f3f1ec, #121416);
  font: .86rem/1.55 var(--mono); white-space: pre-wrap;
}
pre code { font-size: 1em; unicode-bidi: plaintext; }
.number { color: var(--soft); padding-right: .8rem; user-select: none; }
mark {
  background: light-dark(#ffe08a, #6b5410); color: inherit; border-radius: 3px; padding: .1em 0;
  text-decoration: underline wavy var(--trouble) 1.5px; text-underline-offset: .22em; text-decoration-skip-ink: none;
}

.rows > li { padding-block: .6rem; border-top: 1px solid var(--line); display: grid; gap: .1rem; }
h2 + .rows > li:first-child { border-top: 0; padding-top: 0; }
.verb { display: inline-block; padding: .02em .55em; margin-right: .2rem; font-size: .8rem; font-weight: 600; border-radius: 6px; color: var(--ok); background: var(--ok-soft); }
.verb.delete { color: var(--trouble); background: var(--trouble-soft); }
summary { padding-block: .6rem; color: var(--accent); cursor: pointer; }

.narrow > section { padding: 1.3rem 1.4rem; background: var(--card); border: 1px solid var(--line); border-radius: 14px; }
.subject { font-weight: 600; }
.narrow code.name { color: var(--soft); }
.terms { display: grid; gap: .55rem; margin-top: .8rem; }
.terms > div { display: grid; grid-template-columns: 9rem minmax(0, 1fr); gap: .2rem 1rem; }
dt { color: var(--soft); font-size: .9rem; }
dd { margin: 0; }
.bar { display: block; width: 100%; height: 22px; border-radius: 6px; }
.legend { display: grid; gap: .3rem; margin-top: .9rem; }
.legend > div { display: flex; justify-content: space-between; gap: 1rem; }
.legend svg { vertical-align: -1px; margin-right: .3rem; }
.legend dt { color: var(--ink); }
.legend dd { font-variant-numeric: tabular-nums; font-weight: 600; }
.fill-published { fill: light-dark(#2e9e63, #4cb985); }
.fill-pending { fill: light-dark(#2f7fc1, #5fa8e6); }
.fill-scheduled { fill: light-dark(#8a63c9, #ab8ae4); }
.fill-withdrawn { fill: light-dark(#8d9299, #7f858d); }
.fill-held { fill: light-dark(#c98a00, #e0ae3c); }
.fill-rejected { fill: light-dark(#d1372e, #f07167); }
.fill-refused { fill: light-dark(#a3246d, #e070b0); }
.fill-undeletable { fill: light-dark(#7a4a2a, #b98560); }
.fill-live { fill: light-dark(#0e7c8c, #58b6c4); }
.grid { stroke: var(--line); stroke-width: 1; vector-effect: non-scaling-stroke; }
.chart { display: flex; gap: .7rem; }
.chart svg { flex: 1; min-width: 0; height: 8.5rem; overflow: visible; margin-block: .6rem; }
.axis { display: flex; flex-direction: column; justify-content: space-between; text-align: right; color: var(--soft); font-size: .75rem; line-height: 1.2rem; white-space: nowrap; }
figcaption { margin-top: .4rem; font-size: .9rem; }
figcaption .soft { display: block; font-size: .82rem; }
footer { padding-block: 3rem 2.5rem; color: var(--soft); font-size: .875rem; display: flex; flex-wrap: wrap; justify-content: space-between; gap: .4rem 2rem; }
footer p + p { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; }
footer a { color: inherit; }
@media (max-width: 54rem) {
  .columns { grid-template-columns: minmax(0, 1fr); }
  .narrow { gap: 1.2rem; }
}
@media (max-width: 34rem) {
  header > div, main, footer, #stale { padding-inline: 1rem; }
  #verdict { padding: 1.2rem 1.1rem; gap: .9rem; }
  .sign svg { width: 38px; height: 38px; }
  h1 small { white-space: normal; }
  .terms > div { grid-template-columns: minmax(0, 1fr); gap: 0; }
}
@media (forced-colors: active) {
  #verdict, .card, .verb { border: 1px solid CanvasText; }
}
`;
