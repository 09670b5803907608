import type { Operation } from "../model.ts";
import { recordFile } from "../plan/manifest.ts";
import { type Clock, type Content, ObjectsGone, type Source, type World } from "../ports.ts";

/** How long a pass waits for room before the oldest body is dropped, milliseconds. */
const ROOM_WAIT_MS = 1_000;
/** Factor on the time to render, for a body that could be made once. */
const PATIENCE = 10;

/**
 * Request bodies on their way from the pass that made them to the delivery that sends them; bounded,
 * one an id. A body that is dropped is rebuilt from Git when its turn comes.
 */
export class Bodies {
  readonly #clock: Clock;
  readonly #sizeBytesMax: number;
  readonly #byId = new Map<string, { readonly digest: string; readonly body: Uint8Array }>();
  #sizeBytes = 0;
  #room = new AbortController();

  constructor(clock: Clock, sizeBytesMax: number) {
    this.#clock = clock;
    this.#sizeBytesMax = sizeBytesMax;
  }

  get(id: string, digest: string): Uint8Array | null {
    const kept = this.#byId.get(id);
    return kept?.digest === digest ? kept.body : null;
  }

  /**
   * Keeps a body. While delivery flows this waits for room, so that parsing never runs far ahead of
   * sending; while it does not, the body is dropped at once.
   */
  async offer(id: string, digest: string, body: Uint8Array, isFlowing: () => boolean): Promise<void> {
    // What was kept for this id is out of date.
    this.#drop(id);
    while (this.#sizeBytes + body.length > this.#sizeBytesMax && this.#byId.size > 0) {
      if (!isFlowing()) return;
      const room = this.#room.signal;
      await this.#clock.sleep(ROOM_WAIT_MS, room);
      if (!room.aborted) this.#dropOldest();
    }
    this.#drop(id);
    this.#byId.set(id, { digest, body });
    this.#sizeBytes += body.length;
  }

  /** This payload is delivered, or will not be. */
  drop(id: string, digest: string): void {
    if (this.#byId.get(id)?.digest === digest) this.#drop(id);
  }

  #drop(id: string): void {
    const kept = this.#byId.get(id);
    if (kept === undefined) return;
    this.#byId.delete(id);
    this.#sizeBytes -= kept.body.length;
    this.wake();
  }

  /** Those who wait for room look again. */
  wake(): void {
    // A reason given spares the making of one, with its stack, for each body.
    this.#room.abort(null);
    this.#room = new AbortController();
  }

  #dropOldest(): void {
    const [oldest] = this.#byId.keys();
    if (oldest !== undefined) this.#drop(oldest);
  }
}

/** What came of rebuilding a body. */
export type Rebuilt =
  | { readonly kind: "body"; readonly body: Uint8Array }
  /** Not now. `stale`: a pass should look again. `other`: the payload that the file has by now. */
  | {
      readonly kind: "later";
      readonly reason: string;
      readonly stale: boolean;
      readonly other: { readonly digest: string; readonly body: Uint8Array } | null;
    }
  /** The repository cannot be read: that is not this article's fault. */
  | { readonly kind: "unreadable" }
  /** It never can be, and no file wants it. */
  | { readonly kind: "obsolete" };

/**
 * Makes the body of an upsert once more, from the blob that it was begun with.
 *
 * @param nowMs The time against which dates are judged, epoch milliseconds.
 */
export async function rebuildBody(
  { source, articles, state }: Pick<World, "source" | "articles" | "state">,
  operation: Extract<Operation, { kind: "upsert" }>,
  nowMs: number,
): Promise<Rebuilt> {
  const { id, path, blob, digest, version } = operation;
  const content = await readOrNot(source, blob);
  if (content === null) return { kind: "unreadable" };
  const isWanted = (): boolean => state.claim(id, nowMs).winner !== null;
  if (content.kind === "missing") {
    return isWanted() ? later("its blob is no longer in the repository", true) : { kind: "obsolete" };
  }
  const { verdict, body } = await articles.parse(path, blob, content, PATIENCE);
  if (verdict.kind === "article" && verdict.digest === digest && body !== null) return { kind: "body", body };
  // A hook that is no function of its input: what it says now is what the next pass plans.
  const row = state.file(path);
  const isPlanned =
    row?.blob === blob &&
    row.fingerprint === articles.fingerprint &&
    row.verdict.kind === "article" &&
    row.verdict.digest === digest;
  const isCurrent = isPlanned && state.entry(id)?.pending?.version === version;
  if (isCurrent) {
    state.transaction(() => {
      state.touch(recordFile(state, { path, blob }, verdict, row.fingerprint).ids);
    });
  }
  if (!isWanted()) return { kind: "obsolete" };
  const other =
    isCurrent && verdict.kind === "article" && body !== null ? { digest: verdict.digest, body } : null;
  return { kind: "later", reason: "its payload came out differently than planned", stale: isCurrent, other };
}

function later(reason: string, stale: boolean): Rebuilt {
  return { kind: "later", reason, stale, other: null };
}

async function readOrNot(source: Source, blob: string): Promise<Content | null> {
  try {
    return await source.read(blob);
  } catch (error) {
    if (error instanceof ObjectsGone) return null;
    throw error;
  }
}
