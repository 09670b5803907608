/**
 * Makes `dist/sync-agent.mjs`, its types and the licences of what is in it: `npm run build`.
 * With `--analyze` it also says what each package costs, in bytes of the bundle.
 */
import { parseArgs } from "node:util";
import type { Metafile } from "esbuild";
import { writeBundle } from "./build/dist.ts";
import { packageOf } from "./build/licences.ts";

/** Bytes in the bundle by package, and by room for our own files; largest first. */
function costs({ outputs }: Metafile): [name: string, bytes: number][] {
  const sums = new Map<string, number>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = packageOf(path) ?? path.split("/").slice(0, 2).join("/");
      sums.set(name, (sums.get(name) ?? 0) + bytesInOutput);
    }
  }
  return [...sums].sort(([, a], [, b]) => b - a);
}

const { values } = parseArgs({ options: { analyze: { type: "boolean", default: false } } });
const metafile = await writeBundle();
if (values.analyze) {
  for (const [name, bytes] of costs(metafile)) console.log(`${String(bytes).padStart(9)}  ${name}`);
}
