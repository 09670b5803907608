import { createHash, randomUUID } from "node:crypto";
import type { InventoryLine } from "../../protocol.ts";
import type { Inventory } from "../store.ts";
import { lineFields, toLine } from "./document.ts";
import { type Engine, EngineError, noShard } from "./engine.ts";
import type { Indices } from "./indices.ts";
import { Listing } from "./pages.ts";
import { liveFilter } from "./schema.ts";

const pageLines = 2_000;
/** Looks until nothing was written between two of them; then it is listed without a tag that comes again. */
const looksMax = 4;

const statsPath = [
  "indices.*.uuid",
  "indices.*.shards.*.routing.primary",
  "indices.*.shards.*.seq_no.max_seq_no",
  "indices.*.shards.*.commit.user_data.history_uuid",
].join();

/** What of the index's statistics shows whether something was written. */
interface Stats {
  readonly uuid?: string;
  readonly shards?: Readonly<Record<string, readonly Shard[]>>;
}
interface Shard {
  readonly routing?: { readonly primary?: boolean };
  readonly seq_no?: { readonly max_seq_no?: number };
  readonly commit?: { readonly user_data?: { readonly history_uuid?: string } };
}

/**
 * Strong entity tag of all articles: which index it is, and for each shard its history and its last operation.
 *
 * @throws {EngineError} {@link StoreUnavailable}
 */
export async function etagOf(engine: Engine, indices: Indices): Promise<string> {
  const path = `/${encodeURIComponent(indices.alias)}/_stats?level=shards&filter_path=${statsPath}`;
  const { indices: found = {} } = (await engine.ask("GET", path)) as { indices?: Record<string, Stats> };
  const names = Object.keys(found);
  if (names.length === 0) {
    throw new EngineError(503, noShard, `no shard of ${indices.alias} answers; is its index closed?`);
  }
  const { uuid, shards = {} } = found[indices.checked(names)] ?? {};
  const marks = Object.entries(shards).flatMap(([shard, copies]) =>
    copies
      .filter(({ routing }) => routing?.primary === true)
      .map(({ commit, seq_no }) => `${shard} ${commit?.user_data?.history_uuid} ${seq_no?.max_seq_no}`),
  );
  const identity = [uuid, ...marks.sort()].join("\n");
  return `"${createHash("sha256").update(identity).digest("base64url")}"`;
}

/** See `ArticleStore.inventory`. @throws {EngineError} {@link StoreUnavailable} */
export async function takeInventory(engine: Engine, indices: Indices): Promise<Inventory> {
  const alias = encodeURIComponent(indices.alias);
  let etag = await etagOf(engine, indices);
  for (let looks = 1; ; looks++) {
    await engine.ask("POST", `/${alias}/_refresh`);
    const listing = await Listing.open(engine, indices.alias, {
      size: pageLines,
      query: { bool: { filter: [liveFilter] } },
      _source: false,
      docvalue_fields: lineFields,
    });
    try {
      const after = await etagOf(engine, indices);
      if (after === etag) return { etag, pages: linesOf(listing) };
      if (looks === looksMax) return { etag: `"${randomUUID()}"`, pages: linesOf(listing) };
      etag = after;
    } catch (error) {
      await listing.close();
      throw error;
    }
    await listing.close();
  }
}

async function* linesOf(listing: Listing): AsyncGenerator<readonly InventoryLine[], void, undefined> {
  for await (const { hits } of listing.pages()) yield hits.map(({ fields }) => toLine(fields));
}
