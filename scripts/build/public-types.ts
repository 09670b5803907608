/** The public types as one ambient module: what editors need for `import type ... from "sync-agent"`. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const SOURCE = resolve(import.meta.dirname, "../../src");
const HEAD = `/**
 * Types of sync-agent's configuration file, for editors and type checkers; the agent does not read it.
 * Keep it beside sync.config.ts.
 */
`;

/** Text of `sync-agent.d.ts`: the files of public types, less their imports of each other. */
export function publicTypes(): string {
  const parts = ["config/standard-schema.ts", "index.ts"].map((name) =>
    readFileSync(resolve(SOURCE, name), "utf8")
      .replace(/^import type [^;]*;\n/gm, "")
      .trim(),
  );
  // Without `export {}` every declaration of an ambient module is public, the internal ones too.
  const body = [...parts, "export {};"].join("\n\n").replace(/^(?=.)/gm, "  ");
  return `${HEAD}declare module "sync-agent" {\n${body}\n}\n`;
}
