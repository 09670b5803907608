import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseCommandLine } from "../../../src/cli/argv.ts";
import { check } from "../../../src/commands/check.ts";
import { UsageError } from "../../../src/errors.ts";
import type { Finding } from "../../../src/messages/finding.ts";
import { testIo } from "../../support/io.ts";
import { Repository, temporaryFolder } from "../../support/repository.ts";
import { sarifFaults } from "../../support/sarif.ts";

interface Context {
  folder: ReturnType<typeof temporaryFolder>;
  repository: Repository;
}

const checking = suite<Context>("check");

checking.before.each((context) => {
  context.folder = temporaryFolder();
  context.repository = new Repository(context.folder.path);
});
checking.after.each(({ folder }) => folder.remove());

const article = (id: string, more = "", body = "text\n"): string =>
  `---\nid: ${id}\ntitle: About ${id}\ndate: 2024-01-02\ndescription: d\n${more}---\n${body}`;

function configure({ folder }: Context, articles: object = {}): void {
  const config = {
    repo: ".",
    inserter: { url: "http://localhost:1/post", token: { env: "UNSET" } },
    articles,
  };
  writeFileSync(join(folder.path, "sync.config.json"), JSON.stringify(config));
}

function write({ folder }: Context, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, path)), { recursive: true });
    writeFileSync(join(folder.path, path), text);
  }
}

async function run(
  { folder }: Context,
  ...argv: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const io = testIo(folder.path);
  const code = await check(parseCommandLine(["check", ...argv]), io);
  return { code, ...io.written };
}

checking("is content with good articles, and needs neither secrets nor an inserter", async (context) => {
  configure(context);
  context.repository.commit({ "a.md": article("a"), "b/c.md": article("c"), "README.md": "# no article" });
  const { code, stdout, stderr } = await run(context);
  assert.is(code, 0);
  assert.match(stdout, /^no errors, 0 warnings in 2 files of [0-9a-f]{12}: 2 published\n$/);
  assert.is(stderr, "");
});

checking("names every fault with its place and how to fix it", async (context) => {
  configure(context);
  context.repository.commit({
    "a.md": article("a").replace("2024-01-02", "2024-13-45"),
    "b.md": "---\nid: b\ntitle: lost fence\n",
    "c.md": article("c"),
  });
  const { code, stdout } = await run(context);
  assert.is(code, 1);
  assert.match(
    stdout,
    "a.md:4:7 error date does not exist in the calendar: 2024-13-45 [no-such-date]\n  4 | date: 2024-13-45\n    |       ^^^^^^^^^^\n",
  );
  assert.match(
    stdout,
    "b.md:1:1 error The front matter that begins here is never closed [unclosed-front-matter]",
  );
  assert.match(stdout, /\n2 errors, 0 warnings in 3 files of [0-9a-f]{12}: 1 published, 2 rejected\n$/);
});

checking(
  "ends with 1 for what nearly says draft, and for warnings where that is asked for",
  async (context) => {
    configure(context);
    context.repository.commit({ "a.md": article("a"), "b.md": article("b", "published: false\n") });
    const calm = await run(context);
    assert.is(calm.code, 0);
    assert.match(
      calm.stdout,
      'b.md:6:12 warning The article is not published: published is "false" [not-public]',
    );
    assert.match(
      calm.stdout,
      /\nno errors, 1 warning in 2 files of [0-9a-f]{12}: 1 published, 1 not public\n$/,
    );
    const strict = await run(context, "--strict");
    assert.is(strict.code, 1);
    assert.match(strict.stdout, "\nfailed, as --strict allows no warnings, 1 warning in 2 files of ");
    const { code, stdout } = await run(context, "--strict", "--json");
    assert.equal([code, JSON.parse(stdout).ok], [1, false]);
    context.repository.commit({ "b.md": article("b"), "c.md": article("c", "expires: 2024-02-01\n") });
    assert.is((await run(context, "--strict")).code, 0);
    assert.match((await run(context)).stdout, ": 2 published, 1 expired\n");
    context.repository.commit({ "b.md": article("b", "drafts: true\n") });
    const error = await run(context);
    assert.is(error.code, 1);
    assert.match(
      error.stdout,
      "b.md:6:1 error The article is not published: drafts looks like draft [near-draft]",
    );
  },
);

