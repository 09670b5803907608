import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseCommandLine } from "../../../src/cli/argv.ts";
import { check } from "../../../src/commands/check.ts";
import { init } from "../../../src/commands/init.ts";
import { loadSettings } from "../../../src/config/load.ts";
import { UsageError } from "../../../src/errors.ts";
import { testIo } from "../../support/io.ts";
import { Repository, temporaryFolder } from "../../support/repository.ts";

const root = resolve(import.meta.dirname, "../../..");

interface Context {
  folder: ReturnType<typeof temporaryFolder>;
}

const writing = suite<Context>("init");

writing.before.each((context) => {
  context.folder = temporaryFolder();
});
writing.after.each(({ folder }) => folder.remove());

function write(dir: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
}

async function run(dir: string): Promise<string> {
  const io = testIo(dir);
  assert.is(await init(parseCommandLine(["init"]), io), 0);
  return io.written.stdout;
}

/** Ids of the articles that the written configuration publishes, by path; what it rejects is an error. */
async function published(dir: string): Promise<Record<string, unknown>> {
  const io = testIo(dir);
  await check(parseCommandLine(["check", "--worktree", "--json"]), io);
  const { files, findings } = JSON.parse(io.written.stdout);
  const errors = findings.filter((finding: { severity: string }) => finding.severity === "error");
  assert.equal(errors, []);
  return Object.fromEntries(
    files.map((file: { path: string; id: string; outcome: string }) => [
      file.path,
      file.outcome === "published" ? file.id : file.outcome,
    ]),
  );
}

const zenn = '---\ntitle: "T"\nemoji: "🤖"\ntype: "tech"\ntopics: ["a", "b"]\npublished: true\n---\n本文\n';
const qiita =
  "---\ntitle: T\ntags:\n  - a\nprivate: false\nupdated_at: '2024-03-11T21:30:21+09:00'\nid: 286f\norganization_url_name: null\nslide: false\nignorePublish: false\n---\n本文\n";

const dated = (more = ""): string => `---\ntitle: T\ndate: 2024-01-02\n${more}---\nx\n`;

