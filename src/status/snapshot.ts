/** Takes a snapshot: everything that is known of an agent at one moment, in the shape of `/status`. */
import type { Settings } from "../config/settings.ts";
import type { Journal } from "../report/journal.ts";
import type { Watchdog } from "../report/watchdog.ts";
import type {
  ArticlesStatus,
  BrakeStatus,
  EndpointStatus,
  Reason,
  StatusSnapshot,
  Time,
  Verdict,
} from "../status.ts";
import type { Agent } from "../sync/agent.ts";
import type { DaemonStatus } from "../sync/daemon.ts";
import type { DeliveryStatus as Delivery } from "../sync/deliver/deliverer.ts";
import type { Brake } from "../sync/model.ts";
import { type Revision, type State, StateCorrupt, StateUnavailable } from "../sync/ports.ts";
import { brakeOf } from "../sync/rules.ts";
import { articlesOf, problemOf, type StateView, timeOf, timeOrNull, type View } from "./articles.ts";
import { exceptionsIn, verdictOf } from "./verdict.ts";
import { healthOf, readinessOf, stepReasons } from "./verdicts.ts";
import type { ArticleWarnings } from "./warnings.ts";

/** What is wanted of a commit, from a `Source`. `authorTimeMs` is 0 where it cannot be read. */
export interface Commit {
  readonly subject: string;
  readonly authorTimeMs: number;
}

/** What a snapshot is taken of. */
export interface Subject {
  readonly agent: Agent;
  readonly daemon: { readonly status: DaemonStatus };
  readonly state: StateView;
  readonly settings: Settings;
  /** Of the file that the settings come from, when it was last read. */
  readonly config: ConfigState;
}

/** Whether a configuration file can be used; if not, the settings of before stay. */
export interface ConfigState {
  readonly isValid: boolean;
  /** What is wrong with it, and since when, epoch milliseconds. */
  readonly fault?: { readonly message: string; readonly sinceMs: number } | null;
}

/** What a snapshot needs besides the agent. */
export interface Context {
  /** Version of the agent. */
  readonly version: string;
  /** The commit of a revision; null while it is not known. */
  commitOf(revision: Revision): Commit | null;
  readonly journal: Journal;
  readonly watchdog: Watchdog;
  readonly doubtful: readonly ArticleWarnings[];
}

const BRAKE_HINT =
  "If that is meant: sync-agent once --allow-mass-delete, or a larger prune.maxFraction. If not, look at what the last commits took away.";

/**
 * A snapshot of a running agent. Never throws for a state that cannot be read.
 *
 * @param articles The manifest's part, see {@link readArticles}; null when the state cannot be read.
 */
export function takeSnapshot(
  subject: Subject,
  context: Context,
  articles: ArticlesStatus | null,
): StatusSnapshot {
  const { agent, settings, state } = subject;
  const { journal, version, watchdog, doubtful } = context;
  const { status } = subject.daemon;
  const delivery = agent.deliverer.status();
  const nowMs = agent.world.clock.nowMs();
  const brake = brakeStatus(agent.brake, journal.sinceMs("brake"));
  const endpoint = endpointOf(delivery);
  const stateTrouble =
    status.stateTrouble ?? delivery.stateTrouble ?? (articles === null ? "it cannot be read either" : null);
  const failing = failingOf(delivery);
  const health = healthNow(subject, watchdog, delivery, articles);
  const reasons = stepReasons({
    started: timeOf(journal.startedMs),
    firstPassDone: status.firstPassDone,
    phase: status.phase,
    waiting: waitingOf(subject, journal),
    unreadable: unreadableOf(status, journal),
    ahead: aheadOf(subject, journal),
    pending: { ...pendingOf(articles), problem: failing },
    config: configOf(subject.config),
    brake,
    conflict: agent.conflict,
    endpoint,
    stateTrouble:
      stateTrouble === null ? null : { message: stateTrouble, since: timeOrNull(journal.sinceMs("state")) },
  });
  // A state that cannot be read may have something pending.
  const isDelivered = articles?.pending.total === 0 && brake === null && agent.conflict === null;
  return {
    ...identity(state, settings, version, nowMs),
    started: timeOf(journal.startedMs),
    phase: status.phase,
    verdict: verdictOf({ reasons, health, exceptions: exceptionsIn(articles), isFailing: failing !== null }),
    ...step(reasons, nowMs, journal.lastMoveMs),
    health,
    ready: readinessOf(reasons),
    revision: status.revision === null ? null : revisionOf(status.revision, isDelivered, context),
    articles,
    brake,
    endpoint,
    stateTrouble,
    inFlight: watchdog.sending,
    ...memory(state),
    lastVerified: timeOrNull(status.lastVerifiedMs),
    lastPass: journal.lastPass,
    nextDrift: timeOf(status.nextDriftMs),
    nextResync: timeOf(status.nextResyncMs),
    recent: journal.recent,
    doubtful: doubtful.map(({ path, id, problems }) => ({
      path,
      id,
      problems: problems.map((problem) => problemOf(problem, path)),
    })),
  };
}

