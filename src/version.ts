import { readFileSync } from "node:fs";

/** Set when the bundle is built. */
declare const __VERSION__: string | undefined;
/** Set when the bundle is built: full commit id, `-dirty` with uncommitted changes. */
declare const __REVISION__: string | undefined;

/** Version of the agent, as in package.json. */
export const version: string =
  typeof __VERSION__ === "string"
    ? __VERSION__
    : JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version;

/** Commit the agent was built from; `source` when it runs from its sources. */
export const revision: string = typeof __REVISION__ === "string" ? __REVISION__ : "source";

/** Name and version of the runtime, like `node 22.22.0` or `deno 2.9.6`. */
export function runtime(): string {
  const { deno, node } = process.versions;
  return deno === undefined ? `node ${node}` : `deno ${deno}`;
}
