import type { Browser, Page } from "playwright-core";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assertAccessible, hasBrowser, launch, open } from "../../support/browser.ts";
import { type Reference, startReference } from "../../support/reference.ts";
import { waitFor } from "../../support/wait.ts";

interface Context {
  at: Reference;
  browser: Browser;
}

const pages = suite<Context>("page of the reference inserter");

pages.before(async (context) => {
  context.browser = await launch();
});
pages.after(({ browser }) => browser?.close());
pages.before.each(async (context) => {
  context.at = await startReference();
});
pages.after.each(({ at }) => at.close());

const titles = (page: Page): Promise<string[]> => page.locator("#list h2").allTextContents();
const shows = (page: Page, expected: readonly string[]): Promise<void> =>
  waitFor(async () => JSON.stringify(await titles(page)) === JSON.stringify(expected), `titles ${expected}`);

async function someArticles(at: Reference): Promise<void> {
  const rest = { is_external: false, external_url: "", cover: "" };
  await at.put(
    {
      ...rest,
      id: "tower",
      title: "東京タワー",
      description: "A tower",
      body: "**とても**高い",
      html: '<p><strong>とても</strong>高い <a href="https://example.org/">far</a> <a href="other.md">near</a></p>',
      tags: ["日本語", "towers"],
      created_at: "2020-08-07T00:00:00Z",
      updated_at: "2021-01-01T00:00:00Z",
      path: "posts/tower.md",
    },
    5,
    "ブログ",
  );
  await at.put({
    ...rest,
    id: "go/fast",
    title: "Go fast",
    body: "Quick & plain",
    tags: ["Go"],
    created_at: "2022-01-01T00:00:00Z",
  });
}

pages("lists the newest first, and finds as one types, in Japanese too", async ({ at, browser }) => {
  await someArticles(at);
  const { page, outside, errors, close } = await open(browser, at.inserter.pageUrl);
  await shows(page, ["Go fast", "東京タワー"]);
  assert.is(await page.locator("#count").textContent(), "2 articles");
  await page.keyboard.press("/");
  await page.keyboard.type("東");
  await shows(page, ["東京タワー"]);
  assert.is(await page.locator("#list h2 mark").textContent(), "東");
  assert.match(page.url(), "q=%E6%9D%B1");
  await page.fill("#words", "ＧＯ fast");
  await shows(page, ["Go fast"]);
  await page.fill("#words", "nowhere");
  await page.getByText("Nothing found").waitFor();
  await page.fill("#words", "");
  await shows(page, ["Go fast", "東京タワー"]);
  assert.equal(outside, []);
  assert.equal(errors, []);
  await close();
});

pages("shows days as their authors wrote them, and none for an article without", async ({ at, browser }) => {
  const rest = { body: "b", tags: [] };
  await at.put({ ...rest, id: "utc", title: "UTC", created_at: "2026-03-01T00:00:00.000Z" });
  await at.put({ ...rest, id: "tokyo", title: "Tokyo", created_at: "2026-02-01T15:00:00.000Z" });
  await at.put({ ...rest, id: "undated", title: "Undated", created_at: "1970-01-01T00:00:00.000Z" });
  const days = async (timezoneId: string): Promise<string[]> => {
    const { page, close } = await open(browser, at.inserter.pageUrl, { timezoneId });
    await shows(page, ["UTC", "Tokyo", "Undated"]);
    const lines = await page.locator("#list .line").allTextContents();
    await close();
    return lines;
  };
  assert.equal(await days("Asia/Tokyo"), ["1 March 2026", "2 February 2026", ""]);
  assert.is((await days("America/New_York"))[0], "1 March 2026");
});

pages("speaks Japanese to readers who prefer it", async ({ at, browser }) => {
  await someArticles(at);
  const { page, errors, close } = await open(browser, at.inserter.pageUrl, { locale: "ja-JP" });
  await shows(page, ["Go fast", "東京タワー"]);
  assert.is(await page.evaluate("document.documentElement.lang"), "ja");
  assert.is(await page.title(), "記事");
  assert.is(await page.locator("#count").textContent(), "2 件の記事");
  assert.match((await page.locator("#list .line").first().textContent()) ?? "", "2022年1月1日");
  await page.fill("#words", "東");
  await shows(page, ["東京タワー"]);
  assert.is(await page.locator("#count").textContent(), "1 件の記事、「東」を含む");
  await page.fill("#words", "$& {}");
  await page.getByText("見つかりません").waitFor();
  assert.is(await page.locator("#count").textContent(), "0 件の記事、「$& {}」を含む");
  await page.fill("#words", "");
  await page.getByRole("link", { name: "東京タワー" }).click();
  await page.getByText("ペイロードと届いた日時").click();
  assert.match(
    (await page.locator("#article").textContent()) ?? "",
    /← すべての記事.*更新 2021年1月1日.*所有者/s,
  );
  await assertAccessible(page);
  assert.equal(errors, []);
  await close();
});

