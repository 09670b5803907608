import { suite } from "uvu";
import * as assert from "uvu/assert";
import { codeOnly } from "../../../scripts/tidy/functions.ts";
import { tidy, unusedPermissions } from "../../../scripts/tidy.ts";

const messages = (files: Record<string, string>): string[] =>
  tidy(new Map(Object.entries(files))).map(
    ({ file, line, message }) => `${file}${line ? `:${line}` : ""}: ${message}`,
  );

const house = suite("tidy");

house("says nothing about a house in order", () => {
  assert.equal(
    messages({
      "src/sync/plan.ts": 'import type { Claim } from "./model.ts";\n',
      "src/source/git.ts":
        'import { $ } from "zx/core";\nimport type { Source } from "../sync/ports.ts";\nimport { join } from "node:path";\n',
      "src/article/parse.ts": 'import type { Settings } from "../config/settings.ts";\n',
      "src/commands/run.ts": 'import { git } from "../source/git.ts";\n',
      "src/main.ts": "process.exit(0);\n",
      "test/unit/plan.test.ts": 'import { suite } from "uvu";\nconst plan = suite("plan");\nplan.run();\n',
    }),
    [],
  );
});

house("keeps the core to itself", () => {
  const found = messages({
    "src/sync/plan.ts":
      'import { ok } from "node:assert";\nimport {\n  a,\n  b,\n} from "../source/git.ts";\nconst t = Date.now();\n// Date.now() in a comment is fine\n',
  });
  assert.is(found.length, 3, found.join("\n"));
  assert.match(found[0] ?? "", "src/sync/plan.ts:6: the core is given clock");
  assert.match(found[1] ?? "", "src/sync/plan.ts:1: the core imports no package: node:assert");
  assert.match(found[2] ?? "", "src/sync/plan.ts:2: the core imports no other room: src/source/git.ts");
});

house("keeps rooms apart", () => {
  const found = messages({
    "src/inserter/client.ts":
      'import { parse } from "../article/parse.ts";\nimport { settings } from "../config/settings.ts";\nimport { once } from "../commands/once.ts";\nimport { main } from "../main.ts";\n',
  });
  assert.is(found.length, 4, found.join("\n"));
  assert.match(found[0] ?? "", "room inserter imports room article");
  assert.match(found[1] ?? "", "take only types");
  assert.match(found[2] ?? "", "room inserter imports room commands");
  assert.match(found[3] ?? "", "src/main.ts");
});

house("lets the status name what it looks at in the core", () => {
  const found = messages({
    "src/status/snapshot.ts":
      'import type { Agent } from "../sync/agent.ts";\nimport { brake } from "../sync/policy.ts";\n',
    "src/state/sqlite.ts": 'import type { Agent } from "../sync/agent.ts";\n',
  });
  assert.is(found.length, 2, found.join("\n"));
  assert.match(found[0] ?? "", "src/status/snapshot.ts:2: take only types from src/sync/policy.ts");
  assert.match(found[1] ?? "", "src/state/sqlite.ts:1: room state imports room sync");
});

house("finds permissions that no file needs", () => {
  const unused = unusedPermissions(
    new Map([
      [
        "src/article/a.ts",
        'import type { A } from "../config/settings.ts";\nimport type { B } from "../markdown/x.ts";\n',
      ],
      ["src/status/a.ts", 'import type { State } from "../sync/ports.ts";\n'],
    ]),
  );
  assert.ok(!unused.includes("article: config*"));
  assert.ok(unused.includes("article: markdown"), "types alone do not need more than types");
  assert.ok(unused.includes("article: workers"));
  assert.ok(unused.includes("status: sync*"), "what is common ground needs no permission");
});

house("finds cycles, through types too, but not through `import()`", () => {
  const around = (how: string): string[] =>
    messages({
      "src/state/a.ts": 'import { b } from "./b.ts";\n',
      "src/state/b.ts": 'export { c } from "./c.ts";\n',
      "src/state/c.ts": how,
    });
  assert.equal(around('import { a } from "./a.ts";\n'), [
    "src/state/a.ts: import cycle: src/state/a.ts → src/state/b.ts → src/state/c.ts → src/state/a.ts",
  ]);
  assert.is(around('import type { A } from "./a.ts";\n').length, 1);
  assert.equal(around('const a = await import("./a.ts");\n'), []);
});

