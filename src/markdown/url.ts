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
  const scheme = /^([^/?#:]*):/.exec(url.slice(0, 200).replace(LEFT_OUT, ""))?.[1]?.toLowerCase();
  if (scheme === undefined) return true;
  const allowed = use === "link" ? LINK_SCHEMES : MEDIA_SCHEMES;
  return allowed.has(scheme) || (use === "media" && DATA_IMAGE.test(url));
}
