import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { acceptedLanguage } from "../../../src/messages/language.ts";
import { WORDS } from "../../../src/messages/words.ts";
import { createReader, html, Markup } from "../../../src/status/page/html.ts";
import { pagePolicy, statusPage } from "../../../src/status/page/page.ts";
import { iconOf, type Level, levelOf } from "../../../src/status/page/summary.ts";
import { exceptionsIn, type VerdictFacts, verdictOf } from "../../../src/status/verdict.ts";
import type { ReasonCode, StatusSnapshot } from "../../../src/status.ts";
import { hostile, snapshot } from "../../support/snapshot.ts";

const NOW = Date.parse(snapshot().time);
const reader = createReader("en", NOW);
const readerJa = createReader("ja", NOW);

const markup = suite("markup");

markup("escapes what came as text, in text and in attributes", () => {
  const name = `<b> & "quoted" 'single'`;
  assert.is(
    html`<a title="${name}">${name}</a>`.text,
    '<a title="&lt;b&gt; &amp; &quot;quoted&quot; &#39;single&#39;">&lt;b&gt; &amp; &quot;quoted&quot; &#39;single&#39;</a>',
  );
});

markup("takes markup as it is, lists one after the other, and nothing for what is not there", () => {
  assert.is(html`${html`<i>${"<"}</i>`}${[1, "&", null, false, [html`<br>`]]}`.text, "<i>&lt;</i>1&amp;<br>");
  assert.is(html`${new Markup("<hr>")}`.text, "<hr>");
  assert.is(html`${"\ud800"}`.text, "\ufffd");
});

markup.run();

const reading = suite("reader");

reading("gives durations in their largest fitting unit", () => {
  const spans = [
    0,
    84.6,
    999,
    1_000,
    1_250,
    9_999,
    59_999,
    60_000,
    3_600_000,
    47 * 3_600_000,
    49 * 3_600_000,
    1e11,
  ];
  assert.equal(
    spans.map((ms) => reader.span(ms)),
    ["0 ms", "84 ms", "999 ms", "1 s", "1.2 s", "9.9 s", "59 s", "1 min", "1 h", "47 h", "2 days", "3 years"],
  );
  assert.is(readerJa.span(90_000), "1 分");
});

reading("gives times as they lie before or after now", () => {
  const at = (agoMs: number): string => reader.ago(new Date(NOW - agoMs).toISOString());
  assert.equal([at(0), at(400), at(65_000), at(-65_000)], ["now", "now", "1 min ago", "in 1 min"]);
});

reading("chooses the language that a reader asks for", () => {
  const cases: [string, string][] = [
    ["", "en"],
    ["ja", "ja"],
    ["ja-JP,ja;q=0.9,en;q=0.8", "ja"],
    ["en-GB,ja;q=0.9", "en"],
    ["ja;q=0.2, en;q=0.7", "en"],
    ["fr, de", "en"],
    ["fr;q=1, ja;q=0.1", "ja"],
    ["ja;q=0", "en"],
    ["*", "en"],
  ];
  for (const [header, language] of cases) assert.is(acceptedLanguage(header), language, header);
});

reading("says everything in each language, and nothing in one language that belongs to another", () => {
  const texts = (value: unknown): string[] => {
    if (typeof value === "string") return [value];
    if (typeof value === "object" && value !== null) return Object.values(value).flatMap(texts);
    return [];
  };
  for (const text of texts(WORDS.en.statusPage)) {
    if (text !== WORDS.en.statusPage.about.otherLanguage)
      assert.not.match(text, /[\u3040-\u30ff\u4e00-\u9fff]/);
  }
  // Of ASCII alone there may be names only.
  const names = new Set([WORDS.ja.statusPage.about.otherLanguage, ""]);
  for (const text of texts(WORDS.ja.statusPage)) if (!names.has(text)) assert.match(text, /[^\u0000-\u007f]/);
});

reading.run();

const page = suite("status page");

/** Elements and attributes that can run or load something. */
const ACTIVE = /<(?:iframe|object|embed|img|base)|\son\w+\s*=|\sstyle=/i;

/** What is there besides style and script. */
function bodyOf(text: string): string {
  return text.replace(/<style>[\s\S]*?<\/style>|<script type="module">[\s\S]*?<\/script>/g, "");
}

