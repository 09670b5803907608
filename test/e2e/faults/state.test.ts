/** The state's disk is full or read-only, its file is damaged; two daemons where one should be. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { artefact } from "../../support/artefact.ts";
import { randomFaults, seeded, startFaultyProxy } from "../../support/faulty-proxy.ts";
import { configure, Follower } from "../../support/follower.ts";
import { article, jsonOf, type Scene, sceneWith } from "../../support/scene.ts";
import { waitFor } from "../../support/wait.ts";

const test = suite("state");

const articles = (from: number, to: number, title?: string): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: to - from }, (_, index) => [
      `n${from + index}.md`,
      article(`n${from + index}`, title),
    ]),
  );

/** A small file system of its own below a scene's folder; null where this user may not mount. */
function mountSmall(scene: Scene, options: string): string | null {
  const dir = join(scene.dir, "small");
  mkdirSync(dir);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "none", dir], { stdio: "ignore" });
  } catch {
    return null;
  }
  scene.onClose(async () => void execFileSync("umount", ["-l", dir]));
  return dir;
}

/** Ways to keep the daemon from writing its state for a while. @returns How to end it; null where there are no rights. */
const OBSTACLES: Record<string, (scene: Scene) => { state: string; begin(): () => void } | null> = {
  "its disk is full": (scene) => {
    const dir = mountSmall(scene, "size=4m");
    const filler = join(dir ?? "", "filler");
    const fill = (): (() => void) => {
      try {
        for (let bytes = 1 << 20; ; bytes += 4_096) writeFileSync(filler, Buffer.alloc(bytes));
      } catch {
        return () => rmSync(filler);
      }
    };
    return dir === null ? null : { state: join(dir, "state.sqlite"), begin: fill };
  },
  "another program holds its file": ({ state }) => ({
    state,
    begin: () => {
      const other = new DatabaseSync(state);
      other.exec("BEGIN IMMEDIATE");
      return () => other.close();
    },
  }),
};

for (const [what, prepare] of Object.entries(OBSTACLES)) {
  test(`${what}: holds, says so, and goes on by itself`, async () => {
    await using scene = await sceneWith(articles(0, 20));
    const obstacle = prepare(scene);
    if (obstacle === null) return;
    const follower = await Follower.start(scene, {}, obstacle.state);
    await follower.until("in step", ({ inStep }) => inStep);
    const before = await scene.held();

    const end = obstacle.begin();
    scene.upstream.commit({ ...articles(20, 300), "n0.md": article("n0", "Changed"), "n1.md": null });
    const line = await follower.agent.waitForEvent("state.unavailable");
    assert.is(line.level, "error");
    const status = await follower.until("trouble", ({ stateTrouble }) => stateTrouble !== null);
    assert.ok(!status.inStep && status.reasons.some(({ code }) => code === "state-trouble"));
    assert.is(await follower.probe("readyz"), 503);
    assert.is(await follower.probe("healthz"), 200);
    const held = await scene.held();
    assert.ok(held.has("n1"), "nothing is deleted of which nothing could be noted");
    assert.ok(held.size < 300 && held.size >= before.size);

    end();
    await follower.until("in step again", ({ inStep }) => inStep, 60_000);
    await follower.agent.waitForEvent("state.recovered");
    const ids = Array.from({ length: 300 }, (_, index) => `n${index}`).filter((id) => id !== "n1");
    assert.equal(await scene.ids(), ids.sort());
    assert.is((await scene.payload("n0"))?.["title"], "Changed");
    const log = follower.agent.log.filter(({ event }) => event === "state.unavailable");
    assert.ok(log.length <= 10, `${log.length} lines tell of it`);
    assert.is((await follower.agent.stop()).code, 0);
  });
}

