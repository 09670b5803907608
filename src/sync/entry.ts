import type { Acknowledged, Cause, Entry, Pending, Refusal, Version, Winner } from "./model.ts";

/** What happens to an entry of the manifest: pure steps, entry to entry. */

/** An entry that nothing is known of. */
export function blankEntry(id: string): Entry {
  return {
    id,
    path: null,
    blob: null,
    acknowledged: null,
    pending: null,
    uncertain: false,
    refusal: null,
    undeletable: false,
    repaired: null,
    foreignOwner: null,
    appearedMs: null,
  };
}

/**
 * An upsert is about to be sent. What was pending before may have arrived, so that until the next
 * acknowledgement anything may stand at the inserter.
 */
export function beginUpsert(
  entry: Entry,
  winner: Winner,
  cause: Cause,
  version: Version,
  nowMs: number,
): Entry {
  const { path, blob, digest } = winner;
  const pending: Pending = { kind: "upsert", version, digest, path, blob, cause, sinceMs: nowMs };
  // Wanted again, it is not to be deleted: that it could not be says nothing any more.
  return { ...begin(entry, pending, winner), undeletable: false };
}

/** A delete is about to be sent. */
export function beginDelete(entry: Entry, cause: Cause, version: Version, nowMs: number): Entry {
  return begin(entry, { kind: "delete", version, cause, sinceMs: nowMs }, entry);
}

function begin(entry: Entry, pending: Pending, place: Pick<Entry, "path" | "blob">): Entry {
  return {
    ...entry,
    path: place.path,
    blob: place.blob,
    pending,
    uncertain: entry.uncertain || entry.pending !== null,
    refusal: null,
  };
}

/** The payload is there, on its way, or refused, and is found at this file now. */
export function note(entry: Entry, { path, blob, digest }: Winner): Entry {
  const { acknowledged, pending, refusal, uncertain } = entry;
  const relocated: Pending | null = pending?.kind === "upsert" ? { ...pending, path, blob } : pending;
  // A refusal is over when what was refused is not what is wanted, or stands there all the same, for sure.
  const isOver = refusal?.digest !== digest || (acknowledged?.digest === digest && !uncertain);
  return { ...entry, path, blob, pending: relocated, refusal: isOver ? null : refusal, undeletable: false };
}

/**
 * Takes an operation back, to be planned anew: the inserter holds something newer, or its body cannot be
 * made any more. It may have arrived all the same.
 */
export function reopen(entry: Entry, operation: Pending): Entry {
  if (entry.pending?.version !== operation.version) return entry;
  return { ...entry, pending: null, uncertain: true };
}

/**
 * The inserter confirmed an operation.
 *
 * @param operation What was sent. When the entry has moved on to another operation since, that one
 * stays pending, and what stands there is settled only by its own answer.
 * @returns The entry, or null when nothing of it is left.
 */
export function acknowledge(entry: Entry, operation: Pending): Entry | null {
  const acknowledged: Acknowledged | null =
    operation.kind === "upsert" ? { digest: operation.digest, version: operation.version } : null;
  if (entry.pending?.version !== operation.version) return { ...entry, acknowledged };
  if (acknowledged === null) {
    return entry.foreignOwner === null ? null : { ...blankEntry(entry.id), foreignOwner: entry.foreignOwner };
  }
  return { ...entry, acknowledged, pending: null, uncertain: false, refusal: null, undeletable: false };
}

/**
 * The inserter will not take this operation.
 *
 * @param mayHaveLanded Whether an earlier attempt of the same operation ended without an answer.
 */
export function refuse(
  entry: Entry,
  operation: Pending,
  answer: Omit<Refusal, "digest">,
  mayHaveLanded: boolean,
): Entry {
  if (entry.pending?.version !== operation.version) return entry;
  const digest = operation.kind === "upsert" ? operation.digest : null;
  return {
    ...entry,
    pending: null,
    refusal: { ...answer, digest },
    uncertain: entry.uncertain || mayHaveLanded,
  };
}

/**
 * The inserter cannot delete it; or so it says now.
 *
 * @param mayHaveLanded Whether an earlier attempt of the same operation ended without an answer.
 */
export function setUndeletable(entry: Entry, operation: Pending, mayHaveLanded: boolean): Entry {
  if (entry.pending?.version !== operation.version) return entry;
  return { ...entry, pending: null, undeletable: true, uncertain: entry.uncertain || mayHaveLanded };
}

/**
 * Another owner holds the id: ours is not there, and nothing of ours is sent any more. Should it turn out to
 * be there after all, because its request had left already, its file is known.
 */
export function yieldTo({ id, path, blob }: Entry, owner: string): Entry {
  return { ...blankEntry(id), path, blob, foreignOwner: owner };
}
