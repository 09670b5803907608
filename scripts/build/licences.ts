/** The licences of all packages whose code is in the bundle, as their authors ask. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";
import { ROOT } from "./bundle.ts";

const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;
/** zx carries packages of its own, bundled; their notices are in this file. */
const NESTED_NOTICES = ["build/3rd-party-licenses"];

/** Folder of the package a file belongs to, from the root; null for our own files. */
export function packageOf(path: string): string | null {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? null;
}

/**
 * Text of `THIRD-PARTY-LICENSES.txt`.
 *
 * @throws {Error} If a package has neither a licence file nor a licence field.
 */
export function licences(metafile: Metafile): string {
  const folders = new Set(Object.keys(metafile.inputs).map(packageOf));
  const parts: string[] = [];
  for (const folder of [...folders].filter((name) => name !== null).sort()) {
    const path = join(ROOT, folder);
    const { name, version, license } = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
    const files = [...readdirSync(path).filter((file) => LICENCE_FILE.test(file)), ...NESTED_NOTICES];
    const texts = files
      .filter((file) => existsSync(join(path, file)))
      .map((file) => readFileSync(join(path, file), "utf8").trim());
    if (texts.length === 0 && !license) throw new Error(`${name} ${version} says nothing of its licence`);
    parts.push([`${name} ${version} (${license ?? "see below"})`, ...texts].join("\n\n"));
  }
  return `${parts.join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}
