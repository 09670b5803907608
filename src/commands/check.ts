import picocolors from "picocolors";
import { createArticles } from "../article/articles.ts";
import { createSelector } from "../article/candidate.ts";
import type { Invocation, Io } from "../cli/argv.ts";
import type { Flags } from "../cli/options.ts";
import { loadSettings } from "../config/load.ts";
import { type Finding, prettyFinding } from "../messages/finding.ts";
import type { Lang } from "../messages/language.ts";
import { languageFor } from "../messages/language.ts";
import { type FileOutcome, WORDS } from "../messages/words.ts";
import { wantsColour } from "../report/log.ts";
import { version } from "../version.ts";
import { secretsOf } from "../wiring/known-secrets.ts";
import { openLog } from "../wiring/logging.ts";
import { examineAll, inspect, type Judged } from "./check/examine.ts";
import { openFiles } from "./check/files.ts";
import { githubFinding, sarif } from "./check/formats.ts";

/** Of warnings and notes alike so many are shown to people; reports for machines have all. */
const alikeMax = 5;

/** What was checked, and what came of it. */
interface Report {
  readonly config: string | null;
  readonly repo: string;
  /** Null for the work tree. */
  readonly revision: string | null;
  readonly files: readonly Judged[];
}

/** `sync-agent check`: validates the configuration and every article. Contacts nothing, changes nothing. */
export async function check({ flags }: Invocation, io: Io): Promise<number> {
  const settings = await loadSettings({ flags, cwd: io.cwd, env: io.env, secretsRequired: false });
  const log = openLog(
    io,
    { ...settings.log, level: flags.logLevel ?? "warn" },
    flags,
    secretsOf(settings.inserter, io.env),
  );
  const selector = createSelector(settings.articles);
  const files = await openFiles(settings, selector, flags.worktree ? "worktree" : "revision", log);
  const articles = createArticles({ settings: settings.articles, agentVersion: version });
  try {
    const isRead = flags.format === "pretty" || flags.format === "github";
    const lang = languageFor(isRead ? "people" : "programs", flags.lang, io.env);
    const nowMs = Date.now();
    const judged = await examineAll(files, (one) => inspect(articles, one, nowMs), nowMs, lang);
    const report = { config: settings.file, repo: settings.repo, revision: files.revision, files: judged };
    io.stdout(written(report, flags.format, wantsColour(io.env, io.isTTY.stdout), lang));
    return findingsOf(report).some(({ severity }) => severity === "error") ? 1 : 0;
  } finally {
    await articles.close();
    await files.close();
    log.flush();
  }
}

const findingsOf = ({ files }: Report): readonly Finding[] => files.flatMap(({ findings }) => findings);

function written(report: Report, format: Flags["format"], colour: boolean, lang: Lang): string {
  const findings = findingsOf(report);
  switch (format) {
    case "json":
      return `${JSON.stringify(forMachines(report))}\n`;
    case "sarif":
      return `${JSON.stringify(sarif(findings, version), null, 2)}\n`;
    case "github":
      return findings
        .filter(({ severity }) => severity !== "note")
        .map(githubFinding)
        .join("");
    case "pretty":
      return forPeople(report, colour, lang);
  }
}

function forMachines(report: Report): object {
  const findings = findingsOf(report);
  return {
    ok: !findings.some(({ severity }) => severity === "error"),
    config: report.config,
    revision: report.revision,
    counts: countsOf(report),
    files: report.files.map(({ path, verdict, outcome }) => ({
      path,
      id: "id" in verdict ? verdict.id : null,
      outcome,
    })),
    findings,
  };
}

/** Errors last, where the eye is: a terminal shows the end. */
function forPeople(report: Report, colour: boolean, lang: Lang): string {
  const { check, outcome, comma } = WORDS[lang].commands;
  const { bold, dim, green, red } = picocolors.createColors(colour);
  const findings = findingsOf(report);
  const lines = report.config === null ? [`${check.noConfig(report.repo)}\n`] : [];
  for (const severity of ["note", "warning", "error"] as const) {
    const seen = new Map<string, number>();
    for (const finding of findings.filter((one) => one.severity === severity)) {
      const nth = (seen.get(finding.code) ?? 0) + 1;
      seen.set(finding.code, nth);
      if (severity === "error" || nth <= alikeMax) lines.push(prettyFinding(finding, colour, lang));
    }
    for (const [code, count] of seen) {
      const more = severity === "error" ? 0 : count - alikeMax;
      if (more > 0) lines.push(`${dim(check.more(more, code))}\n`);
    }
  }
  const total = (severity: Finding["severity"]): number =>
    findings.filter((one) => one.severity === severity).length;
  const errors = total("error");
  const verdict =
    errors > 0
      ? red(bold(check.errors(errors)))
      : green(report.files.length === 0 ? check.nothing : check.noErrors);
  const where = report.revision === null ? check.worktree : report.revision.slice(0, 12);
  const outcomes = (Object.entries(countsOf(report)) as [FileOutcome, number][])
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => outcome(kind, count));
  const summary = check.summary(verdict, total("warning"), report.files.length, where);
  lines.push(`${summary}${outcomes.length > 0 ? `: ${outcomes.join(comma)}` : ""}\n`);
  if (report.files.length === 0) lines.push(`${check.noFiles}\n`);
  return lines.join("");
}

function countsOf({ files }: Report): Record<FileOutcome, number> {
  const count = (outcome: FileOutcome): number => files.filter((file) => file.outcome === outcome).length;
  return {
    published: count("published"),
    scheduled: count("scheduled"),
    draft: count("draft"),
    "not-published": count("not-published"),
    duplicate: count("duplicate"),
    rejected: count("rejected"),
    held: count("held"),
    "no-article": count("no-article"),
  };
}
