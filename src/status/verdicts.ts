/**
 * The verdicts on an agent, pure functions of what is known: is the inserter in step with the repository, is
 * the agent healthy (`/healthz`), is it ready (`/readyz`)?
 *
 * An inserter that is down does not make the agent unhealthy: the agent waits, and a restart would not help.
 */
import { WORDS } from "../messages/words.ts";
import type { Call, CallKind } from "../report/watchdog.ts";
import type { BrakeStatus, EndpointStatus, Phase, Reason, ReasonCode, Time, Verdict } from "../status.ts";
import type { OwnerConflict } from "../sync/model.ts";

/** What keeps an agent out of step. Instants are null where unknown. */
export interface StepFacts {
  readonly phase: Phase;
  /** Start of the daemon. */
  readonly started: Time | null;
  readonly firstPassDone: boolean;
  /** What it waits for, if it does. */
  readonly waiting: (Fault & { readonly isTrouble: boolean; readonly isUnborn?: boolean }) | null;
  /** A revision of which a part cannot be read. */
  readonly unreadable: (Fault & { readonly revision: string }) | null;
  /** The revision of the repository, where no pass over it is done yet. */
  readonly ahead: { readonly revision: string; readonly since: Time | null } | null;
  /** `problem`: how the last attempt of what fails again and again ended. */
  readonly pending: { readonly count: number; readonly since: Time | null; readonly problem?: string | null };
  readonly brake: BrakeStatus | null;
  readonly conflict: OwnerConflict | null;
  readonly endpoint: Pick<EndpointStatus, "message" | "hint" | "since"> | null;
  readonly stateTrouble: { readonly message: string; readonly since: Time | null } | null;
  /** What is wrong with the configuration file, which is not used therefore. */
  readonly config: { readonly message: string; readonly since: Time | null } | null;
}

interface Fault {
  readonly reason: string;
  readonly hint: string;
  readonly since: Time | null;
}

/** Why it is out of step, the one that explains most first; empty when it is in step. */
export function stepReasons(facts: StepFacts): Reason[] {
  const { phase, waiting, unreadable, endpoint, stateTrouble, brake, conflict, ahead, pending } = facts;
  const isRunning = phase !== "not-running";
  const reasons: Reason[] = [];
  const add = (code: ReasonCode, since: Time | null, message: string, hint = ""): void => {
    reasons.push({ code, message, hint, since });
  };
  if (!isRunning) {
    const what = "No running agent was found: this is what its state file says";
    add("not-running", null, what, "Start it: sync-agent run");
  }
  if (waiting !== null && phase === "waiting-for-repository") {
    const { reason, hint, since, isTrouble, isUnborn } = waiting;
    if (isUnborn) add("waiting-for-commit", since, `Waits for the first commit: ${reason}`, hint);
    else if (isTrouble) add("repository-unreadable", since, `The repository cannot be read: ${reason}`, hint);
    else add(phase, since, `Waits for the repository: ${reason}`, hint);
  } else if (unreadable !== null) {
    const { revision, reason, hint, since } = unreadable;
    add("repository-unreadable", since, `Revision ${revision.slice(0, 12)} cannot be read: ${reason}`, hint);
  }
  if (waiting !== null && phase === "waiting-for-inserter") {
    add(phase, waiting.since, `Waits for the ${waiting.reason}`, waiting.hint);
  }
  if (stateTrouble !== null) {
    const hint = "Nothing is lost. Syncing resumes as soon as there is room and permission.";
    add("state-trouble", stateTrouble.since, `The state cannot be written: ${stateTrouble.message}`, hint);
  }
  if (endpoint !== null) {
    const hint = endpoint.hint ?? "Nothing is lost. It is tried again automatically.";
    add("inserter-trouble", endpoint.since, `The inserter cannot be used: ${endpoint.message}`, hint);
  }
  if (conflict !== null) {
    const what = `Nothing is sent: ${conflict.held} of the ${conflict.wanted} articles here belong to the owner "${conflict.owner}" at the inserter, and none there is ours`;
    add("owner-conflict", null, what, `To adopt them: owner: "${conflict.owner}" in the configuration`);
  }
  if (brake !== null) {
    const what = `This revision would delete ${brake.deletes} of ${brake.owned} articles: none of them is deleted`;
    const likely = brake.cause === null ? "" : `. ${WORDS.en.commands.brakeCauses[brake.cause]}`;
    add("brake", brake.since, what + likely, brake.hint);
  }
  if (isRunning && !facts.firstPassDone) {
    add("starting", facts.started, "The first pass is not done yet");
  } else if (ahead !== null) {
    add("new-revision", ahead.since, `The pass over revision ${ahead.revision.slice(0, 12)} is not done yet`);
  }
  if (pending.count > 0) {
    const what = pending.count === 1 ? "1 change is" : `${pending.count} changes are`;
    const { problem = null } = pending;
    const why = problem === null ? "" : `; the last attempt failed: ${problem}`;
    const hint = problem === null ? "" : "It is tried again automatically.";
    add("pending", pending.since, `${what} not acknowledged yet${why}`, hint);
  }
  if (facts.config !== null) {
    const { message, since } = facts.config;
    const hint = "The configuration of before stays in use. Correct the file; it is read again by itself.";
    add("config-invalid", since, `The configuration was changed and cannot be used: ${message}`, hint);
  }
  return reasons;
}

