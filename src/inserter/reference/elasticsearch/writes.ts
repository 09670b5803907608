import { idBytesMax } from "../../protocol.ts";
import type { Unwritten, Write, WriteResult } from "../store.ts";
import type { Bulk, BulkAction, BulkItem } from "./bulk.ts";
import { type About, aboutKey, tombstone, upsertDocument } from "./document.ts";
import { block, type Engine, EngineError, toUnavailable } from "./engine.ts";
import type { Indices } from "./indices.ts";

/** What is stored under an id; null where nothing ever was. */
type Known = Pick<About, "version" | "digest" | "owner" | "deleted"> | null;

/** A write that is under way. */
interface Planned {
  readonly write: Write;
  readonly place: number;
  readonly action: BulkAction;
  /** Null where nobody looked: then the engine's answer says whether it was new. */
  readonly outcome: "created" | "replaced" | "deleted" | "absent" | null;
}

/** How often a write without a version is planned anew because somebody else was faster. */
const racesMax = 10;
/** Looks for an index that is missing, so: once made, once again. */
const missingMax = 2;

/** Applies writes to the index behind the alias. */
export class Writer {
  readonly #engine: Engine;
  readonly #bulk: Bulk;
  readonly #indices: Indices;
  /** Alias of an index that is being filled, where writes have to go too; null where there is none. */
  next: string | null = null;

  constructor(engine: Engine, bulk: Bulk, indices: Indices) {
    this.#engine = engine;
    this.#bulk = bulk;
    this.#indices = indices;
  }

  /** See `ArticleStore.write`. @throws {EngineError} {@link StoreUnavailable} */
  async write(writes: readonly Write[]): Promise<readonly WriteResult[]> {
    const results: (WriteResult | null)[] = writes.map(refused);
    let left: readonly number[] = [...writes.keys()].filter((place) => results[place] === null);
    for (let races = 0, missing = 0; left.length > 0; ) {
      const planned = await this.#plan(writes, left, results);
      const items = await this.#bulk.send(
        this.#indices.alias,
        planned.map(({ action }) => action),
      );
      const again = await this.#note(planned, items, results);
      if (again.length === 0) break;
      const isMissing = items.some(isIndexMissing);
      if (isMissing) await this.#indices.ensure();
      if (isMissing ? ++missing >= missingMax : ++races >= racesMax) {
        for (const place of again) results[place] = unavailable("Others keep writing this article");
        break;
      }
      left = again;
    }
    return done(results);
  }

  /** Looks what is there, where that matters, and decides versions and outcomes in the order of the writes. */
  async #plan(
    writes: readonly Write[],
    places: readonly number[],
    results: (WriteResult | null)[],
  ): Promise<readonly Planned[]> {
    const isAlone = writes.length === 1;
    const needed = places.filter((place) => isAlone || needsLook(writes[place] as Write));
    const known = await this.#look([...new Set(needed.map((place) => (writes[place] as Write).id))]);
    const nowMs = Date.now();
    const planned: Planned[] = [];
    for (const place of places) {
      const write = writes[place] as Write;
      const before = known.get(write.id);
      const one = planOne(write, before, nowMs);
      if ("action" in one) planned.push({ write, place, ...one });
      else results[place] = one;
      if (before !== undefined && "action" in one) known.set(write.id, afterwards(write, one, before));
    }
    return planned;
  }

  /** @returns Places of the writes that have to be planned again. */
  async #note(
    planned: readonly Planned[],
    items: readonly BulkItem[],
    results: (WriteResult | null)[],
  ): Promise<readonly number[]> {
    const stored = items.flatMap(({ index }) => (index === null ? [] : [index]));
    if (stored.length > 0) this.#indices.checked([...new Set(stored)]);
    const again: number[] = [];
    const conflicts: Planned[] = [];
    const accepted: Planned[] = [];
    for (const [at, one] of planned.entries()) {
      const item = items[at] as BulkItem;
      const { version } = one.action;
      if (item.status < 300) {
        accepted.push(one);
        const outcome = one.outcome ?? (item.isNew ? "created" : "replaced");
        results[one.place] = { outcome, version };
      } else if (isIndexMissing(item)) again.push(one.place);
      else if (item.status !== 409) results[one.place] = failure(item);
      else if (one.write.version === null) again.push(one.place);
      else conflicts.push(one);
    }
    await this.#copyToNext(accepted, results);
    const kept = await this.#look([...new Set(conflicts.map(({ write }) => write.id))]);
    for (const { write, place } of conflicts) {
      const version = kept.get(write.id)?.version;
      results[place] =
        version === undefined ? unavailable("What is newer went just now") : { outcome: "stale", version };
    }
    return again;
  }

  /** Stores what was accepted in the index that is being filled, so that it lacks nothing when it takes over. */
  async #copyToNext(accepted: readonly Planned[], results: (WriteResult | null)[]): Promise<void> {
    if (this.next === null || accepted.length === 0) return;
    const actions = accepted.map(({ action }) => ({ ...action, isStrict: false }));
    const items = await this.#bulk.send(this.next, actions);
    for (const [at, { place }] of accepted.entries()) {
      const item = items[at] as BulkItem;
      // Newer there, or it has taken over already: what was there before is copied again afterwards.
      if (item.status >= 300 && item.status !== 409 && !isIndexMissing(item)) results[place] = failure(item);
    }
  }

  /** What is stored under each id, as of now, not as of the last refresh. */
  async #look(ids: readonly string[]): Promise<Map<string, Known>> {
    const known = new Map<string, Known>();
    if (ids.length === 0) return known;
    const path = `/${encodeURIComponent(this.#indices.alias)}/_mget?_source_includes=${lookedAt.join()}`;
    const answer = await this.#engine.ask("POST", path, { ids });
    for (const doc of answer.docs ?? []) {
      if (doc.error !== undefined && doc.error.type !== "index_not_found_exception") {
        throw new EngineError(503, doc.error.type ?? "", doc.error.reason ?? "a document cannot be read");
      }
      const about = doc.found === true ? (doc._source?.[aboutKey] as About) : null;
      known.set(doc._id, about === null ? null : { ...about, version: doc._version });
    }
    return known;
  }
}

