import type { Invocation, Io } from "../cli/argv.ts";
import { readablePath } from "../state/older.ts";
import { copyState } from "../state/open.ts";
import { assemble } from "../wiring/assemble.ts";
import { globFindings } from "../wiring/globs.ts";
import { openSession } from "../wiring/session.ts";
import { findingsIn, PlanNotes, type PlanReport } from "./plan/planned.ts";
import { planText } from "./plan/text.ts";

/** `sync-agent plan`: a pass over a copy of the state, of which nothing is stored and nothing is sent. */
export async function plan(invocation: Invocation, io: Io): Promise<number> {
  const { flags } = invocation;
  const session = await openSession(invocation, io, { logLevel: "error", secretsRequired: true });
  const { settings, log, lang, colour, print } = session;
  const words = session.words.plan;
  const cannotPlan = (reason: string, hint: string): number => {
    print({ revision: null, reason, hint }, () => `${words.cannot(reason, hint)}\n`);
    return 1;
  };
  const state = copyState(readablePath(settings.state, settings.olderState));
  const assembly = await assemble(settings, state, log, io, { report: session.report, readOnly: true });
  try {
    const { agent, source, articles } = assembly;
    const head = await source.head();
    if (head.kind === "waiting") return cannotPlan(head.reason, head.hint);
    const verified = await agent.verify(io.signal);
    // Nothing is sent: a pass must not wait for bodies to be taken.
    await agent.deliverer.stop(0);
    const notes = new PlanNotes(state, words);
    const pass = () =>
      agent.reconcile(head, "start", {
        resend: verified.kind === "none" ? "all" : new Set(),
        patience: 1,
        superseded: () => io.signal.aborted,
        onDecision: notes.onDecision,
      });
    let result = await pass();
    // The old revision may be what cannot be read: the second time all files are listed instead.
    if (result.kind === "superseded" && result.fault !== null) result = await pass();
    if (result.kind === "superseded") {
      const { fault } = result;
      return cannotPlan(fault?.message ?? words.moved, fault?.hint || words.tryAgain);
    }
    const report: PlanReport = {
      config: settings.file,
      revision: head.revision,
      note: verified.kind === "unknown" ? words.notAsked(verified.message) : null,
      planned: await notes.planned(source, articles),
      kept: notes.kept,
      foreign: notes.foreign,
      findings: [...(await globFindings(settings, log, lang)), ...findingsIn(state, agent.nowMs(), lang)],
      brake: result.brake,
      counts: state.counts(agent.nowMs()),
    };
    // A file or pipe takes lines of any length.
    const columns = io.isTTY.stdout ? io.columns : Number.POSITIVE_INFINITY;
    const { file, repo, inserter } = settings;
    const first = file === null ? `${words.noConfig(repo, inserter.url, session.found)}\n` : "";
    print(report, () => first + planText(report, { colour, columns, lang }));
    if (!flags.exitCode) return 0;
    if (report.planned.some((one) => one.do !== "resend")) return 3;
    return report.counts.rejected + report.counts.held > 0 ? 1 : 0;
  } finally {
    await assembly.close();
    log.flush();
    state.close();
  }
}
