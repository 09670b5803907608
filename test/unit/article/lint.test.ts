import { suite } from "uvu";
import * as assert from "uvu/assert";
import { brokenReferences } from "../../../src/article/references.ts";
import type { ArticleSettings } from "../../../src/config/settings.ts";
import type { Problem } from "../../../src/sync/model.ts";
import { article, lint, parse, places } from "../../support/article.ts";

const linting = suite("linting a file");

const warningsOf = async (file: string): Promise<string[]> => places((await lint(file)).problems);

linting("gives the same verdict as parsing, and shows why", async () => {
  const file = article("description: d\nmood: x", "# Hi\n");
  const { verdict, payload, attributes, source, problems } = await lint(`\ufeff${file}`);
  assert.equal(verdict, (await parse(file)).verdict);
  assert.is(payload?.["html"], "<h1>Hi</h1>\n");
  assert.equal(attributes, {
    id: "intro",
    title: "Hello",
    date: "2020-08-07T00:00:00.000Z",
    description: "d",
    mood: "x",
  });
  assert.equal([source, problems], [file, []]);
});

linting("shows what was mapped", async () => {
  const { payload } = await lint(article(), { map: ({ payload }) => ({ id: payload.id, x: 1 }) });
  assert.equal(payload, { id: "intro", x: 1 });
});

linting("shows what it can of a file that is rejected", async () => {
  const { verdict, payload, attributes, problems } = await lint(
    article("description: d\ndraft: maybe\nTags: [a]"),
  );
  assert.is(verdict.kind, "rejected");
  assert.equal([payload, attributes?.["draft"]], [null, "maybe"]);
  assert.equal(
    problems.map(({ code, severity, line }) => [code, severity, line]),
    [
      ["not-boolean-text", "error", 6],
      ["near-key", "warning", 7],
    ],
  );
  assert.equal((await lint("# no article\n")).problems, []);
});

linting("warns of a # that takes words away, in any form, with the line as it is meant", async () => {
  const said = async (lines: string) =>
    (await lint(article(`description: d\n${lines}`))).problems.map(
      ({ code, line, column, params }) => `${code}@${line}:${column} ${params["line"]}`,
    );
  assert.equal(await said("tags:\n  - #go\n  - C #1\n  - 'C #1'\n  - go # a remark"), [
    'comment-in-value@7:5 - "#go"',
    'comment-in-value@8:7 - "C #1"',
  ]);
  assert.equal(await said("cover: #1.png"), ['comment-in-value@6:8 cover: "#1.png"']);
  assert.equal(await said("note: first\n  second #2"), ['comment-in-value@7:10 note: "first second #2"']);
  assert.equal(await said("note: |\n  # 1\n  #2\n  a #3\n# remark\n#remark\nother: 'a #1'"), []);
});

linting(
  "warns of code that is not closed, of tags that are one or twice, and of a date to come",
  async () => {
    const codes = async (lines: string, body = "", changes = {}) =>
      places((await lint(article(`description: d\n${lines}`, body), changes)).problems);
    assert.equal(await codes("", "a\n\n```js\ncode\n"), ["fence-unclosed@10:1+3"]);
    assert.equal(await codes("", "```\ncode\n```\n\n~~~~\n~~~\n~~~~~\n\n`` ` ``\n"), []);
    assert.equal(await codes("tags: [日記、旅行]"), ["tags-wide-comma@6:7+7"]);
    assert.equal(await codes("tags: [a, b, a]"), ["tags-twice@6:7+9"]);
    const soon = article("description: d").replace("2020-08-07", "2026-03-01");
    assert.equal(places((await lint(soon)).problems), ["date-ahead@4:7+10"]);
    assert.equal(places((await lint(soon, { future: "schedule" })).problems), []);
  },
);

linting("warns of what is probably not meant", async () => {
  assert.equal(await warningsOf(article()), ["description-missing@1:1+3"]);
  assert.equal(await warningsOf(article("description:")), ["description-missing@1:1+3"]);
  const ahead = article("description: d").replace("2020-08-07", "2027-08-07");
  assert.equal(await warningsOf(ahead), ["date-far-future@4:7+10"]);
  assert.equal(await warningsOf(article("description: d\nDraft: false\ntag: [a]\nisExternal: false")), [
    "near-key@6:1+5",
    "near-key@7:1+3",
  ]);
  assert.equal(await warningsOf(article("description: C# tips #1\ncover: a#b # why\nmood: '#'")), [
    "comment-in-value@5:22+1",
  ]);
});

linting("leaves keys to a hook that may read them, but for slips of a letter", async () => {
  const file = article("description: d\nupdated_at: 2020-08-08\ntag: [a]");
  assert.equal(await warningsOf(file), ["near-key@6:1+10", "near-key@7:1+3"]);
  const { problems } = await lint(file, { attributes: ({ attributes }) => attributes });
  assert.equal(places(problems), ["near-key@7:1+3"]);
});

