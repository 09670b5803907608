import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  publishedMs,
  queryWords,
  searchedText,
  snippet,
  summarize,
  windowAround,
} from "../../../../src/inserter/reference/text.ts";

const text = suite("reference inserter: text");

text("a summary has what a list shows, where it is of the right type", () => {
  assert.equal(
    summarize({
      id: "a",
      title: "T",
      description: 5,
      tags: ["x", 1, "x", "y"],
      is_external: true,
      html: "<p>",
    }),
    { title: "T", is_external: true, tags: ["x", "y"] },
  );
  assert.equal(summarize({ id: "a", tags: "x" }), {});
});

text("an article is dated as it says, or not at all", () => {
  assert.is(publishedMs({ created_at: "2020-08-07T00:00:00Z" }), Date.UTC(2020, 7, 7));
  assert.is(publishedMs({ created_at: "some day" }), null);
  assert.is(publishedMs({}), null);
});

text("words are folded: width, case, kana; each once", () => {
  assert.equal(queryWords("  ＧＯ　ｶﾀｶﾅ go\tÉ\u0000x "), ["go", "カタカナ", "é", "x"]);
  assert.equal(queryWords(" \n "), []);
  assert.equal(queryWords('go "to  the" "x'), ["go", "to the", "x"]);
  assert.is(queryWords(Array.from({ length: 50 }, (_, i) => `w${i}`).join(" ")).length, 10);
});

text("searched is every string but addresses, timestamps, the title, and html beside a body", () => {
  const found = searchedText({
    id: "the-id",
    title: "no",
    body: "words",
    html: "<p>no</p>",
    cover: "https://example.org/x.png",
    created_at: "2020-08-07T00:00:00Z",
    updated_at: "2020-08-07T09:00:00.5+09:00",
    extra: { list: ["deep", 5, null, { deeper: "er" }] },
  });
  assert.is(found, "the-id\nwords\ndeep\ner");
  assert.is(searchedText({ id: "a", html: "<p>yes</p>" }), "a\n<p>yes</p>");
});

text("deep nesting is read without recursion", () => {
  let deep: unknown = "bottom";
  for (let level = 0; level < 200_000; level++) deep = [deep];
  assert.is(searchedText({ id: "a", deep }), "a\nbottom");
});

text("a snippet is plain text around the first word", () => {
  const body = `# Heading\n\n${"before ".repeat(30)}the **needle** in [a link](https://example.org/) ${"after ".repeat(60)}`;
  const found = snippet(body, ["nowhere", "needle"]);
  assert.match(found, /^….*before the needle in a link after.*…$/);
  assert.not.match(found, /[*[\]#]|example/);
  assert.ok(found.length <= 162);
  assert.is(snippet("short", ["x"]), "short");
  assert.match(snippet("b".repeat(500), ["x"]), /^b{160}…$/);
});

text("a snippet reads no more than a thousand characters, whatever stands in the text", () => {
  for (const hostile of ["](", "<", "[", "- ", "**", "](a(", "---\n"]) {
    const body = hostile.repeat(500_000);
    const { lead, rest } = windowAround(`${body}needle${body}`, ["needle"]);
    assert.ok(lead.length + rest.length <= 1_000);
    assert.ok(rest.startsWith("needle"));
    assert.match(snippet(`${body} needle ${body}`, ["needle"]), /needle/);
  }
});

text("a snippet does not cut a character in half", () => {
  const found = snippet("😀".repeat(300), []);
  assert.ok(found.isWellFormed());
  assert.ok(snippet(`x${"😀".repeat(300)}needle`, ["needle"]).isWellFormed());
});

text.run();
