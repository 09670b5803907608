/**
 * Secrets, wherever one may stand, and nowhere in what is said. The outputs are looked through by the
 * harness itself, for every program of every end-to-end test; here are all ways for one to come in.
 */
import { rejects } from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Running } from "../support/artefact.ts";
import { type ModestInserter, startModestInserter } from "../support/modest-inserter.ts";
import { searchFiles, searchStatus } from "../support/planted.ts";
import { temporaryFolder } from "../support/repository.ts";
import { article, Scene } from "../support/scene.ts";
import { answer, type ReceivedRequest, startScriptedServer } from "../support/scripted-server.ts";
import { waitFor } from "../support/wait.ts";

const test = suite("secrets");
const PLANTED = /planted-secret|cGxhbnRlZC1zZWNyZXQ/;

test("one that is shown is found: in output, in answers, in files", async () => {
  const folder = temporaryFolder();
  const server = await startScriptedServer(({ target }) =>
    answer(200, target === "/status" ? "{ planted-secret-of-a-page }" : ""),
  );
  try {
    const script = 'console.error("[redacted] " + btoa("planted-secret-of-a-script"))';
    const { finished } = new Running(process.execPath, ["-e", script], folder.path, {});
    await rejects(finished, /is in the output/);
    await rejects(searchStatus(`${new URL("/", server.url)}`), /planted-secret-of-a-page is in http/);
    mkdirSync(join(folder.path, "deep"));
    writeFileSync(join(folder.path, "deep", "state"), "\0planted-secret-of-a-file\0");
    assert.throws(() => searchFiles(folder.path), /planted-secret-of-a-file is in .*deep/);
  } finally {
    await server.close();
    folder.remove();
  }
});

/** An inserter that says back what it was shown, in every way that there is. */
function echoes(request: ReceivedRequest): string {
  const { authorization = "", ...headers } = request.headers;
  const decoded = Buffer.from(authorization.replace(/^Basic /, ""), "base64").toString("latin1");
  return `denied: ${JSON.stringify({ authorization, headers })} ${encodeURIComponent(authorization)} ${decoded}`;
}

const refuses: ReadonlyMap<string, (request: ReceivedRequest) => ReturnType<typeof answer>> = new Map([
  ["refused", (request) => answer(400, echoes(request))],
  ["failing", (request) => answer(500, echoes(request))],
  [
    "moved",
    (request) =>
      answer(422, echoes(request), {
        location: `http://ada:planted-secret-elsewhere@${echoes(request).length}/`,
      }),
  ],
]);

async function started(): Promise<{ scene: Scene; inserter: ModestInserter }> {
  const scene = new Scene({ style: "clone" });
  const inserter = await startModestInserter();
  scene.onClose(() => inserter.close());
  scene.inserter = inserter.url;
  inserter.options.bend = (request) => {
    const id = request.method === "POST" ? JSON.parse(request.body.toString() || "{}").id : "";
    return refuses.get(id)?.(request) ?? null;
  };
  const ids = ["fine", ...refuses.keys()];
  scene.upstream.commit(Object.fromEntries(ids.map((id) => [`${id}.md`, article(id)])));
  scene.upstream.git(
    "remote",
    "set-url",
    "origin",
    "https://ada:planted-secret-at-origin@git.example.org/blog",
  );
  return { scene, inserter };
}

/** Everything that a file of the state holds, as text. */
const written = (dir: string): string =>
  readdirSync(dir)
    .map((name) => readFileSync(join(dir, name), "latin1"))
    .join("\n");

const ways: Readonly<
  Record<string, (dir: string) => { inserter: object; url?: string; env?: Record<string, string> }>
> = {
  "in the URL": () => ({ inserter: {}, url: "//ada:planted-secret-in-url@" }),
  "in a variable": () => ({
    inserter: { token: { env: "SYNC_TOKEN" } },
    env: { SYNC_TOKEN: "planted-secret-variable" },
  }),
  "in a file": (dir) => {
    writeFileSync(join(dir, "token"), "planted-secret-file\n");
    return { inserter: { token: { file: join(dir, "token") } } };
  },
  "in headers": (dir) => {
    writeFileSync(join(dir, "header"), "planted-secret-header-file");
    const headers = {
      "X-Api-Key": "planted-secret-literal",
      "X-From-File": { file: join(dir, "header") },
      "X-From-Variable": { env: "SYNC_HEADER" },
    };
    return { inserter: { headers }, env: { SYNC_HEADER: "planted-secret-header-variable" } };
  },
};