linting("warns of neither footnotes nor links to pages of a site", async () => {
  const body =
    "Note[^1]. [a](../hidden/) [b](gone/) [c](../about.html) [d](term) [e](gone.md)\n\n[^1]: words\n";
  const { references } = await lint(article("description: d", body));
  const lookup = {
    exists: () => false,
    isPublished: (path: string) => (path === "hidden.md" ? false : undefined),
  };
  assert.equal(
    brokenReferences(references, lookup).map(({ code, params }) => [code, params["target"]]),
    [
      ["link-unpublished", "../hidden/"],
      ["link-missing", "gone.md"],
    ],
  );
});

linting("recognises an article that does not begin with its front matter", async () => {
  for (const file of [`\n${article()}`, "title: x\nid: y\n---\n"])
    assert.equal(await warningsOf(file), ["front-matter-not-first@1:1+1"]);
  for (const file of ["# Title\n", "\n\ntext\n\n---\n\nmore\n"]) assert.equal(await warningsOf(file), []);
});

linting("finds what leads to other files", async () => {
  const file = article(
    "description: d\ncover: ../img/c.png",
    "Text\n\n![i](i%20j.png?w=1) [a](/root.md) [b](https://x.y/z.md) [c](#here) [m](mailto:a@b)\n[d](./d.md#there) [e](../../out.md)\n",
  );
  const { references, problems } = await lint(file);
  assert.equal(problems, []);
  assert.equal(
    references.map(({ target, path }) => [target, path]),
    [
      ["../img/c.png", "img/c.png"],
      ["i%20j.png?w=1", "posts/i j.png"],
      ["./d.md#there", "posts/d.md"],
      ["../../out.md", "../out.md"],
    ],
  );
  const files = new Map([
    ["posts/d.md", false],
    ["posts/i j.png", undefined],
  ]);
  const lookup = {
    exists: (path: string) => files.has(path),
    isPublished: (path: string) => files.get(path),
  };
  const broken = brokenReferences(references, lookup);
  assert.equal(places(broken), ["image-missing@6:8+12", "link-unpublished@11:5+12", "link-missing@11:23+12"]);
  assert.equal(
    broken.map(({ severity, params }) => [severity, params["target"]]),
    [
      ["warning", "../img/c.png"],
      ["warning", "./d.md#there"],
      ["warning", "../../out.md"],
    ],
  );
});

linting("points to the key that a hook made another one of", async () => {
  const file = article("description: d\npublished_at: 2027-08-07\nhero: img/no.png").replace(
    "date: 2020-08-07\n",
    "",
  );
  const attributes: NonNullable<ArticleSettings["attributes"]> = ({ attributes }) => ({
    ...attributes,
    date: attributes["published_at"],
    cover: attributes["hero"],
  });
  const { problems, references } = await lint(file, { attributes });
  assert.equal(places(problems), ["date-far-future@5:15+10"]);
  assert.is(problems[0]?.params["key"], "published_at");
  assert.equal(places(references.map(({ warning }) => warning)), ["image-missing@6:7+10"]);
});

linting("looks at no more links and comments than anybody reads", async () => {
  const links = Array.from({ length: 1_000 }, (_, n) => `[a](b${n}.md)\n`).join("");
  const keys = Array.from({ length: 200 }, (_, n) => `k${n}: a #b`).join("\n");
  const long = `[long](${"x".repeat(1_001)}.md)\n`;
  const { references, problems } = await lint(article(`description: d\n${keys}`, long + links));
  assert.is(references.length, 500);
  assert.is(references[499]?.target, "b499.md");
  assert.is(places([references[499]?.warning as Problem])[0], `link-missing@${6 + 200 + 1 + 500}:5+7`);
  assert.is(problems.filter(({ code }) => code === "comment-in-value").length, 50);
});

linting("finds nothing that leads elsewhere where there is nothing", async () => {
  assert.equal((await lint(article("description: d"))).references, []);
});

linting("warns once of HTML that is left out of the page, and not of what only looks like it", async () => {
  const body = 'a <kbd>b</kbd>\n\n<div style="x">\n<script>\nc\n</script>\n</div>\n';
  const { problems } = await lint(article("description: d", body));
  assert.equal(places(problems), ["html-left-out@9:1+1"]);
  assert.is(problems[0]?.params["names"], "style, <script>");
  assert.equal((await lint(article("description: d", body), { html: "raw" })).problems, []);
  const fine =
    "<https://a.b> <c@d.e> `<script>` a < b {{<figure x>}} \\<form>\n\n```html\n<form>\n```\n\n<!-- f -->\n";
  assert.equal((await lint(article("description: d", fine))).problems, []);
});

linting("does not look for what another tool finds", async () => {
  const body = "[a]({{ site.url }}/b.md) ![c]({% d %}) ![e]({{e}}.png)\n";
  assert.equal((await lint(article("description: d", body))).references, []);
  const { references } = await lint(article("description: d", "![a](../b/c.png)\n"));
  for (const path of ["static/b/c.png", "posts/a/b/c.png", "posts/b/c.png"])
    assert.ok(references[0]?.elsewhere.includes(path), path);
  const other = await lint(article("description: d\nexternal_url: https://a.b\nis_external: true"));
  assert.equal(other.problems, []);
});

linting.run();
