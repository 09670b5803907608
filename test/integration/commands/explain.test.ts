import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseCommandLine } from "../../../src/cli/argv.ts";
import { explain } from "../../../src/commands/explain.ts";
import { UsageError } from "../../../src/errors.ts";
import { openState } from "../../../src/state/open.ts";
import { testIo } from "../../support/io.ts";
import { Repository, temporaryFolder } from "../../support/repository.ts";

interface Context {
  folder: ReturnType<typeof temporaryFolder>;
  repository: Repository;
}

const explaining = suite<Context>("explain");

explaining.before.each((context) => {
  context.folder = temporaryFolder();
  context.repository = new Repository(context.folder.path);
  const config = {
    repo: ".",
    state: "state.sqlite",
    inserter: { url: "http://localhost:1/post" },
    articles: { include: ["posts/**/*.md"], exclude: ["**/old/**"], future: "schedule" },
  };
  writeFileSync(join(context.folder.path, "sync.config.json"), JSON.stringify(config));
});
explaining.after.each(({ folder }) => folder.remove());

const article = (id: string, more = ""): string =>
  `---\nid: ${id}\ntitle: About ${id}\ndate: 2024-01-02\ndescription: d\n${more}---\ntext\n`;

async function run({ folder }: Context, path: string, ...flags: string[]): Promise<string> {
  const io = testIo(folder.path);
  assert.is(await explain(parseCommandLine(["explain", path, ...flags]), io), 0);
  return io.written.stdout;
}

explaining("says in the first line what becomes of a file, and below why", async (context) => {
  const { repository } = context;
  repository.commit({
    "posts/a.md": article("a"),
    "posts/b.md": article("a"),
    "posts/draft.md": article("d", "draft: true\n"),
    "posts/later.md": article("l").replace("2024", "2999"),
    "posts/broken.md": article("x").replace("2024-01-02", "soon"),
    "posts/plain.md": "# plain\n",
    "posts/old/o.md": article("o"),
    "notes/n.md": article("n"),
    "posts/link.md": { link: "a.md" },
  });
  const cases: [path: string, first: string, more: string][] = [
    [
      "posts/a.md",
      'posts/a.md is published as "a".',
      "include   posts/**/*.md matches\n  exclude   no glob matches\n  id        a\n  title     About a\n",
    ],
    ["posts/b.md", 'posts/b.md is rejected: the id "a" belongs to posts/a.md.', "error"],
    ["posts/draft.md", "posts/draft.md is not published: it is a draft.", "id        d"],
    ["posts/later.md", 'posts/later.md will be published as "l" at 2999-01-02T00:00:00.000Z.', "id        l"],
    ["posts/broken.md", "posts/broken.md is rejected.", "posts/broken.md:4:7 error date is not a date: soon"],
    ["posts/plain.md", "posts/plain.md is not an article.", "No front matter"],
    ["posts/link.md", "posts/link.md is not an article.", "symbolic link"],
    [
      "posts/old/o.md",
      "posts/old/o.md is not published: a glob of articles.exclude matches it.",
      "exclude   **/old/** matches",
    ],
    [
      "notes/n.md",
      "notes/n.md is not published: no glob of articles.include matches it.",
      "include   no glob matches",
    ],
  ];
  for (const [path, first, more] of cases) {
    const text = await run(context, path);
    assert.is(text.split("\n")[0], first);
    assert.ok(text.includes(more), text);
    assert.match(text, `revision  ${repository.git("rev-parse", "HEAD").slice(0, 12)}`);
  }
});

explaining("takes paths from here, from the root, and absolute ones", async (context) => {
  context.repository.commit({ "posts/a.md": article("a") });
  mkdirSync(join(context.folder.path, "posts"));
  for (const given of ["a.md", "posts/a.md", "../posts/a.md", join(context.folder.path, "posts/a.md")]) {
    const io = testIo(join(context.folder.path, "posts"));
    await explain(parseCommandLine(["explain", given]), io);
    assert.match(io.written.stdout, /^posts\/a\.md is published as "a"\./);
  }
});