checking("writes nothing raw that a terminal would act on", async (context) => {
  configure(context);
  const hidden = "\u009b31m\u202e\u2066\u200f\u007f";
  const lines = `updated: "x${hidden}"\ncover: "javascript:${hidden}"\n`;
  context.repository.commit({ [`p${hidden}.md`]: article("a", lines) });
  const raw = /[^\P{Cc}\n]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
  for (const format of ["json", "github", "sarif", "pretty"]) {
    const { code, stdout } = await run(context, "--format", format);
    assert.is(code, 1);
    assert.not.match(stdout, raw, format);
    if (format === "json") assert.is(JSON.parse(stdout).files[0].path, `p${hidden}.md`);
  }
});

checking("finds who loses an id to whom, drafts and the future aside", async (context) => {
  configure(context, { future: "schedule" });
  context.repository.commit({
    "2.md": article("a"),
    "1.md": article("a", "draft: true\n"),
    "3.md": article("a"),
    "0.md": article("a").replace("2024-01-02", "2999-01-02"),
  });
  const { code, stdout } = await run(context, "--json");
  assert.is(code, 1);
  const report = JSON.parse(stdout);
  assert.equal(
    report.files.map((file: { path: string; outcome: string }) => `${file.path} ${file.outcome}`),
    ["0.md scheduled", "1.md draft", "2.md published", "3.md duplicate"],
  );
  const errors = report.findings.filter((finding: { severity: string }) => finding.severity === "error");
  assert.is(errors.length, 1);
  assert.equal([errors[0].path, errors[0].line, errors[0].code], ["3.md", 2, "duplicate-id"]);
  assert.match(errors[0].message, "2.md");
});

checking("mentions what is no article, and does not fail for it", async (context) => {
  configure(context);
  context.repository.commit({
    "a.md": article("a"),
    "link.md": { link: "a.md" },
    "plain.md": "# plain",
  });
  const { code, stdout } = await run(context);
  assert.is(code, 0);
  assert.match(stdout, "link.md note The path is a symbolic link");
  assert.match(stdout, "plain.md note No front matter");
  assert.match(stdout, "1 published, 2 no article");
});

checking("looks at links and images with the whole repository in view", async (context) => {
  configure(context, { exclude: ["drafts/**"], links: { article: "/{name}", asset: "/{path}" } });
  const body = "![here](img/a.png) ![gone](img/b.png) [b](b.md) [c](c.md) [license](LICENSE)\n";
  context.repository.commit({
    "a.md": article("a", "", body),
    "b.md": article("b"),
    "c.md": article("c", "draft: true\n"),
    "img/a.png": "png",
    "drafts/d.md": article("d"),
    LICENSE: "free",
  });
  const { code, stdout } = await run(context, "--json");
  assert.is(code, 0);
  assert.equal(
    JSON.parse(stdout).findings.map(
      ({ code, message }: { code: string; message: string }) =>
        `${code} ${message.replace(/ (is|points).*/, "")}`,
    ),
    ["image-missing The image img/b.png", "link-unpublished The link c.md"],
  );
});

checking("--worktree looks at the files as they are on disk", async (context) => {
  configure(context);
  context.repository.commit({ "a.md": article("a") });
  write(context, { "a.md": article("a").replace("About a", "[x]"), "new.md": article("n") });
  assert.is((await run(context)).code, 0);
  const { code, stdout } = await run(context, "--worktree");
  assert.is(code, 1);
  assert.match(stdout, "a.md:3:8 error title must be text, but is a list");
  assert.match(stdout, "1 error, 0 warnings in 2 files of the work tree: 1 published, 1 rejected");
});

checking("--format github and sarif carry the same faults", async (context) => {
  configure(context);
  context.repository.commit({ "日本 語.md": article("a").replace("title: About a\n", "") });
  const github = await run(context, "--format", "github");
  assert.is(github.code, 1);
  assert.match(
    github.stdout,
    /^::error file=日本 語\.md,line=1,endLine=1,col=1,endColumn=4,title=missing-key::title is missing\. Add a line/,
  );
  const sarif = await run(context, "--format", "sarif");
  assert.is(sarif.code, 1);
  const [run1] = JSON.parse(sarif.stdout).runs;
  assert.is(run1.results[0].ruleId, "missing-key");
  assert.is(
    run1.results[0].locations[0].physicalLocation.artifactLocation.uri,
    "%E6%97%A5%E6%9C%AC%20%E8%AA%9E.md",
  );
});

