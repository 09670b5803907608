/** The manifest as people ask about it: articles by state, and why one of them is where it is. */

import { describe } from "../messages/problems.ts";
import type {
  ArticlesStatus,
  FoundStatus,
  Listing,
  PendingStatus,
  ProblemStatus,
  RefusedStatus,
  RejectedStatus,
  Time,
} from "../status.ts";
import type { Entry, FileRow, Problem } from "../sync/model.ts";
import type { State } from "../sync/ports.ts";
import { isExpired, isPublished, problemsOf } from "../sync/rules.ts";
import type { Warnings } from "./warnings.ts";

/** How many of each are shown. */
const SHOWN_MAX = 100;
const FOUND_MAX = 20;

/** A state with the questions that only people ask; `SqliteState` is one. */
export interface StateView extends State {
  readonly overview: {
    pendingByAge(limit: number): readonly Entry[];
    scheduled(nowMs: number, limit: number): readonly (Named & { readonly publishAtMs: number })[];
    refused(limit: number): readonly Entry[];
    undeletable(limit: number): readonly Entry[];
    foreign(nowMs: number, limit: number): readonly (Named & { readonly owner: string })[];
    countForeign(nowMs: number): number;
    find(text: string, limit: number): readonly string[];
  };
}

interface Named {
  readonly id: string;
  readonly path: string;
}

/** What delivery has tried with one operation. Times are milliseconds since the epoch. */
export interface Attempt {
  readonly failures: number;
  readonly message: string | null;
  readonly nextMs: number | null;
}

/** A manifest and how to look at it. */
export interface View {
  readonly state: StateView;
  /** The time against which dates are judged. */
  readonly nowMs: number;
  attemptOf(id: string, version: number): Attempt | null;
}

export const timeOf = (ms: number): Time => new Date(ms).toISOString();
export const timeOrNull = (ms: number | null): Time | null => (ms === null ? null : timeOf(ms));

/** @throws {StateUnavailable} */
export function articlesOf(view: View): ArticlesStatus {
  const { state, nowMs } = view;
  const { overview } = state;
  const counts = state.counts(nowMs);
  const foreign = overview.countForeign(nowMs);
  const duplicates = [...state.duplicates(nowMs)];
  const pending = overview.pendingByAge(SHOWN_MAX).flatMap((entry) => pendingOf(entry, view) ?? []);
  const scheduled = overview.scheduled(nowMs, SHOWN_MAX);
  const rejected = state.filesOfKind("rejected", null, SHOWN_MAX);
  const held = state.filesOfKind("held", null, SHOWN_MAX);
  const refused = overview.refused(SHOWN_MAX).flatMap((entry) => refusedOf(entry) ?? []);
  const undeletable = overview.undeletable(SHOWN_MAX);
  return {
    counts,
    pending: listing(counts.pending, pending),
    scheduled: listing(
      counts.scheduled,
      scheduled.map(({ id, path, publishAtMs }) => ({ id, path, at: timeOf(publishAtMs) })),
    ),
    rejected: listing(
      counts.rejected - duplicates.length,
      rejected.map((row) => rejectedOf(row, view)),
    ),
    duplicates: listing(duplicates.length, duplicates.slice(0, SHOWN_MAX)),
    held: listing(
      counts.held,
      held.flatMap(({ path, verdict }) =>
        verdict.kind === "held" ? { path, id: verdict.id, reason: verdict.reason } : [],
      ),
    ),
    refused: listing(counts.refused - foreign, refused),
    undeletable: listing(
      counts.undeletable,
      undeletable.map(({ id, path }) => ({ id, path })),
    ),
    foreign: listing(foreign, overview.foreign(nowMs, SHOWN_MAX)),
  };
}

function listing<Item>(total: number, shown: readonly Item[]): Listing<Item> {
  return { total: Math.max(total, shown.length), shown };
}

function pendingOf({ id, path, pending }: Entry, { attemptOf }: View): PendingStatus | null {
  if (pending === null) return null;
  const attempt = attemptOf(id, pending.version);
  return {
    id,
    path: pending.kind === "upsert" ? pending.path : path,
    kind: pending.kind,
    cause: pending.cause,
    since: timeOf(pending.sinceMs),
    attempts: attempt?.failures ?? 0,
    problem: attempt?.message ?? null,
    nextTry: timeOrNull(attempt?.nextMs ?? null),
  };
}

function refusedOf({ id, path, refusal }: Entry): RefusedStatus | null {
  if (refusal === null) return null;
  const { digest, status, excerpt, sinceMs } = refusal;
  return { id, path, kind: digest === null ? "delete" : "upsert", status, excerpt, since: timeOf(sinceMs) };
}

