import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readConfig } from "../../../src/config/read.ts";
import { UsageError } from "../../../src/errors.ts";

interface Context {
  root: string;
}

const code = suite<Context>("configuration that does not load");

code.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), "sync-agent-config-"));
});
code.after.each(({ root }) => rmSync(root, { recursive: true, force: true }));

/** Where the fault is, `$` standing for the folder; what is said of it; what is advised. */
const cases: [name: string, text: string, message: RegExp, hint: RegExp][] = [
  [
    "a.ts",
    'export default {\n  repo: "x"\n  ref: 1,\n};\n',
    /^Cannot load \$\/a\.ts:3:3: Expected ','/,
    /^$/,
  ],
  [
    "a.mjs",
    'export default {\n  repo: "x"\n  ref: 1,\n};\n',
    /^Cannot load \$\/a\.mjs:3:3: Unexpected identifier 'ref'$/,
    /^$/,
  ],
  [
    "a.js",
    'export default {\n  repo: "x"\n  ref: 1,\n};\n',
    /^Cannot load \$\/a\.js:3:3: Unexpected identifier 'ref'$/,
    /^$/,
  ],
  [
    "a.ts",
    "enum A {\n  B,\n}\nexport default { a: A.B };\n",
    /^Cannot load \$\/a\.ts:1:1: TypeScript enum is not supported/,
    /^Types are erased, not compiled/,
  ],
  [
    "a.ts",
    "const x: any = undefined;\nexport default {\n  a: x.y.z,\n};\n",
    /^Cannot load \$\/a\.ts:3:8: Cannot read properties of undefined \(reading 'y'\)$/,
    /^$/,
  ],
  [
    "a.js",
    "module.exports = { a: 1 };\nfoo.bar();\n",
    /^Cannot load \$\/a\.js:2:1: foo is not defined$/,
    /^$/,
  ],
  [
    "a.ts",
    'import { z } from "nowhere";\nexport default { z };\n',
    /^Cannot load \$\/a\.ts:1:20: Cannot find package 'nowhere'$/,
    /npm install nowhere/,
  ],
  [
    "a.js",
    'const z = require("nowhere");\nmodule.exports = { z };\n',
    /^Cannot load \$\/a\.js.*: Cannot find module 'nowhere'$/,
    /npm install nowhere/,
  ],
  [
    "a.ts",
    '\nimport { z } from "./nope.ts";\nexport default { z };\n',
    /^Cannot load \$\/a\.ts:2:\d+: Cannot find module '\$\/nope\.ts'$/,
    /^$/,
  ],
  [
    "a.ts",
    'import { nope } from "node:fs";\nexport default { nope };\n',
    /^Cannot load \$\/a\.ts:1:10: The requested module 'node:fs' does not provide an export named 'nope'$/,
    /^$/,
  ],
  ["a.ts", 'throw "just text";\n', /^Cannot load \$\/a\.ts: threw "just text"$/, /^$/],
  ["a.ts", "export const config = {};\n", /^\$\/a\.ts exports config, but no default$/, /export default/],
  ["a.ts", "const config = {};\n", /^\$\/a\.ts exports nothing$/, /export default/],
  ["a.js", "const config = {};\n", /^\$\/a\.js exports nothing$/, /export default/],
  [
    "a.json",
    '{\n  "a": 1,\n}\n',
    /^Cannot load \$\/a\.json:3:1: Expected double-quoted property name$/,
    /^$/,
  ],
  ["a.yaml", "a: 1\nb: [1\nc: 2\n", /^Cannot load \$\/a\.yaml:3:1: /, /^$/],
  ["a.yaml", "a: 1\na: 2\n", /^Cannot load \$\/a\.yaml:2:1: Map keys must be unique$/, /^$/],
  ["a.yml", "a: *x\n", /^Cannot load \$\/a\.yml: Unresolved alias/, /^$/],
];

for (const [name, text, message, hint] of cases) {
  code(`${name}: ${JSON.stringify(text)}`, async ({ root }) => {
    const path = join(root, name);
    writeFileSync(path, text);
    try {
      await readConfig(path);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      assert.match(error.message.replaceAll(root, "$"), message);
      assert.match(error.hint, hint);
      assert.not.match(error.message, /\n/);
      return;
    }
    throw new Error("loaded");
  });
}

code("points into the file that an import leads to", async ({ root }) => {
  writeFileSync(join(root, "a.ts"), 'import "./b.ts";\nexport default {};\n');
  writeFileSync(join(root, "b.ts"), "export const b = 1;\nthrow new Error('from b');\n");
  try {
    await readConfig(join(root, "a.ts"));
  } catch (error) {
    assert.is((error as Error).message, `Cannot load ${join(root, "b.ts")}:2:7: from b`);
    return;
  }
  throw new Error("loaded");
});

code.run();