pages("narrows by tag, and goes back", async ({ at, browser }) => {
  await someArticles(at);
  const { page, close } = await open(browser, at.inserter.pageUrl);
  const tags = page.getByRole("navigation", { name: "Tags" });
  await tags.getByRole("link", { name: "日本語" }).click();
  await shows(page, ["東京タワー"]);
  assert.is(await tags.locator("[aria-current]").textContent(), "日本語1");
  await tags.getByRole("link", { name: "日本語" }).click();
  await shows(page, ["Go fast", "東京タワー"]);
  await page.goBack();
  await shows(page, ["東京タワー"]);
  await close();
});

pages("shows an article, what came and when", async ({ at, browser }) => {
  await someArticles(at);
  const { page, errors, close } = await open(browser, `${at.inserter.pageUrl}#/article/tower`);
  await page.getByRole("heading", { level: 1, name: "東京タワー" }).waitFor();
  assert.is(await page.title(), "東京タワー · Articles");
  assert.is(await page.locator("#article").getAttribute("lang"), "ja");
  const text = page.frameLocator("#article iframe");
  assert.is(await text.locator("strong").textContent(), "とても");
  assert.is(await text.getByText("far").getAttribute("target"), "_blank");
  assert.is(await text.getByText("near", { exact: true }).getAttribute("href"), null);
  const line = await page.locator("#article .line").textContent();
  assert.match(String(line), /7 August 2020.*1 January 2021.*日本語.*towers/);
  await page.getByText("Payload, and when it came").click();
  const facts = await page.locator("details").textContent();
  for (const fact of [
    "posts/tower.md",
    "ブログ",
    "5",
    '"title": "東京タワー"',
    String(new Date().getFullYear()),
  ]) {
    assert.ok(facts?.includes(fact), `${fact} in ${facts}`);
  }
  await page.getByRole("link", { name: "All articles" }).click();
  await page.getByRole("link", { name: "Go fast" }).click();
  await page.locator("#article .plain", { hasText: "Quick & plain" }).waitFor();
  assert.match(page.url(), "#/article/go%2Ffast");
  assert.equal(errors, []);
  await close();
});

pages("markup in texts is text, and an article's scripts never run", async ({ at, browser }) => {
  const attack = [
    "<script>top.ran = 1</script>",
    '<img src=x onerror="top.ran = 2">',
    '<svg onload="top.ran = 3"></svg>',
    '<iframe src="javascript:top.ran = 4"></iframe><iframe srcdoc="<script>top.ran = 5</script>"></iframe>',
    '<a href="javascript:top.ran = 6">click</a><details open ontoggle="top.ran = 7"></details>',
    '<meta http-equiv="refresh" content="0;url=http://outside.example/refresh">',
    '<link rel="stylesheet" href="http://outside.example/style"><base href="http://outside.example/">',
    "<style>body { background: url(http://outside.example/background) }</style>",
    '<p style="background: url(http://outside.example/inline)">styled</p>',
    '<img src="http://outside.example/picture" alt="a view"><video src="http://outside.example/film"></video>',
    '<form action="http://outside.example/form"><button>send</button></form>',
    '<a href="http://outside.example/" ping="http://outside.example/ping">away</a>',
    "</body></html><template><script>top.ran = 8</script></template><noscript><p title='</noscript><img src=x onerror=top.ran=9>'>",
  ].join("\n");
  await at.put({
    id: "attack",
    title: "<script>top.ran = 10</script><img src=x onerror=top.ran=11>",
    description: "<img src=x onerror=top.ran=12>",
    tags: ["<b>tag</b>", '"><script>top.ran = 13</script>'],
    body: "</script><script>top.ran = 14</script>",
    cover: "http://outside.example/cover",
    html: attack,
    is_external: true,
    external_url: "javascript:top.ran = 15",
    created_at: "<img src=x onerror=top.ran=16>",
    path: "<b>path</b>",
  });
  const { page, outside, close } = await open(browser, at.inserter.pageUrl);
  await shows(page, ["<script>top.ran = 10</script><img src=x onerror=top.ran=11>"]);
  await page.fill("#words", "script top");
  await page.locator("#list mark").first().waitFor();
  await page.locator("#list h2 a").click();
  const text = page.frameLocator("#article iframe");
  await text.getByText("Picture: a view").waitFor();
  await page.getByText("Payload, and when it came").click();
  await text.getByText("click", { exact: true }).click();
  await text.getByRole("button", { name: "send" }).click();
  assert.is(await page.locator("#article .away").count(), 0, "no link to javascript:");
  assert.is(await page.evaluate("window.ran"), undefined);
  assert.equal(outside, []);
  assert.is(new URL(page.url()).origin, new URL(at.inserter.pageUrl).origin);
  await close();
});