/** A snapshot of what a state file holds, when no agent runs. */
export function snapshotOfState(
  { state, settings }: Pick<Subject, "state" | "settings">,
  { version, commitOf, nowMs }: Pick<Context, "version" | "commitOf"> & { readonly nowMs: number },
): StatusSnapshot {
  const articles = articlesOf({ state, nowMs, attemptOf: () => null });
  const idle = {
    started: null,
    phase: "not-running",
    brake: brakeStatus(brakeOf(state.braked(), state.meta("brake-cause")), null),
    conflict: null,
    endpoint: null,
    stateTrouble: null,
  } as const;
  const pending = pendingOf(articles);
  const reasons = stepReasons({
    ...idle,
    firstPassDone: false,
    waiting: null,
    unreadable: null,
    ahead: null,
    pending,
    config: null,
  });
  const verdict: Verdict = { ok: false, reasons: reasons.filter(({ code }) => code === "not-running") };
  const revision = state.meta("checkpoint");
  return {
    ...identity(state, settings, version, nowMs),
    ...idle,
    verdict: verdictOf({ reasons, health: verdict, exceptions: exceptionsIn(articles), isFailing: false }),
    ...step(reasons, nowMs, null),
    health: verdict,
    ready: verdict,
    revision:
      revision === null
        ? null
        : { id: revision, ...authorship(commitOf(revision)), flipped: null, seen: null, live: null },
    articles,
    inFlight: 0,
    ...memory(state),
    lastVerified: null,
    lastPass: null,
    nextDrift: null,
    nextResync: null,
    recent: [],
    doubtful: [],
  };
}

function brakeStatus(brake: Brake | null, sinceMs: number | null): BrakeStatus | null {
  return brake === null ? null : { ...brake, since: timeOrNull(sinceMs), hint: BRAKE_HINT };
}

/** What a call gives; null when the state cannot be read just now. */
export function readable<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    // Of a damaged one the daemon finds out by itself.
    if (error instanceof StateUnavailable || error instanceof StateCorrupt) return null;
    throw error;
  }
}

/** The manifest's part of a snapshot; null when the state cannot be read. */
export function readArticles(subject: Subject): ArticlesStatus | null {
  return readable(() => articlesOf(viewOf(subject)));
}

/** The manifest of a running agent: its dates judged by its own time, its attempts included. */
export function viewOf({ agent, state }: Subject): View {
  const { nextProbeMs } = agent.deliverer.status();
  return {
    state,
    nowMs: agent.nowMs(),
    attemptOf: (id, version) => {
      const attempt = agent.deliverer.attemptOf(id, version);
      if (attempt === null && nextProbeMs === null) return null;
      const nextMs = Math.max(attempt?.nextMs ?? 0, nextProbeMs ?? 0);
      return {
        failures: attempt?.failures ?? 0,
        message: attempt?.message ?? null,
        nextMs: nextMs > agent.world.clock.nowMs() ? nextMs : null,
      };
    },
  };
}

function endpointOf({ trouble, nextProbeMs }: Delivery): EndpointStatus | null {
  if (trouble === null) return null;
  const { kind, message, hint, sinceMs, attempts } = trouble;
  return { kind, message, hint, since: timeOf(sinceMs), attempts, nextTry: timeOrNull(nextProbeMs) };
}

function waitingOf({ daemon, state }: Subject, journal: Journal) {
  const { waiting, phase } = daemon.status;
  if (waiting === null) return null;
  const since = journal.sinceMs(phase === "waiting-for-inserter" ? "inserter" : "repository");
  // Where something was published before, commits that are not there are no beginning.
  const isUnborn = waiting.isUnborn === true && readable(() => state.meta("checkpoint")) === null;
  return { ...waiting, isUnborn, since: timeOrNull(since) };
}

function configOf({ fault = null }: ConfigState): { message: string; since: Time } | null {
  return fault === null ? null : { message: fault.message, since: timeOf(fault.sinceMs) };
}

/** How the last attempt ended of something that has failed more than once; null where nothing has. */
function failingOf({ attempts, trouble }: Delivery): string | null {
  if (trouble !== null && trouble.attempts > 1) return trouble.message;
  return attempts.find(({ attempt }) => attempt.failures > 1)?.attempt.message ?? null;
}

