import type { Listed } from "../../sync/model.ts";
import { mediaTypeNdjson, parseVersion } from "../protocol.ts";
import { Fault } from "./fault.ts";
import { LineSplitter, LineUnreadable } from "./lines.ts";

/** Most articles a page. */
const pageMax = 1_000;

/** The inventory did not come to its end, or is not what it should be: nothing of it counts. */
export class InventoryTruncated extends Error {
  override readonly name = "InventoryTruncated";
}

/** An inventory whose first line has been read. */
export interface Listing {
  /** Most operations a batch; 0 = none. */
  readonly batch: number;
  /** At most 1,000 articles a page. Throws {@link InventoryTruncated}. May be closed unread. */
  readonly pages: AsyncIterable<readonly Listed[]>;
}

/**
 * Reads an inventory.
 *
 * @param pieces The body as it comes.
 * @throws {InventoryTruncated} If the first line is not that of an inventory.
 */
export async function openListing(pieces: AsyncIterable<Uint8Array>): Promise<Listing> {
  let batch = 0;
  const pages = readPages(pieces, (max) => {
    batch = max;
  });
  // Begun at once, so that closing it closes the connection even if no page was asked for.
  await pages.next();
  return { batch, pages };
}

/** Whether a media type is that of an inventory. */
export function isNdjson(contentType: string | undefined): boolean {
  return contentType?.split(";")[0]?.trim().toLowerCase() === mediaTypeNdjson;
}

/** First an empty page, when the head has been read. */
async function* readPages(
  pieces: AsyncIterable<Uint8Array>,
  onHead: (batch: number) => void,
): AsyncGenerator<readonly Listed[], void, undefined> {
  let begun = false;
  let ended = false;
  let count = 0;
  let page: Listed[] = [];
  for await (const lines of linesOf(pieces)) {
    for (const line of lines) {
      if (line.trim() === "") continue;
      if (ended) throw new InventoryTruncated("the inventory goes on after its last line");
      const value = parse(line);
      if (!begun) {
        onHead(readHead(value));
        begun = true;
        yield [];
      } else if (value["end"] === true) {
        if (value["count"] !== count) {
          throw new InventoryTruncated(`the inventory lists ${count} articles but counts ${value["count"]}`);
        }
        ended = true;
      } else {
        count++;
        const listed = readListed(value);
        if (listed !== null) page.push(listed);
        if (page.length === pageMax) {
          yield page;
          page = [];
        }
      }
    }
  }
  if (!ended)
    throw new InventoryTruncated(`the inventory ends after ${count} articles without its last line`);
  if (page.length > 0) yield page;
}

async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  const splitter = new LineSplitter();
  try {
    for await (const piece of pieces) yield splitter.push(piece);
    yield [splitter.end()];
  } catch (error) {
    if (!(error instanceof Fault) && !(error instanceof LineUnreadable)) throw error;
    throw new InventoryTruncated(`the inventory is cut short: ${error.message}`, { cause: error });
  }
}

function parse(line: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new InventoryTruncated("a line of the inventory is not JSON", { cause: error });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InventoryTruncated("a line of the inventory is not an object");
  }
  return value as Readonly<Record<string, unknown>>;
}

function readHead({ inventory, batch }: Readonly<Record<string, unknown>>): number {
  if (inventory !== 1) throw new InventoryTruncated('the inventory does not begin with {"inventory":1}');
  return Number.isSafeInteger(batch) && (batch as number) > 0 ? (batch as number) : 0;
}

/** Null for an id that no request can name: it is none of ours. */
function readListed({ id, digest, version, owner }: Readonly<Record<string, unknown>>): Listed | null {
  if (typeof id !== "string" || id === "") throw new InventoryTruncated("a line of the inventory has no id");
  if (id === "." || id === ".." || !id.isWellFormed()) return null;
  return {
    id,
    digest: typeof digest === "string" && /^[0-9a-f]{64}$/.test(digest) ? digest : null,
    version: parseVersion(version),
    owner: typeof owner === "string" ? owner : null,
  };
}
