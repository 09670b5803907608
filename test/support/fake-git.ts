/** A `git` at the head of PATH that records how it was started, and can misbehave. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export class FakeGit {
  readonly #dir: string;
  readonly #path = process.env["PATH"];
  readonly #real = execFileSync("/bin/sh", ["-c", "command -v git"]).toString().trim();

  /** @param dir An absolute folder to work in; PATH is changed until `restore`. */
  constructor(dir: string) {
    this.#dir = dir;
    mkdirSync(dir, { recursive: true });
    this.behave('exec "$REAL" "$@"');
    process.env["PATH"] = `${dir}:${this.#path}`;
  }

  /** Replaces what it does: lines for `sh`, in which `$REAL` is the real git. */
  behave(script: string): void {
    const file = join(this.#dir, "git");
    writeFileSync(
      file,
      `#!/bin/sh\nREAL=${this.#real}\nLOG=${this.#dir}\necho "$$ $*" >> ${this.#dir}/starts\n${script}\n`,
    );
    chmodSync(file, 0o755);
  }

  /** One line for each start: process id and arguments. */
  starts(): string[] {
    const file = join(this.#dir, "starts");
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  }

  restore(): void {
    process.env["PATH"] = this.#path;
  }
}
