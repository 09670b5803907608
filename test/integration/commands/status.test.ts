import { once as happens } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseCommandLine } from "../../../src/cli/argv.ts";
import { status } from "../../../src/commands/status.ts";
import { UsageError } from "../../../src/errors.ts";
import { openState } from "../../../src/state/open.ts";
import type { Verdict } from "../../../src/sync/model.ts";
import { testIo } from "../../support/io.ts";
import { Repository, temporaryFolder } from "../../support/repository.ts";

interface Context {
  folder: ReturnType<typeof temporaryFolder>;
}

const telling = suite<Context>("status");

telling.before.each((context) => {
  context.folder = temporaryFolder();
});
telling.after.each(({ folder }) => folder.remove());

function configure({ folder }: Context, port: number | null): void {
  const config = {
    repo: ".",
    state: "state.sqlite",
    inserter: { url: "http://localhost:1/post" },
    status: port === null ? false : { listen: `0.0.0.0:${port}` },
  };
  writeFileSync(join(folder.path, "sync.config.json"), JSON.stringify(config));
}

async function run({ folder }: Context, ...argv: string[]): Promise<{ code: number; stdout: string }> {
  const io = testIo(folder.path);
  const code = await status(parseCommandLine(["status", ...argv]), io);
  return { code, stdout: io.written.stdout };
}

