/** Which addresses may stand in published HTML. */

/** Schemes of links: what GitHub allows, and telephones. */
const LINK_SCHEMES = new Set([
  "http",
  "https",
  "mailto",
  "tel",
  "sms",
  "ftp",
  "irc",
  "ircs",
  "xmpp",
  "geo",
  "magnet",
]);
const MEDIA_SCHEMES = new Set(["http", "https"]);
/** Pictures that cannot contain a script, as SVG can. */
const DATA_IMAGE = /^data:image\/(?:png|gif|jpeg|webp)[;,]/i;
/** Browsers leave these out of an address before they look for its scheme. */
const LEFT_OUT = /[\u0000-\u0020\u007f-\u00a0\u2028\u2029]+/g;

/** Whether a link, or the source of an image or film, leads nowhere harmful. Relative ones are fine. */
export function isSafeUrl(url: string, use: "link" | "media"): boolean {
  // Most are of these kinds, and the rest takes longer.
  if (/^(?:https?:|[#./])/.test(url)) return true;
  const scheme = /^([^/?#:]*):/.exec(url.slice(0, 200).replace(LEFT_OUT, ""))?.[1]?.toLowerCase();
  if (scheme === undefined) return true;
  const allowed = use === "link" ? LINK_SCHEMES : MEDIA_SCHEMES;
  return allowed.has(scheme) || (use === "media" && DATA_IMAGE.test(url));
}

/** Stands before and after a target in HTML; no text has it. */
const MARK = "\0";
const MARKS = /\0([LM])([^\0]*)\0/g;

/** A relative target, marked for {@link replaceTargets}; anything else as it is. */
export function markTarget(url: string, use: "link" | "media"): string {
  if (url === "" || /^[/\\?#\0]|^[^/?#]*:/.test(url)) return url;
  return `${MARK}${use === "link" ? "L" : "M"}${url}${MARK}`;
}

/** Puts other targets in the place of the marked ones. */
export function replaceTargets(
  html: string,
  replace: (url: string, use: "link" | "media") => string,
): string {
  return html.replace(MARKS, (_, use: string, url: string) =>
    escapeHtml(replace(unescapeHtml(url), use === "L" ? "link" : "media")),
  );
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** A text as HTML, for attributes too. */
export function escapeHtml(text: string): string {
  return /[&<>"]/.test(text) ? text.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? "") : text;
}

function unescapeHtml(html: string): string {
  return html.replace(/&(?:amp|lt|gt|quot);/g, (entity) => {
    const [character = ""] = Object.entries(ESCAPES).find(([, escaped]) => escaped === entity) ?? [];
    return character;
  });
}
