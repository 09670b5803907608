import { createHash } from "node:crypto";
import type { StatusSnapshot } from "../../status.ts";
import { find, fix, pending, recent, type Search, scheduled, warnings } from "./articles.ts";
import { pageScript, pageStyle } from "./assets.ts";
import { speed, states } from "./figures.ts";
import { html, Markup, type Reader } from "./html.ts";
import { about, levelOf, revision, titleOf, verdict } from "./summary.ts";

const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Only the script and style written here run, known by their hashes; only this server is asked for anything. */
export const pagePolicy = [
  "default-src 'none'",
  `script-src ${hash(pageScript)}`,
  `style-src ${hash(pageStyle)}`,
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** The page for people, whole: it works without its script, which only keeps it fresh. */
export function statusPage(snapshot: StatusSnapshot, search: Search | null, reader: Reader): string {
  const { words, lang } = reader;
  const level = levelOf(snapshot);
  const other = lang === "en" ? "ja" : "en";
  return html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${titleOf(snapshot.verdict, reader)} · sync-agent</title>
<link rel="icon" type="image/svg+xml" href="icon.svg?level=${level}">
<noscript><meta http-equiv="refresh" content="10"></noscript>
<style>${new Markup(pageStyle)}</style>
</head>
<body>
<a class="skip" href="#find">${words.skip}</a>
<header><div><span class="brand">sync-agent</span> <span class="way"><bdi>${snapshot.repo}</bdi> → <bdi>${snapshot.inserter}</bdi></span></div></header>
<p id="stale" role="alert" data-title="${words.staleTitle}" hidden>${words.stale}</p>
<main id="main" tabindex="-1">
<section id="verdict" class="${level}" role="status">${verdict(snapshot, reader)}</section>
<div class="columns">
<div class="wide">
<section id="find" aria-labelledby="find-heading">${find(search, snapshot, reader)}</section>
${part("fix", fix(snapshot, reader))}
${part("warnings", warnings(snapshot, reader))}
${part("pending", pending(snapshot, reader))}
${part("scheduled", scheduled(snapshot, reader))}
${part("recent", recent(snapshot, reader))}
</div>
<div class="narrow">
${part("revision", revision(snapshot, reader))}
${part("states", states(snapshot, reader))}
${part("speed", speed(snapshot, reader))}
${part("about", about(snapshot, reader))}
</div>
</div>
</main>
<footer><p>${words.asOf} <time class="clock" datetime="${snapshot.time}">${snapshot.time}</time>. ${words.about.readOnly}</p>
<p><a href="status">/status</a> <a href="metrics">/metrics</a> <a href="?lang=${other}" lang="${other}" hreflang="${other}">${words.about.otherLanguage}</a></p></footer>
<script type="module">${new Markup(pageScript)}</script>
</body>
</html>
`.text;
}

/** A section that is there also when it is empty, so that the page keeps its shape when it is refreshed. */
function part(id: string, content: Markup | null): Markup {
  if (content === null) return html`<section id="${id}" hidden></section>`;
  return html`<section id="${id}" aria-labelledby="${id}-heading">${content}</section>`;
}
