import type { Claim, Entry, Version } from "./model.ts";
import type { Decision } from "./plan/plan.ts";
import { compareBytes } from "./rules.ts";

/** What always holds. Cheap to check, and always checked: at work as in the simulation. */
export const INVARIANTS = [
  // Entries of the manifest.
  "a pending operation has a version that was given, and that is stored with it",
  "an operation is replaced only by one with a higher version",
  "a pending upsert names the file that its entry names",
  "what is refused or undeletable is not pending at the same time, but for another try to delete it",
  "nothing is pending for an id that another owner holds",
  // The plan.
  "no id is deleted while a file has it",
  "nothing is planned for an id that another owner holds",
  "no delete is begun that the brake holds",
  // The manifest.
  "pages come in byte order, each after the one before",
  // Delivery.
  "an id has at most one request at a time",
  "each operation of a request has exactly one outcome",
] as const;

/** A bug: what always holds does not. Ends the process; what is stored is whole, and a restart goes on from it. */
export class InvariantBroken extends Error {
  override readonly name = "InvariantBroken";
}

/** @throws {InvariantBroken} With the id or path that it is about. */
export function invariant(
  holds: boolean,
  name: (typeof INVARIANTS)[number],
  about: string | number = "",
): asserts holds {
  if (!holds) throw new InvariantBroken(`Does not hold${about === "" ? "" : ` for "${about}"`}: ${name}`);
}

/**
 * Checks an entry that is about to be written.
 *
 * @param before What is there now.
 * @param given The highest version given so far.
 */
export function checkEntry(before: Entry | null, entry: Entry, given: Version): void {
  const { id, pending, refusal, undeletable, foreignOwner } = entry;
  if (pending === null) return;
  invariant(
    Number.isSafeInteger(pending.version) && pending.version <= given,
    "a pending operation has a version that was given, and that is stored with it",
    id,
  );
  invariant(
    before === null || before.pending === null || before.pending.version <= pending.version,
    "an operation is replaced only by one with a higher version",
    id,
  );
  const isUpsert = pending.kind === "upsert";
  invariant(
    !isUpsert || (pending.path === entry.path && pending.blob === entry.blob),
    "a pending upsert names the file that its entry names",
    id,
  );
  invariant(
    refusal === null && !(isUpsert && undeletable),
    "what is refused or undeletable is not pending at the same time, but for another try to delete it",
    id,
  );
  invariant(foreignOwner === null, "nothing is pending for an id that another owner holds", id);
}

/** Checks a decision that is about to be begun. */
export function checkDecision({ id, winner, entry }: Claim, { kind }: Decision): void {
  if (kind !== "upsert" && kind !== "delete") return;
  invariant(kind === "upsert" || winner === null, "no id is deleted while a file has it", id);
  const isForeign = entry !== null && entry.foreignOwner !== null;
  invariant(!isForeign, "nothing is planned for an id that another owner holds", id);
}

/** Checks that a page goes on from the one before; a walk over pages thus comes to an end. */
export function checkPage(after: string | null, page: readonly { readonly id: string }[]): void {
  const [first] = page;
  const goesOn = after === null || first === undefined || compareBytes(first.id, after) > 0;
  invariant(goesOn, "pages come in byte order, each after the one before", first?.id);
}
