import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { walkBreaches, walksOf } from "../../../scripts/tidy/walks.ts";
import { importsOf } from "../../../scripts/tidy.ts";
import { ROOT } from "../../support/readme.ts";

const walks = suite("walks through the code");

const PAGE = `# Page

## Walks

### a to c

1. \`src/a.ts\`: begins
2. \`src/b.ts\`: \`goes on\`
3. \`src/c.ts\`: ends

Not \`src/d.ts\`.

### d

1. \`src/d.ts\`

## After

1. \`src/e.ts\`
`;

const HOUSE: Readonly<Record<string, readonly string[]>> = {
  "src/a.ts": ["src/b.ts"],
  "src/b.ts": [],
  "src/c.ts": ["src/b.ts"],
  "src/d.ts": [],
};
const breaches = (files: readonly string[]): string[] =>
  walkBreaches({ name: "w", files }, (file) => HOUSE[file] ?? null);

walks("are read from their section", () => {
  assert.equal(walksOf(PAGE), [
    { name: "a to c", files: ["src/a.ts", "src/b.ts", "src/c.ts"] },
    { name: "d", files: ["src/d.ts"] },
  ]);
  assert.equal(walksOf("# Page\n"), []);
});

walks("go from file to file along imports, in either direction", () => {
  assert.equal(breaches(["src/a.ts", "src/b.ts", "src/c.ts"]), []);
  assert.equal(breaches(["src/a.ts", "src/c.ts", "src/b.ts"]), [
    "w: no import connects src/c.ts with a file before it",
  ]);
  assert.equal(breaches(["src/a.ts", "src/b.ts", "src/gone.ts"]), ["w: src/gone.ts does not exist"]);
  assert.equal(breaches(["src/a.ts", "src/b.ts", "src/a.ts"]), ["w: src/a.ts comes twice"]);
  assert.equal(breaches(["src/a.ts"]), ["w: 1 files, not 2 to 15"]);
});

walks("of ARCHITECTURE.md hold", () => {
  const found = walksOf(readFileSync(join(ROOT, ".github/ARCHITECTURE.md"), "utf8"));
  assert.is(found.length, 4, "flip → request, answer → state, front matter → payload, retry.min → effect");
  const imports = (file: string): readonly string[] | null => {
    try {
      return importsOf(file, readFileSync(join(ROOT, file), "utf8")).map(({ to }) => to);
    } catch {
      return null;
    }
  };
  assert.equal(
    found.flatMap((walk) => walkBreaches(walk, imports)),
    [],
  );
});

walks.run();