test("a file system that is read-only: an error with advice, for run and once", async () => {
  await using scene = await sceneWith(articles(0, 1));
  const dir = mountSmall(scene, "ro");
  if (dir === null) return;
  const state = join(dir, "below", "state.sqlite");
  for (const [command, file] of [
    ["run", state],
    ["once", join(dir, "state.sqlite")],
  ] as const) {
    const flags = [command, ...scene.flags, "--state", file];
    const { code, log } = await scene.spawn(flags, { state: join(dir, "x") }).finished;
    assert.is(code, 2);
    const last = log.at(-1);
    assert.is(last?.event, "usage.error");
    assert.match(String(last?.["message"]), `Cannot open the state ${file}`);
    assert.match(String(last?.["hint"]), "directory that this user can write");
  }
  assert.equal(await scene.ids(), []);
});

/** Ways in which a file is no longer what it was. */
const DAMAGES: Record<string, (file: string) => void> = {
  "its header overwritten": (file) => overwrite(file, 0, 4_096),
  "its middle overwritten": (file) => overwrite(file, 4_096, readFileSync(file).length),
  "its second half missing": (file) => truncateSync(file, 10_000),
};

function overwrite(file: string, from: number, to: number): void {
  const bytes = readFileSync(file);
  bytes.fill("garbage", from, to);
  writeFileSync(file, bytes);
}

for (const [what, damage] of Object.entries(DAMAGES)) {
  test(`${what}: the file is kept under another name, and nothing is sent again`, async () => {
    await using scene = await sceneWith(articles(0, 30));
    assert.is((await scene.once()).code, 0);
    const before = await scene.held();
    scene.upstream.commit({ "n7.md": null });
    damage(scene.state);
    for (const suffix of ["-wal", "-shm"]) rmSync(scene.state + suffix, { force: true });
    const damaged = readFileSync(scene.state);

    const { code, log, stdout } = await scene.once();
    assert.is(code, 0, stdout);
    const corrupt = log.filter(({ event }) => event === "state.corrupt");
    assert.is(corrupt.length, 1);
    const kept = String(corrupt[0]?.["kept"]);
    assert.not.equal(kept, scene.state);
    assert.equal(readFileSync(kept), damaged);
    const after = await scene.held();
    assert.not.ok(after.has("n7"), "what was deleted meanwhile is found in the inventory");
    before.delete("n7");
    assert.equal(after, before, "the others were not sent again");

    const again = await scene.once(["--json"]);
    assert.is(jsonOf(again).begun, 0);
    assert.not.ok(again.log.some(({ event }) => event === "state.corrupt"));
  });
}

/** Ways in which a file is changed under the agent that uses it. */
const TAMPERINGS: Record<string, (file: string) => void> = {
  "a row changed": (file) => execute(file, "UPDATE files SET blob = 'x' WHERE path = 'n3.md'"),
  "a table dropped": (file) => execute(file, "DROP TABLE entries"),
  "all but its header overwritten": (file) => {
    execute(file, "PRAGMA wal_checkpoint(TRUNCATE)");
    overwrite(file, 4_096, readFileSync(file).length);
  },
};

function execute(file: string, sql: string): void {
  const other = new DatabaseSync(file, { timeout: 10_000 });
  other.exec(sql);
  other.close();
}

