/**
 * The built program as a child process, for the end-to-end tests. `ARTEFACT` says in which form:
 * `source` (default, nothing has to be built), `node`, `deno` or `binary`. `ARTEFACT_NODE` and
 * `ARTEFACT_DENO` name another Node or Deno for the bundle, such as the oldest supported one;
 * `ARTEFACT_VERSION` says which version that has to be.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { BINARY, BUNDLE } from "../../scripts/build/dist.ts";
import { denoFlags, ENVIRONMENT } from "../../src/cli/deno-permissions.ts";
import { PLANTED_ENVIRONMENT, searchText } from "./planted.ts";
import { waitFor } from "./wait.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const FORMS = ["source", "node", "deno", "binary"] as const;
/** Long enough for a busy machine; a test that waits longer has failed. */
const WAIT_TIMEOUT_MS = 30_000;

/**
 * What the agent uses in a test, absolute paths. On Deno it gets only these permissions, the ones that the
 * README documents; the other forms ignore them.
 */
export interface Permissions {
  /** The repository or git-sync's link to it. Its folder is read too: links are watched from there. */
  readonly repo?: string;
  /** Configuration file. Its folder is read. */
  readonly config?: string;
  /** State file. Its folder is read and written. */
  readonly state?: string;
  /** URL of the inserter. */
  readonly inserter?: string;
  /** `host:port` the agent listens on: `status.listen`, `--listen`. */
  readonly listen?: string;
  /** More files that it reads: tokens, certificates. */
  readonly read?: readonly string[];
  /** More folders that it writes: `init`, `--db`. */
  readonly write?: readonly string[];
}

export interface SpawnOptions {
  /** Working directory, absolute; also `HOME`. It may be read. */
  readonly cwd: string;
  /** Added to `PATH` and `HOME`; nothing else is inherited. */
  readonly env?: Readonly<Record<string, string>>;
  readonly permissions?: Permissions;
  /** On Deno exactly these flags, whatever `permissions` says. */
  readonly denoFlags?: readonly string[];
}

/** One line of the JSON log. */
export interface LogLine {
  readonly time: string;
  readonly level: string;
  readonly event: string;
  readonly [field: string]: unknown;
}

/** How a run ended. `code` is null when a signal ended it. */
export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Lines of stderr. Reading it throws where one is not a JSON object. */
  readonly log: readonly LogLine[];
}

function parsed(line: string): LogLine {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null) return value as LogLine;
  } catch {
    // Reported below.
  }
  throw new Error(`stderr holds a line that is no JSON object: ${line}`);
}

/** A program that was started. It is killed when the test process ends, if not before. */
export class Running {
  /** 0 where it could not be started. */
  readonly pid: number;
  /** Resolves when the process is gone and its output read. */
  readonly finished: Promise<Finished>;
  #stdout = "";
  #stderr = "";
  #parsedTo = 0;
  #cursor = 0;
  readonly #log: LogLine[] = [];
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;

