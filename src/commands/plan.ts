import type { Invocation, Io } from "../cli/argv.ts";
import type { Flags } from "../cli/options.ts";
import { loadSettings } from "../config/load.ts";
import type { Settings } from "../config/settings.ts";
import { type Finding, findingOf, heldFinding, wholeFile } from "../messages/finding.ts";
import type { Lang } from "../messages/language.ts";
import { languageFor } from "../messages/language.ts";
import { WORDS } from "../messages/words.ts";
import { reportTo } from "../report/describe.ts";
import { wantsColour } from "../report/log.ts";
import { copyState } from "../state/open.ts";
import type { SqliteState } from "../state/sqlite.ts";
import { compareBytes } from "../sync/order.ts";
import type { Brake } from "../sync/plan/policy.ts";
import type { Counts } from "../sync/ports.ts";
import { assemble } from "../wiring/assemble.ts";
import { secretsOf } from "../wiring/known-secrets.ts";
import { logLanguage, openLog } from "../wiring/logging.ts";
import { type Foreign, type Kept, PlanNotes, type Planned } from "./plan/planned.ts";
import { planText } from "./plan/text.ts";

/** Files read in one go. */
const PAGE = 1_000;

/** A plan: what `--json` prints. */
export interface PlanReport {
  /** Absolute path of the configuration file; null without one. */
  readonly config: string | null;
  /** Full commit id. */
  readonly revision: string;
  /** Why the inserter could not be asked what it holds; null where it was. */
  readonly note: string | null;
  /** By id, in byte order. */
  readonly planned: readonly Planned[];
  readonly kept: readonly Kept[];
  readonly foreign: readonly Foreign[];
  /** Rejected and held files, by path, as `check` has them. */
  readonly findings: readonly Finding[];
  /** Deletes that are held back, and out of how many articles; null where none is. */
  readonly brake: Brake | null;
  /** As they would be, nothing being sent yet. */
  readonly counts: Counts;
}

/** `sync-agent plan`: a pass over a copy of the state, of which nothing is kept and nothing is sent. */
export async function plan({ flags }: Invocation, io: Io): Promise<number> {
  const settings = await loadSettings({ flags, cwd: io.cwd, env: io.env });
  const log = openLog(
    io,
    { ...settings.log, level: flags.logLevel ?? "error" },
    flags,
    secretsOf(settings.inserter, io.env),
  );
  const state = copyState(settings.state);
  const lang = languageFor(flags.json ? "programs" : "people", flags.lang, io.env);
  const words = WORDS[lang].commands.plan;
  const assembly = await assemble(settings, state, log, io, {
    report: reportTo(log, logLanguage(settings.log, flags, io)),
    readOnly: true,
  });
  try {
    const { agent, source, articles } = assembly;
    const head = await source.head();
    if (head.kind === "waiting") return cannot(head.reason, head.hint, flags, io, lang);
    const verified = await agent.verify(io.signal);
    const notes = new PlanNotes(state, words);
    const result = await agent.look(head, "start", {
      resend: verified.kind === "none" ? "all" : new Set(),
      superseded: () => io.signal.aborted,
      onDecision: notes.onDecision,
    });
    if (result.kind === "superseded") {
      return cannot(words.moved, words.tryAgain, flags, io, lang);
    }
    const report: PlanReport = {
      config: settings.file,
      revision: head.revision,
      note: verified.kind === "unknown" ? words.notAsked(verified.message) : null,
      planned: await notes.planned(source, articles),
      kept: notes.kept,
      foreign: notes.foreign,
      findings: findingsIn(state, agent.nowMs(), lang),
      brake: result.brake,
      counts: state.counts(agent.nowMs()),
    };
    io.stdout(flags.json ? `${JSON.stringify(report)}\n` : first(settings, lang) + written(report, io, lang));
    const { counts, planned } = report;
    const something = planned.some((one) => one.do !== "resend");
    return flags.exitCode && something ? 3 : flags.exitCode && counts.rejected + counts.held > 0 ? 1 : 0;
  } finally {
    await assembly.close();
    log.flush();
    state.close();
  }
}

function cannot(reason: string, hint: string, { json }: Flags, io: Io, lang: Lang): number {
  const report = { revision: null, reason, hint };
  io.stdout(json ? `${JSON.stringify(report)}\n` : `${WORDS[lang].commands.plan.cannot(reason, hint)}\n`);
  return 1;
}

/** What is planned for what, where no configuration file tells; else nothing. */
function first({ file, repo, inserter }: Settings, lang: Lang): string {
  return file === null ? `${WORDS[lang].commands.plan.noConfig(repo, inserter.url)}\n` : "";
}

/** A file or pipe takes lines of any length. */
function written(report: PlanReport, io: Io, lang: Lang): string {
  const columns = io.isTTY.stdout ? io.columns : Number.POSITIVE_INFINITY;
  return planText(report, { colour: wantsColour(io.env, io.isTTY.stdout), columns, lang });
}

/** What is wrong with rejected files, held ones and losers of an id, by path. */
function findingsIn(state: SqliteState, nowMs: number, lang: Lang): Finding[] {
  const findings: Finding[] = [];
  for (const kind of ["rejected", "held"] as const) {
    for (let page = state.filesOfKind(kind, null, PAGE); page.length > 0; ) {
      for (const { path, verdict } of page) {
        if (verdict.kind === "rejected") {
          findings.push(...verdict.problems.map((problem) => findingOf(problem, path, lang)));
        } else if (verdict.kind === "held") {
          findings.push(heldFinding(path, verdict.reason, lang));
        }
      }
      page = state.filesOfKind(kind, page.at(-1)?.path ?? null, PAGE);
    }
  }
  for (const { path, id, winner } of state.duplicates(nowMs)) {
    findings.push(wholeFile(path, "error", "duplicate-id", lang, { id, path: winner }));
  }
  return findings.sort((a, b) => compareBytes(a.path, b.path));
}
