/**
 * The verdicts of the probes: pure functions of what is known. An inserter that is down is no illness of
 * the agent: it waits, and a restart would not help. What a restart may help is.
 */
import type { CallKind } from "../report/pulse.ts";
import type { Reason, ReasonCode, Verdict } from "../status.ts";

/**
 * What the agent's life shows in. Times are milliseconds of a clock that never runs backwards.
 */
export interface Vitals {
  readonly nowMs: number;
  /** When the loop was to look at the repository again, at the latest. */
  readonly turnDueMs: number;
  /** When something the loop waits for last came back: a look at the link, a tree, a file, an inventory. */
  readonly loopMovedMs: number;
  /** Calls under way. */
  readonly calls: Iterable<{
    readonly kind: CallKind;
    readonly about: string;
    readonly sinceMs: number;
    readonly isPatient: boolean;
  }>;
  /**
   * Since when an operation could have been sent; null when none is owed, or delivery has a reason to
   * rest: an endpoint or a state in trouble, a try that is due later.
   */
  readonly sendableSinceMs: number | null;
  /** When a request last came back. */
  readonly sentMs: number;
  /** Longest time of one request, as configured. */
  readonly requestTimeoutMs: number;
  /** Least time between two requests, as configured; 0 = no limit. */
  readonly requestIntervalMs: number;
}

/** How long past its time a turn may be before anyone asks what it does. */
const TURN_GRACE_MS = 60_000;
/** How long a pass may go without a file, tree or answer. One hostile article takes seconds, not minutes. */
const SILENCE_MS = 120_000;
/** Git is ended after 30 s of silence; the rest is room for a machine that is busy. */
const GIT_CALL_MS = 180_000;
/** A slice of hostile articles, one after the other, each up to its deadline. */
const EXAMINE_CALL_MS = 600_000;

/** One agent makes way for the next, or the first one is put together: a moment, unless something hangs. */
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
    examine: EXAMINE_CALL_MS,
    inventory: requestMs,
    send: requestMs,
  };
  const told = new Set<CallKind>();
  for (const { kind, about, sinceMs, isPatient } of calls) {
    const outMs = nowMs - sinceMs;
    if (told.has(kind) || outMs <= limits[kind] * (isPatient ? 2 : 1)) continue;
    told.add(kind);
    yield stuck("stuck-call", `${what(kind, about)} has not come to an end for ${seconds(outMs)}`);
  }
}

function* deliveryReasons(vitals: Vitals): Iterable<Reason> {
  const { nowMs, sendableSinceMs, sentMs, requestTimeoutMs, requestIntervalMs } = vitals;
  if (sendableSinceMs === null) return;
  const idleMs = nowMs - Math.max(sendableSinceMs, sentMs);
  if (idleMs <= SILENCE_MS + 3 * requestTimeoutMs + 2 * requestIntervalMs) return;
  yield stuck("stuck-delivery", `Changes wait to be sent, and no request has ended for ${seconds(idleMs)}`);
}

function what(kind: CallKind, about: string): string {
  const words: Readonly<Record<CallKind, string>> = {
    head: "Asking git for the revision",
    compare: "Comparing two revisions",
    read: `Reading blob ${about}`,
    examine: `Examining ${about}`,
    inventory: "Asking the inserter what it holds",
    send: `A request (${about})`,
  };
  return words[kind];
}

function stuck(code: ReasonCode, message: string): Reason {
  return { code, message, hint: "A restart loses nothing: what is owed stays owed.", since: null };
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;

/** Reasons for which the agent, though alive, is not ready. */
const UNREADY: ReadonlySet<ReasonCode> = new Set([
  "not-running",
  "starting",
  "waiting-for-inserter",
  "inserter-trouble",
  "brake",
  "state-trouble",
]);

/**
 * Whether it does its job: first reconcile done, endpoint usable, no brake on, state writable: `/readyz`.
 * Changes on their way, or a repository that is just being cloned again, do not count.
 *
 * @param reasons Why it is out of step.
 */
export function readinessOf(reasons: readonly Reason[]): Verdict {
  const unready = reasons.filter(({ code }) => UNREADY.has(code));
  return { ok: unready.length === 0, reasons: unready };
}
