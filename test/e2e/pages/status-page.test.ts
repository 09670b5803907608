/** The status page in a browser, of a real agent over doubles. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assertAccessible, hasBrowser, keep, launch, open } from "../../support/browser.ts";
import { answer, refusedConnection, StatusScene } from "../../support/status-scene.ts";
import { waitFor } from "../../support/wait.ts";

interface Context {
  browser: Browser;
  scene: StatusScene;
}

const pages = suite<Context>("status page in a browser");

const FUTURE = "2999-01-01T00:00:00.000Z";
/** A little of everything. */
const FILES = {
  "posts/hello.md": "article hello",
  "posts/copy.md": "article world",
  "posts/zcopy.md": "article world again",
  "posts/broken.md": "rejected broken",
  "posts/draft.md": "draft draft",
  "posts/later.md": `scheduled later ${FUTURE}`,
  "posts/maze.md": "held maze",
  "posts/long.md": "article long",
  "posts/東京タワー.md": "article tower",
  "notes.md": "hello",
};

pages.before(async (context) => {
  context.browser = await launch();
});
pages.after(({ browser }) => browser?.close());
pages.before.each(async (context) => {
  context.scene = await StatusScene.open(FILES, {
    prepare: (scene) => {
      scene.send = async ({ id }) =>
        id === "long" ? answer(422, '{"error":"title too long"}') : answer(201);
    },
  });
  await context.scene.until("in step", ({ inStep, articles }) => inStep && articles?.refused.total === 1);
});
pages.after.each(({ scene }) => scene.close());

const headline = (page: Page): Promise<string | null> => page.locator("h1").textContent();
const shows = (page: Page, words: string): Promise<void> =>
  waitFor(async () => (await headline(page))?.includes(words) === true, `"${words}" in the headline`);

pages("says in one glance that it is in step, and keeps itself fresh", async ({ browser, scene }) => {
  const { page, outside, errors, close } = await open(browser, scene.url);
  assert.match((await headline(page)) ?? "", "In step");
  assert.is(await page.title(), "In step except 4 · sync-agent");
  assert.match((await page.locator("#verdict").textContent()) ?? "", "A commit");
  assert.match((await page.locator("#verdict a").textContent()) ?? "", "4 articles need attention");

  scene.send = async () => refusedConnection;
  scene.subject = "A later commit";
  scene.change({ "posts/hello.md": "article hello 2" });
  await shows(page, "Not syncing");
  await waitFor(async () => (await page.title()) === "Not syncing · sync-agent", "the title");
  const verdict = (await page.locator("#verdict").textContent()) ?? "";
  assert.match(verdict, "connection refused");
  assert.match(verdict, "tried again automatically");
  assert.match(verdict, "A later commit");
  assert.match((await page.locator("#pending").textContent()) ?? "", "posts/hello.md");
  assert.match((await page.locator("link[rel=icon]").getAttribute("href")) ?? "", "level=trouble");

  scene.send = async () => answer(201);
  await shows(page, "In step except");
  assert.match((await page.locator("#recent li").first().textContent()) ?? "", "posts/hello.md");
  assert.match((await page.locator("#speed figcaption").textContent()) ?? "", "Half of the last 1 changes");
  assert.is(await page.locator("#pending").isHidden(), true);
  assert.equal(outside, []);
  assert.equal(errors, []);
  await close();
});

