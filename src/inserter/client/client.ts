import { isDeepStrictEqual } from "node:util";
import type { InserterSettings } from "../../config/settings.ts";
import { createRedactor } from "../../messages/redact.ts";
import type { BatchReply, InventoryReply, Log, Outgoing, Reply, Sink } from "../../sync/ports.ts";
import {
  articleUrl,
  batchPath,
  mediaTypeJson,
  mediaTypeNdjson,
  headers as names,
  toHeader,
} from "../protocol.ts";
import { CertificateUnusable } from "./agent.ts";
import { excerptBytesMax, type Redaction, toAnswer } from "./answer.ts";
import { composeBatch, readBatchAnswer } from "./batch.ts";
import type { AnswerHead, Ask, Exchange } from "./exchange.ts";
import { Fault } from "./fault.ts";
import { InventoryTruncated, isNdjson, openListing } from "./inventory.ts";
import { isLoopback } from "./proxy.ts";
import { Secrets, SecretUnavailable } from "./secrets.ts";
import { Transport } from "./transport.ts";

/** What a client of an inserter is made of. */
export interface SinkOptions {
  /** `url` has to be that of an inserter: the embedded one is served by others. */
  readonly settings: InserterSettings;
  readonly owner: string;
  /** For `User-Agent`. */
  readonly agentVersion: string;
  readonly log: Log;
  /** Variables for secrets and proxies. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

type Failure = Extract<Reply, { kind: "failure" }>;

/** Statuses below 500 that do not tell whether there is an inventory. */
const unclear = new Set([401, 403, 407, 408, 425, 429]);

/**
 * A client of the inserter API over HTTP. It sends each request once, and judges nothing, with two
 * exceptions: a connection that turns out to have been closed while idle is replaced at once, and after a
 * 401 secrets are read again and the request repeated if they had changed.
 *
 * Nothing is loaded or connected before the first request.
 *
 * @throws {UsageError} If the environment names a proxy that cannot be one.
 */
export function createSink(options: SinkOptions): Sink & { close(): Promise<void> } {
  return new HttpSink(options);
}

class HttpSink implements Sink {
  readonly #settings: InserterSettings;
  readonly #owner: string;
  readonly #ownerHeader: string;
  readonly #userAgent: string;
  readonly #secrets: Secrets;
  readonly #redaction: Redaction;
  readonly #transport: Transport;

  constructor({ settings, owner, agentVersion, log, environment }: SinkOptions) {
    this.#settings = settings;
    this.#owner = owner;
    this.#ownerHeader = toHeader(owner);
    this.#userAgent = `sync-agent/${agentVersion}`;
    this.#secrets = new Secrets(settings, environment);
    const known = () => this.#secrets.known();
    this.#redaction = { redact: createRedactor(known), known };
    this.#transport = new Transport(settings, environment);
    this.#warnOfPlaintext(log);
  }

  async send(operation: Outgoing, signal: AbortSignal): Promise<Reply> {
    return this.#ask(this.#single(operation), signal, (exchange, head) => this.#reply(exchange, head));
  }

  async sendBatch(operations: readonly Outgoing[], signal: AbortSignal): Promise<BatchReply> {
    const ask: Ask = {
      method: "POST",
      url: `${this.#settings.url}${batchPath}`,
      headers: { "content-type": mediaTypeNdjson, accept: mediaTypeNdjson },
      body: composeBatch(operations, this.#owner),
    };
    const reply = await this.#ask<BatchReply | Reply>(ask, signal, (exchange, head) =>
      head.status === 200 ? this.#batchReply(exchange, head, operations) : this.#reply(exchange, head),
    );
    return "whole" in reply ? reply : { whole: reply, lines: operations.map(() => null) };
  }

  async inventory(etag: string | null, signal: AbortSignal): Promise<InventoryReply> {
    const ask: Ask = {
      method: "GET",
      url: this.#settings.url,
      headers: { accept: mediaTypeNdjson, ...(etag === null ? {} : { "if-none-match": etag }) },
      body: null,
    };
    const reply = await this.#ask(ask, signal, (exchange, head) => this.#listing(exchange, head, etag));
    return reply.kind === "failure" ? { kind: "unknown", reply } : reply;
  }

  async close(): Promise<void> {
    this.#transport.close();
  }

  #single({ kind, id, version, digest, body }: Outgoing): Ask {
    const { url } = this.#settings;
    const headers: Record<string, string> = {
      [names.version]: String(version),
      [names.owner]: this.#ownerHeader,
    };
    if (kind === "delete") {
      // An URL resolves these to the folder above, and that must never be deleted.
      if (id === "." || id === "..") throw new RangeError(`An URL cannot carry the id ${JSON.stringify(id)}`);
      return { method: "DELETE", url: articleUrl(url, id), headers, body: null };
    }
    headers["content-type"] = mediaTypeJson;
    headers[names.digest] = digest ?? "";
    headers[names.idempotencyKey] = `${digest}-${version}`;
    return { method: "POST", url, headers, body: body ?? new Uint8Array(0) };
  }