/** Each check of a probe, and the reasons for which it fails. */
export const CHECKS: Readonly<Record<"healthz" | "readyz", Readonly<Record<string, readonly ReasonCode[]>>>> =
  {
    healthz: { loop: ["stuck-loop"], calls: ["stuck-call"], delivery: ["stuck-delivery"] },
    readyz: {
      "first-pass": ["starting", "not-running"],
      repository: ["repository-unreadable"],
      inserter: ["inserter-trouble", "waiting-for-inserter"],
      owner: ["owner-conflict"],
      state: ["state-trouble"],
      brake: ["brake"],
    },
  };

const UNREADY: ReadonlySet<ReasonCode> = new Set(Object.values(CHECKS.readyz).flat());

/**
 * Whether it does its job: first reconcile done, repository undamaged, endpoint usable, no brake on, state
 * writable: `/readyz`.
 * Changes on their way, or a repository that is just being cloned again, do not count.
 *
 * @param reasons Why it is out of step.
 */
export function readinessOf(reasons: readonly Reason[]): Verdict {
  const unready = reasons.filter(({ code }) => UNREADY.has(code));
  return { ok: unready.length === 0, reasons: unready };
}

/** What the agent's health is judged by. Times are milliseconds of a clock that never runs backwards. */
export interface Vitals {
  readonly nowMs: number;
  /** When the loop had to look at the repository again, at the latest. */
  readonly turnDueMs: number;
  /** When something the loop waits for last came back: a look at the link, a tree, a file, an inventory. */
  readonly loopMovedMs: number;
  /** Calls in progress. */
  readonly calls: Iterable<Call>;
  /**
   * Since when an operation could have been sent; null when none is pending, or delivery has a reason to
   * wait: an inserter or a state in trouble, an attempt that is due later.
   */
  readonly sendableSinceMs: number | null;
  /** When a request last came back. */
  readonly sentMs: number;
  /** Longest time of one request, as configured. */
  readonly requestTimeoutMs: number;
  /** Least time between two requests, as configured; 0 = no limit. */
  readonly requestIntervalMs: number;
}

/** How late the loop may be before its silence is looked at. */
const TURN_GRACE_MS = 60_000;
/** How long a pass may go without a file, tree or answer. One hostile article takes seconds, not minutes. */
const SILENCE_MS = 120_000;
/** Git is ended after 30 s of silence; the rest allows for a busy machine. */
const GIT_CALL_MS = 180_000;
/** Many hostile articles, one after the other, each up to its deadline. */
const PARSE_CALL_MS = 600_000;

/** How long one agent may take to replace another, or the first one to start. */
const BETWEEN_AGENTS_MS = 180_000;

/** `/healthz` while there is no agent: at a start, and while a new configuration takes over. */
export function healthUnattached(forMs: number): Verdict {
  if (forMs <= BETWEEN_AGENTS_MS) return { ok: true, reasons: [] };
  const reason = stuck("stuck-loop", `No agent has been running for ${seconds(forMs)}`);
  return { ok: false, reasons: [reason] };
}

/** Whether the loop makes progress: `/healthz`. */
export function healthOf(vitals: Vitals): Verdict {
  const reasons = [...loopReasons(vitals), ...callReasons(vitals), ...deliveryReasons(vitals)];
  return { ok: reasons.length === 0, reasons };
}

function* loopReasons({ nowMs, turnDueMs, loopMovedMs, requestTimeoutMs }: Vitals): Iterable<Reason> {
  const silentMs = nowMs - Math.max(turnDueMs, loopMovedMs);
  const overdueMs = nowMs - turnDueMs;
  if (overdueMs <= TURN_GRACE_MS || silentMs <= SILENCE_MS + 2 * requestTimeoutMs) return;
  yield stuck(
    "stuck-loop",
    `The loop was due to look at the repository ${seconds(overdueMs)} ago, and nothing has moved for ${seconds(silentMs)}`,
  );
}

function* callReasons({ nowMs, calls, requestTimeoutMs }: Vitals): Iterable<Reason> {
  const requestMs = 3 * requestTimeoutMs + TURN_GRACE_MS;
  const limits: Readonly<Record<CallKind, number>> = {
    head: GIT_CALL_MS,
    compare: GIT_CALL_MS,
    read: GIT_CALL_MS,
    parse: PARSE_CALL_MS,
    inventory: requestMs,
    send: requestMs,
  };
  const seen = new Set<CallKind>();
  for (const call of calls) {
    const { kind, sinceMs, mayTakeLong } = call;
    const outMs = nowMs - sinceMs;
    if (seen.has(kind) || outMs <= limits[kind] * (mayTakeLong ? 2 : 1)) continue;
    seen.add(kind);
    yield stuck("stuck-call", `${what(call)} has not ended for ${seconds(outMs)}`);
  }
}

function* deliveryReasons(vitals: Vitals): Iterable<Reason> {
  const { nowMs, sendableSinceMs, sentMs, requestTimeoutMs, requestIntervalMs } = vitals;
  if (sendableSinceMs === null) return;
  const idleMs = nowMs - Math.max(sendableSinceMs, sentMs);
  if (idleMs <= SILENCE_MS + 3 * requestTimeoutMs + 2 * requestIntervalMs) return;
  yield stuck("stuck-delivery", `Changes wait to be sent, and no request has ended for ${seconds(idleMs)}`);
}

function what({ kind, about }: Call): string {
  const words = {
    head: "Asking git for the revision",
    compare: "Comparing two revisions",
    read: `Reading blob ${about}`,
    parse: `Parsing ${about}`,
    inventory: "Asking the inserter what it holds",
    send: `A request (${about})`,
  } satisfies Record<CallKind, string>;
  return words[kind];
}

function stuck(code: ReasonCode, message: string): Reason {
  return { code, message, hint: "A restart loses nothing: what is pending stays pending.", since: null };
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
