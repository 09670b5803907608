import type { ArticleRoom } from "../../article/articles.ts";
import { type LintResult, unmissedCodes } from "../../article/lint.ts";
import { lineAt } from "../../article/problem.ts";
import { brokenReferences, type Reference } from "../../article/references.ts";
import { type Finding, findingOf, heldFinding, wholeFile } from "../../messages/finding.ts";
import type { Lang } from "../../messages/language.ts";
import type { FileOutcome } from "../../messages/words.ts";
import type { Problem, Verdict } from "../../sync/model.ts";
import type { Candidate, Files } from "./files.ts";

/** A place in a file, as a {@link Finding} tells it. */
type Place = Pick<Finding, "line" | "column" | "length" | "excerpt">;

/** What one file turned out to be, on its own. */
export interface Examined {
  readonly path: string;
  readonly verdict: Verdict;
  readonly problems: readonly Problem[];
  readonly references: readonly Reference[];
  readonly attributes: LintResult["attributes"];
  readonly payload: LintResult["payload"];
  /** Where its id is written; null where it comes from a hook. */
  readonly idPlace: Place | null;
}

/** What one file turned out to be among the others. */
export interface Judged extends Examined {
  readonly outcome: FileOutcome;
  /** The path that has its id, where that is another one. */
  readonly holder: string | null;
  readonly findings: readonly Finding[];
}

/** Files examined at the same time, so that every render thread has work. */
const atOnce = 16;

/**
 * Examines every candidate and judges them together.
 *
 * @param examine What is done with each: {@link inspect} or {@link glance}.
 * @param nowMs Decides which scheduled articles compete for ids.
 */
export async function examineAll(
  files: Files,
  examine: (candidate: Candidate) => Promise<Examined>,
  nowMs: number,
  lang: Lang,
): Promise<Judged[]> {
  const examined: Examined[] = [];
  let group: Promise<Examined>[] = [];
  for await (const candidate of files.candidates()) {
    group.push(examine(candidate));
    if (group.length < atOnce) continue;
    examined.push(...(await Promise.all(group)));
    group = [];
  }
  examined.push(...(await Promise.all(group)));
  return judge(examined, files, nowMs, lang);
}

const unseen = { problems: [], references: [], attributes: null, payload: null, idPlace: null };

/** Finds out all there is about a file, warnings included. */
export async function inspect(articles: ArticleRoom, candidate: Candidate, nowMs: number): Promise<Examined> {
  const { path } = candidate;
  const content = await candidate.read();
  if (content?.kind !== "bytes") return glance(articles, candidate);
  const { source, ...inspection } = await articles.lint(path, content.bytes, nowMs);
  return { path, ...inspection, idPlace: idPlaceIn(source ?? "") };
}

function idPlaceIn(source: string): Place | null {
  const id = /^(id[ \t]*:[ \t]*)(.*?)[ \t\r]*$/m.exec(source);
  if (id === null) return null;
  const [, head = "", value = ""] = id;
  const { line, lineText } = lineAt(source, id.index);
  return { line, column: head.length + 1, length: Math.max(value.length, 1), excerpt: lineText };
}

/** Finds out what a file is, no more. */
export async function glance(articles: ArticleRoom, { path, mode, read }: Candidate): Promise<Examined> {
  const content = await read();
  if (content === null) {
    return { path, ...unseen, verdict: { kind: "none", why: mode === "submodule" ? mode : "symlink" } };
  }
  const { verdict } = await articles.parse(path, "", content, 1);
  return { path, ...unseen, verdict, problems: verdict.kind === "rejected" ? verdict.problems : [] };
}

function judge(examined: readonly Examined[], files: Files, nowMs: number, lang: Lang): Judged[] {
  const holders = new Map<string, string>();
  for (const { path, verdict } of examined) {
    if (wantsToBePublished(verdict, nowMs) && !holders.has(verdict.id)) holders.set(verdict.id, path);
  }
  const outcomes = new Map(examined.map((file) => [file.path, outcomeOf(file, holders, nowMs)]));
  const lookup = {
    exists: files.exists,
    isPublished(path: string): boolean | undefined {
      const outcome = outcomes.get(path);
      return outcome === undefined || outcome === "no-article" ? undefined : outcome === "published";
    },
  };
  const unmissed = unmissedCodes(
    examined.filter(({ verdict }) => verdict.kind === "article").map(({ problems }) => problems),
  );
  return examined.map((file) => {
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
  { path, verdict }: Examined,
  holders: ReadonlyMap<string, string>,
  nowMs: number,
): FileOutcome {
  switch (verdict.kind) {
    case "article":
      if (!wantsToBePublished(verdict, nowMs)) return "scheduled";
      return holders.get(verdict.id) === path ? "published" : "duplicate";
    case "withdrawn":
      return verdict.why === "draft" ? "draft" : "not-published";
    case "none":
      return "no-article";
    default:
      return verdict.kind;
  }
}

function wantsToBePublished(
  verdict: Verdict,
  nowMs: number,
): verdict is Extract<Verdict, { kind: "article" }> {
  return verdict.kind === "article" && (verdict.publishAtMs === null || verdict.publishAtMs <= nowMs);
}

/** What is to be said of a file as a whole; null where its problems say it all. */
function ownFinding(
  { path, verdict, problems, idPlace }: Examined,
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
