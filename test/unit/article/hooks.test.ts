import { suite } from "uvu";
import * as assert from "uvu/assert";
import { z } from "zod";
import type { Article, ArticlesConfig } from "../../../src/index.ts";
import type { Problem } from "../../../src/sync/model.ts";
import {
  article,
  articleRoom,
  bytesOf,
  parse,
  payloadOf,
  problemsOf,
  rejectionOf,
} from "../../support/article.ts";

const hooks = suite("hooks");

type MapHook = NonNullable<ArticlesConfig["map"]>;

const codesOf = (problems: readonly Problem[]): unknown[] =>
  problems.map(({ code, params }) => [code, params]);
const mapped = async (map: MapHook): Promise<unknown[]> => codesOf(await problemsOf(article(), { map }));

hooks("attributes makes ids from paths and translates other keys", async () => {
  const payload = await payloadOf("---\nname: 010\nday: 2020-08-07\nyear: 1e3\n---\nBody\n", {
    timezone: "Asia/Tokyo",
    attributes: async ({ path, attributes, body }) => ({
      ...attributes,
      id: path.replace(/\.md$/, ""),
      title: attributes["name"],
      date: attributes["day"],
      tags: [attributes["year"], body.length],
    }),
  });
  assert.equal([payload["id"], payload["title"]], ["posts/a", "010"]);
  assert.is(payload["created_at"], "2020-08-06T15:00:00.000Z");
  assert.equal(payload["tags"], ["1e3", "5"]);
});

hooks("attributes may make dates of its own", async () => {
  const withDate = (date: unknown) => ({
    attributes: ({ attributes }: { attributes: Record<string, unknown> }) => ({ ...attributes, date }),
  });
  assert.is((await payloadOf(article(), withDate(new Date(0))))["created_at"], "1970-01-01T00:00:00.000Z");
  assert.equal(codesOf(await problemsOf(article(), withDate(new Date("x")))), [
    ["not-date", { key: "date", found: "invalid-date" }],
  ]);
  assert.equal(codesOf(await problemsOf(article(), withDate(new Date(8.64e15)))), [
    ["no-such-date", { key: "date", value: "+275760-09-13T00:00:00.000Z" }],
  ]);
});

hooks("attributes finds dates that do not exist by any name", async () => {
  const problems = await problemsOf("---\nid: a\ntitle: t\nday: 2024-13-45\n---\n", {
    attributes: ({ attributes }) => ({ ...attributes, date: attributes["day"] }),
  });
  assert.equal(codesOf(problems), [["no-such-date", { key: "day", value: "2024-13-45" }]]);
});

hooks("attributes that fails or returns nonsense rejects the article", async () => {
  const failing = { attributes: () => Promise.reject(new Error("no such author")) };
  const { verdict } = await parse(article(), failing);
  assert.is(rejectionOf(verdict).id, "intro");
  assert.equal(codesOf(rejectionOf(verdict).problems), [
    ["hook-failed", { hook: "attributes", message: "no such author" }],
  ]);
  const returning = async (value: unknown): Promise<unknown[]> =>
    codesOf(await problemsOf(article(), { attributes: () => value as Record<string, unknown> }));
  assert.equal(await returning(undefined), [["hook-result", { hook: "attributes", found: "undefined" }]]);
  assert.equal(await returning([]), [["hook-result", { hook: "attributes", found: "list" }]]);
  const thrown = async (value: unknown): Promise<unknown> => {
    const [problem] = await problemsOf(article(), {
      attributes: () => {
        throw value;
      },
    });
    return problem?.params["message"];
  };
  assert.is(await thrown("just text"), "just text");
  assert.is(await thrown(Object.create(null)), "map");
  assert.is(await thrown(Symbol("x")), "Symbol(x)");
  assert.is(await thrown("\ud800x".repeat(1000)), `${"\ufffdx".repeat(250)}`);
});

hooks("attributes that returns a trap does not take the others down", async () => {
  const trap = {
    get id(): string {
      throw new Error("sprung");
    },
  };
  assert.equal(codesOf(await problemsOf(article(), { attributes: () => trap })), [
    ["examination-failed", { message: "sprung" }],
  ]);
});

