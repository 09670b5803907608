/** The program: from the command line to a command, and from its answer to an exit code. */
import { type Invocation, type Io, parseCommandLine } from "./cli/argv.ts";
import { reportFailure } from "./cli/failure.ts";
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

const ending = new AbortController();
const hangupListeners = new Set<() => void>();
let asked: Invocation | null = null;
let isDone = false;

const io: Io = {
  stdout: (text) => void process.stdout.write(text),
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

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // The reader has seen enough, as in `sync-agent plan | head`.
  if (error.code === "EPIPE") end(0);
  else fail(error);
});
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
  await new Promise((resolve) => process.stdout.write("", resolve));
  end(code);
} catch (error) {
  fail(error);
}

function fail(error: unknown): never {
  return end(reportFailure(error, asked?.flags ?? null, io));
}

function end(code: number): never {
  isDone = true;
  process.exit(code);
}

/** The first signal asks the command to end, the second ends the process. */
function listenForSignals({ command }: Invocation): void {
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    process.on(name, () => {
      if (ending.signal.aborted) end(command === "run" ? 0 : 1);
      ending.abort();
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
