/** Looks over the core's shoulder: its log and its ports, wrapped so that nothing changes but that we know. */
import type { World } from "../sync/agent.ts";
import type {
  Articles,
  BatchReply,
  Comparison,
  InventoryReply,
  Log,
  LogLevel,
  Reply,
  Sink,
  Source,
} from "../sync/ports.ts";
import type { Pulse } from "./pulse.ts";

/** A request to the inserter that ended. */
export interface RequestNote {
  readonly request: "upsert" | "delete" | "batch" | "inventory";
  /** HTTP status, or how it failed: `connect`, `timeout`, `broken`; `aborted` when it was given up. */
  readonly code: string;
  readonly durationMs: number;
}

/** Calls `listener` with all that is logged, whatever the level that is written. */
export function observeLog(
  log: Log,
  listener: (level: LogLevel, event: string, fields: Readonly<Record<string, unknown>>) => void,
): Log {
  return {
    emit(level, event, message, fields = {}) {
      log.emit(level, event, message, fields);
      listener(level, event, fields);
    },
  };
}

/** The same world, with every call out of the core watched. */
export function observeWorld(world: World, pulse: Pulse, onRequest: (note: RequestNote) => void): World {
  const timed = async <T>(
    request: RequestNote["request"],
    call: () => Promise<T>,
    replyOf: (result: T) => Reply | null,
  ): Promise<T> => {
    const startMs = world.clock.elapsedMs();
    let code = "aborted";
    try {
      const result = await pulse.watch(request === "inventory" ? "inventory" : "send", request, call);
      code = codeOf(replyOf(result), request);
      return result;
    } finally {
      onRequest({ request, code, durationMs: world.clock.elapsedMs() - startMs });
    }
  };
  return {
    ...world,
    source: watchedSource(world.source, pulse),
    articles: watchedArticles(world.articles, pulse),
    sink: watchedSink(world.sink, pulse, timed),
  };
}

function codeOf(reply: Reply | null, request: RequestNote["request"]): string {
  if (reply === null) return request === "inventory" ? "200" : "broken";
  return reply.kind === "failure" ? reply.why : String(reply.status);
}

function watchedSource(source: Source, pulse: Pulse): Source {
  const paged = (comparison: Comparison): Comparison => ({
    ...comparison,
    pages: beating(comparison.pages, () => pulse.beat("compare")),
  });
  return {
    head: () => pulse.watch("head", "", () => source.head()),
    compare: async (from, to) => paged(await pulse.watch("compare", "", () => source.compare(from, to))),
    read: (blob) => pulse.watch("read", blob, () => source.read(blob)),
  };
}

function watchedArticles(articles: Articles, pulse: Pulse): Articles {
  return {
    get fingerprint() {
      return articles.fingerprint;
    },
    parse: (path, blob, content, patience) =>
      pulse.watch("examine", path, () => articles.parse(path, blob, content, patience), patience > 1),
  };
}

type Timed = <T>(
  request: RequestNote["request"],
  call: () => Promise<T>,
  replyOf: (result: T) => Reply | null,
) => Promise<T>;

function watchedSink(sink: Sink, pulse: Pulse, timed: Timed): Sink {
  return {
    inventory: async (etag, signal) => {
      const reply = await timed("inventory", () => sink.inventory(etag, signal), inventoryReplyOf);
      if (reply.kind !== "listing") return reply;
      return { ...reply, pages: beating(reply.pages, () => pulse.beat("inventory")) };
    },
    send: (operation, signal) =>
      timed(
        operation.kind,
        () => sink.send(operation, signal),
        (reply: Reply) => reply,
      ),
    sendBatch: (operations, signal) =>
      timed(
        "batch",
        () => sink.sendBatch(operations, signal),
        (reply: BatchReply) => reply.whole,
      ),
  };
}

/** An inventory's answer as one to count; `none` stands for several statuses. */
function inventoryReplyOf(reply: InventoryReply): Reply | null {
  if (reply.kind === "unknown") return reply.reply;
  const answer = { retryAfterMs: null, version: null, location: null, excerpt: "" };
  if (reply.kind === "unchanged") return { kind: "answer", status: 304, ...answer };
  if (reply.kind === "none") return { kind: "answer", status: 404, ...answer };
  return null;
}

/** The same pages, each of them noticed; closing it closes what it came from, also before the first. */
function beating<T>(pages: AsyncIterable<T>, beat: () => void): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = pages[Symbol.asyncIterator]();
      return {
        async next() {
          const result = await iterator.next();
          beat();
          return result;
        },
        async return(value) {
          await iterator.return?.();
          return { done: true, value };
        },
      };
    },
  };
}
