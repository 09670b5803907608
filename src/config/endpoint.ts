/** Where an inserter is: its URL without credentials or trailing slash, and the credentials beside it. */
export interface Endpoint {
  readonly url: string;
  /** `user:password`, percent-decoded; null where the URL had none. */
  readonly basic: string | null;
}

/** An address to listen on. */
export interface Address {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
}

/**
 * Reads `inserter.url`.
 *
 * @param text An http(s) URL, with or without `user:password@`, or `"embedded"`.
 * @returns Null for anything else, and for a URL with a query or a fragment, since ids are appended to it.
 */
export function parseEndpoint(text: string): Endpoint | null {
  if (text === "embedded") return { url: "embedded", basic: null };
  const url = URL.parse(text);
  if (url === null || !/^https?:\/\//i.test(text) || url.search !== "" || url.hash !== "") return null;
  const hasCredentials = url.username !== "" || url.password !== "";
  return {
    url: `${url.origin}${url.pathname}`.replace(/\/+$/, ""),
    basic: hasCredentials ? `${decoded(url.username)}:${decoded(url.password)}` : null,
  };
}

/**
 * Reads an address to listen on.
 *
 * @param text `"0.0.0.0:9300"`, `"[::1]:9300"`, `"localhost:9300"` or `":9300"` (all addresses).
 * @returns Null where it is none.
 */
export function parseListen(text: string): Address | null {
  const [, bracketed, plain, digits] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) return null;
  return { host: bracketed ?? (plain || "0.0.0.0"), port };
}

/**
 * Reads a name that a request may have in `Host`.
 *
 * @returns As a browser sends it, in lower case and ASCII; null for what has a port, or is no host.
 */
export function parseHostName(text: string): string | null {
  const url = /[\s/\\?#@*]|:\d*$/.test(text.replace(/^\[.*\]$/, "")) ? null : URL.parse(`http://${text}`);
  return url === null ? null : url.hostname.replace(/\.$/, "");
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
