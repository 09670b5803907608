import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readDate, zoneOf } from "../../../src/article/date.ts";
import { withoutJsx } from "../../../src/article/mdx.ts";
import type { ArticleSettings } from "../../../src/config/settings.ts";
import { articleRoom, bytesOf, places, rejectionOf } from "../../support/article.ts";

const records = suite("records, MDX, and dates in words");

async function parseAt(path: string, file: string, settings: Partial<ArticleSettings> = {}) {
  const room = articleRoom({ format: "data", ...settings });
  try {
    const content = { kind: "bytes", bytes: bytesOf(file) } as const;
    const { verdict, body } = await room.parse(path, "0".repeat(40), content, 1);
    return { verdict, payload: body === null ? null : JSON.parse(new TextDecoder().decode(body)) };
  } finally {
    await room.close();
  }
}

records("are files as a whole, in YAML, JSON or TOML", async () => {
  const yaml = await parseAt("authors/jane.yaml", "---\nname: Jane\nborn: 1970\nlinks: [a, b]\n");
  assert.equal(yaml.payload, {
    id: "authors/jane",
    path: "authors/jane.yaml",
    name: "Jane",
    born: 1970,
    links: ["a", "b"],
  });
  const json = await parseAt("places/x.json", '{"id": 7, "at": {"lat": 1.5}}');
  assert.equal(json.payload, { id: "7", path: "places/x.json", at: { lat: 1.5 } });
  const toml = await parseAt("menu.toml", "id = 'm'\n[[items]]\nname = 'Tea'\n");
  assert.equal(toml.payload, { id: "m", path: "menu.toml", items: [{ name: "Tea" }] });
});

records("say where they do not parse", async () => {
  const yaml = rejectionOf((await parseAt("a.yaml", "---\na: 1\nb: [\n")).verdict);
  assert.equal(places(yaml.problems), ["yaml-unclosed-bracket@3:4+1"]);
  const json = rejectionOf((await parseAt("a.json", '{\n"a": 1,\n}')).verdict);
  assert.equal(places(json.problems), ["json-syntax@3:1+1"]);
  const list = rejectionOf((await parseAt("a.yml", "- a\n")).verdict);
  assert.equal(
    list.problems.map(({ code }) => code),
    ["front-matter-not-map"],
  );
});

records("stay private as articles do, and go through map", async () => {
  assert.is((await parseAt("a.yaml", "name: x\ndraft: true\n")).verdict.kind, "withdrawn");
  assert.is((await parseAt("a.yaml", "name: x\nprivate: true\n")).verdict.kind, "withdrawn");
  const mapped = await parseAt("a.yaml", "name: x\n", {
    map: ({ payload }) => ({
      id: payload.id,
      upper: String((payload as never as { name: string }).name).toUpperCase(),
    }),
  });
  assert.equal(mapped.payload, { id: "a", upper: "X" });
});

records("MDX loses what is for a bundler, line by line", () => {
  const mdx = [
    "import X from './x'",
    "export const a = {",
    "  b: 1,",
    "}",
    "",
    "# Title {/* no */}",
    "",
    "<Tabs a={'>'} b>",
    "",
    "Inside **it** and `<Code />`.",
    "",
    "</Tabs>",
    "<></>",
    "```js",
    "import y from 'y'",
    "<Z />",
    "```",
    "import as a word",
    "1 < 2 and <em>html</em>",
  ].join("\n");
  assert.equal(withoutJsx(mdx).split("\n"), [
    "",
    "",
    "",
    "",
    "",
    "# Title ",
    "",
    "",
    "",
    "Inside **it** and `<Code />`.",
    "",
    "",
    "",
    "```js",
    "import y from 'y'",
    "<Z />",
    "```",
    "import as a word",
    "1 < 2 and <em>html</em>",
  ]);
});

records("dates in words are for other tools' articles", () => {
  const utc = zoneOf("UTC");
  const read = (text: string, isLoose: boolean): string | null => {
    const reading = readDate(text, utc, isLoose);
    return reading.kind === "instant" ? new Date(reading.ms).toISOString() : null;
  };
  const cases: [text: string, iso: string | null][] = [
    ["Jul 08 2022", "2022-07-08T00:00:00.000Z"],
    ["July 8th, 2022", "2022-07-08T00:00:00.000Z"],
    ["8 July 2022", "2022-07-08T00:00:00.000Z"],
    ["Sat, 01 Jan 2022 09:30:00 GMT", "2022-01-01T09:30:00.000Z"],
    ["2022-07", "2022-07-01T00:00:00.000Z"],
    ["2022.7.8", "2022-07-08T00:00:00.000Z"],
    ["Feb 30 2022", null],
    ["soon", null],
  ];
  for (const [text, iso] of cases) {
    assert.is(read(text, true), iso, text);
    assert.is(read(text, false), null, text);
  }
});

records.run();
