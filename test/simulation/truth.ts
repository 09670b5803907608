import { MemoryState } from "../support/memory-state.ts";
import type { Director } from "./director.ts";
import type { Process } from "./process.ts";
import { isDue, type Publication } from "./repository.ts";
import { wanted } from "./rest.ts";

/**
 * Whether what the agent says of itself is true, at rest.
 *
 * @returns What is not; null when all is.
 */
export function statusProblem(director: Director, { agent, daemon, result }: Process): string | null {
  const { repository, inserter, history } = director;
  const publication = repository.current;
  if (publication === null) return null;
  const nowMs = director.wallMs();
  const counts = new MemoryState(director.tables).counts(nowMs);
  if (result !== null && result.revision !== publication.commit.name) return `it is at ${result.revision}`;
  const excused = deletesMayWait(director);
  if (!excused && counts.pending > 0) return `${counts.pending} operations are pending`;
  if (daemon !== null) {
    const delivery = agent.deliverer.status();
    if (delivery.stateTrouble !== null) return `the state is said to be ${delivery.stateTrouble}`;
    if (!excused) {
      if (delivery.inFlight > 0) return `${delivery.inFlight} requests are in flight`;
      if (delivery.attempts.length > 0) return `${delivery.attempts[0]?.id} is said to be tried again`;
      if (delivery.trouble !== null) return `the inserter is said to be ${delivery.trouble.kind}`;
    }
    const { phase, waiting, stateTrouble, revision } = daemon.status;
    if (phase !== "following" || waiting !== null) return `the daemon is said to be ${phase}`;
    if (stateTrouble !== null) return `the state is said to be ${stateTrouble}`;
    if (revision !== publication.commit.name) return `the revision is said to be ${revision}`;
  }
  const due = [...publication.candidates].map(
    ([id, files]) => files.filter((one) => isDue(one, director.tables.entries.get(id), nowMs)).length,
  );
  const losers = due.reduce((sum, count) => sum + Math.max(0, count - 1), 0);
  let held = 0;
  for (const path of publication.unreadable.keys()) {
    if (publication.commit.tree.get(path)?.blob.startsWith("stuck")) held++;
  }
  const slips = slipsOf(director, publication);
  if (typeof slips === "string") return slips;
  const rejected = publication.unreadable.size - held + losers + slips;
  if (counts.held !== held) return `${counts.held} files are said to be held, not ${held}`;
  if (counts.rejected !== rejected)
    return `${counts.rejected} files are said to be rejected, not ${rejected}`;
  const troubled = [...wanted(publication, nowMs, director.tables.entries)].filter(
    ([id, digest]) => inserter.articles.get(id)?.digest !== digest,
  ).length;
  if (agent.conflict === null && counts.refused + counts.pending < troubled)
    return `${counts.refused} are said to be refused, ${troubled} are missing`;
  // One that was refused may stand there since an earlier try that had no answer.
  if (counts.refused > 0 && troubled + inserter.refusing.size === 0) {
    return `${counts.refused} are said to be refused, none is`;
  }
  if (!excused && counts.undeletable > 0 && history.abilities.deletes === "yes") {
    return `${counts.undeletable} are said to be undeletable`;
  }
  return null;
}

/** How many files are said to have lost their front matter; or which of them never had any. */
function slipsOf({ tables, repository }: Director, { bare }: Publication): number | string {
  const slips = [...bare].filter((path) => tables.files.get(path)?.verdict.kind === "rejected");
  const wasArticle = (path: string): boolean =>
    repository.publications.some(({ commit, bare: its, config }) => {
      const node = commit.tree.get(path);
      return node?.mode === "file" && config.selects(path) && !its.has(path);
    });
  const never = slips.find((path) => !wasArticle(path));
  return never === undefined ? slips.length : `${never} is rejected for a slip, and never was an article`;
}

/** Whether deletes may be pending for as long as the agent learns nothing more. */
export function deletesMayWait(director: Director): boolean {
  return isUnjudged(director) || isTriedOn(director);
}

/**
 * Without an inventory, and with nothing published that would be taken, a 403 or 404 to a delete may as
 * well come from a wrong token or a wrong URL: it waits, and the agent says that the inserter denies it.
 */
export function isUnjudged(director: Director): boolean {
  const { tables, watch, history, repository, process } = director;
  // A delete that may have arrived before is tried on without a word.
  const trouble = process?.agent.deliverer.status().trouble?.kind ?? "denied";
  if (trouble !== "denied" && trouble !== "failing") return false;
  const { inventory, deletes, absent } = history.abilities;
  const { current } = repository;
  if (inventory !== "none" || current === null) return false;
  const takeable = [...wanted(current, director.wallMs(), tables.entries).keys()].filter(
    (id) => !director.inserter.refusing.has(id),
  );
  if (takeable.length > 0 || watch.upsertsUnderWay > 0) return false;
  // An upsert that was taken shows it: then it is only a matter of the next try.
  if (watch.upsertWasTaken || (deletes !== 403 && absent !== 404)) return false;
  const waiting = new MemoryState(tables).pending(null, 100);
  const { articles } = director.inserter;
  return (
    waiting.length > 0 &&
    waiting.every(({ id, pending }) => pending?.kind === "delete" && (deletes === 403 || !articles.has(id)))
  );
}

/** An article that the inserter denies or fails at, and no other to compare with, is tried on and on. */
function isTriedOn({ repository, inserter, tables, process, watch }: Director): boolean {
  const trouble = process?.agent.deliverer.status().trouble?.kind;
  if (trouble === "unreachable" || trouble === "overloaded") return false;
  const waiting = new MemoryState(tables).pending(null, 100);
  const fails = waiting.filter(({ id, pending }) => {
    const status = inserter.refusing.get(id) ?? 0;
    return pending?.kind === "upsert" && (status === 403 || status >= 500);
  });
  // While no upsert is taken, it is unknown whether deletes are denied for another reason, or that the
  // URL is right which answers that there is no such article.
  const { deletes, absent, inventory } = inserter.abilities;
  const mayBeWrong = absent === 404 && inventory === "none" && !watch.upsertWasTaken;
  const denied = waiting.filter(
    ({ id, pending }) =>
      pending?.kind === "delete" && (deletes === 403 || (mayBeWrong && !inserter.articles.has(id))),
  );
  return repository.current !== null && fails.length > 0 && fails.length + denied.length === waiting.length;
}
