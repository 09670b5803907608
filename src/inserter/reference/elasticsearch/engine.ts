/** The client of an Elasticsearch or OpenSearch: plain HTTP, so that it works with either. */
import { Connections } from "../../client/connections.ts";
import type { AnswerHead, Exchange, OutgoingRequest } from "../../client/exchange.ts";
import { Fault } from "../../client/fault.ts";
import { Secrets } from "../../client/secrets.ts";
import type { SecretReference } from "../../../index.ts";
import { StoreUnavailable } from "../store.ts";

/** How to reach the engine. */
export interface EngineOptions {
  /** Nodes of one cluster, without credentials: the next one when one fails. */
  readonly urls: readonly string[];
  /** `user:password` that stood in a URL; null where there was none. */
  readonly basic: string | null;
  /** `user:password`, or the value of the header like `ApiKey ...`. */
  readonly auth: SecretReference | null;
  readonly tls: { readonly ca: string | null; readonly cert: string | null; readonly key: string | null };
  /** Longest wait for an answer of one node. */
  readonly timeoutMs: number;
}

/** What the engine answered. */
export interface EngineAnswer {
  readonly status: number;
  /** The body as it came. */
  readonly text: string;
  /** The body, parsed; null where it is no JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: the caller knows the shape, and checks what matters.
  readonly json: any;
}

/** An answer that says that a request as a whole was not done. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly status: number;
  /** As the engine names it, like `index_not_found_exception`; empty where it did not. */
  readonly type: string;

  constructor(status: number, type: string, message: string) {
    super(message);
    this.status = status;
    this.type = type;
  }
}

/** Requests in flight to one node. */
const concurrency = 16;
/** What the engine calls a block of an index: read-only, or too little disk space. */
export const block = "cluster_block_exception";
/** Answers that another node may have a better one for. */
const nodeTrouble = [502, 503, 504];
/** When a client should ask again, seconds. */
const retryAfterS = 2;
const unreachableHint = "Is it running, and is the address right? The next request tries again.";

/** The nodes of one cluster. */
export class Engine {
  readonly #nodes: readonly { readonly url: string; readonly connections: Connections }[];
  readonly #secrets: Secrets;
  readonly #timeoutMs: number;
  readonly #ending = new AbortController();
  /** The node that answered last. */
  #current = 0;
  #isOpenSearch: boolean | null = null;

  constructor(options: EngineOptions, environment: Readonly<Record<string, string | undefined>>) {
    const { urls, basic, auth, tls, timeoutMs } = options;
    this.#nodes = urls.map((url) => ({
      url,
      connections: new Connections({ url, tls, concurrency }, environment),
    }));
    this.#secrets = new Secrets({ token: auth, headers: {}, basic }, environment, {
      name: "the store's credentials",
      authorization: (value) =>
        /^(?:ApiKey|Bearer|Basic) /i.test(value) ? value : `Basic ${Buffer.from(value).toString("base64")}`,
    });
    this.#timeoutMs = timeoutMs;
  }

  /** Host and port of the node that is asked first, for messages. */
  get at(): string {
    return this.#nodes[this.#current]?.connections.at ?? "";
  }

  /**
   * Asks one node after the other until one answers. Every request may be sent twice then, so each has to be
   * one that changes nothing more the second time.
   *
   * @param body JSON, or lines of JSON as a text.
   * @throws {StoreUnavailable} If none answers, or our credentials are refused.
   */
  async send(method: OutgoingRequest["method"], path: string, body?: object | string): Promise<EngineAnswer> {
    let trouble: unknown = null;
    let answer: EngineAnswer | null = null;
    for (let tries = 0; tries < this.#nodes.length; tries++) {
      try {
        answer = await this.#ask(method, path, body);
        if (!nodeTrouble.includes(answer.status)) break;
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        trouble = error;
        // The time of a caller is limited too: one that was silent so long is enough.
        if (error.why === "timeout") break;
      }
      this.#current = (this.#current + 1) % this.#nodes.length;
    }
    if (answer !== null) return this.#checked(answer);
    if (trouble instanceof Fault) {
      const hint = unreachableHint;
      throw new StoreUnavailable(`The store is unavailable: ${trouble.message}`, hint, { retryAfterS });
    }
    throw trouble;
  }

  /** As {@link send}, for what has to succeed. @returns The answer's JSON. @throws {EngineError} */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  async ask(method: OutgoingRequest["method"], path: string, body?: object | string): Promise<any> {
    const answer = await this.send(method, path, body);
    if (answer.status < 300) return answer.json;
    throw errorOf(answer);
  }

  /** Which of the two it is: they differ in a few requests. */
  async isOpenSearch(): Promise<boolean> {
    if (this.#isOpenSearch !== null) return this.#isOpenSearch;
    const { version } = await this.ask("GET", "/");
    const [major = 0, minor = 0] = String(version?.number ?? "")
      .split(".")
      .map(Number);
    const isOpenSearch = version?.distribution === "opensearch";
    const isOldest = isOpenSearch ? major >= 2 : major > 7 || (major === 7 && minor >= 12);
    if (!isOldest) {
      throw new StoreUnavailable(
        `${this.at} is neither Elasticsearch 7.12 or newer nor OpenSearch 2 or newer`,
        "Give the URL of one.",
      );
    }
    this.#isOpenSearch = isOpenSearch;
    return isOpenSearch;
  }

  close(): void {
    this.#ending.abort(new StoreUnavailable("The inserter is ending", "Ask again."));
    for (const { connections } of this.#nodes) connections.close();
  }

  async #ask(method: OutgoingRequest["method"], path: string, body?: object | string): Promise<EngineAnswer> {
    const node = this.#nodes[this.#current];
    if (node === undefined) throw new RangeError("A store needs a URL");
    const isLines = typeof body === "string";
    const type = isLines ? "application/x-ndjson" : "application/json";
    const bytes = body === undefined ? null : Buffer.from(isLines ? body : JSON.stringify(body));
    const request: OutgoingRequest = {
      method,
      url: node.url + path,
      headers: {
        ...this.#secrets.headers(),
        accept: "application/json",
        // Without a length the body of a DELETE would be taken for the next request.
        ...(bytes === null ? {} : { "content-type": type, "content-length": String(bytes.length) }),
      },
      body: bytes,
    };
    const exchange = await node.connections.begin(request, this.#timeoutMs, this.#ending.signal);
    return readAnswer(await exchange.head, exchange);
  }

  #checked(answer: EngineAnswer): EngineAnswer {
    if (answer.status === 401) this.#secrets.forget();
    if (answer.status !== 401 && (answer.status !== 403 || isBlock(answer))) return answer;
    const { message } = errorOf(answer);
    throw new StoreUnavailable(
      `The store at ${this.at} refuses our credentials: ${this.#secrets.redact(message, true)}`,
      "Check them, and what they allow: the chapter on the inserter lists what is needed.",
      { retryAfterS },
    );
  }
}

