/** Private stays private: what says in any tool's words that an article is not public, or not yet, or no more. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ArticleSettings } from "../../../src/config/settings.ts";
import { article, articleRoom, bytesOf, lint, parse, places } from "../../support/article.ts";

const publishing = suite("whether an article is public");

/** Each line's front matter, by whether it is public: `public`, `draft`, `not-public`, or what else it is. */
async function outcomes(
  lines: readonly string[],
  changes: Partial<ArticleSettings> = {},
): Promise<Record<string, string>> {
  const room = articleRoom(changes);
  const found: Record<string, string> = {};
  for (const line of lines) {
    const content = { kind: "bytes", bytes: bytesOf(article(line)) } as const;
    const { verdict } = await room.parse("a.md", "", content, 1);
    if (verdict.kind === "withdrawn")
      found[line] = [verdict.why, verdict.problem?.severity].filter(Boolean).join(" ");
    else found[line] = verdict.kind === "article" ? "public" : verdict.kind;
  }
  await room.close();
  return found;
}

async function all(outcome: string, lines: readonly string[], changes?: Partial<ArticleSettings>) {
  assert.equal(await outcomes(lines, changes), Object.fromEntries(lines.map((line) => [line, outcome])));
}

publishing("withdraws what nearly says draft, as an error", async () => {
  const keys = [
    "Draft",
    "DRAFT",
    "draf",
    "drafts",
    "drat",
    "draft_",
    "_draft",
    "darft",
    "draaft",
    "Drafts",
    "ｄｒａｆｔ",
  ];
  await all(
    "not-public error",
    keys.map((key) => `${key}: true`),
  );
  await all("not-public error", [
    "Draft:",
    "draf: ''",
    "drafts: ~",
    "DRAFT: yes",
    'drafts: "true"',
    "draf: 1",
  ]);
  await all("not-public error", ["Draft: wip", "Draft: until the review", "drafts: on", "draf: private"]);
  await all("not-public error", ["craft: true", '"draft\u200b": true', "Draft: [true]"]);
  await all("public", ["Draft: false", "DRAFT: no", 'drafts: "false"', "draf: 0", "Draft: published"]);
  await all("public", [
    "craft: beer",
    "craft: [beer, wine]",
    "draft:",
    "drafts: {a: true}",
    "raft: 2020-01-01",
  ]);
});

publishing("takes draft at its word, whatever its type", async () => {
  await all("draft", ["draft: true", "draft: True", "draft: TRUE"]);
  await all("draft error", [
    "draft: yes",
    'draft: "true"',
    "draft: 1",
    "draft: on",
    "draft: wip",
    "draft: [true]",
  ]);
  await all("rejected", ["draft: maybe", 'draft: "false"', "draft: no", "draft: 0"]);
});

publishing("withdraws what other tools take for not public", async () => {
  await all("not-public warning", [
    "published: false",
    "Published: False",
    "PUBLISHED: FALSE",
    'published: "false"',
    "published: no",
    "published: off",
    "published: 0",
    "published: flase",
    "publised: false",
    "publish: false",
    "publish: never",
    "published: draft",
    "is_published: false",
    "isPublished: false",
    "private: true",
    "private: yes",
    "private: friends",
    "privat: true",
    "is_private: true",
    "unlisted: true",
    "hidden: true",
    "hiden: true",
    "secret: true",
    "wip: true",
    "wip: half of it",
    "unpublished: true",
    "is_draft: true",
    "isDraft: true",
    "ignorePublish: true",
    "public: false",
    "isPublic: false",
    "listed: false",
    "headless: true",
  ]);
  await all("not-public warning", [
    "status: draft",
    "Status: Draft",
    "status: [draft]",
    "status: private",
    "status: pending",
    "status: pending review",
    "status: Work in progress",
    "status: false",
    "state: draft",
    "state: DRAFT",
    "visibility: private",
    "visibility: hidden",
    "visibility: unlisted",
    "visibility: members",
    "post_status: trash",
    "publishStatus: draft",
  ]);
  await all("not-public warning", [
    "公開: false",
    "公開: いいえ",
    "公開: しない",
    "非公開: true",
    "下書き: はい",
    "限定公開: true",
    "状態: 下書き",
    "ステータス: 非公開",
    "公開状態: 未公開",
    "status: 下書き",
  ]);
});

publishing("publishes what says that it is public, or nothing about it", async () => {
  await all("public", [
    "published: true",
    "published: 2020-08-07",
    "published: 2020",
    "published: The Times",
    "published:",
    'published: ""',
    "publish: true",
    "publisher: false positives press",
    "private: false",
    "private: no",
    "private:",
    "unlisted: false",
    "hidden: false",
    "hide: [toc, navigation]",
    "public: true",
    "status: published",
    "status: publish",
    "status: Published",
    "status: evergreen",
    "status: new",
    "status: none",
    "stage: 0",
    "state: Texas",
    "visibility: public",
    "公開: true",
    "非公開: false",
    "状態: 公開",
    "noindex: true",
    "archived: true",
    "status: archived",
    "comments: false",
    "toc: no",
    "featured: false",
  ]);
});

