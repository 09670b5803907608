import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Got, Request } from "got";
import { type Circumstances, Fault, inWords, toFault } from "./fault.ts";

/** A request as it leaves. */
export interface OutgoingRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
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

/** The limits of an exchange. */
export interface ExchangeOptions {
  /** Host and port, for messages. */
  readonly at: string;
  /** Time until the whole answer has to be there, unless {@link Exchange.chunks} is given another limit. */
  readonly limitMs: number;
  /** Ends it at once; what is awaited then rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/** A longer rest of an answer is not read just to keep its connection: that is closed instead. */
const drainBytesMax = 64 * 1024;

/**
 * One request and its answer, over got. The time limit is kept here and not by got: on Deno, got's own
 * never ends a request on a connection that was used before.
 */
export class Exchange {
  /** Status and headers, once they are there. Rejects with a {@link Fault} if the answer does not come. */
  readonly head: Promise<AnswerHead>;
  readonly #options: ExchangeOptions;
  readonly #stream: Request;
  #request: ClientRequest | null = null;
  readonly #onAbort = (): void => this.#stop(this.#options.signal.reason);
  #timer: NodeJS.Timeout | undefined;
  #circumstances: Circumstances = { connected: false, reused: false, answered: false };
  /** Why it ended before its time: a {@link Fault}, or the reason of the caller's signal. */
  #reason: { readonly error: unknown } | null = null;
  #reject: ((error: unknown) => void) | null = null;

  /** Sends the request. */
  constructor(got: Got, { url, method, headers, body }: OutgoingRequest, options: ExchangeOptions) {
    this.#options = options;
    const { at, signal } = options;
    this.#stream = got.stream(url, { method, headers, decompress: method === "GET" });
    this.#stream.once("request", (request) => this.#watch(request));
    this.#stream.on("error", (error) => this.#stop(toFault(error, at, this.#circumstances)));
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener("abort", this.#onAbort, { once: true });
    this.#startTimer();
    this.head = this.#until((resolve) => {
      this.#stream.once("response", ({ statusCode = 0, headers }: IncomingMessage) => {
        this.#circumstances = { ...this.#circumstances, answered: true };
        if (statusCode < 200) this.#stop(switched(statusCode));
        else resolve({ status: statusCode, headers });
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
  async start(bytesMax: number): Promise<{ bytes: Uint8Array; more: boolean; fault: Fault | null }> {
    const kept: Uint8Array[] = [];
    let seenBytes = 0;
    let fault: Fault | null = null;
    try {
      await this.#until<void>((resolve) => {
        this.#stream.on("data", (chunk: Uint8Array) => {
          if (seenBytes < bytesMax) kept.push(chunk.subarray(0, bytesMax - seenBytes));
          seenBytes += chunk.length;
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
   * The answer in chunks as they come. Ends the exchange.
   *
   * @param waitMsMax Where given, the time limit is from here on for each chunk, and this is the limit for all of
   *   them together; both run only while a chunk is waited for. Else it stays what it was: for the whole.
   * @throws {Fault} When the answer was cut short, or the time was up.
   */
  async *chunks(waitMsMax: number | null = null): AsyncGenerator<Uint8Array, void, undefined> {
    const iterator = this.#stream[Symbol.asyncIterator]();
    let waitedMs = 0;
    try {
      for (;;) {
        const startMs = performance.now();
        if (waitMsMax !== null) this.#startTimer(waitMsMax - waitedMs, waitMsMax);
        const next = await iterator.next().catch((error: unknown) => {
          throw this.#reason?.error ?? toFault(error, this.#options.at, this.#circumstances);
        });
        if (waitMsMax !== null) clearTimeout(this.#timer);
        waitedMs += performance.now() - startMs;
        if (this.#reason !== null) throw this.#reason.error;
        if (next.done === true) return;
        yield next.value as Uint8Array;
      }
    } finally {
      this.close();
    }
  }

  /** Ends it. Unless the request was sent and the answer read to the end, its connection is closed. */
  close(): void {
    clearTimeout(this.#timer);
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    const isOver = this.#stream.readableEnded && this.#request?.writableFinished === true;
    if (!isOver) this.#stream.destroy();
  }

  /** Runs for the time limit, or for what is left of a limit for all chunks, whichever ends first. */
  #startTimer(leftMs = Number.POSITIVE_INFINITY, ofMs = leftMs): void {
    clearTimeout(this.#timer);
    const { limitMs } = this.#options;
    const fault = (): Fault => this.#timeout(leftMs < limitMs ? ofMs : limitMs);
    this.#timer = setTimeout(() => this.#stop(fault()), Math.min(limitMs, leftMs));
  }

  #timeout(limitMs: number): Fault {
    const limit = inWords(limitMs);
    const { connected, answered } = this.#circumstances;
    if (!connected) return new Fault("connect", `no connection to ${this.#options.at} within ${limit}`);
    if (!answered) return new Fault("timeout", `no answer within ${limit}`);
    return new Fault("timeout", `the answer was not complete within ${limit}`);
  }

  #stop(error: unknown): void {
    if (this.#reason !== null) return;
    this.#reason = { error };
    this.close();
    this.#reject?.(error);
  }

  /** A promise that also rejects when the exchange is stopped. */
  #until<T>(begin: (resolve: (value: T) => void) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#reject = reject;
      if (this.#reason === null) begin(resolve);
      else reject(this.#reason.error);
    });
  }

  /** Notes how far the connection came. */
  #watch(request: ClientRequest): void {
    this.#request = request;
    // The socket is out of the agent's hands then, and nothing else would close it.
    request.once("upgrade", ({ statusCode = 101 }: IncomingMessage, socket: Socket) => {
      socket.destroy();
      this.#stop(switched(statusCode));
    });
    const note = (circumstances: Partial<Circumstances>): void => {
      this.#circumstances = { ...this.#circumstances, ...circumstances };
    };
    request.once("socket", (socket: Socket & Partial<Pick<TLSSocket, "encrypted">>) => {
      const reused = request.reusedSocket;
      // While this is set, Deno resends a request that we end, and its connection is never released
      // (denoland/deno#36786). Whether to send again is for us to say, in the same way on all runtimes.
      request.reusedSocket = false;
      note({ reused, connected: reused || !isConnecting(socket) });
      const event = socket.encrypted === true ? "secureConnect" : "connect";
      if (!this.#circumstances.connected) socket.once(event, () => note({ connected: true }));
    });
  }
}

function switched(status: number): Fault {
  return new Fault(
    "broken",
    `the answer has status ${status}: it switches to a protocol that was not asked for`,
  );
}

/** Whether a connection, or the TLS handshake on it, is still being made. */
function isConnecting(socket: Socket & { readonly secureConnecting?: boolean }): boolean {
  return socket.connecting || socket.secureConnecting === true;
}