for (const [where, way] of Object.entries(ways)) {
  test(`${where}: no command shows it, though the inserter says it back`, async () => {
    const { scene } = await started();
    await using _ = scene;
    const { inserter, url = "//", env = {} } = way(scene.dir);
    const status = { listen: "127.0.0.1:0" };
    const { repo, state } = scene;
    const retry = { min: "10ms", max: "50ms" };
    const settings = { repo, state, status, log: { level: "debug" } };
    const section = { ...inserter, url: scene.inserter.replace("//", url), retry };
    const config = scene.config(JSON.stringify({ ...settings, inserter: section }), "sync.config.json");
    const permissions = { config, listen: "127.0.0.1", read: [scene.dir] };
    const start = (...args: string[]) => scene.spawn([...args, "-c", config], permissions, env);

    const agent = start("run");
    const listening = await agent.waitForEvent("status.listening");
    await agent.waitForEvent("article.refused");
    await waitFor(async () => {
      const { articles } = (await (await fetch(`${listening["url"]}status`)).json()) as {
        articles: { counts: { refused: number } };
      };
      return articles.counts.refused >= 2;
    }, "two refused articles");
    for (const path of [
      "",
      "?find=refused",
      "?lang=ja",
      "status",
      "status?find=moved",
      "metrics",
      "healthz",
      "readyz",
    ]) {
      const text = await (await fetch(`${listening["url"]}${path}`)).text();
      assert.not.match(text, PLANTED, path);
      if (path === "status") assert.match(text, "redacted", "the answer is there, without the secret");
    }
    const beside = [["plan"], ["status", "--json"], ["explain", "refused.md"], ["init", "--kubernetes"]];
    for (const { stdout, stderr } of await Promise.all(beside.map((args) => start(...args).finished))) {
      assert.not.match(stdout + stderr, PLANTED);
    }
    assert.is((await agent.stop()).code, 0);
    assert.not.match(agent.stderr, PLANTED);
    const { stdout, stderr } = await start("once", "--wait", "1s", "--log-format", "pretty").finished;
    assert.not.match(stdout + stderr, PLANTED);
    assert.not.match(written(join(scene.dir, "state")), PLANTED, "the state");
  });
}

test("a rotated token is struck out before and after", async () => {
  const { scene, inserter } = await started();
  await using _ = scene;
  const file = join(scene.dir, "token");
  writeFileSync(file, "planted-secret-old\n");
  let accepted = "planted-secret-old";
  const refuse = inserter.options.bend;
  inserter.options.bend = (request) =>
    request.headers["authorization"] === `Bearer ${accepted}`
      ? (refuse?.(request) ?? null)
      : answer(401, echoes(request));
  const { repo, state } = scene;
  const url = scene.inserter;
  const config = scene.config(
    JSON.stringify({
      repo,
      state,
      log: { level: "debug" },
      inserter: { url, token: { file }, retry: { max: "1s" } },
    }),
    "sync.config.json",
  );
  const agent = scene.spawn(["run", "-c", config], { config, read: [file] });
  await agent.waitFor(() => inserter.articles.has("fine"), "the first article");
  accepted = "planted-secret-new";
  scene.upstream.commit({ "later.md": article("later") });
  await agent.waitForEvent("inserter.trouble");
  writeFileSync(file, "planted-secret-new\n");
  await agent.waitFor(() => inserter.articles.has("later"), "what was pending, with the new token");
  await agent.waitForEvent("inserter.recovered");
  assert.is((await agent.stop()).code, 0);
  assert.not.match(agent.stderr, PLANTED);
  assert.not.match(written(join(scene.dir, "state")), PLANTED, "the state");
});

const wrong: Readonly<Record<string, object>> = {
  "an URL with a query": { url: "http://ada:planted-secret-url@localhost/post?x=1" },
  "an URL that is none": { url: "http//ada:planted-secret-url@localhost" },
  "a token that is written down": { url: "http://localhost/post", token: "planted-secret-token" },
  "a token of an unknown kind": { url: "http://localhost/post", token: { value: "planted-secret-token" } },
  "headers that are no map": { url: "http://localhost/post", headers: "planted-secret-headers" },
  "a header of two lines": {
    url: "http://localhost/post",
    headers: { "X-Key": "planted-secret-1\nplanted-secret-2" },
  },
  "two ways to authorize": {
    url: "http://ada:planted-secret-url@localhost/post",
    token: { env: "SYNC_TOKEN" },
  },
};

test("a configuration that is wrong is reported without the secrets in it", async () => {
  await using scene = new Scene({ style: "clone" });
  scene.upstream.commit({ "a.md": article("a") });
  for (const [name, inserter] of Object.entries(wrong)) {
    const config = scene.config(JSON.stringify({ repo: scene.repo, inserter }), "sync.config.json");
    const env = { SYNC_TOKEN: "planted-secret-variable" };
    const { code, stdout, stderr } = await scene.spawn(["once", "-c", config], { config }, env).finished;
    assert.is(code, 2, name);
    assert.not.match(stdout + stderr, PLANTED, name);
  }
});

test("a flag and a proxy are reported without the secrets in them", async () => {
  await using scene = new Scene({ style: "clone" });
  scene.upstream.commit({ "a.md": article("a") });
  const flags = ["--repo", scene.repo, "--state", scene.state, "--wait", "0s"];
  const runs: [args: string[], env?: Record<string, string>][] = [
    [["once", ...flags, "-i", "ftp://ada:planted-secret-flag@localhost/post"]],
    [["once", ...flags, "-i", "http://ada:planted-secret-flag@inserter.invalid/post"]],
    [
      ["once", ...flags, "-i", "http://inserter.invalid/post"],
      { HTTP_PROXY: "http://ada:planted-secret-proxy@127.0.0.1:9" },
    ],
    [
      ["once", ...flags, "-i", "http://inserter.invalid/post"],
      { HTTP_PROXY: "ftp://ada:planted-secret-proxy@127.0.0.1" },
    ],
  ];
  for (const [args, env = {}] of runs) {
    const permissions = { inserter: "http://inserter.invalid/post", listen: "127.0.0.1:9" };
    const { code, stdout, stderr } = await scene.spawn(args, permissions, env).finished;
    assert.ok(code === 1 || code === 2, stderr);
    assert.not.match(stdout + stderr, PLANTED, args.join(" "));
  }
});

test.run();
