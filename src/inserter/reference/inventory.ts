import { DatabaseSync } from "node:sqlite";
import type { InventoryEnd, InventoryHead, InventoryLine } from "../protocol.ts";

const pageLines = 1000;
const page = "SELECT id, digest, version, owner FROM article WHERE id > ? ORDER BY id LIMIT ?";

/**
 * The lines of an inventory as NDJSON, about 150 KB at a time, all from the moment this is called.
 *
 * Of a file a second connection reads, in one transaction: what is written meanwhile is neither seen
 * nor held up. A database in memory has one connection only, so there the lines are read at once.
 *
 * @param file As {@link database} was opened, or `":memory:"`.
 * @param batch Most operations a batch; 0 = takes none.
 * @returns To be read at once, with `for`: it holds the snapshot until the loop ends, however it ends.
 */
export function inventoryLines(
  file: string,
  database: DatabaseSync,
  batch: number,
): Generator<string, void, undefined> {
  if (file === ":memory:") return replay([...lines(database, batch)]);
  const reader = new DatabaseSync(file, { readOnly: true });
  reader.exec("PRAGMA busy_timeout = 5000; BEGIN");
  // The snapshot is taken by the first read, not by BEGIN.
  reader.prepare("SELECT 1 FROM article LIMIT 1").get();
  return closing(reader, batch);
}

function* replay(pages: readonly string[]): Generator<string, void, undefined> {
  yield* pages;
}

function* closing(reader: DatabaseSync, batch: number): Generator<string, void, undefined> {
  try {
    yield* lines(reader, batch);
  } finally {
    reader.close();
  }
}

function* lines(database: DatabaseSync, batch: number): Generator<string, void, undefined> {
  yield line({ inventory: 1, batch } satisfies InventoryHead);
  const next = database.prepare(page);
  let count = 0;
  for (let rows = next.all("", pageLines); rows.length > 0; ) {
    count += rows.length;
    yield rows.map((row) => line(row as unknown as InventoryLine)).join("");
    rows = rows.length < pageLines ? [] : next.all(String(rows.at(-1)?.["id"]), pageLines);
  }
  yield line({ end: true, count } satisfies InventoryEnd);
}

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;
