/** From one schema to another one, and what is left afterwards: each step may be done twice, by several replicas. */
import { setTimeout as wait } from "node:timers/promises";
import type { Log } from "../../../sync/ports.ts";
import type { Bulk, BulkAction } from "./bulk.ts";
import { type Engine, EngineError } from "./engine.ts";
import type { FoundIndex, Indices } from "./indices.ts";
import { Listing, rawSources } from "./pages.ts";
import { indexName, nextAlias } from "./schema.ts";
import type { Writer } from "./writes.ts";

/** How long an index is kept after all in it was copied, milliseconds. */
const graceMs = 60 * 60_000;
const pageDocuments = 250;
const busyPauseMs = 500;

/** Brings the articles from indices with another schema into one with ours. */
export class Migration {
  readonly #engine: Engine;
  readonly #bulk: Bulk;
  readonly #indices: Indices;
  readonly #writer: Writer;
  readonly #log: Log;
  readonly #signal: AbortSignal;

  constructor(
    parts: { engine: Engine; bulk: Bulk; indices: Indices; writer: Writer; log: Log },
    signal: AbortSignal,
  ) {
    this.#engine = parts.engine;
    this.#bulk = parts.bulk;
    this.#indices = parts.indices;
    this.#writer = parts.writer;
    this.#log = parts.log;
    this.#signal = signal;
  }

  /**
   * Ends when the alias leads to an index with our schema, and nothing is left in older ones.
   *
   * @throws {EngineError} {@link StoreUnavailable} To be begun again then.
   */
  async run(): Promise<void> {
    for (;;) {
      const current = await this.#indices.ensure();
      const all = await this.#indices.list();
      const found = all.find(({ name }) => name === current);
      if (found === undefined || found.hash === this.#indices.schema.hash) break;
      await this.#replace(found, all);
    }
    await this.#clean();
  }

  /** Fills an index with our schema, and lets the alias lead there. */
  async #replace(current: FoundIndex, all: readonly FoundIndex[]): Promise<void> {
    const { alias, schema } = this.#indices;
    const next = nextAlias(alias, schema);
    const begun = all.find(({ aliases }) => aliases.includes(next))?.name;
    const target = begun ?? indexName(alias, schema, (all.at(-1)?.n ?? 0) + 1);
    if (begun === undefined && !(await this.#indices.create(target, "next"))) return;
    this.#log.emit("info", "reference.migrating", `Copying ${current.name} to ${target}`, {
      from: current.name,
      to: target,
    });
    // From now on writes go to both, so nothing that comes while it is copied is missed.
    this.#writer.next = next;
    try {
      await this.#copy(current.name, next);
      await this.#engine.ask("POST", `/${encodeURIComponent(target)}/_refresh`);
      await this.#indices.swap(current.name, target);
    } finally {
      this.#writer.next = null;
    }
  }

  /**
   * Older indices: a replica that did not know may have written there until the swap, so they are read once
   * more, with nothing written to them any more. They go after a while.
   */
  async #clean(): Promise<void> {
    const { alias } = this.#indices;
    const current = await this.#indices.ensure();
    const all = await this.#indices.list();
    const n = all.find(({ name }) => name === current)?.n ?? 0;
    for (const old of all) {
      if (old.n >= n || old.aliases.includes(alias)) continue;
      const path = `/${encodeURIComponent(old.name)}`;
      if (old.retiredMs === null) {
        if (!old.isBlocked) await this.#engine.ask("PUT", `${path}/_block/write`);
        await this.#engine.ask("POST", `${path}/_refresh`);
        await this.#copy(old.name, alias);
        await this.#engine.ask("PUT", `${path}/_mapping`, { _meta: { retired_ms: Date.now() } });
      } else if (Date.now() - old.retiredMs > graceMs) {
        await this.#engine.send("DELETE", path);
        this.#log.emit("info", "reference.index", `Deleted the index ${old.name}, which was replaced`, {
          index: old.name,
        });
      }
    }
  }

  /** Copies every document, tombstones too, with its version: what is newer at the other side stays. */
  async #copy(from: string, toAlias: string): Promise<void> {
    await this.#engine.ask("POST", `/${encodeURIComponent(from)}/_refresh`);
    const listing = await Listing.open(this.#engine, from, { size: pageDocuments, version: true });
    for await (const { hits, text } of listing.pages()) {
      this.#signal.throwIfAborted();
      const sources = rawSources(text);
      const actions = hits.map(
        ({ _id, _version }, at): BulkAction => ({
          id: _id,
          version: _version,
          isStrict: false,
          source: (sources[at] ?? "{}").replace(/[\r\n]+/g, " "),
        }),
      );
      await this.#store(toAlias, actions);
    }
  }

  async #store(alias: string, actions: readonly BulkAction[]): Promise<void> {
    let left = actions;
    while (left.length > 0) {
      this.#signal.throwIfAborted();
      const items = await this.#bulk.send(alias, left);
      const again: BulkAction[] = [];
      for (const [at, { status, type, reason }] of items.entries()) {
        const action = left[at] as BulkAction;
        if (status === 429) again.push(action);
        else if (status === 400) {
          // The new mapping does not take it. The agent sends it again, and learns why.
          this.#log.emit("error", "reference.failed", `Cannot copy ${JSON.stringify(action.id)}: ${reason}`);
        } else if (status >= 300 && status !== 409) throw new EngineError(status, type, reason);
      }
      left = again;
      if (left.length > 0) await wait(busyPauseMs, undefined, { signal: this.#signal });
    }
  }
}
