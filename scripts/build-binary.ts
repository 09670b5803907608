/**
 * Makes `dist/sync-agent`, one executable with the Node that runs this script inside: `npm run build:binary`.
 */
import { copyFileSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { BINARY, BUNDLE, DIST, mebibytes, writeBundle } from "./build/dist.ts";
import { writeExecutable } from "./build/executable.ts";

await writeBundle();
writeExecutable(readFileSync(BUNDLE), BINARY);
copyFileSync(join(dirname(process.execPath), "../LICENSE"), join(DIST, "NODE-LICENSE.txt"));
console.log(`dist/sync-agent  ${mebibytes(statSync(BINARY).size)}, Node ${process.version}`);
