import { suite } from "uvu";
import * as assert from "uvu/assert";
import { scanJson } from "../../../src/article/front-matter/json.ts";
import { scanToml } from "../../../src/article/front-matter/toml.ts";
import { lint, parse, payloadOf, places, problemsOf, rejectionOf } from "../../support/article.ts";

const notations = suite("front matter in TOML and JSON");

const toml = (lines: string, body = "Body.\n"): string => `+++\n${lines}\n+++\n${body}`;
const head = "id = 'a'\ntitle = \"T\"\ndate = 2024-05-01";

notations("reads TOML as it reads YAML", async () => {
  const file = toml(`${head}T09:30:00+09:00\ntags = ["x", 010.5, "y"]`.replace("010.5", "10.50"));
  const payload = await payloadOf(file);
  assert.equal(
    [payload["id"], payload["title"], payload["created_at"], payload["tags"], payload["body"]],
    ["a", "T", "2024-05-01T00:30:00.000Z", ["x", "10.50", "y"], "Body.\n"],
  );
});

notations("reads JSON from a line { to a line }", async () => {
  const file =
    '{\n  "id": "a",\n  "title": 2020,\n  "date": "2024-05-01",\n  "x": {\n    "y": 1\n  }\n}\n\nBody.\n';
  const payload = await payloadOf(file);
  assert.equal([payload["id"], payload["title"], payload["body"]], ["a", "2020", "\nBody.\n"]);
});

notations("reads local dates in the configured zone, and text as written", async () => {
  const file = toml("id = 'a'\ntitle = 1_000 # many\ndate = 2024-05-01 09:00:00");
  const payload = await payloadOf(file, { timezone: "Asia/Tokyo" });
  assert.equal([payload["title"], payload["created_at"]], ["1_000", "2024-05-01T00:00:00.000Z"]);
});

notations("tolerates byte order mark, CRLF and blanks after a fence", async () => {
  for (const file of [toml(head), '{\n"id": "a",\n"title": "T",\n"date": "2024-05-01"\n}\nBody.\n']) {
    const windows = `\ufeff${file.replace("\n", "  \n").replaceAll("\n", "\r\n")}`;
    assert.is((await payloadOf(windows))["body"], "Body.\r\n");
  }
});

notations("takes other braces for what they are", async () => {
  for (const file of [
    "{{< figure >}}\ntext\n",
    "{% include x %}\n",
    "{\nbody { color: red }\n}\n",
    '{"id": "a"}\n',
    "{",
    "{\n",
    "+++\ntext\n",
    "++++\nid = 1\n++++\n",
  ]) {
    assert.is((await parse(file)).verdict.kind, "none", file);
  }
});

notations("rejects what is never closed", async () => {
  assert.equal(places(await problemsOf(`+++\n${head}\n\ntext\n`)), ["unclosed-front-matter@1:1+3"]);
  const [problem] = await problemsOf('{\n"id": "a"\n\ntext\n');
  assert.equal([problem?.code, problem?.params], ["unclosed-front-matter", { fence: "}" }]);
});

notations("says where it does not parse", async () => {
  const cases: [file: string, places: string[]][] = [
    [toml(`${head}\nx = `), ["toml-syntax@5:5+1"]],
    [toml(`${head}\n${head}`), ["toml-syntax@5:1+1"]],
    ['{\n"id": "a",\n"x": 1,\n}\n', ["json-syntax@4:1+1"]],
    ['{\n"id": "a"\n"x": 1\n}\n', ["json-syntax@3:1+1"]],
    ["{\n'id': \"a\"\n}\n", ["json-syntax@2:1+1"]],
    ['{\n"id": "a",\n"id": "b"\n}\n', ["yaml-duplicate-key@3:1+4"]],
    ['{\n"id": 010\n}\n', ["json-syntax@2:7+3"]],
    ['{\n"id": [1, 2\n}\n', ["json-syntax@3:1+1"]],
  ];
  for (const [file, expected] of cases) assert.equal(places(await problemsOf(file)), expected, file);
});

