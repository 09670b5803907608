import { causeOf, type Engine, type EngineAnswer, errorOf } from "./engine.ts";

/** A document to be stored. */
export interface BulkAction {
  readonly id: string;
  /** A lower one than is stored is a conflict. */
  readonly version: number;
  /** Whether an equal one is a conflict too. */
  readonly isStrict: boolean;
  /** JSON in one line. */
  readonly source: string;
}

/** What became of one action. */
export interface BulkItem {
  readonly status: number;
  /** Of the error, as the engine names it; empty where there was none. */
  readonly type: string;
  readonly reason: string;
  /** Whether nothing was stored under this id before. */
  readonly isNew: boolean;
  /** Where it was stored; null where it was not. */
  readonly index: string | null;
}

const actionsMax = 500;
const bytesMax = 5 * 1024 * 1024;
/** A request is at least let have so much, however often it was too much. */
const actionsMin = 1;
const growth = 1.25;

/**
 * Sends actions in requests of a size that the engine takes: halved when it was too much, and growing again
 * after each success.
 */
export class Bulk {
  readonly #engine: Engine;
  readonly #timeoutMs: number;
  /** Part of the largest request that is sent now. */
  #share = 1;

  /** @param timeoutMs How long an action may wait for its shard; shorter than the engine's client waits. */
  constructor(engine: Engine, timeoutMs: number) {
    this.#engine = engine;
    this.#timeoutMs = Math.max(1, Math.round(timeoutMs));
  }

  /** Actions of the next request, for tests of how it adapts. */
  get actionsMax(): number {
    return Math.max(actionsMin, Math.floor(actionsMax * this.#share));
  }

  /**
   * @param alias Only an alias is written to: an index that is missing is not made by a write.
   * @returns What became of each, in the same order.
   * @throws {EngineError} {@link StoreUnavailable} If a request failed as a whole; earlier ones are stored.
   */
  async send(alias: string, actions: readonly BulkAction[]): Promise<readonly BulkItem[]> {
    const items: BulkItem[] = [];
    while (items.length < actions.length) {
      const part = this.#nextPart(actions, items.length);
      const answer = await this.#post(alias, part);
      if (answer.status === 200) {
        const answered = itemsOf(answer, part.length);
        if (answered.some(({ status }) => status === 429)) this.#share /= 2;
        else this.#share = Math.min(1, this.#share * growth);
        items.push(...answered);
      } else if (answer.status === 429) {
        this.#share /= 2;
        const busy = failed(answer);
        while (items.length < actions.length) items.push(busy);
      } else if (part.length > 1 && (answer.status === 413 || answer.status === 400)) {
        // Too large, or one of them is such that the engine refuses all: to be found by halving.
        this.#share = Math.min(this.#share, part.length / actionsMax) / 2;
      } else if (answer.status === 413 || answer.status === 400) items.push(failed(answer));
      else throw errorOf(answer);
    }
    return items;
  }

  #nextPart(actions: readonly BulkAction[], from: number): readonly BulkAction[] {
    const limitBytes = bytesMax * this.#share;
    let bytes = 0;
    let to = from;
    while (to < actions.length && to - from < this.actionsMax) {
      bytes += Buffer.byteLength(actions[to]?.source ?? "");
      if (to > from && bytes > limitBytes) break;
      to += 1;
    }
    return actions.slice(from, to);
  }

  #post(alias: string, part: readonly BulkAction[]): Promise<EngineAnswer> {
    const lines = part.map(({ id, version, isStrict, source }) => {
      const action = { index: { _id: id, version, version_type: isStrict ? "external" : "external_gte" } };
      return `${JSON.stringify(action)}\n${source}\n`;
    });
    const query = `require_alias=true&timeout=${this.#timeoutMs}ms`;
    return this.#engine.send("POST", `/${encodeURIComponent(alias)}/_bulk?${query}`, lines.join(""));
  }
}

function itemsOf(answer: EngineAnswer, count: number): readonly BulkItem[] {
  const items: unknown = answer.json?.items;
  if (!Array.isArray(items) || items.length !== count) throw errorOf({ ...answer, status: 502 });
  return items.map((item) => {
    const { status = 500, error, result, _index } = item?.index ?? {};
    const { type = "", reason = "" } = causeOf(error);
    return { status, type, reason, isNew: result === "created", index: error ? null : (_index ?? null) };
  });
}

function failed(answer: EngineAnswer): BulkItem {
  const { status, type, message } = errorOf(answer);
  return { status, type, reason: message, isNew: false, index: null };
}
