/** What may be begun while a publication is followed. */
import { type Candidate, isDue, isTimed, type Publication } from "./repository.ts";

/** Between which times it is for the agent, epoch milliseconds: its clock may have been set. */
export interface Span {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/**
 * Why an upsert must not be begun: its payload does not stand at the publication, or another file has the id.
 *
 * @param isIncomplete A file may not have been readable, and then wants no id.
 * @returns Null when it may.
 */
export function upsertProblem(
  { candidates, commit }: Publication,
  id: string,
  digest: string,
  { sinceMs, untilMs }: Span,
  isIncomplete: boolean,
): string | null {
  const files = candidates.get(id) ?? [];
  const mayBeDue = (one: Candidate): boolean =>
    (one.publishAtMs ?? untilMs) <= untilMs && (one.expiresAtMs ?? Infinity) > sinceMs;
  const at = files.findIndex((one) => one.digest === digest && mayBeDue(one));
  const before = files.slice(0, Math.max(at, 0));
  const isFirst = isIncomplete || before.every((one) => one.isSlow || isTimed(one));
  return at < 0 || !isFirst ? `${digest} of ${id} does not stand at ${commit.name} for now` : null;
}

/** Whether a delete must not be begun because a file of the publication has the id at all of these times. */
export function isPublished({ candidates }: Publication, id: string, { sinceMs, untilMs }: Span): boolean {
  return candidates.get(id)?.some((one) => isDue(one, sinceMs) && isDue(one, untilMs)) === true;
}

/**
 * Why a delete must not be begun: it would take the last good version of a file that cannot be published.
 *
 * @param before What was followed to the end just before; null when that is unknown.
 * @returns Null when it may.
 */
export function lastGoodProblem(
  publication: Publication,
  id: string,
  before: Publication | null,
): string | null {
  const { commit, unreadable, bare } = publication;
  if ([...unreadable.values()].includes(id)) return `${id} is named by an unreadable file of ${commit.name}`;
  if (before === null || before.config !== publication.config) return null;
  const file = before.candidates.get(id)?.[0];
  if (file === undefined || file.isSlow || isTimed(file)) return null;
  const isKept = unreadable.has(file.path) || bare.has(file.path);
  return isKept ? `${id} was deleted though ${file.path} became unreadable` : null;
}
