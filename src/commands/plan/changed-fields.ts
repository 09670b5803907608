import type { BlobId, Digest } from "../../sync/model.ts";
import type { Articles, Source } from "../../sync/ports.ts";

/** One version of one file, and the payload that was made of it. */
export interface Version {
  readonly path: string;
  readonly blob: BlobId;
  readonly digest: Digest;
}

/**
 * Top-level keys of two payloads that differ, in alphabetical order.
 *
 * @returns Null where one of them cannot be made again: its blob is gone from the repository, or another
 *   configuration or agent made it.
 */
export async function changedFields(
  before: Version,
  now: Version,
  source: Source,
  articles: Articles,
): Promise<readonly string[] | null> {
  const [old, current] = await Promise.all([
    payloadOf(before, source, articles),
    payloadOf(now, source, articles),
  ]);
  if (old === null || current === null) return null;
  const keys = new Set([...Object.keys(old), ...Object.keys(current)]);
  return [...keys].filter((key) => JSON.stringify(old[key]) !== JSON.stringify(current[key])).sort();
}

async function payloadOf(
  { path, blob, digest }: Version,
  source: Source,
  articles: Articles,
): Promise<Readonly<Record<string, unknown>> | null> {
  try {
    const { verdict, body } = await articles.parse(path, blob, await source.read(blob), 1);
    if (body === null || verdict.kind !== "article" || verdict.digest !== digest) return null;
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    // Git may have pruned it, or be at it: then there is nothing to compare with.
    return null;
  }
}
