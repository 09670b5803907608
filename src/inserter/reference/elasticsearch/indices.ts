import type { Log } from "../../../sync/ports.ts";
import { StoreUnavailable } from "../store.ts";
import { type Engine, EngineError, errorOf } from "./engine.ts";
import { indexName, liveAlias, liveFilter, nextAlias, parseIndexName, type Schema } from "./schema.ts";

/** An index of ours, as the engine lists it. */
export interface FoundIndex {
  readonly name: string;
  readonly hash: string;
  readonly n: number;
  readonly aliases: readonly string[];
  /** Whether nothing is written to it any more. */
  readonly isBlocked: boolean;
  /** When all that was in it had been copied, milliseconds since the epoch; null before. */
  readonly retiredMs: number | null;
}

/** How often it is looked again when another replica was faster. */
const triesMax = 5;

/** The indices behind an alias, and the alias itself. */
export class Indices {
  readonly alias: string;
  readonly schema: Schema;
  readonly #engine: Engine;
  readonly #log: Log;
  #ensuring: Promise<string> | null = null;

  constructor(engine: Engine, alias: string, schema: Schema, log: Log) {
    this.#engine = engine;
    this.alias = alias;
    this.schema = schema;
    this.#log = log;
  }

  /**
   * The index behind the alias; made where there is none. Calls at the same time share one look.
   *
   * @throws {StoreUnavailable} {@link EngineError} If it cannot be, or what is there is not ours.
   */
  ensure(): Promise<string> {
    this.#ensuring ??= this.#ensure().finally(() => {
      this.#ensuring = null;
    });
    return this.#ensuring;
  }

  /** The index behind the alias; null where there is none. @throws {StoreUnavailable} If it is not ours. */
  async current(): Promise<string | null> {
    const answer = await this.#engine.send("GET", `/_alias/${encodeURIComponent(this.alias)}`);
    if (answer.status === 404) return null;
    if (answer.status !== 200) throw errorOf(answer);
    const names = Object.keys(answer.json ?? {});
    return this.checked(names);
  }

  /**
   * The one index that an answer came from.
   *
   * @throws {StoreUnavailable} If it came from others: the alias was pointed elsewhere.
   */
  checked(names: readonly string[]): string {
    const [name = "", ...others] = names;
    if (others.length === 0 && parseIndexName(this.alias, name) !== null) return name;
    throw new StoreUnavailable(
      `The alias ${this.alias} does not lead to one index of this inserter, but to ${names.join(", ") || "none"}`,
      `Point it at an index called ${this.alias}-<hash>-<number>, or give another index name.`,
      { retryAfterS: 10 },
    );
  }

  /** All indices of ours, oldest first. */
  async list(): Promise<readonly FoundIndex[]> {
    const pattern = encodeURIComponent(`${this.alias}-*`);
    const found = await this.#engine.ask(
      "GET",
      `/${pattern}?expand_wildcards=open,closed&allow_no_indices=true`,
    );
    return Object.entries(found as Record<string, Record<string, never>>)
      .flatMap(([name, { aliases, settings, mappings }]) => {
        const parsed = parseIndexName(this.alias, name);
        if (parsed === null) return [];
        const { blocks } =
          (settings as { index?: { blocks?: { write?: unknown } } } | undefined)?.index ?? {};
        const meta = (mappings as { _meta?: { retired_ms?: number } } | undefined)?._meta;
        return [
          {
            name,
            ...parsed,
            aliases: Object.keys(aliases ?? {}),
            isBlocked: String(blocks?.write) === "true",
            retiredMs: meta?.retired_ms ?? null,
          },
        ];
      })
      .sort((a, b) => a.n - b.n);
  }

  /**
   * Makes an index with our schema.
   *
   * @param role `current`: readers and writers find it at once. `next`: only who fills it does.
   * @returns Whether it was made; another replica may have been faster.
   */
  async create(name: string, role: "current" | "next"): Promise<boolean> {
    const { settings, mappings } = this.schema;
    const aliases =
      role === "current" ? this.#currentAliases() : { [nextAlias(this.alias, this.schema)]: {} };
    const body = { settings, mappings, aliases };
    const answer = await this.#engine.send("PUT", `/${encodeURIComponent(name)}`, body);
    if (answer.status < 300) {
      this.#log.emit("info", "reference.index", `Made the index ${name}`, { index: name, role });
      return true;
    }
    const error = errorOf(answer);
    if (error.type === "resource_already_exists_exception") return false;
    if (error.type !== "invalid_alias_name_exception") throw error;
    throw new StoreUnavailable(
      `There is an index called ${this.alias}, so no alias can have that name`,
      "Give another index name: the inserter makes indices of its own behind an alias.",
      { retryAfterS: 10, cause: error },
    );
  }

  /** Lets alias and live alias lead from one index to another one, at once; false if they no longer led there. */
  async swap(from: string | null, to: string): Promise<boolean> {
    const live = liveAlias(this.alias);
    const next = nextAlias(this.alias, this.schema);
    const answer = await this.#engine.send("POST", "/_aliases", {
      actions: [
        ...(from === null
          ? []
          : [
              { remove: { index: from, alias: this.alias, must_exist: true } },
              { remove: { index: from, alias: live, must_exist: false } },
            ]),
        { add: { index: to, alias: this.alias, is_write_index: true } },
        { add: { index: to, alias: live, filter: liveFilter } },
        { remove: { index: to, alias: next, must_exist: false } },
      ],
    });
    if (answer.status === 404) return false;
    if (answer.status >= 300) throw errorOf(answer);
    this.#log.emit("info", "reference.index", `The alias ${this.alias} leads to the index ${to}`, {
      index: to,
    });
    return true;
  }

  #currentAliases(): object {
    return {
      [this.alias]: { is_write_index: true },
      [liveAlias(this.alias)]: { filter: liveFilter },
    };
  }

  async #ensure(): Promise<string> {
    for (let tries = 0; tries < triesMax; tries++) {
      const current = await this.current();
      if (current !== null) return current;
      const all = await this.list();
      const next = nextAlias(this.alias, this.schema);
      // Somebody took the alias away. One that is being filled, or was replaced, is not what it led to.
      const lost = all.findLast(
        ({ hash, aliases, isBlocked, retiredMs }) =>
          hash === this.schema.hash && !aliases.includes(next) && !isBlocked && retiredMs === null,
      );
      if (lost !== undefined) await this.swap(null, lost.name);
      else await this.create(indexName(this.alias, this.schema, (all.at(-1)?.n ?? 0) + 1), "current");
    }
    throw new EngineError(503, "", `no index stays behind the alias ${this.alias}`);
  }
}
