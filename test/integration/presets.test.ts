/**
 * Small repositories in the shape of each tool's own starter, with what people add to them: what is published
 * with the configuration that `init` writes, what stays private, what is rejected, and why.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseCommandLine } from "../../src/cli/argv.ts";
import { check } from "../../src/commands/check.ts";
import { init } from "../../src/commands/init.ts";
import { testIo } from "../support/io.ts";
import { Repository, temporaryFolder } from "../support/repository.ts";

const presets = suite("presets");

type Files = Readonly<Record<string, string>>;
interface Expected {
  readonly preset: string;
  /** Ids that are published, in byte order of their paths. */
  readonly published: readonly string[];
  /** Paths that are looked at and not published, with what they are. */
  readonly others?: Readonly<Record<string, string>>;
}

const page = (lines: string, body = "Text.\n"): string => `---\n${lines}\n---\n${body}`;
const toml = (lines: string, body = "Text.\n"): string => `+++\n${lines}\n+++\n${body}`;

const starters: Readonly<Record<string, readonly [Files, Expected]>> = {
  "hugo, as `hugo new site` makes it, with a theme": [
    {
      "hugo.toml":
        "baseURL = 'https://example.org/'\nlanguageCode = 'en-us'\ntitle = 'Mine'\ntheme = 'ananke'\n",
      "archetypes/default.md": toml("date = '{{ .Date }}'\ndraft = true\ntitle = '{{ .Name }}'"),
      "themes/ananke/README.md": "# Ananke\n",
      "themes/ananke/archetypes/default.md": page("title: x"),
      "themes/ananke/exampleSite/hugo.toml": "contentDir = 'content'\n",
      "themes/ananke/exampleSite/content/post/chapter-1.md": page("title: Chapter 1\ndate: 2017-04-09"),
      "content/_index.md": page("title: Home"),
      "content/posts/my-first-post.md": toml(
        "title = 'First'\ndate = 2024-01-14T07:07:07+01:00\ndraft = false",
      ),
      "content/posts/wip.md": toml("title = 'Later'\ndate = 2024-01-14\ndraft = true"),
      "content/posts/json.md": '{\n  "title": "JSON",\n  "date": "2024-01-15"\n}\nText.\n',
      "content/about.md": page("title: About\nmenu: main"),
    },
    {
      preset: "hugo",
      published: ["about", "posts/json", "posts/my-first-post"],
      others: { "content/posts/wip.md": "draft" },
    },
  ],
  "hugo, several languages by folder and by suffix": [
    {
      "config/_default/hugo.yaml": "defaultContentLanguage: en\nbuildFuture: true\n",
      "config/_default/languages.toml":
        "[en]\ncontentDir = 'content/en'\nweight = 1\n[ja]\ncontentDir = 'content/ja'\n",
      "content/en/posts/a.md": page("title: A\ndate: 2999-01-01"),
      "content/ja/posts/a.md": page("title: あ\nid: own"),
      "content/ja/posts/b.md": page("title: い\ntranslationKey: b"),
    },
    { preset: "hugo", published: ["en/posts/a", "ja/own", "ja/posts/b"] },
  ],
  "hugo, with another content folder, a mount and what it ignores": [
    {
      "hugo.yaml":
        "contentDir: src\nignoreFiles: ['\\.private\\.md$']\nmodule:\n  mounts:\n    - { source: notes, target: content/notes }\n",
      "src/a.md": page("title: A"),
      "src/b.private.md": page("title: B"),
      "notes/c.md": page("title: C"),
      "content/old.md": page("title: Old"),
    },
    { preset: "hugo", published: ["notes/c", "src/a"] },
  ],
  "jekyll, as `jekyll new` makes it": [
    {
      "_config.yml":
        "title: Your awesome title\nemail: you@example.com\nbaseurl: ''\ntheme: minima\nplugins:\n  - jekyll-feed\nexclude:\n  - vendor/\n  - private\ndefaults:\n  - scope: { path: '', type: posts }\n    values: { author: me }\n  - scope: { path: hidden-here }\n    values: { published: false }\n",
      Gemfile: 'gem "jekyll", "~> 4.3"\n',
      "404.html": "---\npermalink: /404.html\n---\n",
      "about.markdown": page("layout: page\ntitle: About\npermalink: /about/"),
      "index.markdown": page("layout: home", ""),
      "_posts/2024-05-01-welcome-to-jekyll.markdown": page(
        'layout: post\ntitle:  "Welcome to Jekyll!"\ndate:   2024-05-01 10:00:00 +0900\ncategories: jekyll update',
      ),
      "_posts/2024-05-02-untitled.md": page("layout: post"),
      "_drafts/idea.md": page("layout: post\ntitle: Idea"),
      "private/plan.md": page("title: Plan"),
      "hidden-here/x.md": page("title: X"),
      "_notes/n.md": page("title: N"),
    },
    {
      preset: "jekyll",
      published: ["_posts/2024-05-01-welcome-to-jekyll", "_posts/2024-05-02-untitled", "about", "index"],
      others: { "hidden-here/x.md": "draft" },
    },
  ],
  "zenn, as `zenn init` makes it": [
    {
      "package.json": '{ "dependencies": { "zenn-cli": "latest" } }\n',
      "articles/.keep": "",
      "articles/0a1b2c3d4e5f60.md": page(
        'title: "記事"\nemoji: "😸"\ntype: "tech"\ntopics: [git, "zenn"]\npublished: true',
      ),
      "articles/unpublished.md": page(
        'title: "下書き"\nemoji: "😸"\ntype: "idea"\ntopics: []\npublished: false',
      ),
      "articles/unsaid.md": page('title: "未定"\nemoji: "😸"\ntype: "idea"\ntopics: []'),
      "articles/scheduled.md": page(
        'title: "予約"\nemoji: "😸"\ntype: "tech"\ntopics: []\npublished: true\npublished_at: 2999-01-01 09:00',
      ),
      "books/my-book/config.yaml": "title: Book\nprice: 500\npublished: true\n",
      "books/my-book/paid.md": page("title: Chapter"),
    },
    {
      preset: "zenn",
      published: ["0a1b2c3d4e5f60"],
      others: {
        "articles/scheduled.md": "scheduled",
        "articles/unpublished.md": "draft",
        "articles/unsaid.md": "draft",
      },
    },
  ],
  "qiita, as `qiita init` and `qiita new` make it": [
    {
      "package.json": '{ "devDependencies": { "@qiita/qiita-cli": "^1" } }\n',
      "public/newArticle001.md": page(
        "title: 新しい\ntags:\n  - ''\nprivate: false\nupdated_at: ''\nid: null\norganization_url_name: null\nslide: false\nignorePublish: false",
      ),
      "public/done.md": page(
        "title: 公開\ntags:\n  - Qiita\nprivate: false\nupdated_at: '2024-03-11T21:30:21+09:00'\nid: 286f\norganization_url_name: null\nslide: false\nignorePublish: false",
      ),
      "public/.remote/done.md": page("title: 公開\nid: 286f\nignorePublish: false"),
    },
    { preset: "qiita", published: ["286f"], others: { "public/newArticle001.md": "draft" } },
  ],
  "hexo, as `hexo init` makes it": [
    {
      "package.json": '{ "dependencies": { "hexo": "^7.0.0" } }\n',
      "_config.yml": "title: Hexo\nsource_dir: source\ntimezone: 'Asia/Tokyo'\nskip_render: raw/**\n",
      "scaffolds/post.md": page("title: {{ title }}\ndate: {{ date }}\ntags:"),
      "scaffolds/draft.md": page("title: {{ title }}\ntags:"),
      "source/_posts/hello-world.md": page("title: Hello World"),
      "source/_posts/no-fence.md":
        "title: No fence\ndate: 2013/7/13 20:46:25\ncategories:\n- [a, b]\n- c\n---\nText.\n",
      "source/_posts/hidden-no-fence.md": "title: Hidden\npublished: false\n---\nText.\n",
      "source/_drafts/idea.md": page("title: Idea"),
      "source/about/index.md": page("title: About\ntype: about"),
      "source/raw/x.md": page("title: Raw"),
      "themes/landscape/README.md": "# Landscape\n",
      "themes/landscape/source/x.md": page("title: Of the theme"),
    },
    {
      preset: "hexo",
      published: ["source/_posts/hello-world", "source/_posts/no-fence", "source/about/index"],
      others: { "source/_posts/hidden-no-fence.md": "draft" },
    },
  ],
  "docusaurus, as its classic template": [
    {
      "docusaurus.config.ts":
        "export default { title: 'My Site', i18n: { defaultLocale: 'en', locales: ['en', 'ja'] }, presets: [['classic', {}]] };\n",
      "package.json": '{ "dependencies": { "@docusaurus/core": "3" } }\n',
      "README.md": "# Website\n",
      "docs/intro.md": page("sidebar_position: 1", "# Tutorial Intro\n\nText.\n"),
      "docs/bare.md": "# No front matter\n\nText.\n",
      "docs/_partial.mdx": "Part.\n",
      "docs/unlisted.md": page("unlisted: true", "# U\n"),
      "blog/2019-05-28-first-blog-post.md": page(
        "slug: first-blog-post\ntitle: First Blog Post\nauthors: [slorber]\ntags:\n  - label: Hola\n    permalink: /hola\n  - docusaurus",
      ),
      "blog/2021-08-26-welcome/index.mdx": page(
        "title: Welcome",
        "import Tabs from '@theme/Tabs';\n\n<Tabs>\n\nInside.\n\n</Tabs>\n",
      ),
      "i18n/ja/docusaurus-plugin-content-docs/current/intro.md": page("sidebar_position: 1", "# はじめに\n"),
      "versioned_docs/version-1.0/intro.md": "# Old intro\n",
      "src/components/x.mdx": "# Not a page\n",
    },
    {
      preset: "docusaurus",
      published: [
        "blog/2019-05-28-first-blog-post",
        "blog/2021-08-26-welcome/index",
        "docs/bare",
        "docs/intro",
        "ja/docusaurus-plugin-content-docs/current/intro",
        "versioned_docs/version-1.0/intro",
      ],
      others: { "docs/unlisted.md": "draft" },
    },
  ],
  "astro, as its blog template": [
    {
      "astro.config.mjs": "export default {};\n",
      "README.md": "# Astro Starter Kit: Blog\n",
      "src/content/blog/first-post.md": page(
        "title: 'First post'\ndescription: 'Lorem'\npubDate: 'Jul 08 2022'\nheroImage: '../../assets/blog-placeholder-3.jpg'",
      ),
      "src/content/blog/using-mdx.mdx": page(
        "title: 'Using MDX'\ndescription: 'Lorem'\npubDate: 'Jun 01 2024'\nupdatedDate: 'Jun 02 2024'",
        "import X from '../x.astro';\n\n<X client:load />\n",
      ),
      "src/content/blog/_hidden.md": page("title: Hidden"),
      "src/content/blog/draft.md": page("title: D\npubDate: 2024-01-01\ndraft: true"),
    },
    {
      preset: "astro",
      published: ["src/content/blog/first-post", "src/content/blog/using-mdx"],
      others: { "src/content/blog/draft.md": "draft" },
    },
  ],
  "eleventy, as its base blog": [
    {
      "eleventy.config.js": 'export default () => ({ dir: { input: "content" } });\n',
      ".eleventyignore": "content/private/\n# note\n*.tmp.md\n",
      "README.md": "# eleventy-base-blog\n",
      "content/404.md": page("permalink: 404.html\neleventyExcludeFromCollections: true", "# Not found\n"),
      "content/about.md": page("layout: layouts/home.njk", "# About\n"),
      "content/blog/blog.11tydata.json": '{ "tags": ["posts"], "layout": "post" }\n',
      "content/blog/firstpost.md": page("title: First\ndescription: d\ndate: 2023-10-01\ntags: another tag"),
      "content/blog/unwritten.md": page("title: No page\npermalink: false"),
      "content/drafts/drafts.json": '{ "draft": true }\n',
      "content/drafts/d.md": page("title: D"),
      "content/private/p.md": page("title: P"),
      "content/x.tmp.md": page("title: X"),
      "_includes/part.md": page("title: Part"),
    },
    {
      preset: "eleventy",
      published: ["content/about", "content/blog/firstpost"],
      others: {
        "content/404.md": "draft",
        "content/blog/unwritten.md": "draft",
        "content/drafts/d.md": "draft",
      },
    },
  ],
  "nextra, as its docs template": [
    {
      "package.json": '{ "dependencies": { "next": "14", "nextra": "^3" } }\n',
      "pages/_app.mdx": "export default function App() {}\n",
      "pages/_meta.json": '{ "index": "Introduction" }\n',
      "pages/index.mdx": "# Introduction\n\nWelcome.\n",
      "pages/advanced/satori.mdx": page("title: Satori", "Text.\n"),
      "pages/draft.mdx": page("title: D\ndraft: true"),
    },
    {
      preset: "nextra",
      published: ["pages/advanced/satori", "pages/index"],
      others: { "pages/draft.mdx": "draft" },
    },
  ],
  "obsidian, a vault": [
    {
      ".obsidian/app.json": '{ "userIgnoreFilters": ["Journal/"] }\n',
      ".obsidian/templates.json": '{ "folder": "Meta/Templates" }\n',
      "Note one.md": "Links to [[Note two]].\n",
      "Note two.md": page("tags: [a]\naliases: [Two]"),
      "Secret.md": page("publish: false"),
      "private/p.md": "Mine.\n",
      "Journal/2024-05-01.md": "Dear diary.\n",
      "Meta/Templates/Daily.md": "# {{date}}\n",
      "Lost fence.md": "draft: true\ntitle: x\n---\nNot yet.\n",
    },
    {
      preset: "obsidian",
      published: ["Note one", "Note two"],
      others: { "Lost fence.md": "no-article", "Secret.md": "draft" },
    },
  ],
  "plain, files with front matter of no known tool": [
    {
      "README.md": "# Notes\n",
      "2024/05/01/a.md": page("Title: A\nsummary: s\ncreated: 2024-05-01"),
      "b.md": page("title: B\npublished_at: 2024-02-03\nthumbnail: x.png"),
      "c.mdx": page("title: C\nstatus: draft"),
      "drafts/d.md": page("title: D"),
      "node_modules/x/e.md": page("title: E"),
    },
    {
      preset: "plain",
      published: ["2024/05/01/a", "b"],
      others: { "c.mdx": "not-public" },
    },
  ],
};

