import type { Engine } from "./engine.ts";
import type { Indices } from "./indices.ts";
import { Listing } from "./pages.ts";

/** Far longer than any request is tried again: after it, no write can be so late that a tombstone is needed. */
const keptMs = 30 * 24 * 60 * 60_000;

/**
 * Deletes what is left of articles that were deleted long ago.
 *
 * @param nowMs Milliseconds since the epoch.
 * @throws {EngineError} {@link StoreUnavailable}
 */
export async function sweep(engine: Engine, indices: Indices, nowMs: number): Promise<void> {
  const current = await indices.ensure();
  const listing = await Listing.open(engine, current, {
    size: 500,
    query: {
      bool: {
        filter: [
          { term: { "sync_agent.deleted": true } },
          { range: { "sync_agent.stored_at": { lt: nowMs - keptMs, format: "epoch_millis" } } },
        ],
      },
    },
    _source: false,
    seq_no_primary_term: true,
  });
  for await (const { hits } of listing.pages()) {
    // Only if nothing was written there since it was listed.
    const lines = hits.map(({ _id, _seq_no, _primary_term }) =>
      JSON.stringify({ delete: { _id, if_seq_no: _seq_no, if_primary_term: _primary_term } }),
    );
    await engine.ask("POST", `/${encodeURIComponent(current)}/_bulk`, `${lines.join("\n")}\n`);
  }
}
