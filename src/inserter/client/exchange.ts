import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Got, Request } from "got";
import { Fault, inWords, toFault } from "./fault.ts";

/** A request as it leaves. */
export interface Ask {
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Record<string, string>;
  readonly body: Uint8Array | null;
}

/** Status and headers of an answer; the names are in lower case. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/** More of an answer than this is not read for its own sake: its connection is given up instead. */
const drainBytesMax = 64 * 1024;

/**
 * One request and its answer, over got. The time limit is kept here and not by got: on Deno, got's own
 * never ends a request on a connection that was used before.
 */
export class Exchange {
  /** Status and headers, once they are there. Rejects with a {@link Fault} if the answer does not come. */
  readonly head: Promise<AnswerHead>;
  readonly #stream: Request;
  #request: ClientRequest | null = null;
  readonly #at: string;
  readonly #signal: AbortSignal;
  readonly #onAbort = (): void => this.#stop(this.#signal.reason);
  #limitMs: number;
  #timer: NodeJS.Timeout | undefined;
  #connected = false;
  #reused = false;
  #answered = false;
  /** Why it ended before its time: a {@link Fault}, or the reason of the caller's signal. */
  #reason: { readonly error: unknown } | null = null;
  #reject: ((error: unknown) => void) | null = null;

  /**
   * Sends the request.
   *
   * @param at Host and port, for messages.
   * @param limitMs Time until the whole answer has to be there, unless {@link pieces} sets another limit.
   * @param signal Ends it at once; what is awaited then rejects with the signal's reason.
   */
  constructor(got: Got, ask: Ask, at: string, limitMs: number, signal: AbortSignal) {
    this.#at = at;
    this.#signal = signal;
    this.#limitMs = limitMs;
    const { url, method, headers, body } = ask;
    this.#stream = got.stream(url, { method, headers, decompress: method === "GET" });
    this.#stream.once("request", (request) => this.#watch(request));
    this.#stream.on("error", (error) => this.#stop(toFault(error, this.#at, this.#circumstances())));
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener("abort", this.#onAbort, { once: true });
    this.#arm();
    this.head = this.#until((resolve) => {
      this.#stream.once("response", (response: IncomingMessage) => {
        this.#answered = true;
        resolve({ status: response.statusCode ?? 0, headers: response.headers });
      });
    });
    // Handing the body over this way spares the copy that got keeps of a `body` option.
    if (body !== null) this.#stream.end(body);
    else if (method !== "GET") this.#stream.end();
  }

  /**
   * The first bytes of the answer; the rest is read and dropped, or, where it is long, cut off.
   * Ends the exchange.
   *
   * @returns At most `bytesMax` bytes, whether there were more, and what cut the answer short, if anything
   *   did or the time was up.
   */
  async beginning(bytesMax: number): Promise<{ bytes: Uint8Array; more: boolean; fault: Fault | null }> {
    const kept: Uint8Array[] = [];
    let seenBytes = 0;
    let fault: Fault | null = null;
    try {
      await this.#until<void>((resolve) => {
        this.#stream.on("data", (piece: Uint8Array) => {
          if (seenBytes < bytesMax) kept.push(piece.subarray(0, bytesMax - seenBytes));
          seenBytes += piece.length;
          if (seenBytes > drainBytesMax) resolve();
        });
        this.#stream.once("end", () => resolve());
      });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      fault = error;
    }
    this.close();
    const [only] = kept;
    const bytes = kept.length === 1 && only !== undefined ? only : Buffer.concat(kept);
    return { bytes, more: seenBytes > bytesMax, fault };
  }

  /**
   * The answer in pieces as they come.
   *
   * @param limit `"silence"`: from here on the time limit is for each piece, and runs only while one is
   *   waited for. `"whole"`: it stays what it was.
   * @throws {Fault} When the answer was cut short, or the time was up.
   */
  async *pieces(limit: "silence" | "whole"): AsyncGenerator<Uint8Array, void, undefined> {
    const iterator = this.#stream[Symbol.asyncIterator]();
    try {
      for (;;) {
        if (limit === "silence") this.#arm();
        const next = await iterator.next().catch((error: unknown) => {
          throw this.#reason?.error ?? toFault(error, this.#at, this.#circumstances());
        });
        if (limit === "silence") clearTimeout(this.#timer);
        if (this.#reason !== null) throw this.#reason.error;
        if (next.done === true) return;
        yield next.value as Uint8Array;
      }
    } finally {
      this.close();
    }
  }

  /** Ends it. Unless the request was sent and the answer read to the end, its connection is given up. */
  close(): void {
    clearTimeout(this.#timer);
    this.#signal.removeEventListener("abort", this.#onAbort);
    const over = this.#stream.readableEnded && this.#request?.writableFinished === true;
    if (!over) this.#stream.destroy();
  }

  #circumstances() {
    return { connected: this.#connected, reused: this.#reused, answered: this.#answered };
  }

  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#stop(this.#late()), this.#limitMs);
  }

  #late(): Fault {
    const limit = inWords(this.#limitMs);
    if (!this.#connected) return new Fault("connect", `no connection to ${this.#at} within ${limit}`);
    if (!this.#answered) return new Fault("timeout", `no answer within ${limit}`);
    return new Fault("timeout", `the answer was not complete within ${limit}`);
  }

  #stop(error: unknown): void {
    if (this.#reason !== null) return;
    this.#reason = { error };
    this.close();
    this.#reject?.(error);
  }

  #until<T>(begin: (resolve: (value: T) => void) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#reject = reject;
      if (this.#reason === null) begin(resolve);
      else reject(this.#reason.error);
    });
  }

  /** Finds out how far the connection came. */
  #watch(request: ClientRequest): void {
    this.#request = request;
    request.once("socket", (socket: Socket & Partial<Pick<TLSSocket, "encrypted">>) => {
      this.#reused = request.reusedSocket;
      // While this is set, Deno resends a request that we end, and its connection is never given back
      // (denoland/deno#36786). Whether to send again is for us to say, in the same way on all runtimes.
      request.reusedSocket = false;
      const secure = socket.encrypted === true;
      if (this.#reused || !isUnderWay(socket)) this.#connected = true;
      else socket.once(secure ? "secureConnect" : "connect", () => (this.#connected = true));
    });
  }
}

/** Whether a connection, or the TLS handshake on it, is still being made. */
function isUnderWay(socket: Socket): boolean {
  return (
    socket.connecting ||
    (socket as Socket & { readonly secureConnecting?: boolean }).secureConnecting === true
  );
}