hooks("schema sees validated front matter, and its output replaces it", async () => {
  let seen: unknown;
  const schema = z.looseObject({ title: z.string().toUpperCase(), category: z.enum(["a", "b"]) });
  const payload = await payloadOf(article("category: b\ncover: null\ndescription: 010\nextra: 010"), {
    schema,
    map: ({ payload, attributes }) => {
      seen = attributes;
      return { ...payload };
    },
  });
  assert.is(payload["title"], "HELLO");
  assert.equal(seen, {
    id: "intro",
    title: "HELLO",
    date: "2020-08-07T00:00:00.000Z",
    category: "b",
    description: "010",
    extra: 8,
  });
});

hooks("schema that knows only its own keys leaves the payload alone", async () => {
  let seen: unknown;
  const payload = await payloadOf(article("category: b\ndescription: d"), {
    schema: z.object({ category: z.string() }),
    map: ({ payload, attributes }) => {
      seen = attributes;
      return { ...payload };
    },
  });
  assert.equal([payload["title"], payload["description"], seen], ["Hello", "d", { category: "b" }]);
});

hooks("schema may make a draft of an article", async () => {
  const schema = z
    .looseObject({ ready: z.boolean() })
    .transform((attributes) => ({ ...attributes, draft: !attributes.ready }));
  assert.equal((await parse(article("ready: false"), { schema })).verdict, {
    kind: "withdrawn",
    id: "intro",
    why: "draft",
  });
});

hooks("schema has each of its issues at its key", async () => {
  const schema = z.object({
    category: z.enum(["a", "b"]),
    tags: z.array(z.string().max(3)),
    author: z.string(),
  });
  const problems = await problemsOf(article("category: c\ntags:\n  - x\n  - long"), { schema });
  assert.equal(
    problems.map(({ code, line, column, params }) => [code, line, column, params["key"]]),
    [
      ["schema-issue", 1, 1, "author"],
      ["schema-issue", 5, 11, "category"],
      ["schema-issue", 8, 5, "tags.1"],
    ],
  );
});

hooks("schema may refuse the whole, fail, or be no schema at all", async () => {
  const whole = z.looseObject({}).refine(() => false, "not today");
  assert.equal(codesOf(await problemsOf(article(), { schema: whole })), [
    ["schema-refuses", { message: "not today" }],
  ]);
  const returning = (result: unknown) => ({
    schema: {
      "~standard": { version: 1 as const, vendor: "test", validate: () => result as { value: unknown } },
    },
  });
  assert.equal(codesOf(await problemsOf(article(), returning(undefined))), [
    ["hook-result", { hook: "schema", found: "undefined" }],
  ]);
  assert.equal(codesOf(await problemsOf(article(), returning({ value: 1 }))), [
    ["hook-result", { hook: "schema", found: "number" }],
  ]);
  assert.equal(codesOf(await problemsOf(article(), returning({ value: { title: ["x"] } }))), [
    ["not-text", { key: "title", found: "list" }],
  ]);
  // As arktype answers: a list with `issues`.
  const listed = Object.assign([{ message: "no" }], { issues: [{ message: "no", path: ["title"] }] });
  assert.equal(codesOf(await problemsOf(article(), returning(listed))), [
    ["schema-issue", { key: "title", message: "no" }],
  ]);
});

hooks("map is given the article, and what it returns is sent", async () => {
  let given: Article | undefined;
  const { verdict, body } = await parse(article("", "# One\n\nSee [two](b.md) ![c](c.png)\n"), {
    map: async (one) => {
      given = one;
      return { id: `x-${one.payload.id}`, when: new Date(0), gone: undefined, deep: { list: [1, null] } };
    },
  });
  assert.is(new TextDecoder().decode(body ?? new Uint8Array()), canonical);
  assert.is(verdict.kind === "article" && verdict.id, "x-intro");
  assert.equal(
    [given?.path, given?.source.startsWith("---\nid"), given?.text],
    ["posts/a.md", true, "One\n\nSee two c"],
  );
  assert.equal(given?.headings, [{ level: 1, text: "One", slug: "one" }]);
  assert.equal(given?.links, [{ href: "b.md", text: "two" }]);
  assert.equal(given?.images, [{ src: "c.png", alt: "c" }]);
});
const canonical = '{"deep":{"list":[1,null]},"id":"x-intro","when":"1970-01-01T00:00:00.000Z"}';

hooks("map may withdraw, and has an outline without HTML too", async () => {
  assert.equal((await parse(article(), { map: () => null })).verdict, {
    kind: "withdrawn",
    id: "intro",
    why: "mapped-null",
  });
  const payload = await payloadOf(article("", "a *b*\n"), {
    html: false,
    map: ({ payload, text }) => ({ ...payload, text }),
  });
  assert.equal([payload["text"], "html" in payload], ["a b", false]);
});

