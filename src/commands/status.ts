import { normalize } from "node:path/posix";
import { createArticles } from "../article/articles.ts";
import type { Invocation, Io } from "../cli/argv.ts";
import type { Settings } from "../config/settings.ts";
import { type GitSource, openSource } from "../source/source.ts";
import { readablePath } from "../state/older.ts";
import { openMemoryState, openStateToRead } from "../state/open.ts";
import type { SqliteState } from "../state/sqlite.ts";
import { findArticles, withWarnings } from "../status/articles.ts";
import { snapshotOfState } from "../status/snapshot.ts";
import { exceptionsIn, verdictOf } from "../status/verdict.ts";
import type { FoundStatus, StatusSnapshot } from "../status.ts";
import type { Problem } from "../sync/model.ts";
import type { Log } from "../sync/ports.ts";
import { version } from "../version.ts";
import { createLinter } from "../wiring/linter.ts";
import { settledArticles } from "../wiring/preset.ts";
import { openSession } from "../wiring/session.ts";
import type { Found } from "./status/found-text.ts";
import { statusText } from "./status/text.ts";

/** A daemon that does not answer within this time counts as absent, milliseconds. */
const ANSWER_MS_MAX = 4_000;

/** The status of the agent, and of the articles that were asked about. */
type Answer = StatusSnapshot & Partial<Found>;

/** `sync-agent status [PATH]`: what the running daemon, or else the state file, knows. */
export async function status(invocation: Invocation, io: Io): Promise<number> {
  const { flags, args } = invocation;
  const find = args[0] === undefined ? null : normalize(args[0]);
  const session = await openSession(invocation, io, { logLevel: "error", secretsRequired: false });
  const { settings, log, colour, lang, print } = session;
  const snapshot = (await askDaemon(settings.status, find)) ?? (await readState(settings, find, log));
  print(snapshot, () => statusText(snapshot, colour, lang));
  log.flush();
  return flags.exitCode && !snapshot.health.ok ? 1 : 0;
}

/** What the daemon answers at `status.listen`; null where none listens, or something else does. */
async function askDaemon(listen: Settings["status"], find: string | null): Promise<Answer | null> {
  if (listen === null) return null;
  const host = { "0.0.0.0": "127.0.0.1", "::": "::1" }[listen.host] ?? listen.host;
  const authority = host.includes(":") ? `[${host}]` : host;
  try {
    const signal = AbortSignal.timeout(ANSWER_MS_MAX);
    const query = find === null ? "" : `?${new URLSearchParams({ find })}`;
    const answer = await fetch(`http://${authority}:${listen.port}/status${query}`, { signal });
    const body: unknown = await answer.json();
    return isSnapshot(body) ? judged(body) : null;
  } catch {
    return null;
  }
}

/** With a verdict, which a daemon of an earlier version does not give. */
function judged(snapshot: Answer): Answer {
  const { reasons, health, articles } = snapshot;
  const facts = { reasons, health, exceptions: exceptionsIn(articles), isFailing: false };
  const verdict: StatusSnapshot["verdict"] | undefined = snapshot.verdict;
  return { ...snapshot, verdict: verdict ?? verdictOf(facts) };
}

function isSnapshot(value: unknown): value is Answer {
  return (
    typeof value === "object" &&
    value !== null &&
    "phase" in value &&
    "health" in value &&
    "articles" in value
  );
}

async function readState(settings: Settings, find: string | null, log: Log): Promise<Answer> {
  const state = openStateToRead(readablePath(settings.state, settings.olderState)) ?? openMemoryState();
  const { repo, ref, articles } = settings;
  const nothing = { selects: () => false, mayContain: () => false, trees: null };
  const source = openSource({ repo, ref, ...nothing, maxSizeBytes: articles.maxSizeBytes, log });
  try {
    const revision = state.meta("checkpoint");
    if (revision !== null || find !== null) await source.head();
    const commit = revision === null ? null : await source.describe(revision);
    const nowMs = Date.now();
    const snapshot = snapshotOfState({ state, settings }, { version, commitOf: () => commit, nowMs });
    if (find === null) return snapshot;
    return { ...snapshot, find, found: await findIn(state, source, find, settings, nowMs, log) };
  } finally {
    await source.close();
    state.close();
  }
}

/** Articles as the state has them; their warnings as far as the repository can be read. */
async function findIn(
  state: SqliteState,
  source: GitSource,
  find: string,
  settings: Settings,
  nowMs: number,
  log: Log,
): Promise<readonly FoundStatus[]> {
  const settled = await settledArticles(settings, false, log);
  const articles = createArticles({ settings: settled, agentVersion: version });
  const linter = createLinter({ articles, source, state, nowMs: () => nowMs });
  // This process is the asker's own, so it may look at files; a daemon answers with what it knows.
  const of = async (path: string): Promise<readonly Problem[]> => {
    const row = state.file(path);
    const notes = row === null ? null : await linter.lint(path, row.blob);
    return notes === null ? [] : ((await linter.confirm([notes]))[0] ?? []);
  };
  try {
    return await withWarnings(findArticles(find, { state, nowMs, attemptOf: () => null }), { of });
  } finally {
    await articles.close();
  }
}