/** Runs `work` while something answers every request with this JSON. */
async function whileServing(body: unknown, work: (port: number) => Promise<void>): Promise<void> {
  const server = createServer((_request, response) => response.end(JSON.stringify(body)));
  server.listen(0, "127.0.0.1");
  await happens(server, "listening");
  try {
    await work((server.address() as AddressInfo).port);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

telling("reads the state when no daemon answers", async (context) => {
  const repository = new Repository(context.folder.path);
  const revision = repository.commit({ "a.md": "x" }, { message: "Mend a typo" });
  configure(context, 1);
  const state = openState(join(context.folder.path, "state.sqlite"), { emit: () => {} });
  const at = (path: string) => ({ path, blob: "b".repeat(40), fingerprint: "f" });
  state.transaction(() => {
    state.setMeta("checkpoint", revision);
    state.putFile({
      ...at("a.md"),
      verdict: { kind: "article", id: "a", digest: "0".repeat(64), publishAtMs: null, expiresAtMs: null },
    });
    state.putFile({
      ...at("bad.md"),
      verdict: {
        kind: "rejected",
        id: null,
        problems: [
          { code: "missing-key", severity: "error", line: 1, column: 1, length: 3, params: { key: "title" } },
        ],
      },
    });
    state.putEntry({
      id: "a",
      path: "a.md",
      blob: "b".repeat(40),
      acknowledged: { digest: "1".repeat(64), version: 1 },
      pending: {
        kind: "upsert",
        version: 2,
        digest: "0".repeat(64),
        path: "a.md",
        blob: "b".repeat(40),
        cause: "changed",
        sinceMs: 0,
      },
      uncertain: false,
      refusal: null,
      undeletable: false,
      repaired: null,
      foreignOwner: null,
      appearedMs: null,
    });
  });
  try {
    const { code, stdout } = await run(context);
    assert.is(code, 0);
    assert.match(stdout, /^sync-agent \S+ {2}not running; read from its state file\n/);
    assert.match(stdout, `${context.folder.path} (HEAD) → http://localhost:1/post`);
    assert.match(stdout, `revision  ${revision.slice(0, 12)}  Mend a typo`);
    assert.match(stdout, "1 change is not acknowledged yet");
    assert.match(stdout, "\npending 1\n  + a  a.md  (changed)\n");
    assert.match(stdout, "\nrejected 1\n  bad.md:1:1 error title is missing [missing-key]\n");
    assert.is((await run(context, "--exit-code")).code, 1);
    const snapshot = JSON.parse((await run(context, "--json")).stdout);
    assert.is(snapshot.phase, "not-running");
    assert.is(snapshot.revision.id, revision);
  } finally {
    state.close();
  }
});

telling("tells of one article all that is known of it, also what is doubtful in it", async (context) => {
  const repository = new Repository(context.folder.path);
  const text = (body: string) => `---\nid: a\ntitle: A\ndate: 2026-01-02\ndescription: d\n---\n${body}\n`;
  const revision = repository.commit({
    "posts/a.md": text("![x](no.png) ![y](yes.png) [b](b.md)"),
    "posts/yes.png": "y",
    "posts/b.md": text("B"),
    "posts/note.md": "\n---\nid: note\n---\n",
  });
  configure(context, null);
  const file = join(context.folder.path, "state.sqlite");
  const state = openState(file, { emit: () => {} });
  const put = (path: string, verdict: Verdict) =>
    state.putFile({ path, blob: repository.git("rev-parse", `HEAD:${path}`), fingerprint: "f", verdict });
  state.transaction(() => {
    state.setMeta("checkpoint", revision);
    put("posts/a.md", {
      kind: "article",
      id: "a",
      digest: "0".repeat(64),
      publishAtMs: null,
      expiresAtMs: null,
    });
    put("posts/b.md", { kind: "withdrawn", id: "b", why: "draft" });
    put("posts/note.md", { kind: "none", why: "no-front-matter" });
  });
  state.close();
  const { stdout } = await run(context, "./posts/a.md");
  assert.match(stdout, `\nposts/a.md  a\n  It has not been compared yet\n`);
  assert.match(
    stdout,
    [
      "  posts/a.md:7:6 warning The image no.png is not in the repository [image-missing]",
      "    7 | ![x](no.png) ![y](yes.png) [b](b.md)",
      "      |      ^^^^^^",
    ].join("\n"),
  );
  assert.match(stdout, "posts/a.md:7:32 warning The link b.md points to an article that is not published");
  assert.not.match(stdout, "yes.png is not");
  assert.match(stdout, "\n  No version of it is published.\n");
  const { find, found } = JSON.parse((await run(context, "note", "--json")).stdout);
  assert.equal(
    [find, found[0].state, found[0].problems.map(({ code }: { code: string }) => code)],
    ["note", "no-article", ["front-matter-not-first"]],
  );
  assert.match((await run(context, "note")).stdout, "does not begin on the first line");
  assert.match((await run(context, "b.md", "--lang", "ja")).stdout, "下書きです");
  const none = (await run(context, "nowhere")).stdout;
  assert.match(none, "No article file has “nowhere” in its path or id.");
  assert.match(none, "**/*.md");
  rmSync(repository.gitDir, { recursive: true });
  const blind = (await run(context, "a.md")).stdout;
  assert.match(blind, "It has not been compared yet");
  assert.not.match(blind, "warning");
});

telling("tells as much when there is neither daemon nor state nor repository", async (context) => {
  configure(context, null);
  const { code, stdout } = await run(context);
  assert.is(code, 0);
  assert.match(stdout, "revision  none seen yet\narticles  0 published\n");
});

telling("prefers what the daemon answers, and takes over its verdict", async (context) => {
  configure(context, null);
  const snapshot = {
    ...JSON.parse((await run(context, "--json")).stdout),
    phase: "following",
    inStep: true,
    reasons: [],
    health: { ok: true, reasons: [] },
    ready: { ok: true, reasons: [] },
    // A daemon of an earlier version says none.
    verdict: undefined,
  };
  await whileServing(snapshot, async (port) => {
    configure(context, port);
    const { code, stdout } = await run(context, "--exit-code");
    assert.is(code, 0);
    assert.match(stdout, /^sync-agent \S+ {2}following\n/);
    assert.match(stdout, "\nIn step\n");
  });
  const stuck = {
    code: "stuck-loop",
    message: "Nothing moves since 10 minutes",
    hint: "Restart it",
    since: null,
  };
  await whileServing({ ...snapshot, health: { ok: false, reasons: [stuck] } }, async (port) => {
    configure(context, port);
    const { code, stdout } = await run(context, "--exit-code");
    assert.is(code, 1);
    assert.match(stdout, "not healthy\n  Nothing moves since 10 minutes\n    Restart it\n");
  });
});

telling("does not take just anything for a daemon", async (context) => {
  await whileServing({ hello: "world" }, async (port) => {
    configure(context, port);
    assert.match((await run(context)).stdout, "not running");
  });
});

telling("says what is wrong with a state that it cannot read", async (context) => {
  configure(context, null);
  writeFileSync(
    join(context.folder.path, "state.sqlite"),
    "no database at all, but long enough to be looked at",
  );
  const failure = await run(context).catch((error: unknown) => error);
  assert.instance(failure, UsageError);
  assert.match(
    (failure as UsageError).message,
    `Cannot read the state ${join(context.folder.path, "state.sqlite")}: `,
  );
});

telling.run();
