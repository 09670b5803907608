import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Invocation, type Io, parseCommandLine } from "../../../src/cli/argv.ts";
import { check } from "../../../src/commands/check.ts";
import { explain } from "../../../src/commands/explain.ts";
import { init } from "../../../src/commands/init.ts";
import { once } from "../../../src/commands/once.ts";
import { plan } from "../../../src/commands/plan.ts";
import { status } from "../../../src/commands/status.ts";
import { testIo } from "../../support/io.ts";
import { Repository, temporaryFolder } from "../../support/repository.ts";

interface Context {
  folder: ReturnType<typeof temporaryFolder>;
  revision: string;
}

const japanese = suite<Context>("commands in Japanese");

const commands = { check, explain, init, once, plan, status };

japanese.before.each((context) => {
  context.folder = temporaryFolder();
  context.revision = new Repository(context.folder.path).commit({
    "posts/hello.md": "---\nid: hello\ntitle: 最初の記事\ndate: 2026-01-15\ndescription: d\n---\n本文\n",
    "posts/draft.md": "---\nid: d\ntitle: 下書き\ndate: 2026-01-15\ndescription: d\ndraft: true\n---\n",
    "posts/壊れた.md": "---\nid: b\ntitel: 題\ndate: 2026-13-45\ntags: go, k8s\n---\n",
  });
  const config = { repo: ".", state: "state.sqlite", inserter: { url: "embedded" } };
  writeFileSync(join(context.folder.path, "sync.config.json"), JSON.stringify(config));
});
japanese.after.each(({ folder }) => folder.remove());

async function run({ folder }: Context, ...argv: string[]): Promise<string> {
  const io = { ...testIo(folder.path, { LANG: "ja_JP.UTF-8" }) };
  const invocation: Invocation = parseCommandLine(argv);
  const command = commands[invocation.command as keyof typeof commands] as (
    invocation: Invocation,
    io: Io,
  ) => Promise<number>;
  await command(invocation, io);
  return io.written.stdout;
}

japanese("check", async (context) => {
  assert.is(
    await run(context, "check"),
    `posts/壊れた.md:3:1 エラー title がありません。titel ならあります [missing-key-near]
  3 | titel: 題
    | ^^^^^
  titel を title に直してください。キーの大文字と小文字は区別されます。 正しくは: title: 題
posts/壊れた.md:4:7 エラー date は存在しない日時です: 2026-13-45 [no-such-date]
  4 | date: 2026-13-45
    |       ^^^^^^^^^^
  月、日、時刻、タイムゾーンを確かめてください。
posts/壊れた.md:5:7 エラー tags は語のリストでなければなりませんが、文字列「go, k8s」です [not-list-text]
  5 | tags: go, k8s
    |       ^^^^^^^
  「tags: [go, k8s]」と書くか、「tags:」の下の行に「- 項目」を 1 つずつ書いてください。
エラー 3 件、警告 0 件(${context.revision.slice(0, 12)}、3 ファイル): 公開 1 件、下書き 1 件、公開できない 1 件
`,
  );
});

japanese("plan, once, and what explain and status know after it", async (context) => {
  const at = context.revision.slice(0, 12);
  assert.is(
    await run(context, "plan"),
    `+ hello  posts/hello.md  (新規)
! posts/壊れた.md:3:1  title がありません。titel ならあります  (このファイルにほか 2 件)
${at}: 新規 1 件、変更 0 件、削除 0 件、公開できない 1 件
`,
  );
  assert.is(
    await run(context, "once"),
    `${context.revision}: 1 件中 1 件を送信・削除、公開済み 1 件\n下書き・対象外 1 件、公開できない 1 件\n`,
  );
  assert.match(
    await run(context, "explain", "posts/hello.md"),
    new RegExp(`^posts/hello\\.md: "hello" として公開されます。
  リビジョン   ${at}
  対象         \\*\\*/\\*\\.md に当てはまります
  除外         当てはまるパターンはありません
  id           hello
  タイトル     最初の記事
  日付         2026-01-15T00:00:00.000Z
  ダイジェスト [0-9a-f]{64}
  インサーター "hello" [0-9TZ:.-]+ \\(version \\d+\\) からこの版があります
$`),
  );
  assert.match(
    await run(context, "explain", "posts/draft.md"),
    /^posts\/draft\.md: 下書きのため、公開されません。\n/,
  );
  const text = await run(context, "status");
  assert.match(text, /^sync-agent \S+ {2}動いていません。状態ファイルの内容です\n/);
  assert.match(text, "\n記事  公開済み 1 件、下書き・対象外 1 件、公開できない 1 件\n");
  assert.match(text, "\n公開できないファイル 1\n  posts/壊れた.md:3:1 エラー title がありません");
});

japanese("init", async (context) => {
  context.folder.remove();
  context.folder = temporaryFolder();
  writeFileSync(join(context.folder.path, "a.md"), "---\ntitle: 題\ndate: 2026-01-01\n---\n");
  assert.match(await run(context, "init"), /^sync\.config\.ts を書きました: プリセットは plain です/);
});

japanese("programs read English, unless they ask for something else", async (context) => {
  const { findings, planned } = JSON.parse(await run(context, "plan", "--json"));
  assert.is(findings[0].message, "title is missing; there is titel");
  assert.is(planned[0].why, "new");
  const asked = JSON.parse(await run(context, "plan", "--json", "--lang", "ja"));
  assert.is(asked.planned[0].why, "新規");
  assert.match(await run(context, "plan", "--lang", "en"), ": 1 new, 0 changed, 0 to delete, 1 rejected.");
});

japanese.run();
