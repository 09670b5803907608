/** The program: from the command line to a command, and from its answer to an exit code. */
import "./cli/no-debugger.ts";
import { existsSync } from "node:fs";
import { type Invocation, type Io, parseCommandLine } from "./cli/argv.ts";
import { reportFailure } from "./cli/failure.ts";
import { UsageError } from "./errors.ts";
import { isOrphanedRead } from "./inserter/client/fault.ts";
import { createLog, wantsColour } from "./report/log.ts";

type Run = (invocation: Invocation, io: Io) => Promise<number>;

/** Each is loaded when it is needed: help must not wait for Git, HTTP and a database. */
const commands: Readonly<Record<Invocation["command"], () => Promise<Run>>> = {
  run: async () => (await import("./commands/run.ts")).run,
  once: async () => (await import("./commands/once.ts")).once,
  plan: async () => (await import("./commands/plan.ts")).plan,
  check: async () => (await import("./commands/check.ts")).check,
  explain: async () => (await import("./commands/explain.ts")).explain,
  status: async () => (await import("./commands/status.ts")).status,
  init: async () => (await import("./commands/init.ts")).init,
  inserter: async () => (await import("./commands/inserter.ts")).inserter,
  completion: async () => (await import("./commands/completion.ts")).completion,
  help: async () => (await import("./cli/help.ts")).help,
  version: async () => (await import("./cli/help.ts")).versions,
};

/** Commands that finish what is in flight at a signal; the others end at once. */
const GRACEFUL: readonly Invocation["command"][] = ["run", "once", "inserter"];

/**
 * Warnings of the runtimes about features that are not declared stable yet: SQLite, and what loads a
 * configuration file in the single executable. They are known and tested for.
 */
const EXPECTED_WARNING = /\b(SQLite|stripTypeScriptTypes|USE_MAIN_CONTEXT_DEFAULT_LOADER)\b/;

const SHELL = "/bin/sh";

/** From the first signal to the end of the process, whatever hangs, milliseconds. */
const ENDING_MS_MAX = 4_900;

const ending = new AbortController();
const hangupListeners = new Set<() => void>();
let asked: Invocation | null = null;
let isDone = false;
/** Why something that was printed did not arrive, where its reader is still there. */
const printFaults: Error[] = [];

const io: Io = {
  stdout: print,
  stderr: (text) => void process.stderr.write(text),
  env: process.env,
  cwd: workingDirectory(),
  isTTY: { stdout: process.stdout.isTTY === true, stderr: process.stderr.isTTY === true },
  get columns() {
    return process.stderr.columns || 80;
  },
  signal: ending.signal,
  onHangup(listener) {
    hangupListeners.add(listener);
    return () => void hangupListeners.delete(listener);
  },
};

process.stdout.on("error", noteFault);
// The log has no reader any more: no reason for a daemon to stop working.
process.stderr.on("error", () => {});
process.on("uncaughtException", fail);
process.on("unhandledRejection", (reason) => {
  if (!isOrphanedRead(reason)) fail(reason);
});
process.removeAllListeners("warning");
process.on("warning", warn);
process.on("exit", () => {
  if (!isDone)
    end(
      reportFailure(
        new Error("The event loop is empty, but the command has not ended"),
        asked?.flags ?? null,
        io,
      ),
    );
});

try {
  asked = parseCommandLine(process.argv.slice(2));
  if (GRACEFUL.includes(asked.command)) listenForSignals(asked);
  const run = await commands[asked.command]();
  const code = await run(asked, io);
  await new Promise<void>((resolve) => print("", resolve));
  for (const { message } of printFaults) throw new UsageError((words) => words.cannotPrint(message));
  end(code);
} catch (error) {
  fail(error);
}

function fail(error: unknown): never {
  return end(reportFailure(error, asked?.flags ?? null, io));
}

/**
 * Ends the process. At its exit Node waits for its threads, and one of them may wait for a volume that is gone, or
 * for a name server. After a signal another program takes its place, which ends at once.
 */
function end(code: number): never {
  isDone = true;
  if (ending.signal.aborted && process.execve !== undefined && existsSync(SHELL)) {
    process.execve(SHELL, ["sh", "-c", `exit ${code}`], {});
  }
  // Deno waits for no thread.
  process.exit(code);
}

/**
 * Writes to stdout. A reader that has seen enough, as in `sync-agent check | head`, changes nothing about how the
 * command ends.
 */
function print(text: string, onDone: () => void = () => {}): void {
  try {
    process.stdout.write(text, (error) => {
      if (error) noteFault(error);
      onDone();
    });
  } catch (error) {
    noteFault(error as Error);
    onDone();
  }
}

function noteFault(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE" && error.code !== "ERR_STREAM_DESTROYED") printFaults.push(error);
}

/** The first signal asks the command to end, the second ends the process; so does time. */
function listenForSignals({ command }: Invocation): void {
  const code = command === "run" ? 0 : 1;
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    process.on(name, () => {
      if (ending.signal.aborted) end(code);
      ending.abort();
      setTimeout(() => end(code), ENDING_MS_MAX).unref();
    });
  }
  if (command !== "run") return;
  process.on("SIGHUP", () => {
    for (const listener of hangupListeners) listener();
  });
}

function warn(warning: Error): void {
  if (warning.name === "ExperimentalWarning" && EXPECTED_WARNING.test(warning.message)) return;
  const isTTY = process.stderr.isTTY === true;
  createLog({
    level: "warn",
    format: asked?.flags.logFormat ?? "auto",
    isTTY,
    colour: wantsColour(process.env, isTTY),
    write: io.stderr,
    redact: (text) => text,
    nowMs: Date.now,
  }).emit("warn", "runtime.warning", warning.message, { name: warning.name });
}

/** It may have been deleted, or Deno may deny it; absolute paths work without it. */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return process.env["PWD"] ?? "/";
  }
}