for (const [name, [files, expected]] of Object.entries(starters)) {
  presets(name, async () => {
    const folder = temporaryFolder();
    try {
      new Repository(folder.path);
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder.path, path)), { recursive: true });
        writeFileSync(join(folder.path, path), text);
      }
      const io = testIo(folder.path);
      assert.is(await init(parseCommandLine(["init"]), io), 0);
      assert.match(io.written.stdout, `preset "${expected.preset}"`);
      const checked = testIo(folder.path);
      await check(parseCommandLine(["check", "--worktree", "--json"]), checked);
      const report = JSON.parse(checked.written.stdout) as {
        files: { path: string; id: string; outcome: string }[];
        findings: { severity: string; path: string; message: string }[];
      };
      const errors = report.findings.filter(({ severity }) => severity === "error");
      assert.equal(errors, []);
      const [published, others] = [true, false].map((is) =>
        report.files.filter(({ outcome }) => (outcome === "published") === is),
      );
      assert.equal(
        published?.map(({ id }) => id),
        expected.published,
      );
      assert.equal(
        Object.fromEntries((others ?? []).map(({ path, outcome }) => [path, outcome])),
        expected.others ?? {},
      );
      const count = published?.length ?? 0;
      assert.match(io.written.stdout, new RegExp(`With it, ${count} of ${report.files.length} files?`));
    } finally {
      folder.remove();
    }
  });
}

presets.run();