notations("places what is wrong with a value at the value", async () => {
  const inToml = toml(
    "id = 'a'\ntitle = ['x']\ntags = [\n  'a', # one\n  ['b'],\n]\ndate = 'soon'\n\n[params]\nx = 1",
  );
  assert.equal(places(await problemsOf(inToml)), ["not-text@3:9+5", "not-scalar@6:3+5", "bad-date@8:8+6"]);
  const inJson = '{\n  "id": "a",\n  "title": ["x"],\n  "tags": ["a", ["b"]],\n  "date": "soon"\n}\n';
  assert.equal(places(await problemsOf(inJson)), ["not-text@3:12+5", "not-scalar@4:17+5", "bad-date@5:11+6"]);
  assert.equal(places(await problemsOf(toml("id = 'a'\ntitle = 'T'"))), ["missing-key@1:1+3"]);
});

notations("keeps the id of what is broken", async () => {
  assert.is(rejectionOf((await parse(toml("id = 'a'\nx = "))).verdict).id, "a");
  assert.is(rejectionOf((await parse('{\n  "id": "a",\n}\n')).verdict).id, "a");
});

notations("withdraws drafts in any notation", async () => {
  assert.is((await parse(toml(`${head}\ndraft = true`))).verdict.kind, "withdrawn");
  const json = '{\n"id": "a",\n"title": "T",\n"date": "2024-05-01",\n"draft": true\n}\n';
  assert.is((await parse(json)).verdict.kind, "withdrawn");
});

notations("gives hooks what YAML would give them", async () => {
  const file = toml(`${head}\nbig = 9007199254740993\nat = 07:32:00\n\n[params]\n__proto__ = 'x'`);
  const { attributes } = await lint(file, { attributes: ({ attributes }) => attributes });
  assert.equal(Object.keys(attributes ?? {}), ["id", "title", "date", "big", "at", "params"]);
  assert.is(attributes?.["big"], "9007199254740993");
});

notations("bounds what it holds", async () => {
  const deep = `{\n"id": ${"[".repeat(500)}${"]".repeat(500)}\n}\n`;
  assert.equal(
    (await problemsOf(deep)).map(({ code }) => code),
    ["front-matter-too-deep"],
  );
  const many = toml(`x = [${"1,".repeat(100_001)}]`);
  assert.equal(
    (await problemsOf(many)).map(({ code }) => code),
    ["front-matter-too-big"],
  );
  const nested = toml(`x = ${"[".repeat(500)}${"]".repeat(500)}`);
  assert.match((await problemsOf(nested))[0]?.code ?? "", /toml-syntax|too-deep/);
});

notations("finds keys beside tables, strings of several lines and comments", () => {
  const text =
    "# c\na = 1 # one\n\"b c\" = '''\nx = 1\n'''\nd.e = true\nf = { g = 1 }\nh = [ # i = 1\n  'j', 2 ]\n[k]\nl = 1\n[[m]]\n";
  const entries = scanToml(text);
  assert.equal([...entries.keys()], ["a", "b c", "d", "f", "h", "k", "m"]);
  assert.equal([entries.get("a")?.value.text, entries.get("d")?.value.text], ["1", "true"]);
  assert.equal(
    entries.get("h")?.items?.map((item) => item.text),
    [null, "2"],
  );
});

notations("finds keys and items of JSON", () => {
  const entries = scanJson('{\n"a": 1.50, "b": [1, "x", {"c": [2]}], "d": {"e": true}\n}');
  assert.equal([...entries.keys()], ["a", "b", "d"]);
  assert.is(entries.get("a")?.value.text, "1.50");
  assert.equal(
    entries.get("b")?.items?.map((item) => item.text),
    ["1", null, null],
  );
});

notations.run();
