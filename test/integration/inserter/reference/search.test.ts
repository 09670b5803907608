import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Found } from "../../../../src/inserter/reference/store.ts";
import { type Reference, startReference, upsertOf } from "../../../support/reference.ts";
import { waitFor } from "../../../support/wait.ts";

interface Context {
  at: Reference;
}

const search = suite<Context>("reference inserter: search");

search.before.each(async (context) => {
  context.at = await startReference();
});
search.after.each(({ at }) => at.close());

async function find(at: Reference, parameters: Readonly<Record<string, string>>): Promise<Found> {
  const answer = await at.call("GET", `/post?${new URLSearchParams(parameters)}`);
  assert.is(answer.status, 200, answer.text);
  return answer.json();
}

const ids = async (at: Reference, q: string): Promise<readonly string[]> =>
  (await find(at, { q })).items.map((item) => item.id);

search("finds Japanese of one, two, three and more characters, anywhere", async ({ at }) => {
  await at.put({
    id: "tower",
    title: "東京タワー",
    body: "とても高い。夜は光る",
    created_at: "2020-01-01T00:00:00Z",
  });
  await at.put({
    id: "sky",
    title: "塔の話",
    body: "東京スカイツリーも高い",
    created_at: "2021-01-01T00:00:00Z",
  });
  await at.put({ id: "end", title: "終わり", body: "最後の字は駅", created_at: "2019-01-01T00:00:00Z" });
  for (const [q, expected] of [
    ["駅", ["end"]],
    ["光る", ["tower"]],
    ["る", ["tower"]],
    ["高", ["sky", "tower"]],
    ["高い", ["sky", "tower"]],
    ["東京", ["tower", "sky"]],
    ["東京タ", ["tower"]],
    ["スカイツリー", ["sky"]],
    ["ｽｶｲ", ["sky"]],
    ["東京 高い", ["sky", "tower"]],
    ["京 塔", ["sky"]],
    ["京　スカイツリー　高", ["sky"]],
    ["大阪", []],
    ["東京 阪", []],
    ["京東", []],
  ] as const) {
    assert.equal(await ids(at, q), expected, q);
  }
});

search("finds words of other languages without regard to case and width", async ({ at }) => {
  await at.put({ id: "a", title: "C# and Go", body: 'Größe, ÉCOLE, naïve, 50% of "quotes" 😀 O\'Neil' });
  for (const q of ["c#", "C", "go", "ＧＯ", "größe", "GRÖßE", "école", "50%", '"quotes"', "😀", "o'neil"]) {
    assert.equal(await ids(at, q), ["a"], q);
  }
  for (const q of ["NEAR(a b)", "title:go AND", "*", "zz", '""""', "%", "-c", "a\u0000b\u0000zzz"]) {
    await find(at, { q });
  }
  assert.equal(await ids(at, "go zz"), []);
  assert.equal(await ids(at, "   "), ["a"], "blanks are no words");
});

search("those with the words in their title come first, then the newest", async ({ at }) => {
  const body = "something about sync";
  await at.put({ id: "new", title: "News", body, created_at: "2024-01-01T00:00:00Z" });
  await at.put({ id: "title", title: "About sync", body: "", created_at: "2010-01-01T00:00:00Z" });
  await at.put({ id: "old", title: "Olds", body, created_at: "2012-01-01T00:00:00Z" });
  assert.equal(await ids(at, "sync"), ["title", "new", "old"]);
  assert.equal(await ids(at, "sy"), ["title", "new", "old"]);
  assert.equal(await ids(at, ""), ["new", "old", "title"]);
});

search("a snippet shows where, a list without words has none", async ({ at }) => {
  await at.put({
    id: "a",
    title: "T",
    description: "D",
    body: `${"長い前置き。".repeat(30)}ここに**針**がある`,
    cover: "c",
  });
  const [found] = (await find(at, { q: "針" })).items;
  assert.match(found?.snippet ?? "", /^….*ここに 針 がある$/);
  const [listed] = (await find(at, {})).items;
  assert.is(listed?.snippet, undefined);
  const { received_at, digest, ...rest } = listed ?? {};
  assert.equal(rest, { id: "a", title: "T", description: "D", cover: "c", version: 1, owner: null });
  assert.ok(Math.abs(Date.parse(String(received_at)) - Date.now()) < 60_000);
});

