import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseYaml } from "../../../src/article/front-matter/yaml.ts";
import { article, parse, payloadOf, problemsOf } from "../../support/article.ts";

const yaml = suite("YAML of front matter");

/** The attributes, or the code of the fault. */
function read(text: string): unknown {
  const parsed = parseYaml(text);
  return parsed.kind === "map" ? parsed.attributes : parsed.code;
}

/** Nine lists of nine aliases each: 9^levels texts. */
function bomb(levels: number): string {
  const lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"];
  for (let level = 1; level < levels; level++) {
    const aliases = Array.from({ length: 9 }, () => `*a${level - 1}`).join(", ");
    lines.push(`a${level}: &a${level} [${aliases}]`);
  }
  return `${lines.join("\n")}\n`;
}

yaml("is read as front-matter does, and nothing around it is lost", () => {
  assert.equal(read(""), {});
  assert.equal(read("# only a comment\n"), {});
  assert.equal(read("a: 1\nb: [x, 2020-08-07]\n"), { a: 1, b: ["x", new Date("2020-08-07")] });
  assert.equal(read("  a: 1\n  b: 2\n"), { a: 1, b: 2 });
  assert.equal(read("\n\na: 1\n\n\n"), { a: 1 });
  assert.equal(read("a: |+\n  x\n\n"), { a: "x\n\n" });
  assert.equal(read("a: x\u2028y\nb: \u2028\n"), { a: "x\u2028y", b: "\u2028" });
  assert.equal(read("a: = yaml =\n"), { a: "= yaml =" });
});

yaml("may name keys like properties of objects", () => {
  const parsed = parseYaml("__proto__: {x: 1}\nconstructor: y\ntoString: z\n");
  if (parsed.kind !== "map") throw new Error(parsed.code);
  assert.equal(Object.keys(parsed.attributes), ["__proto__", "constructor", "toString"]);
  assert.is(({} as Record<string, unknown>)["x"], undefined);
});

yaml("of inherited names reaches hooks as it is, and never the payload", async () => {
  let seen: string[] = [];
  const payload = await payloadOf(article("__proto__: {description: x, draft: true}"), {
    map: ({ payload, attributes }) => {
      seen = Object.keys(attributes);
      return { ...payload };
    },
  });
  assert.is(payload["description"], "");
  assert.equal(seen, ["id", "title", "date", "__proto__"]);
});

yaml("that is no map is refused", () => {
  for (const text of ["- a\n", "text\n", "12\n", "2020-08-07\n", "!!binary AAAA\n", "!!omap [a: 1]\n"])
    assert.is(read(text), "front-matter-not-map", text);
});

yaml("bombs are refused in bounded time and memory", () => {
  const startMs = performance.now();
  assert.is(read(bomb(9)), "front-matter-too-big");
  assert.is(read(bomb(60)), "front-matter-too-big");
  // One long text, many times.
  assert.is(read(`a: &a ${"x".repeat(50_000)}\nb: [${"*a, ".repeat(200)}]\n`), "front-matter-too-big");
  // Keys are written out while parsing.
  assert.is(
    read(`a: &a ${"x".repeat(200_000)}\n? [${"*a, ".repeat(10_000)}]\n: 1\n`),
    "front-matter-too-big",
  );
  assert.is(
    read(
      `a: &a {x: 1}\n${Array.from({ length: 400 }, (_, n) => `b${n}: {<<: [${"*a, ".repeat(99)}]}`).join("\n")}\n`,
    ),
    "front-matter-too-big",
  );
  assert.ok(performance.now() - startMs < 5_000);
});

yaml("aliases that multiply nothing are fine", () => {
  assert.equal(read("a: &a [x]\nb: *a\nc: {<<: {d: *a}}\n"), { a: ["x"], b: ["x"], c: { d: ["x"] } });
});

yaml("that contains itself or is nested absurdly is refused", () => {
  assert.is(read("a: &a [*a]\n"), "front-matter-too-deep");
  assert.is(read("a: &a\n  b: *a\n"), "front-matter-too-deep");
  for (const depth of [101, 5_000, 500_000]) {
    assert.is(read(`a: ${"[".repeat(depth)}${"]".repeat(depth)}\n`), "front-matter-too-deep");
    assert.is(read(`a: ${"{a: ".repeat(depth)}${"}".repeat(depth)}\n`), "front-matter-too-deep");
  }
  assert.is(
    read(`a:\n${Array.from({ length: 500 }, (_, n) => `${" ".repeat(n + 1)}a:`).join("\n")}\n`),
    "front-matter-too-deep",
  );
  assert.is(typeof read(`a: ${"[".repeat(90)}${"]".repeat(90)}\n`), "object");
});

yaml("is refused in a file the same way, however long it is", async () => {
  for (const lines of [bomb(9), `${bomb(9)}${"# padding\n".repeat(5_000)}`]) {
    const problems = await problemsOf(`---\nid: intro\n${lines}---\n`);
    assert.equal(
      problems.map(({ code }) => code),
      ["front-matter-too-big"],
    );
  }
  const many = `tags: [${"[a], ".repeat(40_000)}]`;
  const problems = await problemsOf(article(many));
  assert.is(problems.length, 50);
});

yaml("of a long front matter keeps the words of its values", async () => {
  const payload = await payloadOf(article(`description: 010\nextra: |\n${"  text\n".repeat(5_000)}`));
  assert.is(payload["description"], "010");
  const rare = article(`? description\n: 010\nupdated: 2024-13-45\nextra: |\n${"  text\n".repeat(5_000)}`);
  assert.equal(
    (await problemsOf(rare)).map(({ code, line }) => [code, line]),
    [["no-such-date", 7]],
  );
  assert.is((await parse(article(`extra: |\n${"  text\n".repeat(100_000)}`))).verdict.kind, "article");
});

yaml.run();