checking(
  "--format sarif is valid SARIF, whatever there is to say and however files are called",
  async (context) => {
    configure(context);
    context.repository.commit({
      "日本 語#1?%.md": article("a", "tag: [x]\n").replace("title: About a\n", ""),
      "bom.md": "\ufeff---\r\nid: b\r\ntitle: 題: x\r\n---\r\n",
      "dup1.md": article("d"),
      "dup2.md": article("d"),
      "late.md": "\n---\nid: x\n---\n",
      "link.md": { link: "bom.md" },
      "none.md": "# none\n",
      "utf16.md": Buffer.from("\ufeff---\nid: a\n---\n", "utf16le"),
      "warn.md": article("w", "cover: no.png\n", "[a](b.md)\n").replace("2024", "2999"),
    });
    const log = JSON.parse((await run(context, "--format", "sarif")).stdout);
    assert.equal(sarifFaults(log), []);
    const levels = new Set(log.runs[0].results.map(({ level }: { level: string }) => level));
    assert.equal([...levels].sort(), ["error", "note", "warning"]);
    log.runs[0].results[0].level = "fatal";
    assert.is.not(sarifFaults(log).length, 0);
    configure(context, { include: ["nothing/**"] });
    assert.equal(sarifFaults(JSON.parse((await run(context, "--format", "sarif")).stdout)), []);
  },
);

checking("prints all problems of a file together, in the order of its lines", async (context) => {
  configure(context);
  const broken = (id: string): string => article(id, "tags: a\ndraft: yes\n").replace("2024-01", "2024-13");
  context.repository.commit({
    "a.md": broken("a"),
    "b.md": broken("b"),
    "c.md": article("c"),
    "d.md": article("c"),
  });
  const { stdout } = await run(context);
  assert.equal(
    [...stdout.matchAll(/^(\S+) error .*\[(.*)\]$/gm)].map(([, place, code]) => `${place} ${code}`),
    [
      "a.md:4:7 no-such-date",
      "a.md:6:7 not-list-text",
      "a.md:7:8 not-boolean-text",
      "b.md:4:7 no-such-date",
      "b.md:6:7 not-list-text",
      "b.md:7:8 not-boolean-text",
      "d.md:2:5 duplicate-id",
    ],
  );
  assert.match(stdout, "  2 | id: c\n    |     ^\n");
});

checking("finds the place of a reference that CommonMark has written otherwise", async (context) => {
  configure(context, { links: { article: "/{name}", asset: "/{path}" } });
  context.repository.commit({
    "a.md": article("a", "", "\n文: ![図](<図 1.png>) ![x](図.png)\n"),
  });
  const { findings } = JSON.parse((await run(context, "--json")).stdout);
  assert.equal(
    findings.map(({ line, column, length, message }: Finding) => [line, column, length, message]),
    [
      [8, 10, 7, "The image 図 1.png is not in the repository"],
      [8, 25, 5, "The image 図.png is not in the repository"],
    ],
  );
});

checking("says that it read the file on disk where Git commits another one", async (context) => {
  configure(context);
  const { repository } = context;
  repository.commit({ "a.md": article("a"), "b.md": article("b"), "c.md": article("c") });
  write(context, {
    ".gitattributes": "b.md working-tree-encoding=SHIFT_JIS\nc.md filter=lfs -text\n",
    "a.md": article("a"),
    "b.md": article("b"),
    "c.md": article("c"),
  });
  const { findings } = JSON.parse((await run(context, "--worktree", "--json")).stdout);
  assert.equal(
    findings.map(({ path, severity, message }: Finding) => [path, severity, message.split("(")[1]]),
    [
      ["b.md", "note", "working-tree-encoding=SHIFT_JIS in .gitattributes)"],
      ["c.md", "note", "filter=lfs in .gitattributes)"],
    ],
  );
});

checking("sums up warnings that are alike for people, not for machines", async (context) => {
  configure(context);
  const files = Object.fromEntries(
    Array.from({ length: 9 }, (_, n) => [`${n}.md`, article(`a${n}`).replace("description: d\n", "")]),
  );
  context.repository.commit(files);
  const { stdout } = await run(context);
  assert.is(stdout.split("[description-missing]\n").length - 1, 5);
  assert.match(stdout, "... and 4 more [description-missing]; --json lists more of them");
  assert.is(JSON.parse((await run(context, "--json")).stdout).findings.length, 9);
});