pages("answers why an article is not there, by keyboard alone", async ({ browser, scene }) => {
  const { page, errors, close } = await open(browser, scene.url);
  await page.keyboard.press("Tab");
  assert.is(await page.evaluate("document.activeElement.className"), "skip");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.is(await page.evaluate("document.activeElement.id"), "find-text");
  const ask = async (text: string): Promise<string> => {
    await page.locator("#find-text").focus();
    await page.keyboard.press("Control+A");
    await page.keyboard.type(text);
    await Promise.all([
      page.waitForURL((url) => url.searchParams.get("find") === text),
      page.keyboard.press("Enter"),
    ]);
    return (await page.locator("#found").textContent()) ?? "";
  };
  const cases: [string, readonly string[]][] = [
    ["posts/hello.md", ["It is published"]],
    [
      "broken",
      [
        "cannot be published",
        "5:7",
        "tags must be a list",
        "go, k8s",
        "- item",
        "commit and push",
        "No version of it",
      ],
    ],
    ["zcopy", ["Another file has its id", "posts/copy.md"]],
    ["draft", ["It is a draft", "draft: true"]],
    ["later", ["waits for its date"]],
    ["maze", ["takes too long to render"]],
    ["long", ["The inserter refused it", "422", "title too long"]],
    ["東京", ["It is published"]],
    ["notes", ["No front matter", "begin it with ---"]],
    ["nowhere", ["No article file has “nowhere”", "pushed", "**/*.md"]],
  ];
  for (const [text, expected] of cases) {
    const said = await ask(text);
    for (const words of expected) assert.ok(said.includes(words), `${text}: "${words}" in ${said}`);
  }
  assert.equal(errors, []);
  await close();
});

pages("shows what needs attention: the line, the mark, how to fix it", async ({ browser, scene }) => {
  const { page, close } = await open(browser, scene.url);
  const broken = page.locator("#fix li", { hasText: "posts/broken.md" });
  assert.is(await broken.locator("mark").textContent(), "go, k8s");
  assert.match(
    (await broken.textContent()) ?? "",
    /5:7.*tags must be a list of words, but is the text "go, k8s".*tags: \[go, k8s\]/s,
  );
  const text = (await page.locator("#fix").textContent()) ?? "";
  for (const words of [
    "posts/zcopy.md",
    "belongs to posts/copy.md",
    "posts/maze.md",
    "Answered 422",
    "title too long",
  ])
    assert.ok(text.includes(words), words);
  assert.match((await page.locator("#scheduled").textContent()) ?? "", /posts\/later\.md.*1 January 2999/s);
  assert.match((await page.locator("#states").textContent()) ?? "", /Published\s*3.*Rejected\s*2/s);
  await close();
});

pages("works without scripts too", async ({ browser, scene }) => {
  const { page, close } = await open(browser, scene.url, { javaScriptEnabled: false });
  assert.match((await headline(page)) ?? "", "In step");
  await page.fill("#find-text", "broken");
  await page.click("#find button");
  await page.waitForURL(/find=broken/);
  assert.match((await page.locator("#found").textContent()) ?? "", "tags must be a list");
  await close();
});

pages("speaks Japanese to readers who prefer it", async ({ browser, scene }) => {
  const { page, errors, close } = await open(browser, scene.url, { locale: "ja-JP" });
  assert.match((await headline(page)) ?? "", "4 件を除き同期済み");
  assert.is(await page.evaluate("document.documentElement.lang"), "ja");
  assert.match((await page.locator("#fix").textContent()) ?? "", "tags は語のリスト");
  await page.getByRole("link", { name: "Read in English" }).click();
  await shows(page, "In step");
  await page.fill("#find-text", "broken");
  await page.keyboard.press("Enter");
  await page.waitForURL(/find=broken/);
  assert.match(
    (await page.locator("#found").textContent()) ?? "",
    "tags must be a list",
    "the language stays",
  );
  assert.equal(errors, []);
  await close();
});

pages("markup in names, commits and answers is text", async ({ browser, scene }) => {
  const attack = "<script>top.ran=1<\u2215script><img src=x onerror=top.ran=2>";
  scene.subject = `<script>top.ran = 3</script>${attack}`;
  scene.send = async () => answer(400, `<script>top.ran = 4</script>${attack}`);
  scene.problems = scene.problems.map((problem) => ({
    ...problem,
    params: { key: `<script>top.ran = 5</script>`, value: attack, list: attack },
    excerpt: `12345<script>top.ran = 6</script>`,
  }));
  scene.change({ [`${attack}.md`]: `article ${attack.replaceAll(" ", "")}`, "bad.md": "rejected bad" });
  await scene.until("refused", ({ articles }) => articles?.refused.total === 2);
  for (const locale of ["en-GB", "ja-JP"]) {
    const { page, outside, errors, close } = await open(browser, `${scene.url}?find=%3Cscript%3E`, {
      locale,
    });
    await page.locator("#found li").first().waitFor();
    assert.match((await page.locator("#verdict").textContent()) ?? "", "<script>top.ran = 3</script>");
    assert.match((await page.locator("#fix").textContent()) ?? "", "<script>top.ran = 4</script>");
    assert.is(await page.locator("main script, main img, main iframe").count(), 0);
    // Once more through the page's own script.
    const before = await page.locator("time.clock").textContent();
    await waitFor(async () => (await page.locator("time.clock").textContent()) !== before, "a refresh");
    assert.is(await page.locator("main script, main img, main iframe").count(), 0);
    assert.is(await page.evaluate("top.ran"), undefined);
    assert.equal(outside, []);
    assert.equal(errors, []);
    await close();
  }
});