search("a changed article is found by its new words, a deleted one not at all", async ({ at }) => {
  await at.put({ id: "a", title: "before", tags: ["x"] });
  assert.equal(await ids(at, "before"), ["a"]);
  await at.put({ id: "a", title: "after", tags: ["y"] });
  assert.equal(await ids(at, "before"), []);
  assert.equal(await ids(at, "after"), ["a"]);
  assert.is((await find(at, { tag: "x" })).total, 0);
  assert.is((await find(at, { tag: "y" })).total, 1);
  await at.call("DELETE", "/post/a");
  assert.equal(await ids(at, "after"), []);
  assert.equal((await at.call("GET", "/tags")).json(), { tags: [] });
  await at.put({ id: "b", title: "another in its place" });
  assert.equal(await ids(at, "after"), []);
});

search("tags narrow a list, and are counted", async ({ at }) => {
  await at.put({ id: "a", title: "one", tags: ["Go", "日本語"] });
  await at.put({ id: "b", title: "two", tags: ["Go", "Go"] });
  await at.put({ id: "c", title: "two", tags: "no list" });
  assert.equal((await at.call("GET", "/tags")).json(), {
    tags: [
      { tag: "Go", count: 2 },
      { tag: "日本語", count: 1 },
    ],
  });
  assert.is((await find(at, { tag: "Go" })).total, 2);
  assert.is((await find(at, { tag: "go" })).total, 0, "a tag is what it is");
  assert.equal(
    (await find(at, { tag: "Go", q: "two" })).items.map(({ id }) => id),
    ["b"],
  );
});

search("pages go on where they ended, whatever comes meanwhile", async ({ at }) => {
  const day = (n: number): string => new Date(Date.UTC(2020, 0, n)).toISOString();
  for (let n = 1; n <= 25; n++)
    await at.put({
      id: `n${n}`,
      title: `number ${n % 2 ? "odd" : "x"}`,
      body: "number odd",
      created_at: day(n),
    });
  for (const parameters of [{}, { q: "number" }, { q: "odd" }, { q: "o" }]) {
    const seen: string[] = [];
    let page = await find(at, { ...parameters, limit: "10" });
    assert.is(page.total, 25);
    await at.put({ id: "late", title: "number odd", created_at: day(400) });
    for (;;) {
      seen.push(...page.items.map(({ id }) => id));
      if (page.next === null) break;
      page = await find(at, { ...parameters, limit: "10", cursor: page.next });
    }
    assert.is(seen.length, 25);
    assert.is(new Set(seen).size, 25);
    await at.call("DELETE", "/post/late");
  }
  const { next } = await find(at, { limit: "10" });
  assert.is((await at.call("GET", `/post?q=odd&cursor=${next}`)).status, 400, "a cursor of another list");
});

search("an article without a date counts from when it came", async ({ at }) => {
  await at.put({ id: "dated", title: "x", created_at: "2020-01-01T00:00:00Z" });
  await at.put({ id: "undated", anything: { deep: ["findable"] } });
  assert.equal(await ids(at, ""), ["undated", "dated"]);
  assert.equal(await ids(at, "findable"), ["undated"]);
});

search("after many articles at once, those not searchable yet are counted, and become so", async ({ at }) => {
  const body = Array.from({ length: 800 }, (_, n) => `word${(n * 7919) % 10_007}`).join(" ");
  await at.store.write(
    Array.from({ length: 400 }, (_, n) => upsertOf({ id: `n${n}`, title: "many", body: `${body} last${n}` })),
  );
  const { total, indexing } = await find(at, { q: "many" });
  assert.is(total + indexing, 400);
  assert.is((await find(at, {})).total, 400, "the list has them all");
  await waitFor(async () => (await find(at, { q: "many" })).total === 400, "all to be searchable");
  assert.equal(await ids(at, "last399"), ["n399"]);
});

search("a single letter that is everywhere is found too", async ({ at }) => {
  const letters = "abcdefghijklmnopqrstuvwxyz0123456789";
  // More different runs of three characters begin with "e" than are looked up at once.
  const body = [...letters].flatMap((one) => [...letters].map((two) => `e${one}${two}`)).join("");
  await at.store.write([
    upsertOf({ id: "e", title: "e", body }),
    upsertOf({ id: "f", title: "f", body: "ffff" }),
  ]);
  assert.equal(await ids(at, "e"), ["e"]);
  assert.equal(await ids(at, "e ffff"), []);
});

search.run();