async function readAnswer({ status }: AnswerHead, exchange: Exchange): Promise<EngineAnswer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of exchange.chunks()) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  try {
    return { status, text, json: JSON.parse(text) };
  } catch {
    return { status, text, json: null };
  }
}

/** A block of the index (read-only, flood stage) says 403 as well, and is not about who asks. */
const isBlock = ({ json }: EngineAnswer): boolean => json?.error?.type === block;

/** The error that an answer carries. */
export function errorOf({ status, json, text }: EngineAnswer): EngineError {
  const { type = "", reason = "" } = causeOf(json?.error);
  const said = typeof json?.error === "string" ? json.error : reason || text.slice(0, 300);
  return new EngineError(status, type, `${status}${type === "" ? "" : ` ${type}`}: ${said}`.slice(0, 1_000));
}

/** Type and reason of an error, with the reason of its cause, which is what says the field. */
// biome-ignore lint/suspicious/noExplicitAny: as the engine sends it.
export function causeOf(error: any): { readonly type?: string; readonly reason?: string } {
  if (typeof error !== "object" || error === null) return {};
  const root = Array.isArray(error.root_cause) ? error.root_cause[0] : null;
  const type = error.type === "search_phase_execution_exception" ? (root?.type ?? error.type) : error.type;
  const inner = error.caused_by?.reason;
  const own = error.reason ?? root?.reason ?? "";
  return { type, reason: inner === undefined || own.includes(inner) ? own : `${own}: ${inner}` };
}

/** What the engine calls a shard of which no copy can be asked. */
export const noShard = "no_shard_available_action_exception";

/** Whether a part of the index cannot be read just now: it is being started, or moves to another node. */
export const isShardMissing = ({ status, type }: EngineError): boolean =>
  status === 503 && [noShard, "search_phase_execution_exception"].includes(type);

/** What another error of the engine means for who asked us. */
export function toUnavailable(error: EngineError): StoreUnavailable {
  const { status, message, type } = error;
  // Flood stage is 429 too, and lasts.
  if (status === 429 && type !== block) {
    const hint = "It takes more again soon.";
    return new StoreUnavailable(`The store has too much to do: ${message}`, hint, {
      status: 429,
      retryAfterS,
      cause: error,
    });
  }
  return new StoreUnavailable(`The store fails: ${message}`, hintFor(error), { retryAfterS, cause: error });
}

function hintFor({ type }: EngineError): string {
  switch (type) {
    case block:
      return "Is its disk full? Remove the block of the index when there is room again.";
    case "index_closed_exception":
      return "Open the index.";
    default:
      return "Look at the cluster's health and log.";
  }
}
