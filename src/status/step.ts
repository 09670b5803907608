/** Whether the inserter is in step with the repository, and if not, why: pure. */
import type { Reason, ReasonCode, Time } from "../status.ts";

/** What keeps an agent out of step. Instants as the status tells them, null where nobody knows. */
export interface StepFacts {
  readonly isRunning: boolean;
  readonly started: Time | null;
  readonly firstPassDone: boolean;
  readonly phase: string;
  /** What it waits for, if it does. */
  readonly waiting: { readonly reason: string; readonly hint: string; readonly since: Time | null } | null;
  /** The revision that was seen, when it was not gone through yet. */
  readonly ahead: { readonly revision: string; readonly since: Time | null } | null;
  readonly pending: { readonly count: number; readonly since: Time | null };
  readonly brake: { readonly deletes: number; readonly owned: number; readonly since: Time | null } | null;
  readonly endpoint: {
    readonly message: string;
    readonly hint: string | null;
    readonly since: Time;
  } | null;
  readonly stateTrouble: { readonly message: string; readonly since: Time | null } | null;
}

/** What to do about a brake. */
export const BRAKE_HINT =
  "If that is meant: sync-agent once --allow-mass-delete, or a larger prune.maxFraction. If not, look at what the last commits took away.";

/** Why it is out of step, the one that explains most first; empty when it is in step. */
export function stepReasons(facts: StepFacts): Reason[] {
  const { waiting, endpoint, stateTrouble, brake, ahead, pending } = facts;
  const reasons: Reason[] = [];
  const because = (code: ReasonCode, since: Time | null, message: string, hint = ""): void => {
    reasons.push({ code, message, hint, since });
  };
  if (!facts.isRunning) {
    because(
      "not-running",
      null,
      "No running agent was found: this is what its state tells",
      "Start it: sync-agent run",
    );
  }
  if (waiting !== null && facts.phase === "waiting-for-repository") {
    because(
      "waiting-for-repository",
      waiting.since,
      `Waits for the repository: ${waiting.reason}`,
      waiting.hint,
    );
  }
  if (waiting !== null && facts.phase === "waiting-for-inserter") {
    because("waiting-for-inserter", waiting.since, `Waits for the ${waiting.reason}`, waiting.hint);
  }
  if (stateTrouble !== null) {
    because(
      "state-trouble",
      stateTrouble.since,
      `The state cannot be written: ${stateTrouble.message}`,
      "Nothing is lost: it goes on by itself as soon as there is room and permission.",
    );
  }
  if (endpoint !== null) {
    const hint = endpoint.hint ?? "Nothing is lost: it is tried again by itself.";
    because("inserter-trouble", endpoint.since, `The inserter cannot be used: ${endpoint.message}`, hint);
  }
  if (brake !== null) {
    const what = `This revision would delete ${brake.deletes} of ${brake.owned} articles: none of them is deleted`;
    because("brake", brake.since, what, BRAKE_HINT);
  }
  if (facts.isRunning && !facts.firstPassDone) {
    because("starting", facts.started, "The first look at everything is not finished");
  } else if (ahead !== null) {
    because("new-revision", ahead.since, `Revision ${ahead.revision.slice(0, 12)} is being gone through`);
  }
  if (pending.count > 0) {
    const what = pending.count === 1 ? "1 change is" : `${pending.count} changes are`;
    because("pending", pending.since, `${what} not acknowledged yet`);
  }
  return reasons;
}
