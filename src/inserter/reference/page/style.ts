/** Style of the page for people. Colours come in pairs, for light and dark. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#fbfaf7, #16181b);
  --card: light-dark(#ffffff, #1d2024);
  --ink: light-dark(#1f2328, #e7e5e0);
  --soft: light-dark(#5b6169, #a4a9b1);
  --line: light-dark(#e4e1da, #31353b);
  --accent: light-dark(#0b5c68, #7fd0da);
  --accent-soft: light-dark(#e2f0f1, #17373c);
  --mark: light-dark(#fdeea6, #5d4d10);
  --serif: ui-serif, "Iowan Old Style", "Hiragino Mincho ProN", "Yu Mincho", "Noto Serif CJK JP", Georgia, serif;
  --sans: system-ui, -apple-system, "Segoe UI", "Hiragino Sans", "Noto Sans CJK JP", sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, monospace;
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { scroll-padding-top: 5rem; }
body {
  display: flex; flex-direction: column; min-height: 100dvh; margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.65 var(--sans); overflow-wrap: anywhere;
}
a { color: var(--accent); text-underline-offset: .18em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
main:focus, h1:focus { outline: none; }
.unseen {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
.skip { position: absolute; left: 1rem; top: -4rem; padding: .5rem 1rem; background: var(--card); z-index: 2; }
.skip:focus { top: .75rem; }
.top {
  position: sticky; top: 0; z-index: 1; background: var(--paper); border-bottom: 1px solid var(--line);
}
.top > div, nav, main, footer { width: 100%; max-width: 46rem; margin-inline: auto; padding-inline: 1.25rem; }
.top > div { display: flex; align-items: center; gap: 1.25rem; padding-block: .85rem; }
.brand { font: 600 1.25rem/1.2 var(--serif); color: var(--ink); text-decoration: none; }
.search { flex: 1; display: flex; justify-content: flex-end; }
.search input {
  width: 100%; max-width: 24rem; height: 2.6rem; padding: 0 .95rem; font: 1rem/1 var(--sans); color: inherit;
  background: var(--card); border: 1px solid light-dark(#8a8f96, #6b727b); border-radius: 999px;
}
nav ul { display: flex; flex-wrap: wrap; gap: .4rem; margin: 1.5rem 0 0; padding: 0; list-style: none; }
.tag {
  display: inline-flex; gap: .4em; align-items: baseline; padding: .12rem .7rem; font-size: .85rem; line-height: 1.7;
  color: var(--soft); background: transparent; border: 1px solid var(--line); border-radius: 999px;
  text-decoration: none;
}
.tag:hover { color: var(--accent); border-color: currentcolor; }
.tag[aria-current] { color: var(--accent); background: var(--accent-soft); border-color: transparent; }
.tag small { font-size: .8em; font-variant-numeric: tabular-nums; }
main { flex: 1; padding-block: 1.75rem 4rem; }
.count { margin: 0 0 1rem; color: var(--soft); font-size: .9rem; }
.list { margin: 0; padding: 0; list-style: none; }
.list > li { padding-block: 1.6rem; border-top: 1px solid var(--line); }
.list > li:first-child { border-top: 0; padding-top: .4rem; }
.list h2 { margin: .1rem 0 .35rem; font: 600 1.45rem/1.35 var(--serif); }
.list h2 a { color: var(--ink); text-decoration: none; }
.list h2 a:hover { color: var(--accent); text-decoration: underline; text-decoration-thickness: 1px; }
.list p { margin: .35rem 0; }
.line { color: var(--soft); font-size: .875rem; display: flex; flex-wrap: wrap; gap: .15rem .9rem; align-items: center; }
.line .tag { border: 0; padding: 0; font-size: 1em; line-height: inherit; }
.line .tag::before { content: "#"; margin-right: -.35em; opacity: .75; }
.snippet { color: var(--soft); font-size: .95rem; }
.snippet mark { color: var(--ink); }
mark { background: var(--mark); color: inherit; border-radius: 3px; padding-inline: .08em; }
button {
  font: inherit; padding: .6rem 1.4rem; color: var(--accent); background: var(--card);
  border: 1px solid currentcolor; border-radius: 999px; cursor: pointer;
}
button:hover { background: var(--accent-soft); }
.more { display: block; margin: 1.5rem auto 0; }
.nothing { padding: 3rem 0; text-align: center; color: var(--soft); }
.nothing strong, .article .nothing h1 { display: block; margin: 0; font: 600 1.3rem/1.5 var(--serif); color: var(--ink); }
.article h1 { margin: 1rem 0 .6rem; font: 600 clamp(1.8rem, 5vw, 2.5rem)/1.3 var(--serif); text-wrap: balance; }
.article .lead { margin: 1rem 0; font-size: 1.12rem; color: var(--soft); }
.article iframe { display: block; width: calc(100% + 8px); height: 12rem; margin: 1.75rem -4px 0; border: 0; color-scheme: light dark; }
.article .plain { margin-top: 1.75rem; white-space: pre-wrap; }
.away { display: inline-block; margin-block: .75rem; }
.back { display: inline-block; padding-block: .25rem; font-size: .9rem; text-decoration: none; }
.back:hover { text-decoration: underline; }
details { margin-top: 3rem; border: 1px solid var(--line); border-radius: 12px; background: var(--card); }
summary { padding: .8rem 1.1rem; cursor: pointer; color: var(--soft); border-radius: 12px; }
details dl { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.25rem; margin: .25rem 1.1rem 1rem; }
details dt { color: var(--soft); }
details dd { margin: 0; font-family: var(--mono); font-size: .85rem; line-height: 1.9; }
pre {
  margin: 0; padding: 1rem 1.1rem; max-height: 32rem; overflow: auto; border-top: 1px solid var(--line);
  font: .82rem/1.6 var(--mono); white-space: pre-wrap;
}
footer { padding-block: 1.5rem 2.5rem; color: var(--soft); font-size: .85rem; }
footer a { color: inherit; }
@media (max-width: 34rem) {
  .top > div { gap: .9rem; padding-block: .65rem; }
  .brand { font-size: 1.1rem; }
  nav ul { flex-wrap: nowrap; overflow-x: auto; margin-top: 1rem; padding-block: 3px; scrollbar-width: none; }
  nav .tag { white-space: nowrap; }
  .list h2 { font-size: 1.28rem; }
  details dl { grid-template-columns: 1fr; gap: 0; }
  details dd { margin-bottom: .5rem; }
}
@media (prefers-reduced-motion: no-preference) {
  .list > li, .article { animation: appear .18s ease-out; }
  @keyframes appear { from { opacity: 0; } }
}
`;

/** Style of an article's own text, in its frame. */
export const articleStyle = `
:root {
  color-scheme: light dark; color: light-dark(#1f2328, #e7e5e0); background: transparent;
  font: 1.06rem/1.85 system-ui, -apple-system, "Segoe UI", "Hiragino Sans", "Noto Sans CJK JP", sans-serif;
  overflow: hidden; overflow-wrap: anywhere;
}
body { margin: 0; padding: 1px 4px; display: flow-root; }
body > :first-child { margin-top: 0; }
h1, h2, h3, h4, h5, h6 {
  margin: 2.2em 0 .6em; line-height: 1.4; font-weight: 600;
  font-family: ui-serif, "Iowan Old Style", "Hiragino Mincho ProN", "Yu Mincho", "Noto Serif CJK JP", Georgia, serif;
}
h1 { font-size: 1.6em; } h2 { font-size: 1.4em; } h3 { font-size: 1.18em; } h4, h5, h6 { font-size: 1em; }
p, ul, ol, blockquote, pre, table { margin: 0 0 1.2em; }
a { color: light-dark(#0b5c68, #7fd0da); text-underline-offset: .18em; }
a:not([href]) { color: inherit; }
:focus-visible { outline: 3px solid light-dark(#0b5c68, #7fd0da); outline-offset: 2px; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: .88em; }
code { padding: .12em .35em; border-radius: 5px; background: light-dark(#f0eee8, #25292e); }
pre { padding: 1em 1.2em; overflow-x: auto; border-radius: 10px; background: light-dark(#f0eee8, #25292e); }
pre code { padding: 0; background: none; font-size: 1em; }
blockquote { margin-inline: 0; padding-left: 1.2em; border-left: 3px solid light-dark(#cfcac0, #454b53); color: light-dark(#5b6169, #a4a9b1); }
hr { margin: 2.5em 0; border: 0; border-top: 1px solid light-dark(#e4e1da, #31353b); }
table { border-collapse: collapse; } th, td { padding: .4em .8em; border: 1px solid light-dark(#e4e1da, #31353b); }
aside, .markdown-alert, details {
  margin: 0 0 1.2em; padding: .8em 1.2em; border: 0; border-left: 3px solid light-dark(#0b5c68, #7fd0da);
  border-radius: 0 10px 10px 0; background: light-dark(#f0eee8, #25292e);
}
aside > :last-child, .markdown-alert > :last-child, details > :last-child { margin-bottom: 0; }
.alert, .warn, .warning, .danger, .caution, .markdown-alert-warning, .markdown-alert-caution { border-color: light-dark(#a4452c, #e79a84); }
.title, .markdown-alert-title, summary { margin-bottom: .4em; font-weight: 600; }
pre code[data-title]::before { content: attr(data-title); display: block; margin-bottom: .6em; opacity: .75; }
.math { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: .9em; } div.math { margin: 0 0 1.2em; overflow-x: auto; white-space: pre-wrap; }
li.task-list-item { list-style: none; } .task-list-item-checkbox { margin: 0 .4em 0 -1.4em; }
.footnotes { font-size: .9em; }
.picture {
  display: inline-block; padding: .6em 1em; font-size: .9em; border: 1px dashed light-dark(#b9b4a9, #545b64);
  border-radius: 8px; color: light-dark(#5b6169, #a4a9b1);
}
`;
