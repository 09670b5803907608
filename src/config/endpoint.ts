import { withoutCredentials } from "../messages/redact.ts";

/** Where an inserter is: its URL without credentials or trailing slash, and the credentials beside it. */
export interface Endpoint {
  readonly url: string;
  /** `user:password`, percent-decoded; null where the URL had none. */
  readonly basic: string | null;
}

/** Why a text cannot be taken; `found` is safe to show. */
export interface NotTaken {
  readonly problem: string;
  readonly found: string;
}

/**
 * Reads `inserter.url`.
 *
 * @param text An http(s) URL, with or without `user:password@`, or `"embedded"`.
 * @returns What was read, or what is allowed instead.
 */
export function parseEndpoint(text: string): Endpoint | NotTaken {
  if (text === "embedded") return { url: "embedded", basic: null };
  const found = JSON.stringify(withoutCredentials(text));
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:\/\//i.test(text)) {
    return { found, problem: 'a URL like "http://localhost:8081/post", or "embedded"' };
  }
  if (url.search !== "" || url.hash !== "") {
    return { found, problem: 'a URL without "?" and "#", because ids are appended to it: URL/ID' };
  }
  const credentials = url.username !== "" || url.password !== "";
  return {
    url: `${url.origin}${url.pathname}`.replace(/\/+$/, ""),
    basic: credentials ? `${decoded(url.username)}:${decoded(url.password)}` : null,
  };
}

/**
 * Reads an address to listen on.
 *
 * @param text `"0.0.0.0:9300"`, `"[::1]:9300"`, `"localhost:9300"` or `":9300"` (all addresses). Port 0
 *   takes any free one.
 */
export function parseListen(text: string): { readonly host: string; readonly port: number } | NotTaken {
  const [, bracketed, plain, digits] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    return { found: JSON.stringify(text), problem: 'HOST:PORT like "0.0.0.0:9300" or "[::]:9300"' };
  }
  return { host: bracketed ?? (plain === "" || plain === undefined ? "0.0.0.0" : plain), port };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