publishing("says where, and how it is meant to be said", async () => {
  const withdrawn = async (lines: string) => {
    const { verdict, problems } = await lint(article(`description: d\n${lines}`));
    assert.is(verdict.kind, "withdrawn", lines);
    return [places(problems), problems.map(({ severity }) => severity)];
  };
  assert.equal(await withdrawn("Draft: true"), [["near-draft@6:1+5"], ["error"]]);
  assert.equal(await withdrawn("published: false"), [["not-public@6:12+5"], ["warning"]]);
  assert.equal(await withdrawn("draft: true\npublished: false"), [[], []]);
  assert.equal(await withdrawn("private: true\nDraft: true"), [["near-draft@7:1+5"], ["error"]]);
  assert.equal(await withdrawn("draft: yes"), [["not-boolean-text@6:8+3"], ["error"]]);
});

publishing("withdraws what is not public though more is wrong with it, and says what", async () => {
  const file = "---\nid: a\ndate: soon\npublished: false\n---\n";
  const { verdict, problems } = await lint(file);
  assert.equal([verdict.kind, "id" in verdict && verdict.id], ["withdrawn", "a"]);
  assert.equal(places(problems), ["missing-key@1:1+3", "bad-date@3:7+4", "not-public@4:12+5"]);
});

publishing("lets a hook take a key away, or say otherwise", async () => {
  const without: Partial<ArticleSettings> = {
    attributes: ({ attributes: { published, publishDate, Draft, ...rest } }) => rest,
  };
  await all("public", ["published: false", "publishDate: 2999-01-01", "Draft: true"], without);
  await all("not-public warning", ["private: true"], without);
  await all("draft", ["topics: [a]"], { attributes: ({ attributes }) => ({ ...attributes, draft: true }) });
});

publishing("lets the configuration list the keys that decide, instead of the built-in ones", async () => {
  const keys = { draft: ["secret-until", "published", "estado"] };
  await all("draft", ["secret-until: noon", "secret-until: true", "published: false", "draft: true"], {
    keys,
  });
  await all("draft", ["estado: draft", "estado: borrador"], { keys });
  await all("public", ["private: true", "Draft: true", "Published: false", "secret-until: no"], { keys });
  await all("public", ["status: draft"], { keys: { draft: [] } });
  const { verdict } = await parse(article("publishDate: 2999-01-01"), { keys: { draft: [] } });
  assert.is(verdict.kind === "article" && verdict.publishAtMs, Date.UTC(2999, 0, 1), "times always count");
});

const timing = suite("when an article is public");

/** `[publishAtMs, expiresAtMs]` as days. */
async function times(lines: string, changes: Partial<ArticleSettings> = {}) {
  const { verdict } = await parse(article(lines), changes);
  if (verdict.kind !== "article") return verdict.kind;
  return [verdict.publishAtMs, verdict.expiresAtMs].map((ms) =>
    ms === null ? null : new Date(ms).toISOString().replace("T00:00:00.000Z", ""),
  );
}

timing("counts times to appear, whatever is made of dates in the future", async () => {
  for (const key of [
    "publishDate",
    "publish_date",
    "publishdate",
    "published_at",
    "publishedAt",
    "publish_on",
    "publish-at",
    "pubDate",
    "go_live",
    "published",
    "publish",
    "embargo",
    "scheduled_for",
    "公開日時",
    "pulish_date",
  ])
    assert.equal(await times(`${key}: 2999-01-02`), ["2999-01-02", null], key);
  assert.equal(await times('publishDate: "2999-01-02"'), ["2999-01-02", null]);
  assert.equal(await times("publishDate: 29990102"), ["2999-01-02", null]);
  assert.equal(await times("publishDate: 2999-01-02\npublish_on: 2998-01-01"), ["2999-01-02", null]);
  const future = { future: "schedule" } as const;
  assert.equal(await times("", future), ["2020-08-07", null]);
  assert.equal(await times("publishDate: 2999-01-02", future), ["2999-01-02", null]);
  assert.equal(await times("publishDate: 2019-01-02", future), ["2020-08-07", null]);
});

timing("counts times to expire", async () => {
  for (const key of [
    "expiryDate",
    "expires",
    "expiry_date",
    "expires_at",
    "unpublish_date",
    "unpublish_on",
    "公開終了日",
  ])
    assert.equal(await times(`${key}: 2021-01-02`), [null, "2021-01-02"], key);
  assert.equal(await times("expires: 2021-01-02\nexpiryDate: 2020-12-31"), [null, "2020-12-31"]);
  assert.equal(await times("expires: 2021-01-02T09:00"), [null, "2021-01-02T09:00:00.000Z"]);
  assert.equal(await times("expires: 2021-01-02", { timezone: "Asia/Tokyo" }), [
    null,
    "2021-01-01T15:00:00.000Z",
  ]);
  for (const value of ["never", "", "false", "none"])
    assert.equal(await times(`expires: ${value}`), [null, null], value);
});

timing("lets the date count where the status says that it is scheduled", async () => {
  assert.equal(await times("status: scheduled"), ["2020-08-07", null]);
  assert.equal(await times("status: published"), [null, null]);
});

timing("takes no word for a time, and none away", async () => {
  assert.is(await times("publishDate: TBD"), "withdrawn");
  assert.is(await times("publish_date: false"), "withdrawn");
  assert.is(await times("publishDate: 2999-13-45"), "rejected");
  assert.is(await times("publishDate: January 2, 2999"), "rejected");
  assert.is(await times("expiryDate: in a year"), "rejected");
  assert.equal(await times("publishDate:"), [null, null]);
});

publishing.run();
timing.run();
