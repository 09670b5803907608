/** What `npm run build` writes to `dist/`; the executables are made from it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";
import { bundle, packageOf, ROOT } from "./bundle.ts";
import { writePackageFiles } from "./package.ts";
import { publicTypes } from "./public-types.ts";
import { billOfMaterials } from "./sbom.ts";

export const DIST = join(ROOT, "dist");
export const BUNDLE = join(DIST, "sync-agent.mjs");
export const BINARY = join(DIST, "sync-agent");
export const DENO_BINARY = join(DIST, "sync-agent-deno");

const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;
/** zx carries packages of its own, bundled; their notices are in this file. */
const NESTED_NOTICES = ["build/3rd-party-licenses"];

/** Size of a file or part as people read it. */
export function mebibytes(bytes: number): string {
  return bytes < 2 ** 20 ? `${(bytes / 1024).toFixed(0)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

/** Writes the bundle, its types and the licences of all that is in it. */
export async function writeBundle(): Promise<Metafile> {
  const { code, metafile } = await bundle();
  mkdirSync(DIST, { recursive: true });
  rmSync(BUNDLE, { force: true });
  writeFileSync(BUNDLE, code, { mode: 0o755 });
  writeFileSync(join(DIST, "sync-agent.d.ts"), publicTypes());
  writePackageFiles(DIST);
  writeFileSync(join(DIST, "sync-agent.cdx.json"), billOfMaterials(metafile));
  writeFileSync(join(DIST, "THIRD-PARTY-LICENSES.txt"), licences(metafile));
  console.log(`dist/sync-agent.mjs  ${mebibytes(code.byteLength)}`);
  return metafile;
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