function unreadableOf({ unreadable }: DaemonStatus, journal: Journal) {
  return unreadable === null ? null : { ...unreadable, since: timeOrNull(journal.sinceMs("revision")) };
}

/** The revision that was seen, where no pass over it is recorded. */
function aheadOf({ daemon, state }: Subject, journal: Journal) {
  const { revision } = daemon.status;
  if (revision === null || readable(() => state.meta("checkpoint")) === revision) return null;
  const note = journal.revision(revision);
  return { revision, since: timeOrNull(note?.flippedMs ?? note?.seenMs ?? null) };
}

function pendingOf(articles: ArticlesStatus | null): { count: number; since: Time | null } {
  return { count: articles?.pending.total ?? 0, since: articles?.pending.shown[0]?.since ?? null };
}

/** Verdict of `/healthz`. */
function healthNow(
  { agent, daemon, settings }: Subject,
  watchdog: Watchdog,
  { trouble, stateTrouble }: Delivery,
  articles: ArticlesStatus | null,
): Verdict {
  const { clock } = agent.world;
  const nowMs = clock.elapsedMs();
  const wallMs = clock.nowMs();
  const nextTryMs = agent.deliverer.nextTryMs();
  const pendingSince = pendingOf(articles).since;
  const isWaiting =
    pendingSince === null ||
    watchdog.sending > 0 ||
    trouble !== null ||
    stateTrouble !== null ||
    (nextTryMs !== null && nextTryMs > wallMs);
  const { ratePerSecond, timeoutMs } = settings.inserter;
  return healthOf({
    nowMs,
    turnDueMs: nowMs + daemon.status.nextTurnMs - wallMs,
    loopMovedMs: watchdog.lastMs("head", "compare", "parse", "inventory"),
    calls: watchdog.calls,
    sendableSinceMs: isWaiting
      ? null
      : Math.max(watchdog.startedMs, nowMs + Date.parse(pendingSince) - wallMs),
    sentMs: watchdog.lastMs("send"),
    requestTimeoutMs: timeoutMs,
    requestIntervalMs: ratePerSecond > 0 ? 1000 / ratePerSecond : 0,
  });
}

function identity(state: Pick<State, "meta">, settings: Settings, version: string, nowMs: number) {
  const owner = state.meta("owner") ?? settings.owner;
  const { repo, ref, inserter, articles } = settings;
  const { include, exclude } = articles;
  return { version, time: timeOf(nowMs), repo, ref, owner, inserter: inserter.url, include, exclude };
}

function step(reasons: readonly Reason[], nowMs: number, inStepSinceMs: number | null) {
  const inStep = reasons.length === 0;
  const known = reasons.flatMap(({ since }) => since ?? []).sort();
  const since = inStep ? timeOrNull(inStepSinceMs) : (known[0] ?? null);
  const outOfStepMs = inStep || since === null ? 0 : Math.max(0, nowMs - Date.parse(since));
  return { inStep, since, outOfStepMs, reasons };
}

/** What the state remembers of the inserter. */
function memory(state: StateView): Pick<StatusSnapshot, "inventory" | "startedOver"> {
  return (
    readable(() => {
      const capability = state.meta("capability");
      const startedOver = state.meta("started-over");
      const inventory = capability === "inventory" || capability === "none" ? capability : "unknown";
      // While an inventory is still to be read, nothing is lost yet.
      const isLost = startedOver !== null && inventory === "none";
      return { inventory, startedOver: isLost ? timeOf(Number(startedOver)) : null } as const;
    }) ?? { inventory: "unknown", startedOver: null }
  );
}

function authorship(commit: Commit | null): { subject: string | null; authored: Time | null } {
  const { subject = null, authorTimeMs = 0 } = commit ?? {};
  return { subject, authored: authorTimeMs === 0 ? null : timeOf(authorTimeMs) };
}

/** @param isDelivered Whether the inserter acknowledged all of it. */
function revisionOf(
  id: Revision,
  isDelivered: boolean,
  { commitOf, journal }: Context,
): StatusSnapshot["revision"] {
  const note = journal.revision(id);
  // The first one may have been live for days, unless something of it was delivered here.
  const isKnown = note !== null && (!note.isFirst || note.acknowledgedMs !== null);
  const isLive = isKnown && note.passedMs !== null && isDelivered;
  return {
    id,
    ...authorship(commitOf(id)),
    flipped: timeOrNull(note?.flippedMs ?? null),
    seen: timeOrNull(note?.seenMs ?? null),
    live: isLive ? timeOf(Math.max(note.passedMs ?? 0, note.acknowledgedMs ?? 0)) : null,
  };
}
