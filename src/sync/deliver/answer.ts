import type { Reply } from "../ports.ts";

/** What a reply to one operation means for the loop. */
export type Meaning =
  | { readonly kind: "done" }
  /** The inserter holds something newer: go above it and send again. */
  | { readonly kind: "stale"; readonly kept: number }
  /** Again later. `scope` says whom to slow: this article, or everything. */
  | {
      readonly kind: "again";
      readonly scope: "article" | "endpoint";
      readonly retryAfterMs: number | null;
      readonly mayHaveLanded: boolean;
      readonly message: string;
    }
  /** The endpoint is probably misconfigured, unless it takes another article. */
  | { readonly kind: "denied"; readonly message: string; readonly hint: string }
  /** This inserter cannot delete. */
  | { readonly kind: "cannot-delete"; readonly message: string }
  /** Not this article, ever. */
  | { readonly kind: "refused"; readonly message: string };

const DONE: Meaning = { kind: "done" };
const AGAIN = new Set([408, 425, 429]);
const DENIED = new Set([401, 403, 404, 405, 407]);

/**
 * Judges a reply to one operation.
 *
 * @param urlKnown Whether the URL is known to be right: a 2xx POST or an inventory since start. Only
 * then is a 404 to a DELETE the news that the article is gone.
 */
export function interpret(kind: "upsert" | "delete", reply: Reply, urlKnown: boolean): Meaning {
  if (reply.kind === "failure") {
    return {
      kind: "again",
      scope: reply.why === "connect" ? "endpoint" : "article",
      retryAfterMs: null,
      mayHaveLanded: reply.why !== "connect",
      message: reply.message,
    };
  }
  const { status } = reply;
  const message = `inserter answered ${status}`;
  if (status >= 200 && status < 300) return DONE;
  if (kind === "delete" && (status === 404 || status === 410) && urlKnown) return DONE;
  if (status === 412 && reply.version !== null) return { kind: "stale", kept: reply.version };
  if (AGAIN.has(status) || status >= 500) {
    if (kind === "delete" && status === 501) return { kind: "cannot-delete", message };
    const endpoint = status === 429 || (status === 503 && reply.retryAfterMs !== null);
    return {
      kind: "again",
      scope: endpoint ? "endpoint" : "article",
      retryAfterMs: reply.retryAfterMs,
      mayHaveLanded: status >= 500,
      message,
    };
  }
  if (kind === "delete" && status === 405) return { kind: "cannot-delete", message };
  if (DENIED.has(status) || (status >= 300 && status < 400) || (kind === "delete" && status === 410)) {
    return { kind: "denied", message, hint: hintFor(status, reply.location) };
  }
  return { kind: "refused", message };
}

function hintFor(status: number, location: string | null): string {
  if (status >= 300 && status < 400) {
    const target = location === null ? "" : ` to ${location}`;
    return `It redirects${target}; redirects are never followed. Set inserter.url to where it leads, if that is right.`;
  }
  if (status === 401 || status === 403) return "Check inserter.token and what it may do there.";
  if (status === 407) return "A proxy wants credentials: check HTTPS_PROXY.";
  return "Check inserter.url: its path takes POST.";
}
