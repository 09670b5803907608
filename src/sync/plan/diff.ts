import type { Change, FileRow } from "../model.ts";
import type { Comparison, State } from "../ports.ts";
import { compareBytes } from "../rules.ts";

/**
 * Pages of what differs from the manifest, in byte order of paths; a listing is compared with the rows,
 * gone paths included.
 *
 * @param fingerprint Under which a row's verdict still holds.
 * @param page Changes a page; rows are read four pages at a time.
 * @throws {ObjectsGone} from the comparison's pages.
 */
export async function* diff(
  comparison: Comparison,
  state: State,
  fingerprint: string,
  page: number,
): AsyncIterable<readonly Change[]> {
  if (comparison.way !== "list") {
    yield* comparison.pages;
    return;
  }
  const rows = rowsOf(state, page * 4);
  const cursor: Cursor = { rows, row: rows.next().value };
  let out: Change[] = [];
  for await (const listed of comparison.pages) {
    for (const change of differing(listed, cursor, fingerprint)) {
      if (out.push(change) < page) continue;
      yield out;
      out = [];
    }
  }
  for (const change of goneBefore(null, cursor)) {
    if (out.push(change) < page) continue;
    yield out;
    out = [];
  }
  if (out.length > 0) yield out;
}

/** A walk over the rows, by path; `row` is the next one. */
interface Cursor {
  readonly rows: Iterator<FileRow, undefined>;
  row: FileRow | undefined;
}

/** What differs between a page of the listing and the rows beside it. */
function* differing(listed: readonly Change[], cursor: Cursor, fingerprint: string): Iterable<Change> {
  for (const change of listed) {
    yield* goneBefore(change.path, cursor);
    const { row } = cursor;
    if (row?.path !== change.path) {
      yield change;
      continue;
    }
    cursor.row = cursor.rows.next().value;
    if (!isCurrent(row, change, fingerprint)) yield change;
  }
}

/** Rows whose path comes before `path`; all that are left when it is null. */
function* goneBefore(path: string | null, cursor: Cursor): Iterable<Change> {
  for (; cursor.row !== undefined; cursor.row = cursor.rows.next().value) {
    if (path !== null && compareBytes(cursor.row.path, path) >= 0) return;
    yield { path: cursor.row.path, blob: null, mode: "file" };
  }
}

function* rowsOf(state: State, length: number): Iterator<FileRow, undefined> {
  let after: string | null = null;
  for (;;) {
    const rows: readonly FileRow[] = state.files(after, length);
    yield* rows;
    after = rows.at(-1)?.path ?? null;
    if (after === null) return;
  }
}

function isCurrent(row: FileRow, { blob, mode }: Change, fingerprint: string): boolean {
  return row.blob === blob && modeOf(row) === mode && row.fingerprint === fingerprint;
}

/** What a path was in the tree, as far as its verdict says. */
function modeOf({ verdict }: FileRow): Change["mode"] {
  const isOther = verdict.kind === "none" && (verdict.why === "symlink" || verdict.why === "submodule");
  return isOther ? verdict.why : "file";
}