house("finds what must not stand in a file", () => {
  const word = "TO".concat("DO");
  const own = "Owe".concat("d");
  assert.equal(
    messages({
      "src/state/a.ts": `// ${word}: later\nprocess.exit(1);\nprocess.exitCode = 1;\n`,
      "src/state/b.ts": "x;\n".repeat(501),
      "src/state/d.ts": `/** ${own} by nobody. */\nconst followed = 1;\n`,
      "src/state/c.ts":
        'if (process.exitCode === 1) x; // process.exit(1)\nconst text = "process.exit(1)";\n',
    }),
    [
      "src/state/a.ts:1: unfinished business: do it, or write an issue",
      "src/state/a.ts:2: only main.ts ends the process",
      "src/state/a.ts:3: only main.ts ends the process",
      "src/state/b.ts: 501 lines: more than one concept? (at most 500)",
      `src/state/d.ts:1: "${own}" is a word of our own: see "Words" in CONTRIBUTING.md`,
    ],
  );
});

const body = (lines: number, margin = "  "): string => `${margin}x;\n`.repeat(lines);
const long = (file: string, text: string): string[] => messages({ [file]: text });

house("finds functions that are too long, wherever they stand", () => {
  assert.equal(long("src/state/a.ts", `function fits(): void {\n${body(68)}}\n`), []);
  assert.equal(long("test/unit/a.ts", `function tests(): void {\n${body(99)}}\n`), []);
  for (const [head, close] of [
    ["export async function f<T>(a: T): Promise<T> {", "}"],
    ["export default function* f(a = {}) {", "}"],
    ["const f = async (a: string): Promise<void> => {", "};"],
    ["const f = ({ a, b }: Pair) => ({", "});"],
    ["const f = (a: string): (() => void) => {", "};"],
    ["export function f(\n  a: string,\n  b: number,\n): void {", "}"],
  ] as const) {
    const lines = head.split("\n").length + 70;
    assert.equal(
      long("src/state/a.ts", `let a;\n${head}\n${body(69)}${close}\n`),
      [`src/state/a.ts:2: function f has ${lines} lines (at most 70)`],
      head,
    );
  }
  for (const head of [
    "constructor(a: string) {",
    "async #send(a: A): Promise<B> {",
    "get size(): number {",
  ]) {
    const [found = ""] = long("src/state/a.ts", `class A {\n  ${head}\n${body(70, "    ")}  }\n}\n`);
    assert.match(found, /^src\/state\/a\.ts:2: function (constructor|#send|size) has 72 lines/, head);
  }
});

house("takes no text and no other block for a function", () => {
  const css = `const style = \`\n${"function f() {\n".repeat(80)}\${a ? \`}\` : "{"}\n\`;\n`;
  for (const text of [
    css,
    `if (a) {\n${body(80)}}\n`,
    `const table = {\n${body(80)}};\n`,
    `class A {\n${body(80)}}\n`,
    `/* function f() {\n${body(80)}} */\n`,
    `for (const [a, b] of [\n  1,\n] as const) {\n${body(80)}}\n`,
  ]) {
    assert.equal(long("src/state/a.ts", text), [], text.slice(0, 40));
  }
});

house("knows code from text", () => {
  const text = 'a("b//"); // c\n`\u0024{d(`e`)}`; x = /[/"]/; y = 4 / 2; /* z */ w;\n';
  assert.is(codeOnly(text).replace(/ +/g, " "), "a( ); \n ; x = ; y = 4 / 2; w;\n");
  assert.is(codeOnly(text).length, text.length);
});

house("finds tests that never run, and those that hide others", () => {
  const only = "two.".concat("only");
  assert.equal(
    messages({
      "test/unit/x.test.ts": `import { suite } from "uvu";\nconst one = suite("one");\nconst two = suite("two");\n${only}("x", () => {});\none.run();\n`,
    }),
    [
      "test/unit/x.test.ts:4: `.only` hides the other tests",
      "test/unit/x.test.ts: two lacks `.run()`: its tests never run",
    ],
  );
});

house.run();
