/** Collects what the repository, the configuration and the state say about one path. */
import { realpathSync } from "node:fs";
import { isAbsolute, normalize, relative, resolve } from "node:path";
import { createArticles } from "../../article/articles.ts";
import { createSelector, type Selector } from "../../article/candidate.ts";
import { UsageError } from "../../errors.ts";
import type { Finding } from "../../messages/finding.ts";
import { nearest } from "../../messages/nearest.ts";
import type { FileOutcome } from "../../messages/words.ts";
import { readablePath } from "../../state/older.ts";
import { openStateToRead } from "../../state/open.ts";
import type { Entry, FileRow } from "../../sync/model.ts";
import { compareBytes } from "../../sync/rules.ts";
import { version } from "../../version.ts";
import { settledArticles } from "../../wiring/preset.ts";
import type { Session } from "../../wiring/session.ts";
import { type Candidate, type Files, openFiles } from "../check/files.ts";
import { checkFiles, type Findings, type LintedFile, lintFile, parseFile } from "../check/lint.ts";

/** What one file is among the others. */
export interface CheckedFile extends LintedFile {
  readonly outcome: FileOutcome;
  /** The path that has its id, where that is another one. */
  readonly holder: string | null;
  readonly findings: readonly Finding[];
}

/** Everything that bears on one path. */
export interface Explanation {
  /** From the repository's root. */
  readonly path: string;
  readonly revision: string;
  /** `on-disk`: not committed yet. `nowhere`: only the state remembers it. */
  readonly found: "committed" | "on-disk" | "nowhere";
  /** The glob of each list that matches; null where none does. */
  readonly include: string | null;
  readonly exclude: string | null;
  /** The preset by which the file is read; null without one. */
  readonly preset: string | null;
  /** What the file is; null where no glob selects it, or it is nowhere. */
  readonly file: CheckedFile | null;
  readonly known: Known;
}

/** What the state knows of a path and its ids. */
interface Known {
  /** Why there is no state to ask; null where there is one. */
  readonly unavailable: string | null;
  readonly row: FileRow | null;
  readonly entries: readonly Entry[];
}

/** Every path counts, so that those mistyped or left out by a glob are seen too. */
const EVERYTHING = { selects: () => true, mayContain: () => true };

/**
 * @param given A path from the repository's root, or from `cwd`.
 * @throws {UsageError} When nothing is known by that name.
 */
export async function explainPath(given: string, cwd: string, session: Session): Promise<Explanation> {
  const { log } = session;
  const articles = await settledArticles(session.settings, false, log);
  const settings = { ...session.settings, articles };
  const committed = await openFiles(settings, EVERYTHING, "revision", log);
  try {
    const all = new Map<string, Candidate>();
    for await (const candidate of committed.candidates()) all.set(candidate.path, candidate);
    const names = namesOf(given, committed.root, cwd);
    const path = names.find((name) => all.has(name)) ?? names[0] ?? given;
    const selector = createSelector(settings.articles);
    const { include = null, exclude = null } = selector.matchedBy(path);
    const revision = committed.revision ?? "";
    const preset = articles.preset?.name ?? null;
    const base = { path, revision, include, exclude, preset };
    const onDisk = all.has(path) ? null : await candidateOnDisk(path, { ...session, settings });
    if (onDisk !== null) all.set(path, onDisk);
    if (!all.has(path)) {
      const known = knownOf(path, null, session);
      if (known.row !== null || known.entries.length > 0)
        return { ...base, found: "nowhere", file: null, known };
      const near = nearest(normalize(given), all.keys());
      throw new UsageError((words) => words.unknownPath(given, revision.slice(0, 12), near));
    }
    const found = onDisk === null ? "committed" : "on-disk";
    const file = selector.selects(path)
      ? await checkAmong(path, all, selector, committed, { ...session, settings })
      : null;
    const id = file !== null && "id" in file.verdict ? file.verdict.id : null;
    return { ...base, found, file, known: knownOf(path, id, session) };
  } finally {
    await committed.close();
  }
}

/** Lints one file; of the others it is enough to know whether they have its id or are linked from it. */
async function checkAmong(
  path: string,
  all: ReadonlyMap<string, Candidate>,
  selector: Selector,
  committed: Files,
  { settings, lang }: Session,
): Promise<CheckedFile | null> {
  const nowMs = Date.now();
  const linter = createArticles({ settings: settings.articles, agentVersion: version });
  const parser = createArticles({ settings: { ...settings.articles, html: false }, agentVersion: version });
  try {
    const selected = [...all.values()]
      .filter((candidate) => selector.selects(candidate.path))
      .sort((a, b) => compareBytes(a.path, b.path));
    const files: Files = {
      ...committed,
      async *candidates() {
        yield* selected;
      },
    };
    const look = (candidate: Candidate) =>
      candidate.path === path ? lintFile(linter, candidate, nowMs) : parseFile(parser, candidate);
    const found = new OneFile(path);
    await checkFiles(files, look, nowMs, lang, found);
    return found.checked === null ? null : { ...found.checked, findings: found.findings };
  } finally {
    await linter.close();
    await parser.close();
  }
}

/** What is found about one path. */
class OneFile implements Findings {
  checked: Omit<CheckedFile, "findings"> | null = null;
  readonly findings: Finding[] = [];
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  file(file: LintedFile, outcome: FileOutcome, holder: string | null): void {
    if (file.path === this.#path) this.checked = { ...file, outcome, holder };
  }

  finding({ path }: Pick<Finding, "path">, inWords: () => Finding): void {
    if (path === this.#path) this.findings.push(inWords());
  }

  end(): void {
    this.findings.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || a.column - b.column);
  }
}

/** What a path may mean, as seen from the working directory first, then from the repository's root. */
function namesOf(given: string, root: string, cwd: string): string[] {
  const fromHere = relative(realpathSync(root), resolve(cwd, given));
  const names = isAbsolute(given) ? [fromHere] : [fromHere, normalize(given)];
  return names.filter((name) => name !== "" && !name.startsWith("../") && name !== "..");
}

/** A file that is not committed; null where there is none, or no work tree. */
async function candidateOnDisk(path: string, { settings, log }: Session): Promise<Candidate | null> {
  const selects = (candidate: string): boolean => candidate === path;
  const mayContain = (folder: string): boolean => path.startsWith(folder);
  try {
    const files = await openFiles(settings, { selects, mayContain }, "worktree", log);
    for await (const candidate of files.candidates()) return candidate;
    return null;
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}

function knownOf(path: string, id: string | null, { settings, lang, words }: Session): Known {
  const nothing = { row: null, entries: [] };
  try {
    const state = openStateToRead(readablePath(settings.state, settings.olderState));
    if (state === null) return { unavailable: words.explain.noState(settings.state), ...nothing };
    try {
      const row = state.file(path);
      const rowId = row !== null && "id" in row.verdict ? row.verdict.id : null;
      const ids = new Set([...state.idsAtPath(path), id, rowId].filter((one) => one !== null));
      const entries = [...ids].map((one) => state.entry(one)).filter((entry) => entry !== null);
      return { unavailable: null, row, entries };
    } finally {
      state.close();
    }
  } catch (error) {
    if (error instanceof UsageError) return { unavailable: error.in(lang).message, ...nothing };
    const reason = error instanceof Error ? error.message : String(error);
    return { unavailable: words.explain.unreadableState(reason), ...nothing };
  }
}
