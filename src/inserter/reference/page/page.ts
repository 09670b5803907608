import { createHash } from "node:crypto";
import type { Lang } from "../../../messages/language.ts";
import { WORDS } from "../../../messages/words.ts";
import { pageScript } from "./script.ts";
import { articleStyle, pageStyle } from "./style.ts";

/** The page for people, and the headers it is sent with. */
export interface Page {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/**
 * Nothing runs or is drawn but what is written here, known by its hash, and nothing is asked of other
 * hosts. An article is shown in a frame that inherits all this and may not run scripts anyway.
 */
const policy = [
  "default-src 'none'",
  `script-src ${hash(pageScript)}`,
  `style-src ${hash(pageStyle)} ${hash(articleStyle)}`,
  "connect-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const headers = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": policy,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-cache",
  vary: "accept-language",
};

/**
 * A page to browse, search and read the articles: one file that asks nothing of other hosts.
 *
 * @param path Path of the inserter's URL; letters, digits and `/._~-` only.
 * @param lang What the reader reads.
 */
export function page(path: string, lang: Lang): Page {
  const say = WORDS[lang].referencePage;
  const words = JSON.stringify(say).replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  const html = `<!doctype html>
<html lang="${lang}" data-url="${path}" data-words="${words}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${say.articles}</title>
<link rel="icon" href="data:,">
<style>${pageStyle}</style>
</head>
<body>
<a class="skip" href="#main">${say.skip}</a>
<header class="top"><div>
  <a class="brand" href="#/">${say.articles}</a>
  <form class="search" role="search" id="search">
    <label class="unseen" for="words">${say.searchLabel}</label>
    <input type="search" id="words" placeholder="${say.search}" autocomplete="off" spellcheck="false"
      maxlength="200" enterkeyhint="search" aria-keyshortcuts="/">
  </form>
</div></header>
<nav aria-label="${say.tags}" id="tags" hidden></nav>
<main id="main" tabindex="-1">
  <div id="browse">
    <h1 class="unseen" id="heading">${say.articles}</h1>
    <p class="count" id="count" role="status"></p>
    <ul class="list" id="list"></ul>
    <button class="more" id="more" type="button" hidden>${say.more}</button>
  </div>
  <article class="article" id="article" hidden></article>
</main>
<footer>${say.foot} <a href="openapi.json">${say.api}</a></footer>
<noscript><p class="nothing">${say.noScript.replace("{}", `<a href="${path}">${path}</a>`)}</p></noscript>
<template id="article-style"><style>${articleStyle}</style></template>
<script type="module">${pageScript}</script>
</body>
</html>
`;
  return { html, headers };
}
