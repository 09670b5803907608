/** The part of the page's script that shows one article. */
export const articleScript = String.raw`
function backLink() {
  const label = shown.q || shown.tag ? say.results : say.all;
  return element("a", { class: "back", href: address(shown.q, shown.tag) }, label);
}

function outside(address) {
  return /^https?:\/\//i.test(address || "");
}

/*
 * The text as its author rendered it, in a frame where scripts never run and that loads nothing: so
 * pictures become their descriptions, and links that lead nowhere from here become plain text.
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
    title: about(say.textOf, title),
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
  const answer = await ask(base + "/" + encodeURIComponent(id), { signal: anew() });
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
`;
