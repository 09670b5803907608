/** What may be begun while a publication is followed. */
import type { Entry } from "../../src/sync/model.ts";
import { type Candidate, isDue, isTimed, type Publication, preferred } from "./repository.ts";

/** Between which times it is for the pass under way, epoch milliseconds: its clock may be set meanwhile. */
export interface Span {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/**
 * Why an upsert must not be begun: its payload does not stand at the publication, or another file has the id.
 *
 * @param before The entry until now, which says who holds the id.
 * @param isIncomplete A file may not have been readable, and then wants no id.
 * @returns Null when it may.
 */
export function upsertProblem(
  { candidates, commit }: Publication,
  { id, path, digest }: { readonly id: string; readonly path: string; readonly digest: string },
  before: Entry | null,
  { sinceMs, untilMs }: Span,
  isIncomplete: boolean,
): string | null {
  const mayBeDue = (one: Candidate): boolean =>
    (one.publishAtMs ?? untilMs) <= Math.max(untilMs, before?.appearedMs ?? untilMs) &&
    (one.expiresAtMs ?? Infinity) > sinceMs;
  const files = candidates.get(id) ?? [];
  const its = files.find((one) => one.path === path && one.digest === digest && mayBeDue(one));
  if (its === undefined) return `${digest} of ${id} does not stand at ${path} of ${commit.name} for now`;
  const rivals = files.filter((one) => one === its || !(one.isSlow || isTimed(one)));
  const winner = preferred(rivals, before);
  return isIncomplete || winner === its ? null : `${id} is given to ${path} though ${winner?.path} has it`;
}

/** Whether a delete must not be begun because a file of the publication has the id at all of these times. */
export function isPublished(
  { candidates }: Publication,
  id: string,
  entry: Entry | null,
  { sinceMs, untilMs }: Span,
): boolean {
  const files = candidates.get(id) ?? [];
  return files.some((one) => isDue(one, entry, sinceMs) && isDue(one, entry, untilMs));
}

/**
 * Why a delete must not be begun: it would take the last good version of a file that cannot be published.
 *
 * @param before What was followed to the end just before; null when that is unknown.
 * @param holder The path that the id stood at then.
 * @returns Null when it may.
 */
export function lastGoodProblem(
  publication: Publication,
  id: string,
  before: Publication | null,
  holder: string | null,
): string | null {
  const { commit, unreadable, bare } = publication;
  if ([...unreadable.values()].includes(id)) return `${id} is named by an unreadable file of ${commit.name}`;
  if (before === null || before.config !== publication.config) return null;
  const file = before.candidates.get(id)?.find(({ path }) => path === holder);
  if (file === undefined || file.isSlow || isTimed(file)) return null;
  const isKept = unreadable.has(file.path) || bare.has(file.path);
  return isKept ? `${id} was deleted though ${file.path} became unreadable` : null;
}
