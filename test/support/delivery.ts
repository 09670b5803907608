/** Delivery alone, on virtual time: a manifest, an inserter that answers as a test wants, and no repository. */
import { Deliverer } from "../../src/sync/deliver/deliverer.ts";
import type { DeliveryOptions } from "../../src/sync/deliver/memory.ts";
import { blankEntry } from "../../src/sync/entry.ts";
import type { SyncEvent } from "../../src/sync/events.ts";
import type { Entry, Operation } from "../../src/sync/model.ts";
import {
  type Content,
  type InventoryReply,
  ObjectsGone,
  type Outgoing,
  type Reply,
} from "../../src/sync/ports.ts";
import { Versions } from "../../src/sync/version.ts";
import { Timeline } from "../simulation/timeline.ts";
import { MemoryState } from "./memory-state.ts";
import { worldOf } from "./world.ts";

type Answer = Extract<Reply, { kind: "answer" }>;

export function answer(status: number, more: Partial<Answer> = {}): Answer {
  return { kind: "answer", status, retryAfterMs: null, version: null, location: null, excerpt: "", ...more };
}

export const timeout: Reply = { kind: "failure", why: "timeout", message: "no answer" };

export interface Sent {
  readonly atMs: number;
  readonly operations: readonly Outgoing[];
}

export interface DeliveryScene {
  readonly state: MemoryState;
  readonly timeline: Timeline;
  readonly deliverer: Deliverer;
  /** Requests so far. */
  readonly sent: readonly Sent[];
  readonly events: readonly SyncEvent[];
  /** A pass begins these; they stand in the manifest from now on. */
  begin(...operations: readonly Operation[]): void;
  /** The repository is there from now on. */
  find(): void;
  /** From now on the inserter answers so. */
  answerNow(reply: DeliveryAnswers["reply"]): void;
  /** Delivery asks for a pass when an operation was taken back: it begins these. */
  passesFollow(begins: (id: string) => readonly Operation[]): void;
  /** Lets time pass, milliseconds. */
  pass(ms: number): Promise<void>;
  /** Ids of the requests since the last call, in order; those of a batch joined by "+". */
  lately(): string[];
}

export interface DeliveryAnswers {
  /** Of one operation. */
  reply(operation: Outgoing, attempt: number): Reply;
  /** How long an answer takes, milliseconds; 5 unless given. */
  tookMs?(operation: Outgoing): number;
  /** Its answer is there. */
  taken?(operation: Outgoing): void;
  /** Whether a batch as a whole fails; else each line is answered as a request of its own. */
  whole?(operations: readonly Outgoing[]): Reply | null;
  inventory?(): InventoryReply;
}

const OPTIONS: DeliveryOptions = {
  concurrency: 8,
  ratePerSecond: 0,
  batch: false,
  retry: { minMs: 200, maxMs: 60_000 },
};

export function upsertOf(id: string, version: number, more: Partial<Operation> = {}): Operation {
  const file = { digest: `d-${id}`, path: `${id}.md`, blob: id };
  return { id, kind: "upsert", version, cause: "changed", sinceMs: 0, ...file, ...more } as Operation;
}

export function deleteOf(id: string, version: number, more: Partial<Operation> = {}): Operation {
  return { id, kind: "delete", version, cause: "deleted", sinceMs: 0, ...more } as Operation;
}

