/** What a running agent shows of itself, in the terms in which step and health are judged. */

import type { Journal } from "../report/journal.ts";
import type { Pulse } from "../report/pulse.ts";
import type { ArticlesStatus, Time, Verdict } from "../status.ts";
import type { Agent, DeliveryStatus } from "../sync/agent.ts";
import { StateUnavailable } from "../sync/ports.ts";
import { healthOf } from "./health.ts";
import { timeOf } from "./manifest.ts";
import type { StepFacts } from "./step.ts";
import type { Subject } from "./take.ts";

/** Null when the state cannot be read just now. */
export function readable<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof StateUnavailable) return null;
    throw error;
  }
}

export const maybe = (ms: number | null): Time | null => (ms === null ? null : timeOf(ms));

/** How delivery fares; as if nothing were wrong while the state cannot be read, which is told elsewhere. */
export function deliveryOf(agent: Agent): Pick<DeliveryStatus, "trouble" | "nextProbeMs" | "stateTrouble"> {
  return readable(() => agent.deliverer.status()) ?? { trouble: null, nextProbeMs: null, stateTrouble: null };
}

/** How much is owed, and since when. */
export function pendingFact(articles: ArticlesStatus | null): StepFacts["pending"] {
  return { count: articles?.pending.total ?? 0, since: articles?.pending.shown[0]?.since ?? null };
}

/** What keeps it out of step. */
export function factsOf(
  { agent, daemon, state }: Subject,
  journal: Journal,
  articles: ArticlesStatus | null,
): StepFacts {
  const { status } = daemon;
  const delivery = deliveryOf(agent);
  const sinceOf = (ailment: Parameters<Journal["sinceMs"]>[0]): Time | null =>
    maybe(journal.sinceMs(ailment));
  const checkpoint = readable(() => state.meta("checkpoint"));
  const note = status.revision === null ? null : journal.revision(status.revision);
  const trouble =
    status.stateTrouble ?? delivery.stateTrouble ?? (articles === null ? "it cannot be read either" : null);
  const waitsFor = status.phase === "waiting-for-inserter" ? "inserter" : "repository";
  const isAhead = status.revision !== null && checkpoint !== status.revision;
  return {
    isRunning: true,
    started: timeOf(journal.startedMs),
    firstPassDone: status.firstPassDone,
    phase: status.phase,
    waiting: status.waiting === null ? null : { ...status.waiting, since: sinceOf(waitsFor) },
    ahead:
      isAhead && status.revision !== null
        ? {
            revision: status.revision,
            since: maybe(note?.flippedMs ?? note?.seenMs ?? status.revisionSeenMs),
          }
        : null,
    pending: pendingFact(articles),
    brake: agent.brake === null ? null : { ...agent.brake, since: sinceOf("brake") },
    endpoint:
      delivery.trouble === null ? null : { ...delivery.trouble, since: timeOf(delivery.trouble.sinceMs) },
    stateTrouble: trouble === null ? null : { message: trouble, since: sinceOf("state") },
  };
}

/** Verdict of `/healthz`. */
export function vitalSigns(
  { agent, daemon, settings }: Subject,
  pulse: Pulse,
  articles: ArticlesStatus | null,
): Verdict {
  const { clock } = agent.world;
  const nowMs = clock.elapsedMs();
  const wallMs = clock.nowMs();
  const delivery = deliveryOf(agent);
  const nextTryMs = agent.deliverer.nextTryMs();
  const owedSince = pendingFact(articles).since;
  const rests =
    owedSince === null ||
    pulse.sending > 0 ||
    delivery.trouble !== null ||
    delivery.stateTrouble !== null ||
    (nextTryMs !== null && nextTryMs > wallMs);
  const { ratePerSecond, timeoutMs } = settings.inserter;
  return healthOf({
    nowMs,
    turnDueMs: nowMs + daemon.status.nextTurnMs - wallMs,
    loopMovedMs: pulse.lastMs("head", "compare", "examine", "inventory"),
    calls: pulse.out,
    sendableSinceMs: rests ? null : Math.max(pulse.startedMs, nowMs + Date.parse(owedSince) - wallMs),
    sentMs: pulse.lastMs("send"),
    requestTimeoutMs: timeoutMs,
    requestIntervalMs: ratePerSecond > 0 ? 1000 / ratePerSecond : 0,
  });
}
