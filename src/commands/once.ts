import type { Invocation, Io } from "../cli/argv.ts";
import { languageFor } from "../messages/language.ts";
import { nearest } from "../messages/nearest.ts";
import { visible } from "../messages/terminal.ts";
import type { CommandWords } from "../messages/words.ts";
import { Progress } from "../report/progress.ts";
import { markDamaged } from "../state/files.ts";
import { approveBeside, openState } from "../state/open.ts";
import { Once, type OnceResult } from "../sync/once.ts";
import { type Log, type State, StateCorrupt } from "../sync/ports.ts";
import { type Assembly, assemble } from "../wiring/assemble.ts";
import { logUnmatchedGlobs } from "../wiring/globs.ts";
import { announce, isRead } from "../wiring/logging.ts";
import { openSession, type Session } from "../wiring/session.ts";

/** Ids read in one go. */
const PAGE = 1_000;

/** `sync-agent once`: one full reconcile, a summary, the end. */
export async function once(invocation: Invocation, io: Io): Promise<number> {
  const { flags } = invocation;
  const session = await openSession(invocation, io, { secretsRequired: true });
  const { settings, log, words, print } = session;
  announce(settings, log, session.found);
  const approved = flags.allowMassDelete ? approveBeside(settings.state) : null;
  if (approved !== null) {
    print({ approved }, () => approval(approved, words));
    return 0;
  }
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        return await reconcileOnce(invocation, io, session);
      } catch (error) {
        // The next attempt, or the next start, makes it anew.
        if (error instanceof StateCorrupt) markDamaged(error);
        if (!(error instanceof StateCorrupt) || attempt > 1) throw error;
      }
    }
  } finally {
    log.flush();
  }
}

async function reconcileOnce({ flags, args }: Invocation, io: Io, session: Session): Promise<number> {
  const { settings, log, words, print } = session;
  const state = openState(settings.state, log, settings.olderState);
  try {
    const progress = new Progress(io, isRead(settings.log, io), languageFor("people", flags.lang, io.env));
    const report = progress.quieten(session.report);
    const assembly = await assemble(settings, state, log, io, { report, observe: progress.observe });
    try {
      progress.follow(assembly.agent, state);
      const result = await new Once(assembly.agent, flags.waitMs, io.signal).run({
        full: flags.full && args.length === 0,
        resend: new Set(args),
        approve: flags.allowMassDelete,
      });
      progress.end();
      await logUnmatchedGlobs(settings, log);
      const unknown = result.revision === null ? [] : unknownIds(args, assembly);
      for (const id of unknown) reportUnknown(id, state, log);
      // What the log has not written yet comes before the result.
      log.flush();
      const delivered = assembly.agent.deliverer.acknowledged;
      // Without a pass nothing is known of what the brake would hold.
      const isJudged = result.revision !== null || result.approved.length > 0;
      const first = flags.allowMassDelete && isJudged ? approval(result.approved, words) : "";
      print({ ...result, acknowledged: delivered, unknown }, () => first + summary(result, delivered, words));
      return unknown.length > 0 ? 1 : exitCode(result);
    } finally {
      progress.end();
      await assembly.close();
    }
  } finally {
    state.close();
  }
}

/** The ids whose deletes were approved, one a line. */
function approval(ids: readonly string[], { once }: CommandWords): string {
  if (ids.length === 0) return `${once.nothingToApprove}\n`;
  return [once.approved(ids.length), ...ids.map((id) => `  ${visible(id)}`), ""].join("\n");
}

/** Of the ids to send again, those that no published article has. */
function unknownIds(ids: readonly string[], { agent, state }: Assembly): string[] {
  return ids.filter((id) => state.claim(id, agent.nowMs()).winner === null);
}

function reportUnknown(id: string, state: State, log: Log): void {
  const near = nearest(id, knownIds(state));
  log.emit("warn", "article.unknown", `No published article has the id ${JSON.stringify(id)}`, {
    id,
    ...(near !== null && { hint: `Did you mean ${near}?` }),
  });
}

function* knownIds(state: State): Iterable<string> {
  for (let page = state.claims(null, PAGE, 0); page.length > 0; ) {
    for (const { id } of page) yield id;
    page = state.claims(page.at(-1)?.id ?? null, PAGE, 0);
  }
}

/**
 * 2 when all that is wanted here is another owner's at the inserter; 1 when some article was rejected, refused,
 * held, held back or could not be delivered.
 */
function exitCode({ reason, counts, brake, conflict }: OnceResult): number {
  if (conflict !== null) return 2;
  const { pending, held, rejected, refused, undeletable } = counts;
  return reason === null && brake === null && pending + held + rejected + refused + undeletable === 0 ? 0 : 1;
}

/** @param delivered Operations that the inserter acknowledged. */
function summary(result: OnceResult, delivered: number, words: CommandWords): string {
  const { revision, reason, counts, begun, brake, conflict } = result;
  const total = Math.max(begun, delivered + counts.pending);
  const lines: string[] = [];
  if (reason !== null) lines.push(words.once.notInStep(reason));
  if (revision !== null) lines.push(words.once.done(revision, delivered, total, counts.published));
  const kinds = ["pending", "scheduled", "withdrawn", "held", "rejected", "refused", "undeletable"] as const;
  const rest = kinds.filter((kind) => counts[kind] > 0).map((kind) => words.count(kind, counts[kind]));
  if (rest.length > 0) lines.push(words.once.rest(rest));
  if (conflict !== null) lines.push(words.once.conflict(conflict));
  if (brake !== null)
    lines.push(
      words.once.brake(brake),
      ...(brake.cause === null ? [] : [words.brakeCauses[brake.cause]]),
      words.plan.brakeHint,
    );
  return `${lines.join("\n")}\n`;
}