  /** Sends a request and has its answer read; what goes wrong on the way becomes a failure. */
  async #ask<T>(
    ask: Ask,
    signal: AbortSignal,
    read: (exchange: Exchange, head: AnswerHead) => Promise<T>,
  ): Promise<T | Failure> {
    let exchange: Exchange | null = null;
    try {
      const shown = this.#secrets.headers();
      exchange = await this.#open(this.#complete(ask, shown), signal);
      if ((await exchange.head).status === 401) {
        this.#secrets.forget();
        const current = this.#secrets.headers();
        if (!isDeepStrictEqual(current, shown)) {
          await exchange.beginning(0);
          exchange = await this.#open(this.#complete(ask, current), signal);
        }
      }
      return await read(exchange, await exchange.head);
    } catch (error) {
      exchange?.close();
      return this.#toFailure(error);
    }
  }

  /** Sends a request and waits until it is answered, once more if the connection had gone stale. */
  async #open(ask: Ask, signal: AbortSignal): Promise<Exchange> {
    const exchange = await this.#transport.begin(ask, this.#settings.timeoutMs, signal);
    try {
      await exchange.head;
      return exchange;
    } catch (error) {
      if (!(error instanceof Fault) || !error.stale) throw error;
    }
    // If one connection was closed while idle, the others most likely were too.
    this.#transport.dropIdle();
    return this.#transport.begin(ask, this.#settings.timeoutMs, signal);
  }

  #complete(ask: Ask, secrets: Readonly<Record<string, string>>): Ask {
    const headers: Record<string, string> = { "user-agent": this.#userAgent, ...secrets, ...ask.headers };
    if (ask.body !== null) headers["content-length"] = String(ask.body.length);
    return { ...ask, headers };
  }

  async #reply(exchange: Exchange, head: AnswerHead): Promise<Reply> {
    const { bytes, more, fault } = await exchange.beginning(excerptBytesMax);
    // A refusal stands by its status. A success counts only if it arrived whole.
    if (fault !== null && head.status < 300) throw fault;
    return toAnswer(head, bytes, more || fault !== null, this.#redaction);
  }

  async #batchReply(
    exchange: Exchange,
    head: AnswerHead,
    operations: readonly Outgoing[],
  ): Promise<BatchReply> {
    const { lines, fault } = await readBatchAnswer(exchange, operations, this.#redaction);
    // What was acknowledged before the answer broke off stays acknowledged.
    if (fault !== null && lines.every((line) => line === null)) throw fault;
    return { whole: toAnswer(head, new Uint8Array(0), false, this.#redaction), lines };
  }

  async #listing(exchange: Exchange, head: AnswerHead, etag: string | null): Promise<InventoryReply> {
    const { status, headers } = head;
    if (status === 200 && isNdjson(headers["content-type"])) {
      const { batch, pages } = await openListing(exchange.pieces("silence"));
      const strong = /^"[^"]*"$/.test(headers.etag ?? "");
      return { kind: "listing", etag: strong ? (headers.etag ?? null) : null, batch, pages };
    }
    if (status === 304 && etag !== null) {
      await exchange.beginning(0);
      return { kind: "unchanged" };
    }
    const tells = status !== 501 && (status >= 500 || (status >= 300 && status < 400) || unclear.has(status));
    if (tells) return { kind: "unknown", reply: await this.#reply(exchange, head) };
    await exchange.beginning(0);
    return { kind: "none" };
  }

  #toFailure(error: unknown): Failure {
    const fault = error instanceof InventoryTruncated ? (error.cause ?? error) : error;
    const message = (): string => this.#redaction.redact((error as Error).message);
    if (fault instanceof Fault) return { kind: "failure", why: fault.why, message: message() };
    if (error instanceof InventoryTruncated) return { kind: "failure", why: "broken", message: message() };
    if (error instanceof SecretUnavailable || error instanceof CertificateUnusable) {
      return { kind: "failure", why: "connect", message: message() };
    }
    throw error;
  }

  #warnOfPlaintext(log: Log): void {
    const { protocol, hostname, host } = new URL(this.#settings.url);
    if (protocol === "https:" || this.#secrets.isEmpty || isLoopback(hostname)) return;
    log.emit(
      "warn",
      "inserter.plaintext-token",
      `Credentials go to ${host} over plain HTTP, where anyone on the way can read them: use https:// in inserter.url`,
      { host },
    );
  }
}
