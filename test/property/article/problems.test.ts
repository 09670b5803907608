/** Problems are reported at places that exist, however much is wrong at once. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { articleRoom, bytesOf } from "../../support/article.ts";

const problems = suite("problems of broken articles");

const room = articleRoom({});
problems.after(() => room.close());

/** Lines as authors write them, and as they slip. */
const line = fc.constantFrom(
  ..."id: a|title: T|title: Go: x|title：題|date: 2026-01-01|date: 2026-13-01|date:2026|tags: a, b|tags:|  - x|  - {a: b}".split(
    "|",
  ),
  ..."- {a|cover: @x|description: \"un|title: 'a'b|draft: yes|# c|plain|　x: y|  　文|a: *z|b: !t x|c: [1, 2|日本: 語|? y|: z".split(
    "|",
  ),
  "k: |",
  "\t- y",
  "x:\u00a0y",
  "<<: *a",
  "--- a",
  "\u0007",
  'x: "\\q"',
  "e: 'x\n  y'",
  "",
);

problems("stand in the file, with the line as it is there, and each is reported once", async () => {
  let count = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 9 }),
      fc.constantFrom("\n", "\r\n"),
      fc.constantFrom("", "\ufeff"),
      async (lines, newline, mark) => {
        const text = ["---", ...lines, "---", "Body."].join(newline);
        const content = { kind: "bytes", bytes: bytesOf(mark + text) } as const;
        const { verdict } = await room.parse("a.md", "0", content, 1);
        if (verdict.kind !== "rejected") return;
        const rows = text.split("\n").map((row) => row.replace(/\r$/, ""));
        const seen = new Set<string>();
        for (const { code, line, column, length, excerpt, params } of verdict.problems) {
          assert.is(excerpt, rows[line - 1]);
          assert.ok(column >= 1 && column <= (excerpt ?? "").length + 1);
          assert.ok(length >= 1);
          seen.add(`${code} ${line} ${column} ${params["key"]}`);
          count++;
        }
        assert.is(seen.size, verdict.problems.length);
        const order = verdict.problems.map(({ line, column }) => line * 1_000 + column);
        assert.equal(
          order,
          order.toSorted((a, b) => a - b),
        );
      },
    ),
    { numRuns: 1_000 },
  );
  assert.ok(count > 1_000, String(count));
});

problems.run();
