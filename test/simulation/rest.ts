import type { MemoryTables } from "../support/memory-tables.ts";
import type { Setup } from "./history.ts";
import type { Inserter } from "./inserter.ts";
import { isDue, type Publication, preferred, type Repository } from "./repository.ts";
import type { Watch } from "./watch.ts";

/** Who holds an id, as the manifest has it. */
export type Holders = Pick<MemoryTables["entries"], "get">;

/** What a publication asks for at a time, whoever holds the ids: the pure function that the inserter has to equal. */
export function wanted({ candidates }: Publication, nowMs: number, holders: Holders): Map<string, string> {
  const articles = new Map<string, string>();
  for (const [id, files] of candidates) {
    const due = files.filter((one) => isDue(one, holders.get(id), nowMs));
    const winner = preferred(due, holders.get(id));
    if (winner !== undefined) articles.set(id, winner.digest);
  }
  return articles;
}

/** Paths that cannot be published as they are, to the id read in them: malformed, held, without front matter, losers of an id. */
export function keepers(
  publication: Publication,
  nowMs: number,
  holders: Holders,
): Map<string, string | null> {
  const paths = new Map(publication.unreadable);
  for (const path of publication.bare) paths.set(path, null);
  for (const [id, files] of publication.candidates) {
    const due = files.filter((one) => isDue(one, holders.get(id), nowMs));
    const winner = preferred(due, holders.get(id));
    for (const one of due) if (one !== winner) paths.set(one.path, null);
  }
  return paths;
}

/**
 * What may differ from {@link wanted} when everything is at rest, and why.
 *
 * | the inserter lacks | then this weaker promise holds |
 * | --- | --- |
 * | delete | articles that should go stay, and are shown as undeletable |
 * | batch | all promises hold; delivery is only slower |
 * | inventory | articles that the inserter lost come back with the next resync, not with the drift check; each start and each resync sends everything once more |
 * | inventory (or owners in it) | an id that a file has, or had, counts as ours: another owner's article under it is overwritten, and deleted with the file |
 * | inventory (or owners in it) | articles whose deletion was missed while the state was lost or outdated stay for ever: there is no record of them |
 * | inventory, and versions (or they were wiped) | an article whose upsert arrives after its delete was acknowledged stays for ever |
 * | inventory, and answers 404 from a wrong URL | an article whose delete got that answer counts as gone, but stays |
 * | inventory (or owners in it) | deleted articles that the inserter restored from an old backup stay for ever |
 * | versions | a request that arrives after a newer one undoes it until the next drift check, or resync without inventory |
 *
 * Besides, everywhere: articles that the inserter refuses are not there or old; ids that the inventory
 * says are another's are left to them; last good versions of unreadable files stay, and while any file
 * is unreadable so does what no known file accounts for; `scope: "none"` deletes nothing. Where more than half of
 * the ids wanted are another's and nothing there is ours, nothing is sent.
 *
 * @returns What is wrong; null when the inserter is as it should be.
 */
export function restProblem(options: {
  readonly repository: Repository;
  readonly inserter: Inserter;
  readonly setup: Setup;
  readonly watch: Watch;
  readonly owner: string;
  readonly nowMs: number;
  readonly holders: Holders;
}): string | null {
  const { repository, inserter, setup, watch, owner, nowMs, holders } = options;
  const publication = repository.current;
  if (publication === null) return null;
  const articles = wanted(publication, nowMs, holders);
  const isForeign = (id: string): boolean =>
    inserter.articles.get(id)?.owner === "someone" &&
    inserter.abilities.inventory === "full" &&
    setup.scope !== "all";
  const isOurs = (id: string): boolean => inserter.articles.get(id)?.owner === owner;
  const held = [...articles.keys()].filter(isForeign).length;
  // Whose articles these are is for a person to say: nothing is sent.
  const isConflict = held > 0 && held * 2 > articles.size && ![...inserter.articles.keys()].some(isOurs);
  for (const [id, digest] of articles) {
    if (isConflict) break;
    const there = inserter.articles.get(id);
    if (there?.digest === digest || inserter.refusing.has(id) || isForeign(id)) continue;
    return `${id} should be ${digest}, and is ${there?.digest ?? "not there"}`;
  }
  if (setup.scope === "none" || inserter.abilities.deletes !== "yes") return null;
  const unreadable = keepers(publication, nowMs, holders);
  for (const id of inserter.articles.keys()) {
    if (articles.has(id)) continue;
    if (!isOurs(id) && (setup.scope !== "all" || inserter.abilities.inventory === "none")) continue;
    if (mayBeKept(id, unreadable, repository, watch)) continue;
    if (mayBeUnknown(id, inserter, watch)) continue;
    return `${id} should be gone`;
  }
  return null;
}

function mayBeKept(
  id: string,
  unreadable: ReadonlyMap<string, string | null>,
  repository: Repository,
  { stateWasLost, mayHoldUnknown }: Watch,
): boolean {
  if (unreadable.size > 0 && (stateWasLost || mayHoldUnknown)) return true;
  for (const [path, named] of unreadable) {
    if (named === id) return true;
    for (const { candidates } of repository.publications) {
      if (candidates.get(id)?.some((one) => one.path === path)) return true;
    }
  }
  return false;
}

function mayBeUnknown(id: string, { abilities }: Inserter, watch: Watch): boolean {
  if (abilities.inventory === "full") return false;
  if (watch.stateWasLost || watch.inserterWasRestored || watch.deniedDeletes.has(id)) return true;
  // A wiped inserter has forgotten the versions too.
  return watch.landedLate.has(id) && (!abilities.honoursVersions || watch.inserterLostVersions);
}