pages("leaves what a reader did alone while it refreshes", async ({ browser, scene }) => {
  scene.send = async () => answer(201);
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`posts/n${n}.md`, `article n${n}`]));
  scene.change(many);
  await scene.until("delivered", ({ recent }) => recent.length >= 20);
  const { page, close } = await open(browser, scene.url);
  await page.locator("#recent-more summary").click();
  await page.locator("#find-text").pressSequentially("half a na");
  await page.evaluate(`getSelection().selectAllChildren(document.querySelector("#fix mark"))`);
  await page.locator("#find-text").focus();
  scene.change({ "posts/fresh.md": "article fresh" });
  await page.locator("#recent li", { hasText: "posts/fresh.md" }).waitFor();
  assert.is(await page.locator("#recent-more").getAttribute("open"), "");
  assert.is(await page.inputValue("#find-text"), "half a na");
  assert.is(await page.evaluate("document.activeElement.id"), "find-text");
  await close();
});

pages("says when the agent does not answer any more", async ({ browser, scene }) => {
  const { page, close } = await open(browser, scene.url);
  const stale = page.locator("#stale");
  assert.is(await stale.isHidden(), true);
  await page.route(scene.url, (route) => route.abort());
  await stale.waitFor({ state: "visible" });
  assert.match((await stale.textContent()) ?? "", "does not answer");
  assert.is(await page.locator("#verdict").isHidden(), true, "in place of the verdict");
  assert.match(await page.title(), "No answer");
  await page.unroute(scene.url);
  await stale.waitFor({ state: "hidden" });
  assert.is(await page.locator("#verdict").isVisible(), true);
  await close();
});

pages(
  "is accessible and fits, light and dark, wide and narrow, fine and in trouble",
  async ({ browser, scene }) => {
    const backgrounds = new Set<string>();
    const looks = async (mood: string, query: string): Promise<void> => {
      for (const [locale, colorScheme, width] of [
        ["en-GB", "light", 1280],
        ["en-GB", "dark", 390],
        ["ja-JP", "dark", 1280],
        ["ja-JP", "light", 390],
        ["en-GB", "light", 320],
      ] as const) {
        const options: BrowserContextOptions = { locale, colorScheme, viewport: { width, height: 900 } };
        const { page, errors, close } = await open(browser, `${scene.url}${query}`, options);
        await keep(page, `status-${mood}-${locale}-${colorScheme}-${width}`);
        await assertAccessible(page);
        const wider = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
        assert.ok(Number(wider) <= 0, `${mood} at ${width}: ${wider} px too wide`);
        backgrounds.add(
          `${colorScheme} ${await page.evaluate("getComputedStyle(document.body).backgroundColor")}`,
        );
        assert.equal(errors, []);
        await close();
      }
    };
    await looks("fine", "?find=o");
    scene.send = async () => refusedConnection;
    const many = Object.fromEntries(
      Array.from({ length: 15 }, (_, n) => [`posts/n${n}.md`, `article n${n}`]),
    );
    scene.change({ ...many, [`posts/${"a-very-long-name-without-any-blank-".repeat(6)}.md`]: "rejected x" });
    await scene.until(
      "trouble",
      ({ endpoint, articles }) => endpoint !== null && articles?.rejected.total === 2,
    );
    await looks("trouble", "");
    assert.is(backgrounds.size, 2, "one for light, one for dark");
  },
);

if (hasBrowser("status page in a browser")) pages.run();
