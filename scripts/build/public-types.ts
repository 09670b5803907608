/** The public types as one ambient module: what editors need for `import type ... from "sync-agent"`. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const SOURCE = resolve(import.meta.dirname, "../../src/index.ts");
const HEAD = `/**
 * Types of sync-agent's configuration file, for editors and type checkers; the agent does not read it.
 * Keep it beside sync.config.ts.
 */
`;

/** Text of `sync-agent.d.ts`. */
export function publicTypes(): string {
  const types = readFileSync(SOURCE, "utf8").trim();
  // Without `export {}` every declaration of an ambient module is public, the internal ones too.
  const body = `${types}\n\nexport {};`.replace(/^(?=.)/gm, "  ");
  return `${HEAD}declare module "sync-agent" {\n${body}\n}\n`;
}