const repositories: [
  name: string,
  says: RegExp,
  files: Record<string, string>,
  ids: Record<string, unknown>,
][] = [
  [
    "Zenn",
    /preset "zenn", because of articles\/four\.md/,
    {
      "articles/one.md": zenn,
      "articles/two.md": zenn.replace("published: true", "published: false"),
      "articles/three.md": zenn.replace("published: true", "published: true\npublished_at: 2024-05-01 09:00"),
      "articles/four.md": zenn.replace("published: true", "published: true\npublished_at: 2999-05-01 09:00"),
      "README.md": "# my articles",
    },
    {
      "articles/four.md": "scheduled",
      "articles/one.md": "one",
      "articles/three.md": "three",
      "articles/two.md": "draft",
    },
  ],
  [
    "Qiita",
    /preset "qiita", because of public\/286f\.md/,
    {
      "public/286f.md": qiita,
      "public/private.md": qiita.replace("private: false", "private: true").replace("286f", "286e"),
      "public/left-out.md": qiita
        .replace("ignorePublish: false", "ignorePublish: true")
        .replace("286f", "286d"),
      "public/new.md": qiita.replace("id: 286f", "id: null").replace(/updated_at: .*/, "updated_at: ''"),
    },
    {
      "public/286f.md": "286f",
      "public/left-out.md": "draft",
      "public/new.md": "draft",
      "public/private.md": "draft",
    },
  ],
  [
    "Jekyll",
    /preset "jekyll", because of _config\.yml/,
    {
      "_config.yml": "title: x\ncollections:\n  docs:\n    output: true\n  notes: {}\nexclude: [inside]\n",
      "_posts/2013-11-04-first.markdown":
        "---\ntitle: First\ndate: 2013-11-04 21:46:02 -0600\ncategories: a b\n---\nx\n",
      "_posts/2014-01-02-second.md": "---\ntitle: Second\ntags: [c]\n---\nx\n",
      "_posts/2014-01-03-third.md": "---\ntitle: Third\npublished: false\n---\nx\n",
      "_posts/2999-01-03-later.md": "---\ntitle: Later\n---\nx\n",
      "_posts/notes.md": "---\ntitle: No post\n---\nx\n",
      "_docs/page.md": "---\ntitle: Page\npermalink: /page/\n---\nx\n",
      "_notes/own.md": dated(),
      "_drafts/idea.md": dated(),
      "inside/plan.md": dated(),
      "about.md": "---\nlayout: page\n---\n# About\n",
    },
    {
      "_docs/page.md": "_docs/page",
      "_posts/2013-11-04-first.markdown": "_posts/2013-11-04-first",
      "_posts/2014-01-02-second.md": "_posts/2014-01-02-second",
      "_posts/2014-01-03-third.md": "draft",
      "_posts/2999-01-03-later.md": "scheduled",
      "_posts/notes.md": "draft",
      "about.md": "about",
    },
  ],
  [
    "Hugo",
    /preset "hugo", because of hugo\.toml/,
    {
      "hugo.toml": "title = 'x'\n",
      "archetypes/default.md": "+++\ntitle = '{{ .Name }}'\ndraft = false\n+++\n",
      "themes/t/exampleSite/content/x.md": dated(),
      "content/_index.md": "---\ntitle: Home\n---\n",
      "content/posts/_index.md": "---\ntitle: Posts\n---\n",
      "content/posts/one.md":
        "---\ntitle: One\ndate: 2025-01-15T23:29:46-08:00\ncategories: [a]\nkeywords: []\n---\nx\n",
      "content/posts/two/index.md": "+++\ntitle = 'Two'\n+++\nx\n",
      "content/posts/later.md": dated("publishDate: 2999-01-01\n"),
      "content/posts/future.md": "---\ntitle: F\ndate: 2999-01-01\n---\n",
      "content/posts/over.md": dated("expiryDate: 2001-01-01\n"),
      "content/posts/headless.md": dated("headless: true\n"),
      "content/posts/built.md": dated("build: { render: never, list: never }\n"),
      "content/snippets/_index.md": "---\ncascade: { draft: true }\n---\n",
      "content/snippets/a.md": dated(),
      "content/_common/b.md": dated(),
    },
    {
      "content/_common/b.md": "_common/b",
      "content/posts/built.md": "draft",
      "content/posts/future.md": "scheduled",
      "content/posts/headless.md": "draft",
      "content/posts/later.md": "scheduled",
      "content/posts/one.md": "posts/one",
      "content/posts/over.md": "expired",
      "content/posts/two/index.md": "posts/two",
      "content/snippets/a.md": "draft",
    },
  ],
  [
    "ids",
    /no preset, as your articles have the keys/,
    {
      "a.md": "---\nid: a\ntitle: A\ndate: 2024-01-02\n---\nx\n",
      "sub/b.md": "---\nid: b\ntitle: B\ndate: 2024-01-02\n---\nx\n",
    },
    { "a.md": "a", "sub/b.md": "b" },
  ],
  [
    "paths",
    /preset "plain", as no file of another tool was found/,
    { "a.md": dated(), "sub/b.md": dated(), "notes.md": "# Notes\n", "CHANGES.md": "# Changes\n" },
    { "a.md": "a", "notes.md": "no-article", "sub/b.md": "sub/b" },
  ],
  ["none", /preset "plain"/, { "a.md": "# A\n", "CHANGELOG.md": "# 1.0\n" }, { "a.md": "a" }],
  ["nothing", /No file would be an article yet\./, {}, {}],
];

for (const [name, says, files, ids] of repositories) {
  writing(`finds out how to read: ${name}`, async ({ folder }) => {
    new Repository(folder.path);
    write(folder.path, files);
    assert.match(await run(folder.path), says);
    const text = readFileSync(join(folder.path, "sync.config.ts"), "utf8");
    assert.ok(text.trim().split("\n").length <= 10, text);
    assert.equal(await published(folder.path), ids);
  });
}

