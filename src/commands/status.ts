import { describe } from "../article/messages.ts";
import { loadSettings } from "../config/load.ts";
import type { Settings } from "../config/settings.ts";
import { UsageError } from "../lib/usage-error.ts";
import { wantsColour } from "../log/log.ts";
import { openSource } from "../source/source.ts";
import { openMemoryState, openStateToRead } from "../state/open.ts";
import type { SqliteState } from "../state/sqlite.ts";
import type { StatusSnapshot } from "../status/snapshot.ts";
import { snapshotOfState } from "../status/take.ts";
import type { Log } from "../sync/ports.ts";
import { version } from "../version.ts";
import type { Invocation, Io } from "./cli.ts";
import { secretsOf } from "./known-secrets.ts";
import { languageFor } from "./language.ts";
import { openLog } from "./logging.ts";
import { statusText } from "./status-text.ts";

/** A daemon that does not answer within this time is taken for absent, milliseconds. */
const answerMsMax = 2_000;

/** `sync-agent status`: what the running daemon, or else the state file, knows. */
export async function status({ flags }: Invocation, io: Io): Promise<number> {
  const settings = await loadSettings({ flags, cwd: io.cwd, env: io.env, secretsRequired: false });
  const log = openLog(
    io,
    { ...settings.log, level: flags.logLevel ?? "error" },
    flags,
    secretsOf(settings.inserter, io.env),
  );
  const snapshot = (await askDaemon(settings.status)) ?? (await readState(settings, log));
  io.stdout(
    flags.json
      ? `${JSON.stringify(snapshot)}\n`
      : statusText(snapshot, wantsColour(io.env, io.isTTY.stdout), languageFor("people", flags, io)),
  );
  log.flush();
  return flags.exitCode && !snapshot.health.ok ? 1 : 0;
}

/** What the daemon answers at `status.listen`; null where none listens, or something else does. */
async function askDaemon(listen: Settings["status"]): Promise<StatusSnapshot | null> {
  if (listen === null) return null;
  const host = { "0.0.0.0": "127.0.0.1", "::": "::1" }[listen.host] ?? listen.host;
  const authority = host.includes(":") ? `[${host}]` : host;
  try {
    const signal = AbortSignal.timeout(answerMsMax);
    const answer = await fetch(`http://${authority}:${listen.port}/status`, { signal });
    const body: unknown = await answer.json();
    return isSnapshot(body) ? body : null;
  } catch {
    return null;
  }
}

function isSnapshot(value: unknown): value is StatusSnapshot {
  return (
    typeof value === "object" &&
    value !== null &&
    "phase" in value &&
    "health" in value &&
    "articles" in value
  );
}

async function readState(settings: Settings, log: Log): Promise<StatusSnapshot> {
  const state = openedToRead(settings.state) ?? openMemoryState();
  try {
    const revision = state.meta("checkpoint");
    const commit = revision === null ? null : await commitOf(settings, revision, log);
    return snapshotOfState(
      { state, settings },
      { version, describe, commitOf: () => commit, nowMs: Date.now() },
    );
  } finally {
    state.close();
  }
}

/** Null where there is none yet. */
function openedToRead(path: string): SqliteState | null {
  try {
    return openStateToRead(path);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Cannot read the state ${path}: ${reason}`, "Name another one with --state FILE.", {
      cause: error,
    });
  }
}

async function commitOf({ repo, ref }: Settings, revision: string, log: Log) {
  const nothing = { selects: () => false, mayContain: () => false, maxSizeBytes: 0, trees: null };
  const source = openSource({ repo, ref, ...nothing, log });
  try {
    await source.head();
    return await source.describe(revision);
  } finally {
    await source.close();
  }
}
