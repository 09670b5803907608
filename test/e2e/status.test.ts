/** The status listener of the program as it is shipped: every path, through trouble, and a restart of its inserter. */
import { request } from "node:http";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { StatusSnapshot } from "../../src/status.ts";
import { artefact, type Running } from "../support/artefact.ts";
import { article, Scene } from "../support/scene.ts";
import { waitFor } from "../support/wait.ts";

const test = suite("status");

/** A daemon with a status listener, following git-sync's link. */
async function served(
  style: "v4" | "clone" = "v4",
  status: { readonly listen: string; readonly allowedHosts?: readonly string[] } = { listen: "127.0.0.1:0" },
): Promise<{ scene: Scene; agent: Running; url: string }> {
  const scene = new Scene({ style });
  await scene.startInserter();
  await scene.push({
    "a.md": article("a"),
    "bad.md": article("bad", "Bad", "tags: go, k8s\n"),
    "draft.md": article("draft", "Draft", "draft: true\n"),
  });
  const { repo, state, endpoint } = scene;
  const settings = {
    repo,
    state,
    inserter: { url: endpoint, retry: { min: "50ms", max: "200ms" } },
    poll: "500ms",
    status,
  };
  const config = scene.config(`export default ${JSON.stringify(settings)};\n`);
  const agent = scene.spawn(["run", "--config", config], {
    config,
    listen: status.listen.replace(/:\d+$/, ""),
  });
  const { url } = await agent.waitForEvent("status.listening");
  return { scene, agent, url: String(url) };
}

async function until(
  url: string,
  what: string,
  holds: (status: StatusSnapshot) => boolean,
): Promise<StatusSnapshot> {
  const ask = async (): Promise<StatusSnapshot> => {
    return (await (await fetch(`${url}status`)).json()) as StatusSnapshot;
  };
  let last = await ask();
  await waitFor(async () => {
    last = await ask();
    return holds(last);
  }, what);
  return last;
}

test("shows people, probes, programs and Prometheus its state", async () => {
  const { scene, agent, url } = await served();
  await using _ = scene;
  const status = await until(url, "in step", ({ inStep }) => inStep);
  assert.is(status.revision?.subject, "Commit 1");
  assert.ok(status.revision?.flipped !== null, "git-sync's link shows when it was moved");
  assert.equal([status.articles?.counts.published, status.articles?.counts.withdrawn], [1, 1]);
  assert.is(status.articles?.rejected.shown[0]?.problems[0]?.where, "bad.md:5:7");
  assert.is(status.inventory, "inventory");
  assert.is(status.startedOver, null);

  await scene.push({ "b.md": article("b") });
  const after = await until(url, "b", ({ recent }) => recent[0]?.id === "b");
  assert.type(after.recent[0]?.liveMs, "number");

  for (const path of ["healthz", "readyz"]) assert.is(await (await fetch(url + path)).text(), "ok\n", path);
  const metrics = await (await fetch(`${url}metrics`)).text();
  assert.match(metrics, /^sync_agent_articles\{state="published"\} 2$/m);
  assert.match(metrics, /^sync_agent_flip_to_live_seconds_count 1$/m);
  assert.match(metrics, /^sync_agent_process_resident_memory_bytes [1-9]/m);
  assert.match(metrics, /^sync_agent_process_cpu_seconds_total 0?\.?\d/m);
  assert.not.match(metrics, /NaN/i);
  const runtime = artefact().name === "deno" ? "deno" : "node";
  assert.match(metrics, new RegExp(`^sync_agent_build_info\\{version="[^"]+",runtime="${runtime} `, "m"));
  const page = await (await fetch(`${url}?find=bad`, { headers: { "accept-language": "ja" } })).text();
  assert.match(page, "<h1>1 件を除き同期済み");
  assert.match(page, "<mark>go, k8s</mark>");

  const { code } = await agent.stop();
  assert.is(code, 0);
  await fetch(url).then(
    () => assert.unreachable("still listening"),
    () => {},
  );
});

test("an inserter that goes away and comes back", async () => {
  const { scene, url } = await served("clone");
  await using _ = scene;
  await until(url, "in step", ({ inStep }) => inStep);
  const port = Number(new URL(scene.inserter).port);
  await scene.stopInserter();
  await scene.push({ "b.md": article("b") });
  const down = await until(url, "trouble", ({ endpoint }) => endpoint !== null);
  assert.is(down.endpoint?.kind, "unreachable");
  assert.is((await fetch(`${url}readyz`)).status, 503);
  assert.is((await fetch(`${url}healthz`)).status, 200);
  await scene.startInserter({ port });
  const up = await until(url, "in step again", ({ inStep }) => inStep);
  assert.is(up.ready.ok, true);
  assert.is(up.revision?.flipped, null, "a clone has no link");
});

test("`status` asks the daemon that listens", async () => {
  const { scene, url } = await served("clone");
  await using _ = scene;
  await until(url, "in step", ({ inStep }) => inStep);
  const { repo, state, inserter } = scene;
  const { host } = new URL(url);
  const settings = { repo, state, inserter: { url: inserter }, status: { listen: host } };
  const config = scene.config(`export default ${JSON.stringify(settings)};\n`, "asking.config.ts");
  const asked = await scene.spawn(["status", "--config", config, "--json", "--exit-code"], {
    config,
    listen: host,
  }).finished;
  assert.is(asked.code, 0, asked.stderr);
  assert.is(JSON.parse(asked.stdout).phase, "following");
});