writing("takes the preset that is asked for", async ({ folder }) => {
  new Repository(folder.path);
  write(folder.path, { "hugo.toml": "", "a.md": dated() });
  const io = testIo(folder.path);
  assert.is(await init(parseCommandLine(["init", "--preset", "plain"]), io), 0);
  assert.match(io.written.stdout, 'preset "plain", as you asked');
  assert.equal(await published(folder.path), { "a.md": "a" });
});

writing("never looks at what Git ignores", async ({ folder }) => {
  new Repository(folder.path);
  write(folder.path, {
    ".gitignore": "/secret/\nhugo.toml\n",
    "hugo.toml": "title = 'x'\n",
    "secret/a.md": dated(),
    "b.md": dated(),
  });
  assert.match(await run(folder.path), /preset "plain".*With it, 1 of 1 files/s);
});

writing("writes what a type checker takes, with the types beside it", async ({ folder }) => {
  const names: string[] = [];
  for (const [name, , files] of repositories) {
    const dir = join(folder.path, name);
    write(dir, { ...files, ".git/HEAD": "" });
    await run(dir);
    names.push(join(dir, "sync.config.ts"));
  }
  const types = join(folder.path, "Zenn/sync-agent.d.ts");
  const flags = [
    "--noEmit",
    "--strict",
    "--noPropertyAccessFromIndexSignature",
    "false",
    "--target",
    "es2022",
  ];
  const modules = ["--module", "nodenext", "--skipLibCheck", "false", "--types", ""];
  execFileSync(join(root, "node_modules/.bin/tsc"), [...flags, ...modules, types, ...names], {
    cwd: folder.path,
  });
});

writing("points to the repository around it", async ({ folder }) => {
  new Repository(folder.path);
  write(folder.path, { "site/docs/a.md": "---\nid: a\ntitle: A\ndate: 2024-01-02\n---\nx\n" });
  await run(join(folder.path, "site/docs"));
  const { HOME: _home, ...env } = process.env;
  const flags = {
    config: null,
    repo: null,
    inserter: null,
    state: ":memory:",
    logLevel: null,
    logFormat: null,
  };
  const settings = await loadSettings({ flags, cwd: join(folder.path, "site/docs"), env });
  assert.is(settings.repo, folder.path);
});

writing("never writes over a file", async ({ folder }) => {
  write(folder.path, { "sync.config.yaml": "inserter: { url: embedded }\n" });
  assert.match(await run(folder.path), "Left sync.config.yaml as it is.\nWrote sync-agent.d.ts");
  assert.not.ok(existsSync(join(folder.path, "sync.config.ts")));
  const again = await run(folder.path).catch((error: unknown) => error);
  assert.instance(again, UsageError);
  assert.match((again as UsageError).message, "sync.config.yaml and sync-agent.d.ts exist already");
  assert.is(readFileSync(join(folder.path, "sync.config.yaml"), "utf8"), "inserter: { url: embedded }\n");
});

writing("prints how many articles that would publish, and what it would reject", async ({ folder }) => {
  const repository = new Repository(folder.path);
  const good = "---\nid: a\ntitle: T\ndate: 2024-01-02\n---\ntext\n";
  repository.commit({
    "a.md": good,
    "b.md": good.replace("id: a", "id: b\ndraft: true"),
    "c.md": good.replace("id: a", "id: c").replace("title: T\n", ""),
    "d.md": good,
  });
  execFileSync("git", ["-C", folder.path, "checkout", "-q", "--force", "HEAD", "--", "."]);
  const said = await run(folder.path);
  assert.match(said, "With it, 1 of 4 files would be published, 1 not public, 2 rejected\n");
  assert.match(said, "  c.md:1:1 title is missing\n");
  assert.match(said, '  d.md The id "a" already belongs to a.md\n');
});

writing.run();
