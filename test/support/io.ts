import type { Io } from "../../src/cli/argv.ts";

/** What a command wrote, and ways to end it. */
export interface TestIo extends Io {
  readonly written: { stdout: string; stderr: string };
  /** As SIGTERM does. */
  end(): void;
  /** As SIGHUP does. */
  hangUp(): void;
}

/** Stands in for the process that a command runs in. Nothing is a terminal, `HOME` is `cwd`. */
export function testIo(cwd: string, env: Readonly<Record<string, string>> = {}): TestIo {
  const written = { stdout: "", stderr: "" };
  const ending = new AbortController();
  const listeners = new Set<() => void>();
  return {
    written,
    stdout: (text) => {
      written.stdout += text;
    },
    stderr: (text) => {
      written.stderr += text;
    },
    env: { PATH: process.env["PATH"], HOME: cwd, ...env },
    cwd,
    isTTY: { stdout: false, stderr: false },
    columns: 80,
    signal: ending.signal,
    onHangup(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    end: () => ending.abort(),
    hangUp: () => {
      for (const listener of listeners) listener();
    },
  };
}