pages("more articles follow on demand, and new ones appear by themselves", async ({ at, browser }) => {
  for (let n = 10; n < 35; n++)
    await at.put({ id: `n${n}`, title: `T${n}`, created_at: `2020-01-01T00:00:${n}Z` });
  const { page, close } = await open(browser, at.inserter.pageUrl);
  await waitFor(async () => (await titles(page)).length === 20, "a page of titles");
  await at.put({ id: "new", title: "Just came", created_at: "2024-01-01T00:00:00Z" });
  await waitFor(async () => (await titles(page))[0] === "Just came", "the new one");
  await page.getByRole("button", { name: "Show more" }).click();
  await waitFor(async () => (await titles(page)).length === 26, "all titles");
  assert.is(await page.getByRole("button", { name: "Show more" }).isVisible(), false);
  assert.is(await page.evaluate("document.activeElement.textContent"), "T15", "focus goes on where it was");
  await close();
});

pages("works from the keyboard alone", async ({ at, browser }) => {
  await someArticles(at);
  const { page, close } = await open(browser, at.inserter.pageUrl);
  await shows(page, ["Go fast", "東京タワー"]);
  await page.keyboard.press("Tab");
  assert.is(await page.evaluate("document.activeElement.textContent"), "Skip to the articles");
  await page.keyboard.press("Enter");
  assert.is(await page.evaluate("document.activeElement.id"), "main");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  assert.is(await page.evaluate("document.activeElement.textContent"), "Go fast");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Go fast" }).waitFor();
  await waitFor(
    async () => (await page.evaluate("document.activeElement.tagName")) === "H1",
    "focus on the title",
  );
  await close();
});

pages("needs no token where writers do", async ({ browser }) => {
  const at = await startReference({ token: () => "s3cret" });
  try {
    const put = (body: string): Promise<unknown> =>
      at.call("POST", "/post", { body, headers: { authorization: "Bearer s3cret" } });
    await put('{"id":"a","title":"Guarded"}');
    const { page, close } = await open(browser, at.inserter.pageUrl);
    await shows(page, ["Guarded"]);
    await put('{"id":"b","title":"Later"}');
    await shows(page, ["Later", "Guarded"]);
    await close();
  } finally {
    await at.close();
  }
});

pages("says when the inserter cannot be reached", async ({ browser }) => {
  const at = await startReference();
  const { page, close } = await open(browser, at.inserter.pageUrl);
  await page.getByText("No articles yet").waitFor();
  await at.close();
  await page.fill("#words", "x");
  await page.getByText("The inserter cannot be reached.").waitFor();
  await close();
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 390]) {
    pages(`is accessible and fits: ${colorScheme}, ${width} px`, async ({ at, browser }) => {
      await someArticles(at);
      await at.put({
        id: "long",
        title: "W".repeat(120),
        tags: ["x".repeat(90)],
        html: `<pre>${"y".repeat(500)}</pre>`,
      });
      const options = { colorScheme, viewport: { width, height: 800 }, reducedMotion: "reduce" } as const;
      const { page, errors, close } = await open(browser, at.inserter.pageUrl, options);
      const fits = async (): Promise<void> =>
        assert.ok(
          await page.evaluate("document.documentElement.scrollWidth <= innerWidth"),
          "no sideways scrolling",
        );
      await page.getByText("東京タワー").waitFor();
      await assertAccessible(page);
      await fits();
      await page.fill("#words", "高い");
      await page.locator("mark").first().waitFor();
      await assertAccessible(page);
      for (const id of ["tower", "long", "missing"]) {
        await page.goto(`${at.inserter.pageUrl}#/article/${id}`);
        await page.locator("#article h1").waitFor();
        if (id !== "missing") await page.getByText("Payload, and when it came").click();
        await assertAccessible(page);
        await fits();
      }
      assert.equal(
        errors.filter((error) => !error.includes("404")),
        [],
      );
      await close();
    });
  }
}

if (hasBrowser("page of the reference inserter")) pages.run();