explaining("looks at a file that is not committed yet", async (context) => {
  context.repository.commit({ "posts/a.md": article("a") });
  mkdirSync(join(context.folder.path, "posts"));
  writeFileSync(join(context.folder.path, "posts/new.md"), article("new"));
  const text = await run(context, "posts/new.md");
  assert.match(text, /^posts\/new\.md will be published as "new"\.\n/);
  assert.match(text, ", which lacks it: commit it");
});

explaining("prints what the state knows of the inserter", async (context) => {
  context.repository.commit({ "posts/a.md": article("a") });
  assert.match(
    await run(context, "posts/a.md"),
    /inserter {2}not known, there is no state at .*state\.sqlite yet/,
  );
  const state = openState(join(context.folder.path, "state.sqlite"), { emit: () => {} });
  const entry = {
    path: "posts/gone.md",
    blob: "b".repeat(40),
    acknowledged: { digest: "0".repeat(64), version: 17 },
    pending: null,
    uncertain: false,
    refusal: { digest: "0".repeat(64), status: 422, excerpt: "too short", sinceMs: 0 },
    undeletable: false,
    repaired: null,
    foreignOwner: null,
    appearedMs: null,
  };
  state.transaction(() => {
    state.putEntry({ ...entry, id: "a", path: "posts/a.md" });
    state.putEntry({
      ...entry,
      id: "gone",
      refusal: null,
      pending: { kind: "delete", version: 18, cause: "deleted", sinceMs: 0 },
    });
  });
  try {
    assert.match(
      await run(context, "posts/a.md"),
      'inserter  "a" has another version since version 17; refused with 422: too short',
    );
    const gone = await run(context, "posts/gone.md");
    assert.match(gone, /^posts\/gone\.md does not exist, so it is not published\.\n/);
    assert.match(
      gone,
      '"gone" published since version 17; delete pending since 1970-01-01T00:00:00.000Z (deleted)',
    );
  } finally {
    state.close();
  }
});

explaining("gives everything as JSON, the payload included", async (context) => {
  context.repository.commit({ "posts/a.md": article("a") });
  const explanation = JSON.parse(await run(context, "posts/a.md", "--json"));
  assert.is(explanation.path, "posts/a.md");
  assert.is(explanation.found, "committed");
  assert.is(explanation.file.outcome, "published");
  assert.is(explanation.file.payload.html, "<p>text</p>\n");
});

explaining("suggests a path when there is none by that name", async (context) => {
  context.repository.commit({ "posts/intro.md": article("a") });
  const failure = await run(context, "posts/inrto.md").catch((error: unknown) => error);
  assert.instance(failure, UsageError);
  assert.match((failure as UsageError).message, "There is no posts/inrto.md at revision");
  assert.is((failure as UsageError).hint, "Did you mean posts/intro.md?");
});

explaining("says for each field where it came from, if it is not the key of that name", async (context) => {
  const config = {
    repo: ".",
    state: "state.sqlite",
    inserter: { url: "http://localhost:1/post" },
    articles: { keys: { id: ["slug", "file"], title: ["heading"], date: ["path"], tags: ["topics"] } },
  };
  writeFileSync(join(context.folder.path, "sync.config.json"), JSON.stringify(config));
  context.repository.commit({ "2024-05-01-hello.md": "---\ntopics: [a, b]\n---\n# Hello\n" });
  const text = await run(context, "2024-05-01-hello.md");
  for (const line of [
    "id        2024-05-01-hello ← file name 2024-05-01-hello.md",
    "title     Hello ← first heading",
    "date      2024-05-01T00:00:00.000Z ← path 2024-05-01-hello.md",
    "tags      a, b ← topics",
  ]) {
    assert.ok(text.includes(`  ${line}\n`), text);
  }
});

explaining.run();