hooks("map must return a payload with a safe id", async () => {
  assert.equal(await mapped(() => undefined as never), [
    ["hook-result", { hook: "map", found: "undefined" }],
  ]);
  assert.equal(await mapped(() => [] as never), [["hook-result", { hook: "map", found: "list" }]]);
  assert.equal(await mapped(() => ({}) as never), [["map-id", { found: "undefined" }]]);
  assert.equal(await mapped(() => ({ id: 1 }) as never), [["map-id", { found: "number" }]]);
  assert.equal(await mapped(() => ({ id: " " })), [["empty-key", { key: "id" }]]);
  assert.equal(await mapped(() => ({ id: ".." })), [["unsafe-id-dots", { id: ".." }]]);
});

hooks("map returns nothing that JSON cannot carry", async () => {
  const cycle: { id: string; self?: unknown } = { id: "a" };
  cycle.self = { inner: [cycle] };
  const sparse = [1, 2];
  delete sparse[0];
  const cases: [string, unknown, string][] = [
    ["f", () => 1, "function"],
    ["n", 1n, "bigint"],
    ["nan", Number.NaN, "not-finite"],
    ["inf", [0, Number.POSITIVE_INFINITY], "not-finite"],
    ["s", Symbol("x"), "symbol"],
    ["u", [undefined], "undefined"],
    ["h", sparse, "undefined"],
    ["d", new Date("x"), "invalid-date"],
    ["p", Promise.resolve(1), "promise"],
    ["m", new Map(), "object"],
    ["set", { inner: new Set() }, "object"],
    ["b", new Uint8Array(1), "object"],
    ["r", /x/, "object"],
    ["e", new Error("x"), "object"],
    ["j", { toJSON: () => 1n }, "bigint"],
  ];
  for (const [key, value, found] of cases) {
    const [problem] = (await mapped(() => ({ id: "a", [key]: value }))) as [[string, Record<string, string>]];
    assert.equal([problem[0], problem[1]?.["found"]], ["not-json", found], key);
    assert.ok(problem[1]?.["key"]?.startsWith(key), problem[1]?.["key"]);
  }
  assert.equal(await mapped(() => cycle), [["not-json", { key: "self.inner[0]", found: "cycle" }]]);
  assert.equal(await mapped(() => ({ id: "a", deep: { text: ["x", "\udc00"] } })), [
    ["unpaired-surrogate", { key: "deep.text[1]" }],
  ]);
  assert.equal(await mapped(() => ({ id: "a", "\ud800": 1 })), [["unpaired-surrogate", { key: "\ufffd" }]]);
  const shared = { x: 1 };
  assert.is((await payloadOf(article(), { map: () => ({ id: "a", one: shared, two: shared }) }))["id"], "a");
});

hooks("map that throws late, in a getter, rejects the article", async () => {
  const payload = {
    id: "a",
    get x(): never {
      throw new Error("late");
    },
  };
  assert.equal(await mapped(() => payload), [["hook-failed", { hook: "map", message: "late" }]]);
});

hooks("that never end cost their own article only", async () => {
  const room = articleRoom(
    {
      map: ({ payload }) => (payload.id === "stuck" ? new Promise<never>(() => {}) : { id: payload.id }),
    },
    { hookTimeMs: 50 },
  );
  const one = (file: string) =>
    room.parse("a.md", "0", { kind: "bytes", bytes: bytesOf(file) }, 1).then(({ verdict }) => verdict);
  const [stuck, other] = await Promise.all([one(article().replace("intro", "stuck")), one(article())]);
  assert.equal(codesOf(rejectionOf(stuck).problems), [["hook-late", { hook: "map", seconds: 0.05 }]]);
  assert.is(other.kind, "article");
  await room.close();
});

hooks("are not held up by a promise that fails too late", async () => {
  const room = articleRoom(
    {
      attributes: () => new Promise((_, fail) => setTimeout(() => fail(new Error("too late")), 60)),
    },
    { hookTimeMs: 10 },
  );
  const { verdict } = await room.parse("a.md", "0", { kind: "bytes", bytes: bytesOf(article()) }, 1);
  assert.is(rejectionOf(verdict).problems[0]?.code, "hook-late");
  await new Promise((resolve) => setTimeout(resolve, 100));
  await room.close();
});

hooks.run();