  constructor(command: string, args: readonly string[], cwd: string, env: Record<string, string>) {
    this.#child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    this.pid = this.#child.pid ?? 0;
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
    });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    const kill = (): void => this.kill("SIGKILL");
    process.on("exit", kill);
    this.finished = new Promise((done, fail) => {
      this.#child.on("error", fail);
      this.#child.on("close", (code, signal) => {
        process.off("exit", kill);
        try {
          searchText(`${this.#stdout}\n${this.#stderr}`, "the output");
        } catch (error) {
          fail(new Error(`${(error as Error).message}\n${this.#tail()}`));
        }
        const log = (): readonly LogLine[] => this.log;
        done({
          code,
          signal,
          stdout: this.#stdout,
          stderr: this.#stderr,
          get log() {
            return log();
          },
        });
      });
    });
    // Without a caller that waits for the end, a failed start must not be an unhandled rejection.
    this.finished.catch(() => {});
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get hasEnded(): boolean {
    return this.pid === 0 || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** The log so far. @throws {Error} For a line that is not a JSON object: stderr has nothing else. */
  get log(): readonly LogLine[] {
    for (let end = this.#nextLineEnd(); end >= 0; end = this.#nextLineEnd()) {
      this.#log.push(parsed(this.#stderr.slice(this.#parsedTo, end)));
      this.#parsedTo = end + 1;
    }
    const rest = this.#stderr.slice(this.#parsedTo);
    if (this.hasEnded && rest !== "") throw new Error(`stderr ends in the middle of a line: ${rest}`);
    return this.#log;
  }

  #nextLineEnd(): number {
    return this.#stderr.indexOf("\n", this.#parsedTo);
  }

  /**
   * Waits for the next line with this event, after the last one that was waited for: consecutive calls walk
   * through the log.
   *
   * @param where Further conditions on the line's fields.
   * @throws {Error} When the time is up, or the program has ended without it; with the end of its log.
   */
  async waitForEvent(
    event: string,
    where: (line: LogLine) => boolean = () => true,
    timeoutMs = WAIT_TIMEOUT_MS,
  ): Promise<LogLine> {
    const found = (): number =>
      this.log.findIndex((line, index) => index >= this.#cursor && line.event === event && where(line));
    await this.waitFor(() => found() >= 0, `event "${event}"`, timeoutMs);
    const index = found();
    this.#cursor = index + 1;
    const line = this.log[index];
    if (!line) throw new Error(`event "${event}" is missing in the log`);
    return line;
  }

  /** Waits until a condition holds. @throws {Error} When the time is up, or the program has ended before. */
  async waitFor(
    condition: () => boolean | Promise<boolean>,
    what: string,
    timeoutMs = WAIT_TIMEOUT_MS,
  ): Promise<void> {
    let ended = false;
    try {
      await waitFor(
        async () => {
          // In this order: the last output counts even if the program has ended.
          ended = this.hasEnded;
          return (await condition()) || ended;
        },
        what,
        timeoutMs,
      );
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${this.#tail()}`, { cause: error });
    }
    if (ended) {
      await this.finished;
      if (!(await condition())) throw new Error(`The program ended before ${what}\n${this.#tail()}`);
    }
  }

  #tail(): string {
    return `The end of its output:\n${this.#stdout.slice(-1_000)}\n${this.#stderr.slice(-3_000)}`;
  }

  kill(signal: NodeJS.Signals): void {
    if (!this.hasEnded) this.#child.kill(signal);
  }

  /** Sends the signal and waits for the end. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Finished> {
    this.kill(signal);
    return this.finished;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A program that did not start has reported that already.
    if (this.pid !== 0) await this.stop("SIGKILL");
  }
}

/** One form of the program. */
export interface Artefact {
  readonly name: (typeof FORMS)[number];
  /** Starts it. @example `await using agent = artefact.spawn(["run"], { cwd, permissions })` */
  spawn(args: readonly string[], options: SpawnOptions): Running;
  /** Starts it and waits for its end. */
  run(args: readonly string[], options: SpawnOptions): Promise<Finished>;
}

/** Deno itself: npm's launcher of it does not pass signals on. */
function denoExecutable(): string {
  const [path] = globSync("node_modules/@deno/*/deno", { cwd: ROOT });
  if (!path) throw new Error("Deno is not installed: run `npm ci`");
  return join(ROOT, path);
}

/** Node or Deno, absolute; of the executable the Node that it was made from. */
export function runtimeOf(name: Artefact["name"]): string {
  if (name === "deno") return process.env["ARTEFACT_DENO"] ?? denoExecutable();
  return (name === "node" ? process.env["ARTEFACT_NODE"] : undefined) ?? process.execPath;
}

function flagsFor(options: SpawnOptions): readonly string[] {
  if (options.denoFlags !== undefined) return options.denoFlags;
  const { repo, config, state, inserter, listen, read = [], write = [] } = options.permissions ?? {};
  const given = (...values: (string | undefined)[]): string[] =>
    values.filter((value) => value !== undefined);
  return denoFlags({
    read: given(options.cwd, repo, repo && dirname(repo), config && dirname(config), ...read),
    write: given(state && dirname(state), ...write),
    net: given(inserter && new URL(inserter).host, listen),
    env: Object.keys(options.env ?? {}).filter((name) => !ENVIRONMENT.includes(name)),
  });
}

function commandOf(name: Artefact["name"], options: SpawnOptions): readonly [string, ...string[]] {
  switch (name) {
    case "source":
      return [runtimeOf(name), join(ROOT, "src/main.ts")];
    case "node":
      return [runtimeOf(name), BUNDLE];
    case "deno":
      return [runtimeOf(name), "run", "--no-config", "--no-lock", ...flagsFor(options), BUNDLE];
    case "binary":
      return [BINARY];
  }
}

/**
 * The form of the program that `ARTEFACT` names.
 *
 * @throws {Error} If it is unknown or was not built.
 */
export function artefact(): Artefact {
  const wanted = process.env["ARTEFACT"] ?? "source";
  const name = FORMS.find((form) => form === wanted);
  if (!name) throw new Error(`ARTEFACT is "${wanted}"; allowed: ${FORMS.join(", ")}`);
  const file = { source: null, node: BUNDLE, deno: BUNDLE, binary: BINARY }[name];
  if (file && !existsSync(file)) throw new Error(`${file} is not there: npm run build, npm run build:binary`);
  const start = (args: readonly string[], options: SpawnOptions): Running => {
    const [command, ...before] = commandOf(name, options);
    const env = {
      PATH: process.env["PATH"] ?? "",
      HOME: options.cwd,
      DENO_DIR: join(ROOT, "node_modules/.cache/deno"),
      ...PLANTED_ENVIRONMENT,
      ...options.env,
    };
    return new Running(command, [...before, ...args], options.cwd, env);
  };
  return { name, spawn: start, run: (args, options) => start(args, options).finished };
}