page("is allowed to run and draw what it brings along, and no more", () => {
  const text = statusPage(snapshot(), null, reader);
  for (const [tag, directive] of [
    ["style", "style-src"],
    ["script", "script-src"],
  ]) {
    const inside = [...text.matchAll(new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`, "g"))].map(
      ([, one]) => one ?? "",
    );
    assert.is(inside.length, 1);
    const digest = createHash("sha256")
      .update(inside[0] ?? "")
      .digest("base64");
    assert.match(pagePolicy, `${directive} 'sha256-${digest}'`);
  }
  assert.not.match(pagePolicy, /unsafe|data:|\*|https?:/);
});

page("what hostile articles, commits and inserters say stays text, in each language", () => {
  const search = { text: hostile, found: snapshot({ isHostile: true, found: true }).found };
  for (const one of [reader, readerJa]) {
    const text = statusPage(snapshot({ isHostile: true }), search, one);
    const body = bodyOf(text);
    assert.is([...body.matchAll(/<script/g)].length, 0);
    const tags = [...body.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replace(/"[^"]*"/g, '""')).join("\n");
    assert.not.match(tags, ACTIVE);
    assert.match(body, "&lt;script&gt;");
    for (const [, target = ""] of body.matchAll(/(?:href|action|src)="([^"]*)"/g))
      assert.match(target, /^(?:#\w+|\?lang=\w+|\.\/|status|metrics|icon\.svg\?level=\w+)$/);
    assert.not.match(body, /undefined|\[object|NaN/);
  }
});

/** The snapshot with the verdict that these facts give. */
function standing(facts: Partial<VerdictFacts>): StatusSnapshot {
  const calm = { reasons: [], health: { ok: true }, exceptions: { total: 0, shown: [] }, isFailing: false };
  return { ...snapshot(), reasons: facts.reasons ?? [], verdict: verdictOf({ ...calm, ...facts }) };
}

page("says in one glance how it stands", () => {
  const because = (code: ReasonCode) => [{ code, message: "m", hint: "h", since: null }];
  const exceptions = { total: 3, shown: [] };
  const table: readonly [facts: Partial<VerdictFacts>, level: Level, title: string, ja: string][] = [
    [{}, "ok", "In step", "同期済み"],
    [{ exceptions }, "attention", "In step except 3", "3 件を除き同期済み"],
    [{ reasons: because("pending") }, "working", "Behind", "未反映の変更あり"],
    [{ reasons: because("pending"), isFailing: true }, "attention", "Behind", "未反映の変更あり"],
    [{ reasons: because("waiting-for-commit") }, "working", "Behind", "未反映の変更あり"],
    [{ reasons: because("config-invalid") }, "attention", "Behind", "未反映の変更あり"],
    [{ reasons: because("brake") }, "trouble", "Not syncing", "同期できていません"],
    [{ health: { ok: false } }, "trouble", "Not syncing", "同期できていません"],
  ];
  for (const [facts, level, title, ja] of table) {
    const one = standing(facts);
    assert.is(levelOf(one), level, title);
    assert.match(statusPage(one, null, reader), `<title>${title} · sync-agent</title>`);
    assert.match(statusPage(one, null, readerJa), `<title>${ja} · sync-agent</title>`);
    const isCalm = statusPage(one, null, reader).includes("No action needed");
    assert.is(isCalm, level === "working", title);
  }
  const levels: readonly Level[] = ["ok", "working", "attention", "trouble"];
  assert.is(new Set(levels.map(iconOf)).size, 4);
});

page("marks the place in the line, also where it ends before the mark", () => {
  const text = statusPage(snapshot(), null, reader);
  assert.match(text, "<code>tags: <mark>go, k8s</mark></code>");
  assert.match(text, "<code>title:<mark> </mark></code>");
  assert.match(text, "with one <code>- item</code> a line below it");
  assert.match(statusPage(snapshot(), null, readerJa), "tags は語のリスト");
});

page("counts who needs attention, and leaves out what is empty", () => {
  assert.is(exceptionsIn(snapshot().articles).total, 4);
  const empty = snapshot({ isEmpty: true });
  assert.is(exceptionsIn(empty.articles).total, 0);
  const text = statusPage(empty, null, reader);
  for (const id of ["fix", "pending", "scheduled"])
    assert.match(text, `<section id="${id}" hidden></section>`);
  assert.match(text, "No article needs fixing");
  assert.match(text, "No articles yet.");
});

page("is there also when the state cannot be read, or no daemon runs", () => {
  for (const one of [reader, readerJa]) {
    const bare = { ...snapshot(), articles: null, revision: null, lastPass: null, started: null, recent: [] };
    assert.not.match(bodyOf(statusPage({ ...bare, phase: "not-running" }, null, one)), /undefined|NaN|null/);
  }
});

page("says what to check when nothing is found", () => {
  const text = statusPage(snapshot(), { text: "<nowhere>", found: [] }, reader);
  assert.match(text, "No article file has “&lt;nowhere&gt;” in its path or id.");
  assert.match(text, "Only paths that match **/*.md are read, except **/README.md");
  assert.match(text, 'value="&lt;nowhere&gt;"');
});

page.run();
