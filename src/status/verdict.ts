/** The one verdict on how it stands, a pure function of what is known. Page, `/status`, `status`, log and metrics show it. */
import type {
  ArticlesStatus,
  Exception,
  Listing,
  Reason,
  ReasonCode,
  SyncVerdict,
  Verdict,
} from "../status.ts";

/** What the verdict is made of. */
export interface VerdictFacts {
  /** Why it is out of step, the one that explains most first. */
  readonly reasons: readonly Reason[];
  /** Whether the loop makes progress. */
  readonly health: Pick<Verdict, "ok">;
  readonly exceptions: Listing<Exception>;
  /** Whether something that is pending has failed more than once. */
  readonly isFailing: boolean;
}

/** Reasons with which work goes on, or none is to be done yet. With any other one it does not. */
const BEHIND: ReadonlySet<ReasonCode> = new Set([
  "starting",
  "new-revision",
  "pending",
  "waiting-for-commit",
  "config-invalid",
]);
/** Reasons that pass without anybody's doing. */
const PASSING: ReadonlySet<ReasonCode> = new Set([
  "starting",
  "new-revision",
  "pending",
  "waiting-for-commit",
]);

/** How many exceptions are named. */
const NAMED_MAX = 20;

export function verdictOf({ reasons, health, exceptions, isFailing }: VerdictFacts): SyncVerdict {
  const isStopped = !health.ok || reasons.some(({ code }) => !BEHIND.has(code));
  const isBehind = reasons.length > 0;
  const isExcept = exceptions.total > 0;
  const kind = isStopped ? "not-syncing" : isBehind ? "behind" : isExcept ? "in-step-except" : "in-step";
  const isPassing = reasons.every(({ code }) => PASSING.has(code)) && !isFailing && !isExcept;
  return { kind, except: exceptions, needsAction: isStopped || !isPassing };
}

/** The articles that are not at the inserter as the revision has them, though nothing is pending; and whom that concerns. */
export function exceptionsIn(articles: ArticlesStatus | null): Listing<Exception> {
  if (articles === null) return { total: 0, shown: [] };
  const { rejected, duplicates, held, refused, foreign, undeletable, counts } = articles;
  const shown: Exception[] = [
    ...rejected.shown.map(({ path }) => ({ kind: "rejected", name: path, concerns: "author" }) as const),
    ...duplicates.shown.map(({ path }) => ({ kind: "duplicate", name: path, concerns: "author" }) as const),
    ...held.shown.map(({ path }) => ({ kind: "held", name: path, concerns: "author" }) as const),
    ...refused.shown.map((one) => ({ kind: "refused", name: nameOf(one), concerns: "operator" }) as const),
    ...foreign.shown.map((one) => ({ kind: "foreign", name: nameOf(one), concerns: "operator" }) as const),
    ...undeletable.shown.map((one) => ({ kind: "undeletable", name: one.id, concerns: "operator" }) as const),
  ];
  return {
    total: counts.rejected + counts.held + counts.refused + counts.undeletable,
    shown: shown.slice(0, NAMED_MAX),
  };
}

const nameOf = ({ id, path }: { readonly id: string; readonly path: string | null }): string => path ?? id;
