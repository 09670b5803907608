import { existsSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { configNames, repositoryAround } from "../config/find.ts";
import { loadSettings } from "../config/load.ts";
import { UsageError } from "../lib/usage-error.ts";
import type { Invocation, Io } from "./cli.ts";
import { denoFlagsFor } from "./deno-flags.ts";
import { firstLook } from "./first-look.ts";
import { filesMax, type Observation, observeHabit } from "./habit.ts";
import { kubernetesManifest } from "./kubernetes.ts";
import { configText } from "./template.ts";

/** Set when the bundle is built: text of `sync-agent.d.ts`. */
declare const __TYPES__: string | undefined;

/**
 * `sync-agent init`: writes a configuration that fits the articles here, and its types for editors; or prints
 * what follows from the configuration that is there.
 */
export async function init({ flags }: Invocation, io: Io): Promise<number> {
  if (flags.kubernetes || flags.deno) {
    const settings = await loadSettings({ flags, cwd: io.cwd, env: io.env, secretsRequired: false });
    if (flags.kubernetes) io.stdout(await kubernetesManifest(settings, io.env));
    else io.stdout(`${(await denoFlagsFor(settings, io.env)).join("\n")}\n`);
    return 0;
  }
  const existing = configNames.find((name) => existsSync(join(io.cwd, name)));
  const types = join(io.cwd, "sync-agent.d.ts");
  if (existing !== undefined && existsSync(types)) {
    throw new UsageError(`${existing} and ${basename(types)} are here already, and were left as they are`);
  }
  if (existing === undefined) {
    const observation = observeHabit(io.cwd);
    const repo = relative(io.cwd, repositoryAround(io.cwd) ?? io.cwd) || ".";
    writeNew(join(io.cwd, "sync.config.ts"), configText(observation.habit, repo));
    io.stdout(`Wrote sync.config.ts: ${told(observation)}.\n`);
  } else io.stdout(`Left ${existing} as it is.\n`);
  if (existsSync(types)) io.stdout(`Left ${basename(types)} as it is.\n`);
  else {
    writeNew(types, await publicTypes());
    io.stdout(`Wrote ${basename(types)}: types for your editor.\n`);
  }
  if (existing === undefined) io.stdout(await firstLook(join(io.cwd, "sync.config.ts"), flags, io));
  io.stdout(
    'Next: "sync-agent check --worktree" tells what is wrong in the articles,\n' +
      '      "sync-agent run --worktree" shows them while you write.\n',
  );
  return 0;
}

function told({ habit, files, showing }: Observation): string {
  const of = `${showing} of ${files === filesMax ? "the first " : ""}${files} Markdown files`;
  switch (habit) {
    case "zenn":
      return `${of} are articles for Zenn, whose keys it translates`;
    case "qiita":
      return `${of} are articles for Qiita, whose keys it translates`;
    case "jekyll":
      return `${of} are posts of Jekyll, whose keys it translates`;
    case "hugo":
      return `${of} are pages of Hugo, whose keys it translates`;
    case "ids":
      return `${of} have id, title and date, as wanted`;
    case "paths":
      return `${of} have front matter, but no id, so paths become ids`;
    case "none":
      return files === 0
        ? "there is no Markdown here yet"
        : `none of ${files} Markdown files has front matter, which makes a file an article`;
  }
}

/** @throws {UsageError} When the file came into being meanwhile, or nothing can be written here. */
function writeNew(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: "wx" });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === "EACCES" || code === "EROFS" ? "the directory cannot be written" : message;
    throw new UsageError(`Cannot write ${path}: ${reason}`, "", { cause: error });
  }
}

async function publicTypes(): Promise<string> {
  if (typeof __TYPES__ === "string") return __TYPES__;
  const source = new URL("../../scripts/build/public-types.ts", import.meta.url);
  return (await import(source.href)).publicTypes();
}
