/** An article as a document of the engine, and back. */
import type { InventoryLine } from "../../protocol.ts";
import type { Item, StoredArticle } from "../store.ts";
import { type Fields, publishedMs, searchedText, summarize } from "../text.ts";
import type { Delete, Upsert } from "../store.ts";

/** What stands beside the payload. */
export interface About {
  readonly id: string;
  readonly version: number;
  readonly digest: string | null;
  readonly owner: string | null;
  readonly deleted: boolean;
  /** When it came, milliseconds since the epoch. */
  readonly stored_at: number;
  /** What it is sorted by, milliseconds since the epoch. */
  readonly published?: number;
  /** What is searched beside title, description and body. */
  readonly text?: string;
}

/** The key of a document that no payload may have. */
export const aboutKey = "sync_agent";
const seam = `,"${aboutKey}":{`;

/** The payload as it came, with what is known about it after it, so that it can be cut off again. */
export function upsertDocument(
  { id, payload, fields, digest }: Upsert,
  { version, owner, nowMs }: { version: number; owner: string | null; nowMs: number },
): string {
  const about: About = {
    id,
    version,
    digest,
    owner,
    deleted: false,
    stored_at: nowMs,
    published: publishedMs(summarize(fields)) ?? nowMs,
    text: otherText(fields),
  };
  // A line each: line ends in JSON can only stand between its parts.
  const inOneLine = payload.replace(/[\r\n]+/g, " ").trimEnd();
  return `${inOneLine.slice(0, -1)},${JSON.stringify({ [aboutKey]: about }).slice(1)}`;
}

/** What is kept of a deleted article, so that an older write is known to be older. */
export function tombstone(
  { id }: Pick<Delete, "id">,
  { version, owner, nowMs }: { version: number; owner: string | null; nowMs: number },
): string {
  const about: About = { id, version, digest: null, owner, deleted: true, stored_at: nowMs };
  return JSON.stringify({ [aboutKey]: about });
}

function otherText(fields: Fields): string {
  const { title: _, description, body, html, ...others } = fields;
  return searchedText({
    ...others,
    // Text of fields with a mapping of their own is found there.
    ...(typeof description === "string" ? {} : { description }),
    ...(typeof body === "string" ? {} : { body, html }),
  });
}

/** The article that a document holds; null for a tombstone. @param source The document as it came. */
export function toArticle(source: string): StoredArticle | null {
  const at = source.lastIndexOf(seam);
  if (at < 0) return null;
  const about = JSON.parse(source.slice(at + seam.length - 1, source.lastIndexOf("}"))) as About;
  const { digest, version, owner, stored_at: receivedMs } = about;
  if (about.deleted || digest === null) return null;
  return { payload: `${source.slice(0, at)}}`, digest, version, owner, receivedMs };
}

/** An item of a list, from the parts of a document that it needs. */
export function toItem(source: Fields): Item {
  const { id, digest, version, owner, stored_at } = source[aboutKey] as About;
  const received_at = new Date(stored_at).toISOString();
  return { id, ...summarize(source), digest: digest ?? "", version, owner, received_at };
}

/** What {@link toItem} needs. */
export const itemFields = [
  ...[
    "title",
    "description",
    "cover",
    "created_at",
    "updated_at",
    "is_external",
    "external_url",
    "path",
    "tags",
  ],
  ...["id", "digest", "version", "owner", "stored_at"].map((name) => `${aboutKey}.${name}`),
];

/** What {@link toLine} needs. */
export const lineFields = ["id", "digest", "version", "owner"].map((name) => `${aboutKey}.${name}`);

/** A line of the inventory, from values of the index. */
export function toLine(values: Readonly<Record<string, readonly unknown[]>>): InventoryLine {
  const value = (name: string): unknown => values[`${aboutKey}.${name}`]?.[0] ?? null;
  return {
    id: value("id") as string,
    digest: value("digest") as string | null,
    version: value("version") as number | null,
    owner: value("owner") as string | null,
  };
}
