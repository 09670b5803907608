import type { IncomingHttpHeaders } from "node:http";
import type { Redact } from "../../messages/redact.ts";
import type { Reply } from "../../sync/ports.ts";
import { headers as names, parseVersion } from "../protocol.ts";
import type { AnswerHead } from "./exchange.ts";

/** What the inserter answered. */
export type Answer = Extract<Reply, { kind: "answer" }>;

/** Longest excerpt of an answer that is kept, characters. */
const excerptMax = 1024;
/** Bytes that an excerpt is made from: more than it keeps, since striking out secrets shortens it. */
export const excerptBytesMax = 4 * 1024;

/**
 * An answer as the core takes it.
 *
 * @param more Whether the body went on after `bytes`.
 */
export function toAnswer(head: AnswerHead, bytes: Uint8Array, more: boolean, redact: Redact): Answer {
  const { status, headers } = head;
  const location = headers.location ?? null;
  const readable = bytes.length > 0 && (headers["content-encoding"] ?? "identity") === "identity";
  return {
    kind: "answer",
    status,
    retryAfterMs: retryAfterMs(headers, Date.now()),
    version: parseVersion(headers[names.version]),
    location: location === null ? null : toExcerpt(location, false, redact),
    excerpt: readable ? toExcerpt(Buffer.from(bytes).toString("utf8"), more, redact) : "",
  };
}

/**
 * A text from the inserter, fit to be kept and shown: one line without control characters, secrets struck
 * out, at most 1 KiB.
 *
 * @param more Whether the text goes on after what is given: then a secret may have been cut in two.
 */
export function toExcerpt(text: string, more: boolean, redact: Redact): string {
  const line = text.replace(/\s+/g, " ").replace(/[\u0000-\u001f\u007f-\u009f]/g, "");
  return redact(line.toWellFormed(), more).slice(0, excerptMax).trim();
}

/**
 * How long `Retry-After` asks to wait.
 *
 * A date is measured against the answer's own `Date`, so that clocks may differ.
 *
 * @param nowMs Milliseconds since the epoch, used where the answer has no `Date`.
 * @returns Milliseconds, at least 0; null where the header is absent or unreadable.
 * @see RFC 9110 section 10.2.3
 */
export function retryAfterMs(headers: IncomingHttpHeaders, nowMs: number): number | null {
  const value = headers["retry-after"]?.trim();
  if (value === undefined) return null;
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1_000, Number.MAX_SAFE_INTEGER);
  const untilMs = httpDateMs(value);
  if (untilMs === null) return null;
  const fromMs = httpDateMs(headers.date ?? "") ?? nowMs;
  return Math.max(0, untilMs - fromMs);
}

/** Any of the three forms of RFC 9110 section 5.6.7; null for anything else. */
function httpDateMs(value: string): number | null {
  const asctime = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/.test(value);
  if (!asctime && !/^[A-Z][a-z]{2,8}, .+ GMT$/.test(value)) return null;
  const ms = Date.parse(asctime ? `${value} GMT` : value);
  return Number.isNaN(ms) ? null : ms;
}
