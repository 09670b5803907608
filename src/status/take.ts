/** Takes a snapshot: everything that is known of an agent at one moment, put in the shape of `/status`. */
import type { Settings } from "../config/settings.ts";
import type { DeliveryNote, Journal } from "../report/journal.ts";
import type { Pulse } from "../report/pulse.ts";
import type { ArticlesStatus, DeliveryStatus, Reason, StatusSnapshot, Time, Verdict } from "../status.ts";
import type { Agent } from "../sync/agent.ts";
import type { DaemonStatus } from "../sync/daemon-status.ts";
import type { Revision } from "../sync/ports.ts";
import type { Doubtful } from "./doubts.ts";
import { deliveryOf, factsOf, maybe, pendingFact, readable, vitalSigns } from "./facts.ts";
import { readinessOf } from "./health.ts";
import {
  articlesOf,
  type Describe,
  problemOf,
  type StateView,
  type Trial,
  timeOf,
  type View,
} from "./manifest.ts";
import { BRAKE_HINT, stepReasons } from "./step.ts";

/** What is wanted of a commit; a `Source` tells it. `authorTimeMs` is 0 where it cannot be read. */
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
}

/** What is there besides the agent. */
export interface Surroundings {
  /** Version of the agent. */
  readonly version: string;
  readonly describe: Describe;
  /** The commit of a revision, as far as it is known by now. */
  commitOf(revision: Revision): Commit | null;
}

/** How the manifest of a running agent is looked at: its dates by its own time, its tries included. */
export function viewOf({ agent, state }: Subject, describe: Describe): View {
  const { clock } = agent.world;
  const { nextProbeMs } = agent.deliverer.status();
  return {
    state,
    nowMs: agent.nowMs(),
    describe,
    trialOf: (id, version): Trial | null => {
      const attempt = agent.deliverer.attemptOf(id, version);
      if (attempt === null && nextProbeMs === null) return null;
      const nextMs = Math.max(attempt?.nextMs ?? 0, nextProbeMs ?? 0);
      return {
        failures: attempt?.failures ?? 0,
        message: attempt?.message ?? null,
        nextMs: nextMs > clock.nowMs() ? nextMs : null,
      };
    },
  };
}

/**
 * A snapshot of a running agent. Never throws for a state that cannot be read: `articles` is null then.
 *
 * @param articles The manifest's part, when a recent one is at hand: it is what costs time.
 */
export function takeSnapshot(
  subject: Subject,
  around: Surroundings & {
    readonly journal: Journal;
    readonly pulse: Pulse;
    readonly doubtful: readonly Doubtful[];
  },
  articles: ArticlesStatus | null = readArticles(subject, around.describe),
): StatusSnapshot {
  const { agent, settings } = subject;
  const { journal } = around;
  const { clock } = agent.world;
  const status = subject.daemon.status;
  const delivery = deliveryOf(agent);
  const facts = factsOf(subject, journal, articles);
  const reasons = stepReasons(facts);
  const { lastPass, lastVerifiedMs } = status;
  const note = journal.lastPass;
  return {
    ...identity(settings, around.version, clock.nowMs()),
    started: timeOf(journal.startedMs),
    phase: status.phase,
    ...step(reasons, clock.nowMs(), journal.lastMoveMs),
    health: vitalSigns(subject, around.pulse, articles),
    ready: readinessOf(reasons),
    revision:
      status.revision === null
        ? null
        : revisionOf(status.revision, isOwing(articles) || facts.brake !== null, around, journal),
    articles,
    brake: facts.brake === null ? null : { ...facts.brake, hint: BRAKE_HINT },
    endpoint:
      delivery.trouble === null
        ? null
        : {
            kind: delivery.trouble.kind,
            message: delivery.trouble.message,
            hint: delivery.trouble.hint,
            since: timeOf(delivery.trouble.sinceMs),
            attempts: delivery.trouble.attempts,
            nextTry: maybe(delivery.nextProbeMs),
          },
    stateTrouble: facts.stateTrouble?.message ?? null,
    inFlight: around.pulse.sending,
    ...memory(subject.state),
    lastVerified: maybe(lastVerifiedMs),
    lastPass:
      lastPass === null
        ? null
        : {
            at: timeOf(lastPass.atMs),
            trigger: lastPass.trigger,
            way: note?.way ?? null,
            examined: lastPass.examined,
            begun: note?.begun ?? null,
            durationMs: note?.durationMs ?? null,
          },
    nextDrift: timeOf(status.nextDriftMs),
    nextResync: timeOf(status.nextResyncMs),
    recent: journal.recent.map(toldOf),
    doubtful: around.doubtful.map(({ path, id, problems }) => ({
      path,
      id,
      problems: problems.map((problem) => problemOf(problem, path, around.describe)),
    })),
  };
}

