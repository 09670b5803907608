import type { ArticleRoom } from "../../article/articles.ts";
import { type LintResult, Unmissed } from "../../article/lint.ts";
import { lineAt } from "../../article/problem.ts";
import { brokenReferences, type Reference } from "../../article/references.ts";
import { type Finding, findingOf, heldFinding, wholeFile } from "../../messages/finding.ts";
import type { Lang } from "../../messages/language.ts";
import type { FileOutcome } from "../../messages/words.ts";
import type { Problem, Verdict } from "../../sync/model.ts";
import { isExpired, isPublished, problemsOf } from "../../sync/rules.ts";
import { foldId } from "../../sync/plan/folding.ts";
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
  readonly unrendered: LintResult["unrendered"];
  /** Where its id is written; null where it comes from a hook. */
  readonly idPlace: Place | null;
}

/** Takes what is found out, as soon as it is certain. Nothing of it is kept here. */
export interface Findings {
  /** @param holder The path that has its id, where that is another one. */
  file(file: LintedFile, outcome: FileOutcome, holder: string | null): void;
  /** One thing to say about a file; not in the order of files, as links lead to files below. */
  finding(kind: Pick<Finding, "path" | "severity" | "code">, inWords: () => Finding): void;
  /** All is found. These codes are of no interest after all. */
  end(unmissed: ReadonlySet<string>): void;
}

/** Files looked at at the same time, so that every render thread has work. */
export const AT_ONCE = 16;
/** Of a line, UTF-16 code units. */
const EXCERPT_MAX = 200;

/**
 * Looks at every candidate, and decides what becomes of each among the others. However many there are, no more
 * is kept of a file than what it is and which links of it lead to files that come later.
 *
 * @param look What is done with each: {@link lintFile} or {@link parseFile}.
 * @param nowMs Decides which scheduled articles compete for ids.
 * @param atOnce Files looked at at the same time.
 */
export async function checkFiles(
  files: Files,
  look: (candidate: Candidate) => Promise<LintedFile>,
  nowMs: number,
  lang: Lang,
  findings: Findings,
  atOnce = AT_ONCE,
): Promise<void> {
  const among = new Among(files, nowMs, lang, findings);
  let group: Promise<LintedFile>[] = [];
  const takeGroup = async (): Promise<void> => {
    const linted = await Promise.all(group);
    const converted = await files.converted(linted.map(({ path }) => path));
    for (const file of linted) {
      among.take(file);
      const attribute = converted.get(file.path);
      if (attribute === undefined) continue;
      const note = wholeFile(file.path, "note", "read-on-disk", lang, { attribute });
      findings.finding(note, () => note);
    }
    group = [];
  };
  for await (const candidate of files.candidates()) {
    group.push(look(candidate));
    if (group.length === atOnce) await takeGroup();
  }
  await takeGroup();
  among.end();
}

const UNSEEN = {
  problems: [],
  references: [],
  attributes: null,
  payload: null,
  origins: {},
  unrendered: [],
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

/** Files among each other, in byte order of their paths. */
class Among {
  readonly #files: Files;
  readonly #nowMs: number;
  readonly #lang: Lang;
  readonly #findings: Findings;
  /** The path that has an id. */
  readonly #holders = new Map<string, string>();
  /** Ids that are not in their folded form, by that form. */
  readonly #unfolded = new Map<string, string>();
  readonly #outcomes = new Map<string, FileOutcome>();
  /** Links to files that are not known yet, by the path of one such file. */
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #unmissed = new Unmissed();

  constructor(files: Files, nowMs: number, lang: Lang, findings: Findings) {
    this.#files = files;
    this.#nowMs = nowMs;
    this.#lang = lang;
    this.#findings = findings;
  }

  take(file: LintedFile): void {
    const { path, verdict, problems, references } = file;
    if (isPublished(verdict, null, this.#nowMs) && !this.#holders.has(verdict.id))
      this.#holders.set(copied(verdict.id), path);
    const outcome = outcomeOf(file, this.#holders, this.#nowMs);
    this.#outcomes.set(path, outcome);
    const holder =
      outcome === "duplicate" && "id" in verdict ? (this.#holders.get(verdict.id ?? "") ?? null) : null;
    this.#findings.file(file, outcome, holder);
    const whole = ownFinding(file, holder, this.#lang);
    if (whole !== null) this.#findings.finding(whole, () => whole);
    if (outcome === "published" && verdict.kind === "article") this.#reportTwin(file, verdict.id);
    if (verdict.kind === "article") this.#unmissed.add(problems);
    for (const problem of problems) this.#report(path, problem);
    for (const reference of references) this.#judge({ path, reference });
    const waiting = this.#waiting.get(path) ?? [];
    this.#waiting.delete(path);
    for (const one of waiting) this.#judge(one);
  }

  /** An id that differs from another one by no more than case or Unicode form. */
  #reportTwin({ path, idPlace }: LintedFile, id: string): void {
    const folded = foldId(id);
    const other = folded !== id && this.#holders.has(folded) ? folded : (this.#unfolded.get(folded) ?? null);
    if (folded !== id) this.#unfolded.set(copied(folded), copied(id));
    const holder = other === null ? undefined : this.#holders.get(other);
    if (holder === undefined || other === null) return;
    const params = { id, other, path: holder };
    const finding = { ...wholeFile(path, "warning", "similar-id", this.#lang, params), ...idPlace };
    this.#findings.finding(finding, () => finding);
  }

  end(): void {
    // What they lead to is no candidate after all.
    this.#waiting.clear();
    this.#findings.end(this.#unmissed.codes());
  }

  /** A link to a file below waits for it. */
  #judge({ path, reference }: Waiting): void {
    const broken = brokenReferences([reference], {
      exists: this.#files.exists,
      isPublished: this.#isPublished,
    });
    for (const problem of broken) this.#report(path, problem);
    if (broken.length > 0 || reference.warning.code !== "link-missing") return;
    const next = [reference.path, ...reference.routes].find((one) => this.#isToCome(one));
    if (next === undefined) return;
    const others = this.#waiting.get(next) ?? [];
    others.push({ path, reference: copied(reference) });
    this.#waiting.set(next, others);
  }

  #isToCome(path: string): boolean {
    return !this.#outcomes.has(path) && this.#files.isCandidate(path);
  }

  readonly #isPublished = (path: string): boolean | undefined => {
    const outcome = this.#outcomes.get(path);
    return outcome === undefined || outcome === "no-article" ? undefined : outcome === "published";
  };

  #report(path: string, problem: Problem): void {
    const { severity, code } = problem;
    this.#findings.finding({ path, severity, code }, () => findingOf(problem, path, this.#lang));
  }
}

/** A link of a file. */
interface Waiting {
  readonly path: string;
  readonly reference: Reference;
}

/** A copy shares no memory with the file that its texts were cut from. */
export const copied = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

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
