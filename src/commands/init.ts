import { existsSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { findPreset } from "../article/presets/find.ts";
import type { Invocation, Io } from "../cli/argv.ts";
import { configNames, repositoryAround } from "../config/find.ts";
import { loadSettings, stateDirectory } from "../config/load.ts";
import { rememberConfig } from "../config/trust.ts";
import { UsageError } from "../errors.ts";
import { languageFor } from "../messages/language.ts";
import { WORDS } from "../messages/words.ts";
import { treeAt } from "../wiring/tree.ts";
import { denoFlagsFor } from "./init/deno-flags.ts";
import { kubernetesManifest } from "./init/kubernetes.ts";
import { summary } from "./init/summary.ts";
import { configText } from "./init/template.ts";

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
  const lang = languageFor("people", flags.lang, io.env);
  const words = WORDS[lang].commands.init;
  const existing = configNames.find((name) => existsSync(join(io.cwd, name)));
  const types = join(io.cwd, "sync-agent.d.ts");
  if (existing !== undefined && existsSync(types)) {
    throw new UsageError((words) => words.allHere(existing, basename(types)));
  }
  if (existing === undefined) {
    const root = repositoryAround(io.cwd) ?? io.cwd;
    const found = await findPreset(await treeAt(root));
    const chosen = flags.preset === null ? found : { ...found, name: flags.preset };
    const written = join(io.cwd, "sync.config.ts");
    writeNew(written, configText(chosen, relative(io.cwd, root) || "."));
    rememberConfig(written, stateDirectory(io.env));
    const why = flags.preset === null ? words.found(found) : words.asked(flags.preset);
    io.stdout(`${words.wrote("sync.config.ts", why)}\n`);
  } else io.stdout(`${words.left(existing)}\n`);
  if (existsSync(types)) io.stdout(`${words.left(basename(types))}\n`);
  else {
    writeNew(types, await publicTypes());
    io.stdout(`${words.wrote(basename(types), words.types)}\n`);
  }
  if (existing === undefined) io.stdout(await summary(join(io.cwd, "sync.config.ts"), flags, io));
  io.stdout(`${words.next}\n`);
  return 0;
}

/** @throws {UsageError} When the file came into being meanwhile, or nothing can be written here. */
function writeNew(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: "wx" });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const isDenied = code === "EACCES" || code === "EROFS";
    throw new UsageError((words) => words.cannotWrite(path, isDenied ? words.reasons.unwritable : message), {
      cause: error,
    });
  }
}

async function publicTypes(): Promise<string> {
  if (typeof __TYPES__ === "string") return __TYPES__;
  const source = new URL("../../scripts/build/public-types.ts", import.meta.url);
  return (await import(source.href)).publicTypes();
}