const lookedAt = ["digest", "owner", "deleted"].map((name) => `${aboutKey}.${name}`);

/** What the engine cannot take, or could not return as it came. */
function refused(write: Write): WriteResult | null {
  const { id } = write;
  if (write.kind === "delete") {
    // No such article can have been stored, so there is nothing that a late write could bring back.
    const isPossible = Buffer.byteLength(id) <= idBytesMax && id.isWellFormed();
    return isPossible ? null : { outcome: "absent", version: write.version ?? 0 };
  }
  if (!Object.hasOwn(write.fields, aboutKey)) return null;
  return { outcome: "failed", status: 422, error: `The key "${aboutKey}" is the store's own` };
}

const needsLook = ({ kind, version, owner }: Write): boolean =>
  kind === "delete" || version === null || owner === null;

/** @param before What is stored; undefined where nobody looked. */
function planOne(
  write: Write,
  before: Known | undefined,
  nowMs: number,
): Pick<Planned, "action" | "outcome"> | WriteResult {
  const { id, version: given } = write;
  const storedVersion = before?.version ?? 0;
  if (given !== null && given < storedVersion) return { outcome: "stale", version: storedVersion };
  const isThere = before !== undefined && before !== null && !before.deleted;
  const owner = write.owner ?? (isThere ? before.owner : null);
  const action = (version: number, source: string): BulkAction => ({
    id,
    version,
    source,
    isStrict: given === null,
  });
  if (write.kind === "delete") {
    if (given === null && !isThere) return { outcome: "absent", version: storedVersion };
    const version = given ?? next(storedVersion);
    const outcome = isThere ? "deleted" : "absent";
    return { action: action(version, tombstone(write, { version, owner, nowMs })), outcome };
  }
  const isSame = isThere && before.digest === write.digest && before.owner === owner;
  if (isSame && (given ?? storedVersion) === storedVersion) {
    return { outcome: "replaced", version: storedVersion };
  }
  const version = given ?? next(storedVersion);
  const outcome = before === undefined ? null : isThere ? "replaced" : "created";
  return { action: action(version, upsertDocument(write, { version, owner, nowMs })), outcome };
}

const next = (version: number): number => Math.min(version + 1, Number.MAX_SAFE_INTEGER);

/** What later writes of the same call find, if this one is accepted. */
function afterwards(write: Write, { action }: Pick<Planned, "action">, before: Known): Known {
  const owner = write.owner ?? (before?.deleted === false ? before.owner : null);
  const digest = write.kind === "upsert" ? write.digest : null;
  return { version: action.version, digest, owner, deleted: write.kind === "delete" };
}

const isIndexMissing = ({ status, type }: BulkItem): boolean =>
  status === 404 && type === "index_not_found_exception";

function unavailable(error: string): Unwritten {
  return { outcome: "failed", status: 503, error };
}

/** Whose fault it is that one document was not stored: its own, or the store's. */
function failure({ status, type, reason }: BulkItem): Unwritten {
  const error = `The store answered ${status} ${type}: ${reason}`.slice(0, 1_000);
  if (status === 413 || (status === 429 && type !== block)) return { outcome: "failed", status, error };
  const isOfArticle = status === 400 && type !== "index_closed_exception";
  return { outcome: "failed", status: isOfArticle ? 422 : 503, error };
}

/** @throws {StoreUnavailable} If nothing was done, for a reason that is the store's: then all is to wait. */
function done(results: readonly (WriteResult | null)[]): readonly WriteResult[] {
  const all = results.map((result) => result ?? unavailable("The store did not answer for this article"));
  const troubles = all.filter(
    (result): result is Unwritten =>
      result.outcome === "failed" && (result.status === 429 || result.status === 503),
  );
  const [first] = troubles;
  if (first !== undefined && troubles.length === all.length) {
    throw toUnavailable(new EngineError(first.status, typeIn(first.error), first.error));
  }
  return all;
}

const typeIn = (error: string): string => /answered \d+ (\w+)/.exec(error)?.[1] ?? "";