/** What a state file tells when no agent runs. */
export function snapshotOfState(
  { state, settings }: Pick<Subject, "state" | "settings">,
  { version, describe, commitOf, nowMs }: Surroundings & { readonly nowMs: number },
): StatusSnapshot {
  const judgedMs = Math.max(nowMs, Number(state.meta("now") ?? 0));
  const articles = articlesOf({ state, nowMs: judgedMs, describe, trialOf: () => null });
  const reasons = stepReasons({
    isRunning: false,
    started: null,
    firstPassDone: false,
    phase: "not-running",
    waiting: null,
    ahead: null,
    pending: pendingFact(articles),
    brake: null,
    endpoint: null,
    stateTrouble: null,
  });
  const idle: Verdict = { ok: false, reasons: reasons.filter(({ code }) => code === "not-running") };
  const revision = state.meta("checkpoint");
  const commit = revision === null ? null : commitOf(revision);
  return {
    ...identity(settings, version, nowMs),
    started: null,
    phase: "not-running",
    ...step(reasons, nowMs, null),
    health: idle,
    ready: idle,
    revision:
      revision === null
        ? null
        : { id: revision, ...authorship(commit), flipped: null, seen: null, live: null },
    articles,
    brake: null,
    endpoint: null,
    stateTrouble: null,
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

/** The manifest's part of a snapshot; null when the state cannot be read. */
export function readArticles(subject: Subject, describe: Describe): ArticlesStatus | null {
  return readable(() => articlesOf(viewOf(subject, describe)));
}

function identity(settings: Settings, version: string, nowMs: number) {
  const { repo, ref, owner, inserter, articles } = settings;
  const { include, exclude } = articles;
  return { version, time: timeOf(nowMs), repo, ref, owner, inserter: inserter.url, include, exclude };
}

function step(reasons: readonly Reason[], nowMs: number, inStepSinceMs: number | null) {
  const inStep = reasons.length === 0;
  const known = reasons.flatMap(({ since }) => since ?? []).sort();
  const since = inStep ? maybe(inStepSinceMs) : (known[0] ?? null);
  const outOfStepMs = inStep || since === null ? 0 : Math.max(0, nowMs - Date.parse(since));
  return { inStep, since, outOfStepMs, reasons };
}

/** What the state remembers of the inserter. */
function memory(state: StateView): Pick<StatusSnapshot, "inventory" | "startedOver"> {
  return (
    readable(() => {
      const capability = state.meta("capability");
      const startedOver = state.meta("started-over");
      const known = capability === "inventory" || capability === "none" ? capability : "unknown";
      // While an inventory is still to be read, nothing is lost yet.
      const isLost = startedOver !== null && known === "none";
      return { inventory: known, startedOver: isLost ? timeOf(Number(startedOver)) : null } as const;
    }) ?? { inventory: "unknown", startedOver: null }
  );
}

function authorship(commit: Commit | null): { subject: string | null; authored: Time | null } {
  if (commit === null) return { subject: null, authored: null };
  return {
    subject: commit.subject,
    authored: commit.authorTimeMs === 0 ? null : timeOf(commit.authorTimeMs),
  };
}

/** Whether something of the manifest is still to be sent, as far as anybody can tell. */
const isOwing = (articles: ArticlesStatus | null): boolean => articles?.pending.total !== 0;

/** @param isOwed Whether something of it is not at the inserter yet. */
function revisionOf(
  id: Revision,
  isOwed: boolean,
  { commitOf }: Surroundings,
  journal: Journal,
): StatusSnapshot["revision"] {
  const note = journal.revision(id);
  // The first one may have been live for days, unless something of it was delivered here.
  const isKnown = note !== null && (!note.isFirst || note.acknowledgedMs !== null);
  const isLive = isKnown && note.passedMs !== null && !isOwed;
  const liveMs = isLive ? Math.max(note.passedMs ?? 0, note.acknowledgedMs ?? 0) : null;
  return {
    id,
    ...authorship(commitOf(id)),
    flipped: maybe(note?.flippedMs ?? null),
    seen: maybe(note?.seenMs ?? null),
    live: maybe(liveMs),
  };
}

function toldOf({ atMs, ...note }: DeliveryNote): DeliveryStatus {
  return { at: timeOf(atMs), ...note };
}
