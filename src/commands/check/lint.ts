import type { ArticleRoom } from "../../article/articles.ts";
import { type LintResult, unmissedCodes } from "../../article/lint.ts";
import { lineAt } from "../../article/problem.ts";
import { brokenReferences, type Reference } from "../../article/references.ts";
import { type Finding, findingOf, heldFinding, wholeFile } from "../../messages/finding.ts";
import type { Lang } from "../../messages/language.ts";
import type { FileOutcome } from "../../messages/words.ts";
import type { Problem, Verdict } from "../../sync/model.ts";
import { isExpired, isPublished, problemsOf } from "../../sync/rules.ts";
import type { Candidate, Files } from "./files.ts";

/** A place in a file, as a {@link Finding} has it. */
type Place = Pick<Finding, "line" | "column" | "length" | "excerpt">;

/** What one file is, on its own. */
export interface LintedFile {
  readonly path: string;
  readonly verdict: Verdict;
  readonly problems: readonly Problem[];
  readonly references: readonly Reference[];
  readonly attributes: LintResult["attributes"];
  readonly payload: LintResult["payload"];
  /** Where its fields come from. */
  readonly origins: LintResult["origins"];
  /** Where its id is written; null where it comes from a hook. */
  readonly idPlace: Place | null;
}

/** What one file is among the others. */
export interface CheckedFile extends LintedFile {
  readonly outcome: FileOutcome;
  /** The path that has its id, where that is another one. */
  readonly holder: string | null;
  readonly findings: readonly Finding[];
}

/** Files looked at at the same time, so that every render thread has work. */
const AT_ONCE = 16;
/** Of a line, UTF-16 code units. */
const EXCERPT_MAX = 200;

/**
 * Looks at every candidate, and decides what becomes of each among the others.
 *
 * @param look What is done with each: {@link lintFile} or {@link parseFile}.
 * @param nowMs Decides which scheduled articles compete for ids.
 */
export async function checkFiles(
  files: Files,
  look: (candidate: Candidate) => Promise<LintedFile>,
  nowMs: number,
  lang: Lang,
): Promise<CheckedFile[]> {
  const linted: LintedFile[] = [];
  let group: Promise<LintedFile>[] = [];
  for await (const candidate of files.candidates()) {
    group.push(look(candidate));
    if (group.length < AT_ONCE) continue;
    linted.push(...(await Promise.all(group)));
    group = [];
  }
  linted.push(...(await Promise.all(group)));
  return outcomesOf(linted, files, nowMs, lang);
}

const UNSEEN = {
  problems: [],
  references: [],
  attributes: null,
  payload: null,
  origins: {},
  idPlace: null,
};

/** Finds everything about a file, warnings included. */
export async function lintFile(
  articles: ArticleRoom,
  candidate: Candidate,
  nowMs: number,
): Promise<LintedFile> {
  const { path } = candidate;
  const content = await candidate.read();
  if (content?.kind !== "bytes") return parseFile(articles, candidate);
  const { source, ...linted } = await articles.lint(path, content.bytes, nowMs);
  return { path, ...linted, idPlace: idPlaceIn(source ?? "") };
}

function idPlaceIn(source: string): Place | null {
  const id = /^id[ \t]*:[ \t]*/m.exec(source);
  if (id === null) return null;
  const { line, lineText } = lineAt(source, id.index);
  const [{ length }] = id;
  const value = lineText.slice(length).trimEnd();
  return {
    line,
    column: length + 1,
    length: Math.max(value.length, 1),
    excerpt: lineText.slice(0, EXCERPT_MAX),
  };
}

/** Finds what a file is, and no more. */
export async function parseFile(articles: ArticleRoom, { path, mode, read }: Candidate): Promise<LintedFile> {
  const content = await read();
  if (content === null) {
    return { path, ...UNSEEN, verdict: { kind: "none", why: mode === "submodule" ? mode : "symlink" } };
  }
  const { verdict } = await articles.parse(path, "", content, 1);
  return { path, ...UNSEEN, verdict, problems: problemsOf(verdict) };
}

function outcomesOf(linted: readonly LintedFile[], files: Files, nowMs: number, lang: Lang): CheckedFile[] {
  const holders = new Map<string, string>();
  for (const { path, verdict } of linted) {
    if (isPublished(verdict, null, nowMs) && !holders.has(verdict.id)) holders.set(verdict.id, path);
  }
  const outcomes = new Map(linted.map((file) => [file.path, outcomeOf(file, holders, nowMs)]));
  const lookup = {
    exists: files.exists,
    isPublished(path: string): boolean | undefined {
      const outcome = outcomes.get(path);
      return outcome === undefined || outcome === "no-article" ? undefined : outcome === "published";
    },
  };
  const unmissed = unmissedCodes(
    linted.filter(({ verdict }) => verdict.kind === "article").map(({ problems }) => problems),
  );
  return linted.map((file) => {
    const outcome = outcomes.get(file.path) ?? "no-article";
    const holder =
      outcome === "duplicate" && "id" in file.verdict ? (holders.get(file.verdict.id ?? "") ?? null) : null;
    const own = file.problems.filter(({ code }) => !unmissed.has(code));
    const problems = [...own, ...brokenReferences(file.references, lookup)];
    const whole = ownFinding(file, holder, lang);
    const findings = [
      ...(whole === null ? [] : [whole]),
      ...problems.map((problem) => findingOf(problem, file.path, lang)),
    ].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || a.column - b.column);
    return { ...file, outcome, holder, findings };
  });
}

/** First path in byte order has an id; only files that would be published now compete for it. */
function outcomeOf(
  { path, verdict }: LintedFile,
  holders: ReadonlyMap<string, string>,
  nowMs: number,
): FileOutcome {
  switch (verdict.kind) {
    case "article":
      if (isExpired(verdict, nowMs)) return "expired";
      if (!isPublished(verdict, null, nowMs)) return "scheduled";
      return holders.get(verdict.id) === path ? "published" : "duplicate";
    case "withdrawn":
      return verdict.why === "mapped-null" ? "not-published" : verdict.why;
    case "none":
      return "no-article";
    default:
      return verdict.kind;
  }
}

/** The finding about a file as a whole; null where its problems say it all. */
function ownFinding(
  { path, verdict, problems, idPlace }: LintedFile,
  holder: string | null,
  lang: Lang,
): Finding | null {
  if (verdict.kind === "none" && problems.length === 0) return wholeFile(path, "note", verdict.why, lang);
  if (verdict.kind === "held") {
    return heldFinding(path, verdict.reason, lang);
  }
  if (verdict.kind === "article" && holder !== null) {
    const params = { id: verdict.id, path: holder };
    return { ...wholeFile(path, "error", "duplicate-id", lang, params), ...idPlace };
  }
  return null;
}