checking("misses no description where hardly any article has one", async (context) => {
  configure(context);
  const files = Object.fromEntries(
    Array.from({ length: 11 }, (_, n) => [`${n}.md`, article(`a${n}`).replace("description: d\n", "")]),
  );
  context.repository.commit(files);
  assert.equal(JSON.parse((await run(context, "--json")).stdout).findings, []);
  const described = Array.from({ length: 6 }, (_, n) => [`${n}.md`, article(`a${n}`)]);
  context.repository.commit(Object.fromEntries(described));
  assert.is(JSON.parse((await run(context, "--json")).stdout).findings.length, 5);
});

checking("lets files be judged by the hooks of the configuration", async (context) => {
  writeFileSync(
    join(context.folder.path, "sync.config.ts"),
    'export default { repo: ".", inserter: { url: "embedded" }, articles: { attributes: ({ path, attributes }) => { if (path === "b.md") throw new Error("not this one"); return { id: path, ...attributes }; } } };\n',
  );
  const noId = article("x").replace("id: x\n", "");
  context.repository.commit({ "a.md": noId, "b.md": noId });
  const found = await refusal(context);
  assert.match(found.message, "code that you have not run");
  const { code, stdout } = await run(context, "--config", join(context.folder.path, "sync.config.ts"));
  assert.is(code, 1);
  assert.match(stdout, /b\.md.* error The hook articles\.attributes failed: not this one \[hook-failed\]/);
  assert.match(stdout, "1 published, 1 rejected");
});

checking("needs no configuration file, and says that there is none", async (context) => {
  context.repository.commit({ "a.md": article("a"), "b.md": "---\ntitle: b\n---\n" });
  const { code, stdout } = await run(context);
  assert.is(code, 1);
  assert.match(stdout, /^No configuration file found\. Checking \S+ with the defaults\n/);
  assert.match(stdout, "1 published, 1 rejected");
  assert.is(JSON.parse((await run(context, "--json")).stdout).config, null);
});

async function refusal(context: Context, ...argv: string[]): Promise<UsageError> {
  try {
    await run(context, ...argv);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error("ran");
}

checking("needs a commit or work tree to look at", async (context) => {
  configure(context);
  const unborn = await refusal(context);
  assert.match(unborn.message, "Cannot read the articles: branch main");
  assert.is((await run(context, "--worktree")).code, 0);
  context.repository.commit({ "a.txt": "" });
  const { code, stdout } = await run(context);
  assert.is(code, 0);
  assert.match(stdout, "No file matches articles.include.");
});

checking("reports a wrong configuration before it looks at any file", async (context) => {
  configure(context, { html: "save" });
  assert.match((await refusal(context)).message, 'articles.html: found "save"');
});

checking("sums up what articles use and is not rendered", async (context) => {
  configure(context);
  context.repository.commit({
    "a.md": article("a", "", "| a |\n|---|\n| b |\n\n| c |\n|---|\n\n{{< figure >}} [b](b.md)\n"),
    "b.md": article("b", "", "\n| a |\n|---|\n\n$x^2$\n\n```\n{% code %}\n```\n"),
    "c.md": article("c"),
    "d.md": article("d", "draft: true\n", "| a |\n|---|\n"),
  });
  const { code, stdout } = await run(context);
  assert.is(code, 0);
  const summed = stdout.split("\n").filter((line) => line.includes("[unrendered"));
  assert.equal(
    summed.map((line) => line.replace(/^sync\.config\.json warning /, "")),
    [
      "2 articles use tables, which CommonMark does not render: a.md:8, b.md:9 [unrendered-gfm]",
      "1 articles use shortcodes ({{< … >}}), which are shown as they are written: a.md:14 [unrendered-other]",
      "1 articles have relative links or images, which lead nowhere from a published page: a.md:14 [unrendered-links]",
      "1 articles use math, which are shown as they are written: b.md:11 [unrendered-off]",
    ],
  );
  configure(context, { markdown: "gfm", math: true, links: { article: "/{name}" } });
  const fitting = await run(context, "--json");
  const { findings } = JSON.parse(fitting.stdout) as { findings: Finding[] };
  assert.equal(
    findings.filter(({ path }) => path === "sync.config.json").map(({ code: one }) => one),
    ["unrendered-other"],
  );
});

checking.run();
