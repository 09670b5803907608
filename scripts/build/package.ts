/** What the npm package holds beside the bundle: the command's entry, the types, the man page. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./bundle.ts";
import { manPage } from "./man-page.ts";
import { runtimeCheck } from "./runtime-check.ts";

/**
 * The command `sync-agent` of the package. Node parses all of a module before it runs any, so the check
 * stands in a file that an old one can read.
 */
const entry = (): string => `#!/usr/bin/env node
${runtimeCheck()}
import("./sync-agent.mjs");
`;

/** Writes the package's own files into a folder that has the bundle. */
export function writePackageFiles(folder: string): void {
  writeFileSync(join(folder, "cli.mjs"), entry(), { mode: 0o755 });
  // Nothing but types is in it, so it is its own declaration.
  writeFileSync(join(folder, "index.d.ts"), readFileSync(join(ROOT, "src/index.ts"), "utf8"));
  writeFileSync(join(folder, "sync-agent.1"), manPage());
}
