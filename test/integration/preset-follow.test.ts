import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSource } from "../../src/source/source.ts";
import { ObjectsGone, type RevisionHead } from "../../src/sync/ports.ts";
import { followArticles } from "../../src/wiring/preset.ts";
import { articleSettings, bytesOf } from "../support/article.ts";
import { Repository, temporaryFolder } from "../support/repository.ts";

const following = suite("a preset from revision to revision");

async function scene(name: "jekyll" | "hugo" | null, settings: Parameters<typeof articleSettings>[0] = {}) {
  const folder = temporaryFolder();
  const repository = new Repository(folder.path);
  const events: string[] = [];
  const log = { emit: (_level: string, event: string) => void events.push(event) };
  const options = { repo: folder.path, ref: "HEAD", isWorktree: false, log };
  const preset = { name, written: [], site: null };
  const { articles, selector } = await followArticles(options, {
    settings: articleSettings({ preset, ...settings }),
    agentVersion: "0",
  });
  const all = { selects: () => true, mayContain: () => true, maxSizeBytes: 1, trees: null };
  const source = openSource({ ...options, ...all });
  return {
    repository,
    articles,
    selector,
    events,
    async prepare() {
      await articles.prepare?.((await source.head()) as RevisionHead);
    },
    async verdictOf(path: string, text: string) {
      const parsed = await articles.parse(path, "0".repeat(40), { kind: "bytes", bytes: bytesOf(text) }, 1);
      return parsed.verdict;
    },
    async close() {
      await articles.close();
      await source.close();
      folder.remove();
    },
  };
}

const post = "---\ntitle: T\n---\nx\n";

following("what the repository configures counts from the revision on that has it", async () => {
  const { repository, articles, selector, prepare, close } = await scene("jekyll");
  try {
    repository.commit({ "_config.yml": "title: x\n", "inside/a.md": post });
    await prepare();
    const first = articles.fingerprint;
    assert.ok(selector.selects("inside/a.md"));
    repository.commit({ "b.md": post });
    await prepare();
    assert.is(articles.fingerprint, first);
    repository.commit({ "_config.yml": "title: x\nexclude: [inside]\n" });
    await prepare();
    assert.is.not(articles.fingerprint, first);
    assert.not.ok(selector.selects("inside/a.md"));
    repository.commit({ "_config.yml": "title: x\n" });
    await prepare();
    assert.is(articles.fingerprint, first);
  } finally {
    await close();
  }
});

following("what does not parse any more stops the pass, and changes nothing", async () => {
  const { repository, articles, selector, events, prepare, close } = await scene("jekyll");
  try {
    repository.commit({ "_config.yml": "exclude: [inside]\n" });
    await prepare();
    const before = articles.fingerprint;
    repository.commit({ "_config.yml": "exclude: [inside\ntitle: x\n" });
    assert.instance(await prepare().catch((error: unknown) => error), ObjectsGone);
    assert.equal([articles.fingerprint, selector.selects("inside/a.md")], [before, false]);
    assert.equal(events, ["preset.unreadable"]);
  } finally {
    await close();
  }
});

following("a cascade reaches what is below it, whatever an article says itself comes first", async () => {
  const { repository, prepare, verdictOf, close } = await scene("hugo");
  try {
    repository.commit({ "hugo.toml": "", "content/in/_index.md": "---\ncascade:\n  draft: true\n---\n" });
    await prepare();
    assert.is((await verdictOf("content/in/deep/a.md", post)).kind, "withdrawn");
    assert.is((await verdictOf("content/in/a.md", "---\ntitle: T\ndraft: false\n---\n")).kind, "article");
    assert.is((await verdictOf("content/out/a.md", post)).kind, "article");
    repository.commit({ "content/in/_index.md": "---\ntitle: x\n---\n" });
    await prepare();
    assert.is((await verdictOf("content/in/deep/a.md", post)).kind, "article");
  } finally {
    await close();
  }
});

following("a preset that is to be found is found at the first revision, and kept", async () => {
  const { repository, selector, prepare, close } = await scene(null);
  try {
    repository.commit({ "_config.yml": "plugins: [jekyll-feed]\n", "_drafts/a.md": post });
    await prepare();
    assert.not.ok(selector.selects("_drafts/a.md"));
    repository.commit({ "_config.yml": null, "docusaurus.config.js": "" });
    await prepare();
    assert.ok(selector.selects("b.md"));
  } finally {
    await close();
  }
});

following("what the configuration has itself beats the preset, but for what is never published", async () => {
  const written = {
    preset: { name: "jekyll" as const, written: ["include", "exclude", "timezone"], site: null },
  };
  const { repository, selector, prepare, close } = await scene("jekyll", {
    ...written,
    include: ["notes/**/*.md"],
    exclude: ["notes/x.md"],
  });
  try {
    repository.commit({ "_config.yml": "timezone: Asia/Tokyo\n" });
    await prepare();
    const selected = ["notes/a.md", "notes/x.md", "notes/_drafts/a.md", "b.md"].filter((path) =>
      selector.selects(path),
    );
    assert.equal(selected, ["notes/a.md"]);
  } finally {
    await close();
  }
});

following.run();