/** @param options.isFound Whether the repository is there from the first. */
export function deliveryScene(
  answers: DeliveryAnswers,
  options: Partial<DeliveryOptions> & {
    readonly isFound?: boolean;
    readonly pending?: readonly Operation[];
  } = {},
): DeliveryScene {
  const { isFound = true, pending = [], ...given } = options;
  const timeline = new Timeline();
  const state = new MemoryState();
  const sent: Sent[] = [];
  const events: SyncEvent[] = [];
  const attempts = new Map<string, number>();
  const repository = { isFound };
  let reply = answers.reply;
  let begins: ((id: string) => readonly Operation[]) | null = null;
  let seen = 0;
  const later = <T>(value: T, ms: number): Promise<T> =>
    new Promise((resolve) => timeline.at(ms, () => resolve(value)));
  const one = (operation: Outgoing): Reply => {
    const attempt = (attempts.get(operation.id) ?? 0) + 1;
    attempts.set(operation.id, attempt);
    return reply(operation, attempt);
  };
  const clock = {
    nowMs: () => timeline.nowMs,
    elapsedMs: () => timeline.nowMs,
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        if (signal?.aborted === true) return resolve();
        if (ms !== Number.POSITIVE_INFINITY) timeline.at(ms, resolve);
        signal?.addEventListener("abort", () => resolve(), { once: true });
      }),
  };
  const world = worldOf({
    state,
    clock,
    random: () => 1,
    report: (event) => events.push(event),
    source: {
      head: () => Promise.reject(new Error("not asked for")),
      compare: () => Promise.reject(new Error("not asked for")),
      read: async (blob): Promise<Content> => {
        if (!repository.isFound) throw new ObjectsGone("not there");
        return { kind: "bytes", bytes: new TextEncoder().encode(blob) };
      },
    },
    articles: {
      fingerprint: "f",
      parse: async (path) => {
        const id = path.replace(/\.md$/, "");
        const entry = [...state.pending(null, 10_000)].find(
          ({ pending: p }) => p?.kind === "upsert" && p.path === path,
        );
        const digest = entry?.pending?.kind === "upsert" ? entry.pending.digest : `d-${id}`;
        const verdict = { kind: "article", id, digest, publishAtMs: null, expiresAtMs: null } as const;
        return { verdict, body: new TextEncoder().encode(digest) };
      },
    },
    sink: {
      send: async (operation) => {
        sent.push({ atMs: timeline.nowMs, operations: [operation] });
        const reply = await later(one(operation), answers.tookMs?.(operation) ?? 5);
        answers.taken?.(operation);
        return reply;
      },
      sendBatch: async (operations) => {
        sent.push({ atMs: timeline.nowMs, operations });
        const whole = answers.whole?.(operations) ?? answer(200);
        const isRead = whole.kind === "answer" && whole.status === 200;
        const lines = isRead ? operations.map(one).map((line) => (line.kind === "answer" ? line : null)) : [];
        return later({ whole, lines }, 5);
      },
      inventory: () => later(answers.inventory?.() ?? ({ kind: "none" } as const), 5),
    },
  });
  const write = (operations: readonly Operation[]): void => {
    for (const operation of operations) {
      const { id, ...rest } = operation;
      const path = "path" in operation ? operation.path : `${id}.md`;
      const blob = "blob" in operation ? operation.blob : id;
      const before = state.entry(id) ?? { ...blankEntry(id), acknowledged: { digest: "before", version: 0 } };
      state.putEntry({ ...before, path, blob, pending: rest as Entry["pending"] });
    }
  };
  write(pending);
  const inherited = Math.max(0, ...pending.map(({ version }) => version));
  state.setMeta("version", String(inherited));
  const versions = new Versions(state, clock);
  const deliverer = new Deliverer(
    world,
    versions,
    { ...OPTIONS, ...given },
    { bodiesBytes: 1_000_000 },
    follow,
  );
  const begin = (...operations: readonly Operation[]): void => {
    write(operations);
    versions.raise(Math.max(...operations.map(({ version }) => version)));
    for (const { id, sinceMs } of operations) deliverer.begun(id, sinceMs, { isEdit: true, refused: null });
    deliverer.wake();
  };
  /** A pass over what was taken back. */
  function follow(): void {
    timeline.at(10, () => {
      const ids = state.touched(null, 100);
      state.untouch(ids);
      for (const id of ids) begin(...(begins?.(id) ?? []));
    });
  }
  if (isFound) deliverer.repositoryFound();
  void deliverer.run();
  return {
    state,
    timeline,
    deliverer,
    sent,
    events,
    begin,
    find: () => {
      repository.isFound = true;
      deliverer.repositoryFound();
    },
    answerNow: (now) => {
      reply = now;
    },
    passesFollow: (follows) => {
      begins = follows;
    },
    // From a microtask, so that the timeline can see when none is left.
    pass: (ms) => Promise.resolve().then(() => timeline.run(ms)),
    lately: () => {
      const some = sent.slice(seen).map(({ operations }) => operations.map(({ id }) => id).join("+"));
      seen = sent.length;
      return some;
    },
  };
}
