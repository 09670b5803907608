import picocolors from "picocolors";
import type { Flags } from "../../cli/options.ts";
import { type Finding, prettyFinding } from "../../messages/finding.ts";
import type { Lang } from "../../messages/language.ts";
import { visible, visibleJson } from "../../messages/terminal.ts";
import { type FileOutcome, WORDS } from "../../messages/words.ts";
import { version } from "../../version.ts";
import type { CheckedFile } from "./lint.ts";

/** What was checked, and what came of it. */
interface Report {
  readonly config: string | null;
  readonly repo: string;
  /** Null for the work tree. */
  readonly revision: string | null;
  readonly files: readonly CheckedFile[];
  /** What is to be said of the configuration. */
  readonly inConfig: readonly Finding[];
  /** Warnings count as errors do. */
  readonly strict: boolean;
}

/** Of warnings and notes alike so many are shown to people; reports for machines have all. */
const ALIKE_MAX = 5;

const findingsOf = ({ files, inConfig }: Report): readonly Finding[] => [
  ...inConfig,
  ...files.flatMap(({ findings }) => findings),
];

/** Whether nothing is wrong. */
export const isSound = (report: Report): boolean =>
  findingsOf(report).every(
    ({ severity }) => severity === "note" || (severity === "warning" && !report.strict),
  );

/** A report as `--format` wants it. */
export function formatReport(report: Report, format: Flags["format"], colour: boolean, lang: Lang): string {
  const findings = findingsOf(report);
  switch (format) {
    case "json":
      return `${visibleJson(JSON.stringify(forMachines(report)))}\n`;
    case "sarif":
      return `${visibleJson(JSON.stringify(sarif(findings, version), null, 2))}\n`;
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
    ok: isSound(report),
    config: report.config,
    revision: report.revision,
    counts: Object.fromEntries(countsOf(report)),
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
      if (severity === "error" || nth <= ALIKE_MAX) lines.push(prettyFinding(finding, colour, lang));
    }
    for (const [code, count] of seen) {
      const more = severity === "error" ? 0 : count - ALIKE_MAX;
      if (more > 0) lines.push(`${dim(check.more(more, code))}\n`);
    }
  }
  const total = (severity: Finding["severity"]): number =>
    findings.filter((one) => one.severity === severity).length;
  const errors = total("error");
  const calm = report.files.length === 0 ? check.nothing : check.noErrors;
  const failed = errors > 0 ? check.errors(errors) : check.strict;
  const verdict = isSound(report) ? green(calm) : red(bold(failed));
  const where = report.revision === null ? check.worktree : report.revision.slice(0, 12);
  const outcomes = countsOf(report)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => outcome(kind, count));
  const summary = check.summary(verdict, total("warning"), report.files.length, where);
  lines.push(`${summary}${outcomes.length > 0 ? `: ${outcomes.join(comma)}` : ""}\n`);
  if (report.files.length === 0) lines.push(`${check.noFiles}\n`);
  return lines.join("");
}

/** In the order in which they are listed. */
const OUTCOMES: readonly FileOutcome[] = [
  "published",
  "scheduled",
  "expired",
  "draft",
  "not-public",
  "not-published",
  "duplicate",
  "rejected",
  "held",
  "no-article",
];

function countsOf({ files }: Report): (readonly [FileOutcome, number])[] {
  return OUTCOMES.map((outcome) => [outcome, files.filter((file) => file.outcome === outcome).length]);
}

/**
 * One finding as a workflow command of GitHub Actions, which marks the line in a pull request.
 *
 * @see https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export function githubFinding({
  path,
  severity,
  code,
  line,
  column,
  length,
  message,
  hint,
}: Finding): string {
  const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
  const place =
    line === null ? "" : `,line=${line},endLine=${line},col=${column},endColumn=${column + length}`;
  const command = severity === "note" ? "notice" : severity;
  return `::${command} file=${property(path)}${place},title=${property(code)}::${data(sentences(message, hint))}\n`;
}

/** A runner reads its commands line by line; what else is no text would go to a terminal as it is. */
const data = (text: string): string =>
  text
    .split(/(\r|\n)/)
    .map((part, index) => (index % 2 === 1 ? part : visible(part)))
    .join("")
    .replaceAll("%", "%25")
    .replaceAll("\r", "%0D")
    .replaceAll("\n", "%0A");

/**
 * All findings as a SARIF log, for code scanning.
 *
 * @param version Of the agent.
 * @see OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0"
 */
export function sarif(findings: readonly Finding[], version: string): object {
  const codes = [...new Set(findings.map(({ code }) => code))].sort();
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: { name: "sync-agent", semanticVersion: version, rules: codes.map((id) => ({ id })) },
        },
        columnKind: "utf16CodeUnits",
        results: findings.map(({ path, severity, code, line, column, length, message, hint, excerpt }) => ({
          ruleId: code,
          ruleIndex: codes.indexOf(code),
          level: severity,
          message: { text: sentences(message, hint) },
          locations: [
            {
              physicalLocation: {
                artifactLocation: {
                  uri: path.split("/").map(encodeURIComponent).join("/"),
                  uriBaseId: "%SRCROOT%",
                },
                ...(line !== null && {
                  region: {
                    startLine: line,
                    startColumn: column,
                    endColumn: column + length,
                    ...(excerpt !== null && { snippet: { text: excerpt } }),
                  },
                }),
              },
            },
          ],
        })),
      },
    ],
  };
}

/** What is wrong and how to fix it, as running text. */
function sentences(message: string, hint: string): string {
  return hint === "" ? message : `${message}. ${hint}`;
}
