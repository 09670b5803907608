/** The agent as a whole process, in one of its forms, and what it costs. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { denoFlags } from "../../src/cli/deno-permissions.ts";
import { cpuMsOf, type Memory, memoryOf } from "./machine.ts";

export type Form = "node" | "deno" | "binary";

/** Copies of what is measured, so that a build during the measurement changes nothing. */
export interface Artefacts {
  readonly bundle: string;
  readonly binary: string;
  /** Deno itself, not npm's launcher of it; null where it is not installed. */
  readonly deno: string | null;
}

export interface ProgramOptions {
  readonly form: Form;
  readonly repo: string;
  readonly url: string;
  /** A folder of its own: state and configuration. */
  readonly folder: string;
  /** More keys of the configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
}

export class Program {
  readonly pid: number;
  /** Nanoseconds of the machine's monotonic clock. */
  readonly startedAt: bigint;
  readonly #ended: Promise<unknown>;
  #stderr = "";
  #hasEnded = false;
  readonly #child: ChildProcess;

  constructor(command: string, args: readonly string[], cwd: string) {
    this.startedAt = process.hrtime.bigint();
    this.#child = spawn(command, args, {
      cwd,
      stdio: ["ignore", "ignore", "pipe"],
      env: { PATH: process.env["PATH"] ?? "", HOME: cwd, DENO_DIR: join(cwd, "..", "deno") },
    });
    this.pid = this.#child.pid ?? 0;
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-20_000);
    });
    this.#ended = once(this.#child, "close").then(() => {
      this.#hasEnded = true;
    });
  }

  /** The end of its log. */
  get log(): string {
    return this.#stderr;
  }

  memory(): Memory {
    return memoryOf(this.pid);
  }

  cpuMs(): number {
    return cpuMsOf(this.pid);
  }

  /** Waits for a condition; throws when the program ends first, or the time is up. */
  async until(condition: () => boolean | Promise<boolean>, what: string, timeoutMs = 600_000): Promise<void> {
    const endMs = performance.now() + timeoutMs;
    while (!(await condition())) {
      if (this.#hasEnded) throw new Error(`The agent ended before ${what}:\n${this.#stderr}`);
      if (performance.now() > endMs) throw new Error(`Timed out waiting for ${what}:\n${this.#stderr}`);
      await pause(5);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasEnded) return;
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  async end(): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#ended;
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

/** Starts `run`. */
export function startProgram(artefacts: Artefacts, options: ProgramOptions): Program {
  const { form, repo, url, folder } = options;
  mkdirSync(folder, { recursive: true });
  const config = join(folder, "sync.config.json");
  const state = join(folder, "state.sqlite");
  const settings = { repo, state, log: { level: "info" }, ...options.config, inserter: { url } };
  writeFileSync(config, JSON.stringify(settings));
  const args = ["run", "--config", config, "--log-format", "json"];
  switch (form) {
    case "node":
      return new Program(process.execPath, [artefacts.bundle, ...args], folder);
    case "binary":
      return new Program(artefacts.binary, args, folder);
    case "deno": {
      const { host } = new URL(url);
      const flags = denoFlags({ read: [folder, dirname(repo)], write: [folder], net: [host], env: [] });
      const start = ["run", "--no-config", "--no-lock", ...flags, artefacts.bundle];
      return new Program(artefacts.deno ?? "deno", [...start, ...args], folder);
    }
  }
}
