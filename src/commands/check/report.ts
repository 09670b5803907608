import picocolors from "picocolors";
import type { Flags } from "../../cli/options.ts";
import { type Finding, prettyFinding } from "../../messages/finding.ts";
import type { Lang } from "../../messages/language.ts";
import { visible, visibleJson } from "../../messages/terminal.ts";
import { type FileOutcome, WORDS } from "../../messages/words.ts";
import { version } from "../../version.ts";
import { type Alike, Tally } from "./tally.ts";

/** What was checked, and what came of it. */
interface Report {
  readonly config: string | null;
  readonly repo: string;
  /** Null for the work tree. */
  readonly revision: string | null;
  readonly found: Tally;
  /** The preset that was found where there is no configuration. */
  readonly preset?: { readonly name: string | null; readonly because: string | null } | null;
  /** What is to be said of the configuration. */
  readonly inConfig: readonly Finding[];
  /** Warnings count as errors do. */
  readonly strict: boolean;
}

type Format = Flags["format"];

/** Of errors, and of warnings and notes, that are alike so many are shown to people. */
const ERRORS_MAX = 10;
const OTHERS_MAX = 5;
/** So many are no habit of a repository yet. */
const FEW = 10;
/** Of findings that are alike, a report for machines has so many. GitHub shows ten of a step. */
const LISTED_MAX: Readonly<Record<Exclude<Format, "pretty">, number>> = {
  json: 1_000,
  sarif: 1_000,
  github: 50,
};

/** Gathers as much as this format shows. */
export function tallyFor(format: Format): Tally {
  const shownMax = (severity: Finding["severity"]): number =>
    format !== "pretty" ? LISTED_MAX[format] : severity === "error" ? ERRORS_MAX : OTHERS_MAX;
  return new Tally(shownMax, format === "json");
}

const findingsOf = ({ found, inConfig }: Report): readonly Finding[] => [...inConfig, ...found.shown];

function total({ found, inConfig }: Report, severity: Finding["severity"]): number {
  return found.total(severity) + inConfig.filter((one) => one.severity === severity).length;
}

/** Whether nothing is wrong. */
export const isSound = (report: Report): boolean =>
  total(report, "error") === 0 && (!report.strict || total(report, "warning") === 0);

/** A report as `--format` wants it. */
export function formatReport(report: Report, format: Format, colour: boolean, lang: Lang): string {
  const findings = findingsOf(report);
  switch (format) {
    case "json":
      return `${visibleJson(JSON.stringify(forMachines(report)))}\n`;
    case "sarif":
      return `${visibleJson(JSON.stringify(sarif(findings, version, summedUp(report)), null, 2))}\n`;
    case "github":
      return [
        ...findings.filter(({ severity }) => severity !== "note").map(githubFinding),
        ...summedUp(report)
          .filter(({ severity }) => severity !== "note")
          .map((one) => githubSum(one, lang)),
      ].join("");
    case "pretty":
      return forPeople(report, colour, lang);
  }
}

/** Kinds of findings that not all are shown of. */
function summedUp({ found }: Report): Summed[] {
  return found.alike
    .filter(({ count, shown }) => count > shown.length)
    .map(({ severity, code, count, shown }) => ({ severity, code, count, shown: shown.length }));
}

/** How many findings are alike, and how many of them are shown. */
interface Summed extends Pick<Finding, "severity" | "code"> {
  readonly count: number;
  readonly shown: number;
}

function forMachines(report: Report): object {
  const { found } = report;
  return {
    ok: isSound(report),
    config: report.config,
    revision: report.revision,
    counts: Object.fromEntries(OUTCOMES.map((outcome) => [outcome, found.countOf(outcome)])),
    files: found.files,
    findings: findingsOf(report),
    summed: summedUp(report),
  };
}

/** Errors last, where the eye is: a terminal shows the end. */
function forPeople(report: Report, colour: boolean, lang: Lang): string {
  const { check, outcome, comma } = WORDS[lang].commands;
  const { bold, green, red } = picocolors.createColors(colour);
  const { found, inConfig } = report;
  const lines = report.config === null ? [`${check.noConfig(report.repo, report.preset ?? null)}\n`] : [];
  for (const severity of ["note", "warning", "error"] as const) {
    const ofConfig = inConfig.filter((one) => one.severity === severity);
    lines.push(...ofConfig.map((finding) => prettyFinding(finding, colour, lang)));
    lines.push(...prettyKinds(found, severity, colour, lang));
  }
  const errors = total(report, "error");
  const calm = found.fileCount === 0 ? check.nothing : check.noErrors;
  const failed = errors > 0 ? check.errors(errors) : check.strict;
  const verdict = isSound(report) ? green(calm) : red(bold(failed));
  const where = report.revision === null ? check.worktree : report.revision.slice(0, 12);
  const outcomes = OUTCOMES.filter((kind) => found.countOf(kind) > 0).map((kind) =>
    outcome(kind, found.countOf(kind)),
  );
  const summary = check.summary(verdict, total(report, "warning"), found.fileCount, where);
  lines.push(`${summary}${outcomes.length > 0 ? `: ${outcomes.join(comma)}` : ""}\n`);
  if (found.fileCount === 0) lines.push(`${check.noFiles}\n`);
  return lines.join("");
}

/** Findings in the order of files, and below them how many more there are of each kind. */
function prettyKinds(found: Tally, severity: Finding["severity"], colour: boolean, lang: Lang): string[] {
  const { check } = WORDS[lang].commands;
  const { dim } = picocolors.createColors(colour);
  const kinds = new Map(
    found.alike
      .filter((one) => one.severity === severity)
      .map((one) => [one.code, { ...one, left: shownOf(one, found.fileCount) }]),
  );
  const lines: string[] = [];
  for (const finding of found.shown) {
    const kind = finding.severity === severity ? kinds.get(finding.code) : undefined;
    if (kind !== undefined && kind.left-- > 0) lines.push(prettyFinding(finding, colour, lang));
  }
  for (const one of kinds.values()) {
    const more = one.count - Math.min(one.shown.length, shownOf(one, found.fileCount));
    if (more > 0) lines.push(`${dim(check.more(more, one.code))}\n`);
  }
  return lines;
}

/** What nearly every file has is no slip of one: said once, with one example. */
function shownOf({ severity, count }: Alike, files: number): number {
  if (severity === "error") return ERRORS_MAX;
  return count > FEW && count * 2 > files ? 1 : OTHERS_MAX;
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

/** That there are more of a kind than those that are marked. */
function githubSum({ severity, code, count, shown }: Summed, lang: Lang): string {
  const text = WORDS[lang].commands.check.more(count - shown, code);
  return `::${severity === "note" ? "notice" : severity} title=${property(code)}::${data(text)}\n`;
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
  const place =
    line === null ? "" : `,line=${line},endLine=${line},col=${column},endColumn=${column + length}`;
  const command = severity === "note" ? "notice" : severity;
  return `::${command} file=${property(path)}${place},title=${property(code)}::${data(sentences(message, hint))}\n`;
}

const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");

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
 * Findings as a SARIF log, for code scanning.
 *
 * @param version Of the agent.
 * @param summed Kinds of which there are more.
 * @see OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0"
 */
export function sarif(findings: readonly Finding[], version: string, summed: readonly Summed[] = []): object {
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
        ...(summed.length > 0 && { properties: { summed } }),
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
