/** What the status page says of articles that are published, with warnings. */
import type { Browser } from "playwright-core";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Problem } from "../../../src/sync/model.ts";
import { assertAccessible, hasBrowser, keep, launch, open } from "../../support/browser.ts";
import { StatusScene } from "../../support/status-scene.ts";

interface Context {
  browser: Browser;
  scene: StatusScene;
}

const pages = suite<Context>("warnings on the status page");

pages.before(async (context) => {
  context.browser = await launch();
});
pages.after(({ browser }) => browser?.close());
pages.before.each(async (context) => {
  context.scene = await StatusScene.open({
    "posts/hello.md": "article hello",
    "posts/broken.md": "rejected broken",
    "posts/東京タワー.md": "article tower",
  });
});
pages.after.each(({ scene }) => scene.close());

pages("are shown in both languages, until they are fixed", async ({ browser, scene }) => {
  const attack = "posts/<script>top.ran=1<\u2215script><img src=x onerror=top.ran=2>.md";
  const warning = (changes: Partial<Problem>): Problem => ({
    code: "image-missing",
    severity: "warning",
    line: 9,
    column: 10,
    length: 16,
    params: { target: "images/tower.png" },
    excerpt: "![Tower](images/tower.png)",
    ...changes,
  });
  scene.warnings.set("posts/hello.md", [
    warning({
      code: "near-key",
      line: 6,
      column: 1,
      length: 3,
      params: { key: "tags", near: "tag" },
      excerpt: "tag: [go]",
    }),
    warning({}),
  ]);
  scene.warnings.set(attack, [
    warning({
      params: { target: "<script>top.ran = 3</script>" },
      excerpt: "123456789<script>top.ran = 4</script>",
    }),
  ]);
  scene.warnings.set("posts/broken.md", [warning({})]);
  scene.change({ [attack]: "article attack" });
  await scene.until("warnings", ({ doubtful }) => doubtful.length === 2);
  for (const [locale, title, words, lead] of [
    [
      "en-GB",
      "Published, with warnings",
      "The key tag is not used. Did you mean tags?",
      "it is probably a mistake",
    ],
    [
      "ja-JP",
      "公開済み(警告あり)",
      "キー tag は使われません。tags の間違いではありませんか",
      "書き間違いかもしれません",
    ],
  ] as const) {
    const { page, errors, outside, close } = await open(browser, `${scene.url}?find=posts`, { locale });
    const section = page.locator("#warnings");
    assert.match((await section.locator("h2").textContent()) ?? "", title);
    const hello = section.locator("li", { hasText: "posts/hello.md" });
    assert.match((await hello.textContent()) ?? "", words);
    assert.equal(await hello.locator("mark").allTextContents(), ["tag", "images/tower.png"]);
    assert.is(await section.locator("li").count(), 2, "what is rejected is shown elsewhere");
    const hostile = (await section.locator("li", { hasText: "img src=x" }).textContent()) ?? "";
    for (const text of [attack, "<script>top.ran = 3</script>", "<script>top.ran = 4</script>"])
      assert.ok(hostile.includes(text), text);
    const found = page.locator("#found li.ok", { hasText: "posts/hello.md" });
    assert.match((await found.textContent()) ?? "", lead);
    assert.equal(await found.locator("mark").allTextContents(), ["tag", "images/tower.png"]);
    const broken = page.locator("#found li", { hasText: "posts/broken.md" });
    assert.equal(await broken.locator("mark").allTextContents(), ["go, k8s"], "what the state knows");
    for (const [width, colorScheme] of [
      [390, "light"],
      [1_280, "dark"],
    ] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      await keep(page, `status-warnings-${locale}-${width}`);
      await assertAccessible(page);
      assert.is(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true, `${width}`);
    }
    assert.is(await page.locator("main script, main img").count(), 0);
    assert.is(await page.evaluate("top.ran"), undefined);
    assert.equal([errors, outside], [[], []]);
    await close();
  }
  const { page, close } = await open(browser, scene.url);
  scene.warnings.clear();
  await page.locator("#warnings").waitFor({ state: "hidden" });
  await close();
});

pages("beyond ten are folded", async ({ browser, scene }) => {
  const paths = Array.from({ length: 30 }, (_, n) => `posts/n${n}.md`);
  for (const path of paths) {
    const place = { line: 1, column: 1, length: 3 } as const;
    scene.warnings.set(path, [{ code: "description-missing", severity: "warning", params: {}, ...place }]);
  }
  scene.change(Object.fromEntries(paths.map((path, n) => [path, `article n${n}`])));
  await scene.until("warnings", ({ doubtful }) => doubtful.length === 30);
  const { page, close } = await open(browser, scene.url);
  assert.is(await page.locator("#warnings > ul > li").count(), 10);
  const last = page.locator("#warnings-more li").last();
  assert.is(await last.isVisible(), false);
  await page.locator("#warnings-more summary").click();
  assert.is(await last.isVisible(), true);
  await keep(page, "status-warnings-unfolded");
  await close();
});

if (hasBrowser("warnings on the status page")) pages.run();