for (const [what, tamper] of Object.entries(TAMPERINGS)) {
  test(`${what} while the daemon runs: it begins a new state and goes on; the next time it ends, and a start does that`, async () => {
    await using scene = await sceneWith(articles(0, 30));
    const follower = await Follower.start(scene);
    await follower.until("in step", ({ inStep }) => inStep);
    const before = await scene.held();
    tamper(scene.state);
    scene.upstream.commit({ "n3.md": article("n3", "Changed"), "n7.md": null });
    const { level, kept } = await follower.agent.waitForEvent("state.corrupt");
    assert.is(level, "error");
    assert.ok(existsSync(String(kept)));
    const revision = scene.upstream.git("rev-parse", "HEAD");
    await follower.until("in step", ({ inStep, revision: seen }) => inStep && seen?.id === revision);
    const after = await scene.held();
    const isAsBefore = (id: string): boolean => after.get(id)?.version === before.get(id)?.version;
    assert.not.ok(after.has("n7"), "found in the inventory");
    assert.is((await scene.payload("n3"))?.["title"], "Changed");
    assert.equal(
      [...after.keys()].filter((id) => !isAsBefore(id)),
      ["n3"],
      "the others are not sent again",
    );

    tamper(scene.state);
    scene.upstream.commit({ "n3.md": article("n3", "Changed again"), "n8.md": null });
    const { code, log } = await follower.agent.finished;
    assert.is(code, 2);
    assert.match(String(log.at(-1)?.["message"]), `The state ${scene.state} is damaged`);
    const next = await scene.once();
    assert.is(next.code, 0, next.stderr);
    assert.ok(next.log.some(({ event }) => event === "state.corrupt"));
    assert.not.ok((await scene.ids()).includes("n8"));
    assert.is((await scene.payload("n3"))?.["title"], "Changed again");
    assert.not.ok((await scene.once()).log.some(({ event }) => event === "state.corrupt"));
  });
}

test("the state is gone, or empty: an error, begun anew from the inventory, and nothing is sent again", async () => {
  for (const [event, lose] of [
    ["state.lost", (file: string) => rmSync(file)],
    ["state.lost", (file: string) => writeFileSync(file, "")],
    ["state.adopted", (file: string) => rmSync(dirname(file), { recursive: true })],
  ] as const) {
    await using scene = await sceneWith(articles(0, 12));
    assert.is((await scene.once()).code, 0);
    const before = await scene.held();
    scene.upstream.commit({ "n7.md": null });
    for (const suffix of ["-wal", "-shm"]) rmSync(scene.state + suffix, { force: true });
    lose(scene.state);
    const { code, log } = await scene.once();
    assert.is(code, 0);
    assert.is(log.find((line) => line.event === event)?.level, "error");
    before.delete("n7");
    assert.equal(await scene.held(), before);
    assert.not.ok(existsSync(`${scene.state}.corrupt`));
  }
});

test("two daemons with a state each on one inserter: in step when one is gone", async () => {
  await using scene = await sceneWith(articles(0, 30));
  const inserter = scene.inserter;
  const random = seeded(5);
  const proxy = await startFaultyProxy(inserter, randomFaults(random, 0.05), random);
  scene.onClose(() => proxy.close());
  scene.inserter = proxy.url;
  const settings = { drift: "1s" };
  const [old, young] = [
    await Follower.start(scene, settings),
    await Follower.start(scene, settings, `${scene.state}-2`),
  ];
  for (let edition = 0; edition < 10; edition++) {
    const gone = Object.fromEntries([edition, edition + 10].map((n) => [`n${n}.md`, null]));
    scene.upstream.commit({
      ...articles(15, 30, `Edition ${edition}`),
      ...articles(30 + edition, 32 + edition),
      ...gone,
    });
    await waitFor(
      async () => (await young.status()).revision?.id === scene.upstream.git("rev-parse", "HEAD"),
      "it",
    );
  }
  old.agent.kill(artefact().name === "deno" ? "SIGTERM" : "SIGKILL");
  await old.agent.finished;
  scene.upstream.commit({ "n29.md": null, "last.md": article("last") });
  const revision = scene.upstream.git("rev-parse", "HEAD");
  await young.until("in step", ({ inStep, revision: seen }) => inStep && seen?.id === revision);
  scene.inserter = inserter;
  const verify = configure(scene, {}, ":memory:");
  const plan = (): Promise<{ code: number | null; stdout: string }> =>
    scene.spawn(["plan", "--config", verify, "--exit-code"], { config: verify }).finished;
  let last = "";
  await waitFor(async () => {
    const { code, stdout } = await plan();
    last = stdout;
    return code === 0;
  }, "a plan that is empty").catch((error: Error) => {
    throw new Error(`${error.message}: ${last}`);
  });
});

test.run();
