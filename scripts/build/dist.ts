/** What `npm run build` leaves in `dist/`; the executables are made from it. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";
import { bundle, ROOT } from "./bundle.ts";
import { licences } from "./licences.ts";
import { publicTypes } from "./public-types.ts";

export const DIST = join(ROOT, "dist");
export const BUNDLE = join(DIST, "sync-agent.mjs");
export const BINARY = join(DIST, "sync-agent");
export const DENO_BINARY = join(DIST, "sync-agent-deno");

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
  writeFileSync(join(DIST, "THIRD-PARTY-LICENSES.txt"), licences(metafile));
  console.log(`dist/sync-agent.mjs  ${mebibytes(code.byteLength)}`);
  return metafile;
}