test("shows warnings about what was pushed, until they are fixed: log, page, JSON and terminal", async () => {
  const { scene, agent, url } = await served();
  await using _ = scene;
  await until(url, "in step", ({ inStep }) => inStep);
  const described = "description: d\n";
  await scene.push({
    "new.md": article("new", "New", `${described}cover: tower.png\n`, "[b](b.md) [draft](draft.md)\n"),
    "<script>.md": article("markup", "<script>top.ran = 1</script>", `${described}titel: <script>\ntag: x\n`),
    "fine.md": article("fine", "Fine", described, "[a](a.md)\n"),
  });
  const warnings = (): string[] =>
    agent.log.filter(({ event }) => event === "article.doubtful").map((line) => String(line["path"]));
  const status = await until(url, "warnings", ({ doubtful }) =>
    doubtful.some(({ path }) => path === "new.md"),
  );
  const listed = status.doubtful.find(({ path }) => path === "new.md");
  assert.equal(
    listed?.problems.map(({ where, code }) => [where, code]),
    [
      ["new.md:6:8", "image-missing"],
      ["new.md:8:5", "link-missing"],
      ["new.md:8:19", "link-unpublished"],
    ],
  );
  assert.is(listed?.problems[0]?.excerpt, "cover: tower.png");
  await waitFor(() => warnings().includes("new.md"), "the log");
  const line = agent.log.find(({ event, path }) => event === "article.doubtful" && path === "new.md");
  assert.is(line?.level, "info");
  assert.match(
    String(line?.["message"]),
    "new.md:6:8 is published, with warnings: The image tower.png is not in the repository",
  );
  assert.not.ok(warnings().includes("fine.md"));
  const page = await (await fetch(`${url}?find=markup`)).text();
  assert.match(page, "Published, with warnings");
  assert.match(page, "&lt;script&gt;.md");
  assert.not.match(page.replace(/<script type="module">.*?<\/script>/s, ""), "<script>");

  const { repo, state } = scene;
  const settings = { repo, state, inserter: { url: scene.endpoint }, status: { listen: new URL(url).host } };
  const config = scene.config(`export default ${JSON.stringify(settings)};\n`, "asking.config.ts");
  const ask = async (...words: string[]): Promise<string> => {
    const listen = new URL(url).host;
    const asked = await scene.spawn(["status", "--config", config, ...words], { config, listen }).finished;
    assert.is(asked.code, 0, asked.stderr);
    return asked.stdout;
  };
  assert.match(
    await ask(),
    /\npublished, with warnings \d\n(.*\n)* {2}new\.md:6:8 warning The image tower\.png/,
  );
  const one = await ask("./new.md");
  assert.match(one, "\nnew.md  new\n  It is published\n");
  assert.match(one, "  new.md:8:19 warning The link draft.md points to an article that is not published");
  assert.match(await ask("new.md", "--lang", "ja"), "公開されています");
  assert.is(JSON.parse(await ask("bad", "--json")).found[0].state, "rejected");

  await scene.push({ "b.md": article("b"), "tower.png": "image", "draft.md": article("draft") });
  const fixed = await until(url, "all there", ({ recent }) => recent.some(({ id }) => id === "draft"));
  await until(url, "none", ({ doubtful }) => doubtful.every(({ path }) => path !== "new.md"));
  assert.is(fixed.articles?.counts.pending, 0);
  assert.equal(warnings().filter((path) => path === "new.md").length, 1, "logged once");
  assert.is((await agent.stop()).code, 0);
  // Without a daemon the repository itself is read; without that, what the state knows is shown all the same.
  await scene.push({ "new.md": article("new", "New", "cover: other.png\n") });
  assert.match(await ask("new.md"), "It is published");
});

test("answers by no name of another site: on loopback by its own, elsewhere by those that are listed", async () => {
  const statusFor = (url: string, host: string): Promise<number> =>
    new Promise((resolve, reject) => {
      request(`${url}status`, { headers: { host } }, (answer) => resolve(answer.resume().statusCode ?? 0))
        .once("error", reject)
        .end();
    });
  for (const [status, ...expected] of [
    [{ listen: "127.0.0.1:0" }, 200, 403, 403],
    [{ listen: "127.0.0.1:0", allowedHosts: ["Blog.example"] }, 200, 200, 403],
    [{ listen: "0.0.0.0:0", allowedHosts: ["Blog.example"] }, 200, 200, 403],
    [{ listen: "0.0.0.0:0" }, 200, 200, 200],
  ] as const) {
    const { scene, agent, url } = await served("clone", status);
    await using _scene = scene;
    await using _agent = agent;
    await until(url, "the first pass is done", ({ ready }) => ready.ok);
    const hosts = ["localhost:9300", "blog.example:9300", "evil.example:9300"];
    assert.equal(
      await Promise.all(hosts.map((host) => statusFor(url, host))),
      expected,
      JSON.stringify(status),
    );
  }
});

test("a port that is taken ends it with a word about which", async () => {
  const { scene, url } = await served("clone");
  await using _ = scene;
  const { host } = new URL(url);
  const config = scene.config(
    `export default ${JSON.stringify({ repo: scene.repo, state: `${scene.state}2`, inserter: { url: scene.inserter }, status: { listen: host } })};\n`,
    "second.config.ts",
  );
  const second = await scene.spawn(["run", "--config", config], { config, listen: host }).finished;
  assert.is(second.code, 2, second.stderr);
  assert.match(second.stderr, `Cannot serve the status on ${host}: the address is in use`);
});

test.run();
