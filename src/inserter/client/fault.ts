import type { Reply } from "../../sync/ports.ts";

/** A request that ended without a whole answer, or could not be sent. */
export class Fault extends Error {
  override readonly name = "Fault";
  /** As in {@link Reply}: with `connect` nothing was sent. */
  readonly why: Extract<Reply, { kind: "failure" }>["why"];
  /**
   * The connection had been used before, and broke before the first byte of the answer: most likely the
   * other side had closed it while it was idle.
   */
  readonly stale: boolean;

  constructor(why: Fault["why"], message: string, options: { stale?: boolean; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.why = why;
    this.stale = options.stale ?? false;
  }
}

/** What is known of the connection when an error arrives. */
export interface Circumstances {
  /** Whether the connection, TLS included, was there, so that something may have been sent. */
  readonly connected: boolean;
  readonly reused: boolean;
  /** Whether the status and headers of the answer had come. */
  readonly answered: boolean;
}

/** Codes of a connection that was cut by the other side. Deno 2.5 has none, and says "connection error". */
const resets = new Set(["ECONNRESET", "EPIPE", "ECONNABORTED", "ERR_HTTP_CONTENT_LENGTH_MISMATCH"]);

const unknownAuthority = "the certificate authority of {at} is not known: name it in inserter.tls.ca";

/** Sentences for what most often keeps a connection from being made; `{at}` is the address. */
const sentences: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused by {at}",
  ECONNRESET: "{at} closed the connection while it was being made",
  ENOTFOUND: "the host name of {at} is not known",
  EAI_AGAIN: "the host name of {at} cannot be looked up just now",
  EHOSTUNREACH: "no route to {at}",
  ENETUNREACH: "no route to {at}",
  ETIMEDOUT: "no connection to {at}: nothing answers there",
  CERT_HAS_EXPIRED: "the certificate of {at} has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "the certificate of {at} is for another name",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the certificate of {at} signs itself: name it in inserter.tls.ca",
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
};

/**
 * Names what an error of the HTTP client means.
 *
 * @param at Host and port, for the message.
 */
export function toFault(error: unknown, at: string, { connected, reused, answered }: Circumstances): Fault {
  const cause = innermost(error);
  if (!connected) return new Fault("connect", describeConnecting(cause, at), { cause: error });
  const isReset = resets.has(cause.code ?? "") || cause.message === "connection error";
  if (isReset && !answered) {
    const message = `${at} closed the connection before it answered`;
    return new Fault("broken", message, { stale: reused, cause: error });
  }
  const message = isReset ? `${at} closed the connection in the middle of its answer` : describe(cause, at);
  return new Fault("broken", message, { cause: error });
}

interface Coded extends Error {
  readonly code?: string;
}

/** Under the wrappings of got, and of the attempts at each address of a host. */
function innermost(error: unknown): Coded {
  let inner = error as Coded & { errors?: readonly unknown[] };
  for (let depth = 0; depth < 8; depth++) {
    const next = inner.errors?.[0] ?? inner.cause;
    if (!(next instanceof Error)) break;
    inner = next as typeof inner;
  }
  return inner;
}

function describeConnecting(cause: Coded, at: string): string {
  const sentence = sentences[cause.code ?? ""];
  if (sentence !== undefined) return sentence.replace("{at}", at);
  const [, status] = /^Bad response: (\d+)$/.exec(cause.message) ?? [];
  if (status !== undefined) {
    return `no connection to ${at}: it answered ${status}; check HTTPS_PROXY and HTTP_PROXY`;
  }
  if (/wrong.version.number|packet length too long|InvalidContentType/i.test(cause.message)) {
    return `no TLS spoken at ${at}: is it http:// instead of https://?`;
  }
  return describe(cause, at);
}

function describe({ code, message }: Coded, at: string): string {
  if (/certificate.?required/i.test(message)) {
    return `${at} wants a client certificate: name one in inserter.tls.cert and inserter.tls.key`;
  }
  // OpenSSL says where in its sources it failed; only the reason is for people.
  const [, reason] = /error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/.exec(message) ?? [];
  const text = reason ?? message;
  return `${at}: ${text}${code === undefined || text.includes(code) ? "" : ` (${code})`}`;
}

/** Milliseconds for a sentence: `10 s`, `250 ms`. */
export function inWords(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s`;
}

/** What Deno 2.5 says of reading an answer that was cut, and of one that was cancelled. */
const orphanedReads = /^(TypeError: error reading a body from connection|Interrupted: operation canceled)$/;

/**
 * Whether a rejection that nothing awaits is Deno's own: its HTTP client in 2.5 reads answers with a promise
 * that is out of reach. The code that reads such an answer learns of it by the time limit of the exchange.
 *
 * @param reason As `unhandledRejection` gives it. What is thrown in code, ours or a library's, has frames.
 */
export function isOrphanedRead(reason: unknown): boolean {
  return "Deno" in globalThis && reason instanceof Error && orphanedReads.test(reason.stack ?? "");
}
