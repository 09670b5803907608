import type { Articles, BatchReply, InventoryReply, Reply, Sink, Source, World } from "../sync/ports.ts";

/** Calls that leave the core, by what they wait for. */
export type CallKind = "head" | "compare" | "read" | "parse" | "inventory" | "send";

/** A call that has not returned yet. */
export interface Call {
  readonly kind: CallKind;
  /** A path, a blob, a kind of request; empty where there is only one such thing. */
  readonly about: string;
  readonly sinceMs: number;
  /** Whether it is known to take longer: a held article that is tried again. */
  readonly mayTakeLong: boolean;
}

/** A request to the inserter that ended. */
export interface RequestNote {
  readonly request: "upsert" | "delete" | "batch" | "inventory";
  /** HTTP status, or how it failed: `connect`, `timeout`, `broken`; `aborted` when it was given up. */
  readonly code: string;
  readonly durationMs: number;
}

/**
 * Watches the calls out of the core: which are in progress and since when, and when the last one of each kind
 * returned. Times are milliseconds of a clock that never runs backwards.
 */
export class Watchdog {
  readonly startedMs: number;
  readonly #elapsedMs: () => number;
  readonly #onRequest: (note: RequestNote) => void;
  readonly #calls = new Set<Call>();
  readonly #lastMs = new Map<CallKind, number>();

  constructor(elapsedMs: () => number, onRequest: (note: RequestNote) => void) {
    this.#elapsedMs = elapsedMs;
    this.#onRequest = onRequest;
    this.startedMs = elapsedMs();
  }

  /** Calls in progress, oldest first. */
  get calls(): Iterable<Call> {
    return this.#calls;
  }

  /** Number of requests in progress. */
  get sending(): number {
    return [...this.#calls].filter(({ kind }) => kind === "send").length;
  }

  /** When a call, or a page, of one of these kinds last returned; the start, if none ever did. */
  lastMs(...kinds: readonly CallKind[]): number {
    return Math.max(this.startedMs, ...kinds.map((kind) => this.#lastMs.get(kind) ?? 0));
  }

  /** The same world, its calls watched. */
  watch(world: World): World {
    const { source, articles, sink } = world;
    return {
      ...world,
      source: this.#source(source),
      articles: this.#articles(articles),
      sink: this.#sink(sink),
    };
  }

  #source(source: Source): Source {
    return {
      head: () => this.#call("head", "", () => source.head()),
      compare: async (from, to) => {
        const comparison = await this.#call("compare", "", () => source.compare(from, to));
        return { ...comparison, pages: this.#pages("compare", comparison.pages) };
      },
      read: (blob) => this.#call("read", blob, () => source.read(blob)),
    };
  }

  #articles(articles: Articles): Articles {
    return {
      get fingerprint() {
        return articles.fingerprint;
      },
      prepare: async (head) => this.#call("compare", "", async () => articles.prepare?.(head)),
      parse: (path, blob, content, patience) =>
        this.#call("parse", path, () => articles.parse(path, blob, content, patience), patience > 1),
    };
  }

  #sink(sink: Sink): Sink {
    return {
      inventory: async (etag, signal) => {
        const reply = await this.#request("inventory", () => sink.inventory(etag, signal), inventoryCode);
        if (reply.kind !== "listing") return reply;
        return { ...reply, pages: this.#pages("inventory", reply.pages) };
      },
      send: (operation, signal) =>
        this.#request(operation.kind, () => sink.send(operation, signal), replyCode),
      sendBatch: (operations, signal) =>
        this.#request(
          "batch",
          () => sink.sendBatch(operations, signal),
          ({ whole }: BatchReply) => replyCode(whole),
        ),
    };
  }

  async #call<T>(kind: CallKind, about: string, call: () => Promise<T>, mayTakeLong = false): Promise<T> {
    const entry: Call = { kind, about, sinceMs: this.#elapsedMs(), mayTakeLong };
    this.#calls.add(entry);
    try {
      return await call();
    } finally {
      this.#calls.delete(entry);
      if (!mayTakeLong) this.#lastMs.set(kind, this.#elapsedMs());
    }
  }

  async #request<T>(
    request: RequestNote["request"],
    call: () => Promise<T>,
    codeOf: (result: T) => string,
  ): Promise<T> {
    const startMs = this.#elapsedMs();
    let code = "aborted";
    try {
      const result = await this.#call(request === "inventory" ? "inventory" : "send", request, call);
      code = codeOf(result);
      return result;
    } finally {
      this.#onRequest({ request, code, durationMs: this.#elapsedMs() - startMs });
    }
  }

  /** The same pages, each of them noticed; closing it closes what it came from, also before the first. */
  #pages<T>(kind: CallKind, pages: AsyncIterable<T>): AsyncIterable<T> {
    return {
      [Symbol.asyncIterator]: () => {
        const iterator = pages[Symbol.asyncIterator]();
        return {
          next: async () => {
            const result = await iterator.next();
            this.#lastMs.set(kind, this.#elapsedMs());
            return result;
          },
          return: async (value) => {
            await iterator.return?.();
            return { done: true, value };
          },
        };
      },
    };
  }
}

function replyCode(reply: Reply): string {
  return reply.kind === "failure" ? reply.why : String(reply.status);
}

/** `none` covers several statuses, all counted as 404. */
function inventoryCode(reply: InventoryReply): string {
  if (reply.kind === "unknown") return replyCode(reply.reply);
  return { none: "404", unchanged: "304", listing: "200" }[reply.kind];
}
