import { realpathSync } from "node:fs";
import { isAbsolute, normalize, relative, resolve } from "node:path";
import { createArticles } from "../article/articles.ts";
import { createSelector, type Selector } from "../article/candidate.ts";
import type { Invocation, Io } from "../cli/argv.ts";
import type { Flags } from "../cli/options.ts";
import { loadSettings } from "../config/load.ts";
import type { Settings } from "../config/settings.ts";
import { UsageError } from "../errors.ts";
import type { Lang } from "../messages/language.ts";
import { languageFor } from "../messages/language.ts";
import { nearest } from "../messages/nearest.ts";
import { WORDS } from "../messages/words.ts";
import { wantsColour } from "../report/log.ts";
import { openStateToRead } from "../state/open.ts";
import type { Entry, FileRow } from "../sync/model.ts";
import { compareBytes } from "../sync/order.ts";
import type { Log } from "../sync/ports.ts";
import { version } from "../version.ts";
import { secretsOf } from "../wiring/known-secrets.ts";
import { openLog } from "../wiring/logging.ts";
import { examineAll, glance, inspect, type Judged } from "./check/examine.ts";
import { type Candidate, type Files, openFiles } from "./check/files.ts";
import { explanationText } from "./explain/text.ts";

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
  /** What the file is; null where no glob selects it, or it is nowhere. */
  readonly file: Judged | null;
  readonly known: Known;
}

/** What the state knows of a path and its ids. */
export interface Known {
  /** Why there is no state to ask; null where there is one. */
  readonly unavailable: string | null;
  readonly row: FileRow | null;
  readonly entries: readonly Entry[];
}

/** Every path counts, so that those mistyped or left out by a glob are seen too. */
const everything = { selects: () => true, mayContain: () => true };

/** `sync-agent explain PATH`: why this file is or is not published. */
export async function explain({ flags, args }: Invocation, io: Io): Promise<number> {
  const settings = await loadSettings({ flags, cwd: io.cwd, env: io.env, secretsRequired: false });
  const log = openLog(
    io,
    { ...settings.log, level: flags.logLevel ?? "error" },
    flags,
    secretsOf(settings.inserter, io.env),
  );
  const explanation = await explanationOf(args[0] ?? "", settings, flags, io, log);
  const text = flags.json
    ? `${JSON.stringify(explanation)}\n`
    : explanationText(
        explanation,
        wantsColour(io.env, io.isTTY.stdout),
        languageFor("people", flags.lang, io.env),
      );
  io.stdout(text);
  log.flush();
  return 0;
}

/** @throws {UsageError} When nothing is known by that name. */
async function explanationOf(
  given: string,
  settings: Settings,
  flags: Flags,
  io: Io,
  log: Log,
): Promise<Explanation> {
  const committed = await openFiles(settings, everything, "revision", log);
  try {
    const all = new Map<string, Candidate>();
    for await (const candidate of committed.candidates()) all.set(candidate.path, candidate);
    const names = namesOf(given, committed.root, io.cwd);
    const path = names.find((name) => all.has(name)) ?? names[0] ?? given;
    const selector = createSelector(settings.articles);
    const { include = null, exclude = null } = selector.matchedBy(path);
    const base = { path, revision: committed.revision ?? "", include, exclude };
    const lang = languageFor(flags.json ? "programs" : "people", flags.lang, io.env);
    const onDisk = all.has(path) ? null : await candidateOnDisk(settings, path, log);
    if (onDisk !== null) all.set(path, onDisk);
    if (!all.has(path)) {
      const known = knownOf(settings.state, path, null, lang);
      if (known.row === null && known.entries.length === 0) throw unknown(given, all.keys(), committed);
      return { ...base, found: "nowhere", file: null, known };
    }
    const found = onDisk === null ? "committed" : "on-disk";
    const file = selector.selects(path) ? await judge(path, all, selector, committed, settings, lang) : null;
    const id = file !== null && "id" in file.verdict ? file.verdict.id : null;
    return { ...base, found, file, known: knownOf(settings.state, path, id, lang) };
  } finally {
    await committed.close();
  }
}

/** Looks closely at one file, and at the others just for whether they have its id or are linked from it. */
async function judge(
  path: string,
  all: ReadonlyMap<string, Candidate>,
  selector: Selector,
  committed: Files,
  settings: Settings,
  lang: Lang,
): Promise<Judged | null> {
  const nowMs = Date.now();
  const room = (rendered: boolean) =>
    createArticles({
      settings: rendered ? settings.articles : { ...settings.articles, html: false },
      agentVersion: version,
    });
  const closely = room(true);
  const quickly = room(false);
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
    const examine = (candidate: Candidate) =>
      candidate.path === path ? inspect(closely, candidate, nowMs) : glance(quickly, candidate);
    const judged = await examineAll(files, examine, nowMs, lang);
    return judged.find((file) => file.path === path) ?? null;
  } finally {
    await closely.close();
    await quickly.close();
  }
}

/** What a path may mean, as seen from the working directory first, then from the repository's root. */
function namesOf(given: string, root: string, cwd: string): string[] {
  const fromHere = relative(realpathSync(root), resolve(cwd, given));
  const names = isAbsolute(given) ? [fromHere] : [fromHere, normalize(given)];
  return names.filter((name) => name !== "" && !name.startsWith("../") && name !== "..");
}

/** A file that is not committed; null where there is none, or no work tree. */
async function candidateOnDisk(settings: Settings, path: string, log: Log): Promise<Candidate | null> {
  const selects = (candidate: string): boolean => candidate === path;
  const mayContain = (dir: string): boolean => path.startsWith(dir);
  try {
    const files = await openFiles(settings, { selects, mayContain }, "worktree", log);
    for await (const candidate of files.candidates()) return candidate;
    return null;
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}

function knownOf(statePath: string, path: string, id: string | null, lang: Lang): Known {
  const words = WORDS[lang].commands.explain;
  const nothing = { row: null, entries: [] };
  try {
    const state = openStateToRead(statePath);
    if (state === null) return { unavailable: words.noState(statePath), ...nothing };
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
    const reason = error instanceof Error ? error.message : String(error);
    return { unavailable: words.unreadableState(reason), ...nothing };
  }
}

function unknown(given: string, paths: Iterable<string>, { revision }: Files): UsageError {
  const near = nearest(normalize(given), paths);
  return new UsageError((words) => words.unknownPath(given, (revision ?? "").slice(0, 12), near));
}
