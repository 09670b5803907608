import type { Listed } from "../../sync/model.ts";
import { mediaTypeNdjson, parseVersion } from "../protocol.ts";
import { Fault } from "./fault.ts";
import { readLines } from "./lines.ts";

/** Most articles a page. */
const pageMax = 1_000;

/** An inventory that arrives may be waited for as many times as long as a request may take. */
export const inventoryTimeouts = 12;

/** What is taken of one inventory: above, it counts as unknown, and the reason is reported. */
export interface InventoryLimits {
  /** Lines, those of all owners. */
  readonly linesMax: number;
  /** Bytes, after decompression. */
  readonly bytesMax: number;
}

/** Room for a million articles with ids of a hundred bytes. */
export const inventoryLimits: InventoryLimits = { linesMax: 1_000_000, bytesMax: 256 * 1024 * 1024 };

/** An inventory whose first line has been read. */
export interface Listing {
  /** Most operations a batch; 0 = none. */
  readonly batch: number;
  /**
   * At most 1,000 articles a page. Throws {@link Fault} if the listing is cut short or exceeds a limit. May be
   * closed unread.
   */
  readonly pages: AsyncIterable<readonly Listed[]>;
}

/**
 * Reads an inventory.
 *
 * @param chunks The body as it comes.
 * @throws {Fault} If the first line is not that of an inventory.
 */
export async function openListing(
  chunks: AsyncIterable<Uint8Array>,
  limits: InventoryLimits = inventoryLimits,
): Promise<Listing> {
  const listing = readListing(bounded(chunks, limits.bytesMax), limits.linesMax);
  // Begun at once, so that closing it closes the connection even if no page was asked for.
  const { value: batch } = await listing.next();
  return { batch: batch as number, pages: listing as AsyncGenerator<readonly Listed[]> };
}

/** Whether a media type is that of an inventory. */
export function isNdjson(contentType: string | undefined): boolean {
  return contentType?.split(";")[0]?.trim().toLowerCase() === mediaTypeNdjson;
}

/** First the batch size of the head, then pages. */
async function* readListing(
  chunks: AsyncIterable<Uint8Array>,
  linesMax: number,
): AsyncGenerator<number | readonly Listed[], void, undefined> {
  let isBegun = false;
  let isEnded = false;
  let count = 0;
  let page: Listed[] = [];
  for await (const lines of linesOf(chunks)) {
    for (const line of lines) {
      if (isEnded) throw broken("the inventory goes on after its last line");
      const value = parseLine(line);
      if (!isBegun) {
        isBegun = true;
        yield batchOf(value);
      } else if (value["end"] === true) {
        isEnded = true;
        if (value["count"] === count) continue;
        throw broken(`the inventory lists ${count} articles but counts ${value["count"]}`);
      } else {
        count++;
        if (count > linesMax) throw broken(`the inventory lists more than ${linesMax} articles`);
        const listed = toListed(value);
        if (listed !== null) page.push(listed);
        if (page.length < pageMax) continue;
        yield page;
        page = [];
      }
    }
  }
  if (!isEnded) throw broken(`the inventory ends after ${count} articles without its last line`);
  if (page.length > 0) yield page;
}

async function* bounded(chunks: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw broken(`it has more than ${bytesMax} bytes`);
    yield chunk;
  }
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  try {
    yield* readLines(chunks);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault(error.why, `the inventory is cut short: ${error.message}`, { cause: error });
  }
}

function parseLine(line: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw broken("a line of the inventory is not JSON");
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw broken("a line of the inventory is not an object");
}

function batchOf({ inventory, batch }: Readonly<Record<string, unknown>>): number {
  if (inventory !== 1) throw broken('the inventory does not begin with {"inventory":1}');
  return Number.isSafeInteger(batch) && (batch as number) > 0 ? (batch as number) : 0;
}

/** Null for an id that no request can name: it is none of ours. */
function toListed({ id, digest, version, owner }: Readonly<Record<string, unknown>>): Listed | null {
  if (typeof id !== "string" || id === "") throw broken("a line of the inventory has no id");
  if (id === "." || id === ".." || !id.isWellFormed()) return null;
  return {
    id,
    digest: typeof digest === "string" && /^[0-9a-f]{64}$/.test(digest) ? digest : null,
    version: parseVersion(version),
    owner: typeof owner === "string" ? owner : null,
  };
}

const broken = (message: string): Fault => new Fault("broken", message);
