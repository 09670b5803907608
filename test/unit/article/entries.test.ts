import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Entries, scanEntries } from "../../../src/article/front-matter/entries.ts";
import { parseEntries } from "../../../src/article/front-matter/entries-yaml.ts";

const entries = suite("entries of front matter");

/** Texts and items by key. */
function texts(found: Entries | null): Record<string, unknown> | null {
  if (found === null) return null;
  return Object.fromEntries(
    Array.from(found, ([key, { value, items }]) => [key, items?.map(({ text }) => text) ?? value.text]),
  );
}

/** What stands in the YAML where each value is said to be. */
function sources(yaml: string, found: Entries | null): Record<string, string> {
  return Object.fromEntries(
    Array.from(found ?? [], ([key, { value }]) => [
      key,
      yaml.slice(value.offset, value.offset + value.length),
    ]),
  );
}

entries("of ordinary front matter are read line by line", () => {
  const yaml = `# comment
title: 010
"quoted": 1e3 # why
'single' : 1:30
date:   2020-08-07 10:00:00  
text: "a: b" # c
list: [2020, C, 1.0 ]
tags:
- 010
  # in between
- x # y
nested:
  title: no
empty:
題名: 2020
folded: >
  2020
end: null
`;
  const found = scanEntries(yaml);
  assert.equal(texts(found), {
    title: "010",
    quoted: "1e3",
    single: "1:30",
    date: "2020-08-07 10:00:00",
    text: null,
    list: ["2020", "C", "1.0"],
    tags: ["010", "x"],
    nested: null,
    empty: null,
    題名: "2020",
    folded: null,
    end: "null",
  });
  assert.is(sources(yaml, found)["text"], '"a: b"');
  assert.is(sources(yaml, found)["date"], "2020-08-07 10:00:00");
  const item = found?.get("tags")?.items?.[1];
  assert.is(item && yaml.slice(item.offset, item.offset + item.length), "x");
  const flat = found?.get("list")?.items?.[2];
  assert.is(flat && yaml.slice(flat.offset, flat.offset + flat.length), "1.0");
});

entries("keep CRLF out of values", () => {
  assert.equal(texts(scanEntries("a: 1\r\nb:\r\n- 2\r\n")), { a: "1", b: ["2"] });
});

entries("are left to YAML where a line may lie", () => {
  for (const yaml of [
    'a: "x\ntitle: 1"\n',
    "a: 'x\ntitle: 1'\n",
    "a: [x,\ntitle: 1]\n",
    "a: &x 1\n",
    "a: *x\n",
    "a: !!str 1\n",
    "? a\n: 1\n",
    "{a: 1}\n",
    "  a: 1\n  b: 2\n",
    "a: 1\na: 2\n",
    "- a\n",
    "<<: {a: 1}\n",
    `${"k".repeat(300)}: 1\n`,
  ])
    assert.is(scanEntries(yaml), null, yaml);
});

entries("are found by YAML in any notation", () => {
  const yaml = `? id
: 010
base: &base { title: 1e3, date: 2020-08-07 }
<<: *base
alias: *base
multi: 2020
  08
list:
  - 007
  - &n 1_000
  - *n
  - [1]
  - {a: 1}
quoted: "1\\x32"
`;
  const found = parseEntries(yaml);
  assert.equal(texts(found), {
    id: "010",
    base: null,
    alias: null,
    multi: "2020 08",
    list: ["007", "1_000", "1_000", null, null],
    quoted: "12",
    title: "1e3",
    date: "2020-08-07",
  });
  const at = sources(yaml, found);
  assert.is(at["alias"], "*base");
  assert.is(at["title"], "1e3");
});

entries("agree between the two ways", () => {
  const yaml =
    "id: 1\ntitle: 2020 # x\nlist: [1, 02]\ntags:\n  - 010\n  - b\ndate: 2020-08-07T10:00:00Z\nx: 'y'\n";
  assert.equal(texts(scanEntries(yaml)), { ...texts(parseEntries(yaml)), x: null });
  assert.equal(sources(yaml, scanEntries(yaml))["title"], sources(yaml, parseEntries(yaml))["title"]);
});

entries("of merges that go round in circles are found in bounded time", () => {
  assert.ok(parseEntries("a: &a\n  <<: *a\n  title: 1\n<<: *a\n").has("a"));
});

entries.run();
