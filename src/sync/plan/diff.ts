import type { Change, FileRow } from "../model.ts";
import { compareBytes } from "../order.ts";
import type { Comparison, State } from "../ports.ts";

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
  const rows = new RowCursor(state, page * 4);
  let out: Change[] = [];
  for await (const listed of comparison.pages) {
    for (const change of listed) {
      for (const row of rows.before(change.path)) out.push(goneOf(row));
      const row = rows.at(change.path);
      if (row === null || !isCurrent(row, change, fingerprint)) out.push(change);
      if (out.length >= page) {
        yield out;
        out = [];
      }
    }
  }
  for (const row of rows.before(null)) {
    out.push(goneOf(row));
    if (out.length >= page) {
      yield out;
      out = [];
    }
  }
  if (out.length > 0) yield out;
}

function isCurrent(row: FileRow, { blob, mode }: Change, fingerprint: string): boolean {
  return row.blob === blob && modeOf(row) === mode && row.fingerprint === fingerprint;
}

/** What a path was in the tree, as far as its verdict tells. */
function modeOf({ verdict }: FileRow): Change["mode"] {
  const isOther = verdict.kind === "none" && (verdict.why === "symlink" || verdict.why === "submodule");
  return isOther ? verdict.why : "file";
}

function goneOf(row: FileRow): Change {
  return { path: row.path, blob: null, mode: "file" };
}

/** Walks the file rows in step with a listing, page by page. */
class RowCursor {
  readonly #state: State;
  readonly #length: number;
  #rows: readonly FileRow[] = [];
  #next = 0;
  #after: string | null = null;
  #done = false;

  constructor(state: State, length: number) {
    this.#state = state;
    this.#length = length;
  }

  /** Rows whose path comes before `path`; all that are left when it is null. */
  *before(path: string | null): Iterable<FileRow> {
    for (let row = this.#peek(); row !== null; row = this.#peek()) {
      if (path !== null && compareBytes(row.path, path) >= 0) return;
      this.#next++;
      yield row;
    }
  }

  /** The row of this very path; null if there is none. Call after `before`. */
  at(path: string): FileRow | null {
    const row = this.#peek();
    if (row?.path !== path) return null;
    this.#next++;
    return row;
  }

  #peek(): FileRow | null {
    if (this.#next >= this.#rows.length && !this.#done) {
      this.#rows = this.#state.files(this.#after, this.#length);
      this.#next = 0;
      this.#after = this.#rows.at(-1)?.path ?? this.#after;
      this.#done = this.#rows.length === 0;
    }
    return this.#rows[this.#next] ?? null;
  }
}