function rejectedOf({ path, verdict }: FileRow, { state }: View): RejectedStatus {
  if (verdict.kind !== "rejected") return { path, id: null, problems: [], keeps: [] };
  const ids = new Set(state.idsAtPath(path));
  if (verdict.id !== null) ids.add(verdict.id);
  const keeps = [...ids].filter((id) => state.entry(id)?.acknowledged != null);
  const problems = verdict.problems.map((problem) => problemOf(problem, path)).sort(byPlace);
  return { path, id: verdict.id, problems, keeps };
}

/** A problem in words. */
export function problemOf(problem: Problem, path: string): ProblemStatus {
  const { code, severity, params, line, column, length, excerpt = null } = problem;
  return { code, severity, params, line, column, length, ...describe(problem, path, "en"), excerpt };
}

/**
 * Why the articles that a text names are where they are: files whose path or id contains it, and an id at
 * the inserter that no file has any more.
 *
 * @throws {StateUnavailable}
 */
export function findArticles(text: string, view: View): readonly FoundStatus[] {
  const { state } = view;
  const paths = state.overview.find(text, FOUND_MAX);
  const found = paths.flatMap((path) => {
    const row = state.file(path);
    return row === null ? [] : [foundOf(row, view)];
  });
  const entry = state.entry(text);
  if (
    entry !== null &&
    state.claim(text, view.nowMs).winner === null &&
    !found.some(({ id }) => id === text)
  ) {
    found.push({ ...known(entry.path, text, entry, view), state: "gone" });
  }
  return found;
}

/** The same articles, their warnings among their problems. Those of a file that cannot be read are left out. */
export async function withWarnings(
  found: readonly FoundStatus[],
  warnings: Pick<Warnings, "of">,
): Promise<readonly FoundStatus[]> {
  const all: FoundStatus[] = [];
  for (const one of found) {
    const { path } = one;
    const problems = path === null ? [] : await warnings.of(path).catch(() => []);
    const isKnown = ({ code, line }: Problem): boolean =>
      one.problems.some((known) => known.code === code && known.line === line);
    const more = problems.filter((one) => !isKnown(one)).map((problem) => problemOf(problem, path ?? ""));
    all.push({ ...one, problems: [...one.problems, ...more].sort(byPlace) });
  }
  return all;
}

const byPlace = (a: ProblemStatus, b: ProblemStatus): number => a.line - b.line || a.column - b.column;

/** What is known of an article apart from its state. */
function known(
  path: string | null,
  id: string | null,
  entry: Entry | null,
  view: View,
): Omit<FoundStatus, "state"> {
  return {
    path,
    id,
    problems: [],
    pending: entry && pendingOf(entry, view),
    refused: entry && refusedOf(entry),
    isLive: entry?.acknowledged != null,
    at: null,
    other: null,
    reason: null,
  };
}

function foundOf(row: FileRow, view: View): FoundStatus {
  const { path, verdict } = row;
  if (verdict.kind === "none") {
    return { ...known(path, null, null, view), state: "no-article", reason: verdict.why };
  }
  const entry = verdict.id === null ? null : view.state.entry(verdict.id);
  const base = known(path, verdict.id, entry, view);
  switch (verdict.kind) {
    case "rejected": {
      const { problems, keeps } = rejectedOf(row, view);
      return { ...base, state: "rejected", problems, isLive: keeps.length > 0 };
    }
    case "held":
      return { ...base, state: "held", reason: verdict.reason };
    case "withdrawn":
      return {
        ...base,
        state: verdict.why,
        problems: problemsOf(verdict).map((one) => problemOf(one, path)),
      };
    default:
      return foundArticle(path, verdict, entry, base, view);
  }
}

function foundArticle(
  path: string,
  verdict: Extract<FileRow["verdict"], { kind: "article" }>,
  entry: Entry | null,
  base: Omit<FoundStatus, "state">,
  { state, nowMs }: View,
): FoundStatus {
  const { publishAtMs, expiresAtMs } = verdict;
  if (isExpired(verdict, nowMs)) return { ...base, state: "expired", at: timeOrNull(expiresAtMs) };
  if (!isPublished(verdict, state.entry(verdict.id), nowMs))
    return { ...base, state: "scheduled", at: timeOrNull(publishAtMs) };
  const { winner } = state.claim(verdict.id, nowMs);
  if (winner !== null && winner.path !== path) return { ...base, state: "duplicate", other: winner.path };
  if (entry?.foreignOwner != null) return { ...base, state: "foreign", other: entry.foreignOwner };
  if (entry?.refusal != null) return { ...base, state: "refused" };
  if (entry?.pending != null) return { ...base, state: "pending" };
  return { ...base, state: entry?.acknowledged == null ? "unsent" : "live" };
}
