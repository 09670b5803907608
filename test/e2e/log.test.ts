/** What an operator reads in the log: every decision at debug level, nothing at rest, and trouble summed up. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { LogLine } from "../support/artefact.ts";
import { Follower } from "../support/follower.ts";
import { startModestInserter } from "../support/modest-inserter.ts";
import { article, Scene, untitled } from "../support/scene.ts";
import { answer, silence } from "../support/scripted-server.ts";
import { waitFor } from "../support/wait.ts";

const test = suite("log");

const DEBUG = { log: { level: "debug" } };

/** An article that nothing is to be said of but what becomes of it. */
const sound = (id: string, title?: string, extra = ""): string => {
  return article(id, title, `description: About ${id}\n${extra}`);
};

/** What the lines say of these paths or ids, in short. */
function logged(lines: readonly LogLine[], ...about: readonly string[]): string[] {
  return lines
    .filter(
      ({ event, path, id }) =>
        /^article\./.test(event) && [path, id].some((one) => about.includes(String(one))),
    )
    .map(({ event, path, id, decision, why, cause }) =>
      [event.slice(8), id ?? path, decision, why ?? cause].filter((part) => part !== undefined).join(" "),
    );
}

test("at debug level every decision about an article is there, with its reason", async () => {
  await using scene = new Scene({ style: "clone" });
  const inserter = await startModestInserter({ can: ["delete", "inventory"] });
  scene.onClose(() => inserter.close());
  scene.inserter = inserter.url;
  inserter.options.bend = ({ method, body }) =>
    method === "POST" && body.toString().includes("no thanks") ? answer(422, "no") : null;
  scene.upstream.commit({ "m.md": sound("a") });
  const articles = { future: "schedule" };
  const { agent, until } = await Follower.start(scene, { ...DEBUG, articles }).then((follower) => ({
    agent: follower.agent,
    until: follower.until.bind(follower),
  }));
  let from = 0;
  /** Commits, waits until that pass is over, and returns what was logged meanwhile. */
  const push = async (files: Record<string, string | null>, ...about: string[]): Promise<string[]> => {
    const revision = scene.upstream.commit(files);
    await agent.waitForEvent("pass.done", (line) => line["revision"] === revision);
    await until("delivered", ({ articles }) => articles?.pending.total === 0);
    const lines = agent.log.slice(from);
    from = agent.log.length;
    return logged(lines, ...about);
  };
  await until("in step", ({ inStep }) => inStep);
  assert.equal(logged(agent.log, "m.md", "a"), ["decided a upsert new", "upserted a new"]);
  from = agent.log.length;

  assert.equal(await push({ "m.md": sound("a", "Changed") }, "a"), [
    "decided a upsert changed",
    "upserted a changed",
  ]);
  assert.equal(await push({ "z.md": sound("a", "Another") }, "z.md", "a"), [
    "rejected z.md",
    "decided a nothing it is in step",
  ]);
  assert.equal(
    await push({ "b.md": sound("a", "First by name") }, "b.md", "m.md", "z.md", "a"),
    ["rejected b.md", "decided a nothing it is in step"],
    "the file that holds the id keeps it, whatever the others are called",
  );
  assert.equal(await push({ "b.md": null, "z.md": null }, "m.md", "z.md", "a"), [
    "decided a nothing it is in step",
  ]);
  assert.equal(await push({ "m.md": null, "n.md": sound("a", "Changed") }, "m.md", "n.md", "a"), [
    "decided a upsert moved",
    "upserted a moved",
  ]);
  assert.equal(await push({ "n.md": untitled.replace("id: bad", "id: a") }, "n.md", "a"), [
    "rejected n.md",
    "decided a keep it is the last good version of n.md",
  ]);
  assert.equal(await push({ "n.md": sound("a", "T", "draft: true\n") }, "n.md", "a"), [
    "skipped n.md draft",
    "decided a delete withdrawn",
    "deleted a withdrawn",
  ]);
  const future = sound("s").replace("2026-01-02", "2999-01-02");
  assert.equal((await push({ "s.md": future }, "s.md", "s"))[0], "skipped s.md scheduled");
  assert.equal(await push({ "t.md": sound("t", "no thanks") }, "t.md", "t"), [
    "decided t upsert new",
    "refused t",
  ]);
  assert.is((await agent.stop()).code, 0);
});

test("a poll that finds nothing new writes nothing, at any level", async () => {
  await using scene = new Scene();
  await scene.startInserter();
  await scene.push({ "a.md": sound("a"), "bad.md": untitled });
  const follower = await Follower.start(scene, { ...DEBUG, poll: "100ms", drift: "200ms" });
  await follower.until("in step", ({ inStep }) => inStep);
  await follower.agent.waitForEvent("pass.done");
  const turn = async (): Promise<string> => {
    const text = await (await fetch(`${follower.url}metrics`)).text();
    return /^sync_agent_last_turn_timestamp_seconds (.*)$/m.exec(text)?.[1] ?? "";
  };
  const before = follower.agent.log.length;
  const turns = new Set<string>();
  await waitFor(async () => turns.add(await turn()).size > 10, "ten turns");
  assert.equal(follower.agent.log.slice(before), []);
});

test("an outage is one line, however often it is tried; then how often, and that it is over", async () => {
  await using scene = new Scene({ style: "clone" });
  const inserter = await startModestInserter();
  scene.onClose(() => inserter.close());
  scene.inserter = inserter.url;
  scene.upstream.commit({ "a.md": article("a") });
  const follower = await Follower.start(scene, { inserter: { retry: { min: "20ms", max: "50ms" } } });
  await follower.until("in step", ({ inStep }) => inStep);
  const { agent } = follower;
  inserter.options.bend = ({ method }) => (method === "POST" ? answer(429, "away") : null);
  scene.upstream.commit({ "b.md": article("b") });
  await follower.until("many tries", ({ endpoint, articles }) => {
    const tries = Math.max(endpoint?.attempts ?? 0, articles?.pending.shown[0]?.attempts ?? 0);
    return tries > 12;
  });
  const trouble = (): LogLine[] =>
    agent.log.filter(({ event }) => event === "inserter.trouble" || event === "article.retry");
  assert.ok(trouble().length <= 2, `${trouble().length} lines`);
  inserter.options.bend = () => null;
  await agent.waitForEvent("inserter.recovered");
  await follower.until("in step again", ({ inStep }) => inStep);
  const summary = trouble().at(-1);
  assert.ok(Number(summary?.["repeated"]) > 8, JSON.stringify(summary));
  assert.match(String(summary?.["message"]), /\(\d+ times since it was last logged\)$/);
  assert.is(agent.log.filter(({ event }) => event === "inserter.recovered").length, 1);
});

for (const [name, settings, asked] of [
  ["in the first inventory", {}, 1],
  ["in a check for drift", { drift: "50ms", poll: "50ms" }, 2],
] as const) {
  test(`an end ${name} is no trouble of the inserter's`, async () => {
    await using scene = new Scene({ style: "clone" });
    const inserter = await startModestInserter({ can: ["delete", "inventory"] });
    scene.onClose(() => inserter.close());
    scene.inserter = inserter.url;
    let inventories = 0;
    inserter.options.bend = ({ method }) => (method === "GET" && ++inventories >= asked ? silence() : null);
    scene.upstream.commit({ "a.md": article("a") });
    const { agent } = await Follower.start(scene, { ...DEBUG, ...settings });
    await waitFor(() => inventories >= asked, "the question that is not answered");
    const { code, log } = await agent.stop();
    assert.is(code, 0);
    assert.equal(
      log.filter(({ level }) => level === "warn" || level === "error"),
      [],
    );
  });
}

test("one line sums up each pass that did something, one each change of the verdict, and the last says it ended", async () => {
  await using scene = new Scene({ style: "clone" });
  const inserter = await startModestInserter({ can: ["delete", "inventory"] });
  scene.onClose(() => inserter.close());
  scene.inserter = inserter.url;
  const many = Array.from({ length: 60 }, (_, n) => [`m${n}.md`, sound(`m${n}`)] as const);
  const revision = scene.upstream.commit(Object.fromEntries(many));
  const { agent } = await Follower.start(scene);
  const verdicts = (): LogLine[] => agent.log.filter(({ event }) => event === "agent.verdict");
  const said = (): unknown[] => verdicts().map(({ verdict }) => verdict);
  await waitFor(() => said().at(-1) === "in-step", "in step");
  const first = verdicts().at(-1);
  assert.match(
    String(first?.["message"]),
    `In step at ${revision.slice(0, 12)}: 60 published; 60 sent, 0 deleted in `,
  );
  assert.equal([first?.["revision"], first?.["published"], first?.["pending"]], [revision, 60, 0]);
  const single = agent.log.filter(({ event }) => event === "article.upserted").length;
  assert.ok(single <= 40, `${single} lines of single articles`);

  const before = verdicts().length;
  scene.upstream.commit({ "m1.md": sound("m1", "Changed"), "m2.md": null, "bad.md": untitled });
  await waitFor(() => said().at(-1) === "in-step-except", "an exception");
  assert.is(verdicts().length, before + 1);
  assert.match(
    String(verdicts().at(-1)?.["message"]),
    /^In step except 1 \(bad\.md\) at .* 59 published; 1 sent, 1 deleted in \d+ ms$/,
  );

  inserter.options.bend = ({ method }) =>
    method === "POST" ? answer(503, "", { "retry-after": "1" }) : null;
  scene.upstream.commit({ "m3.md": sound("m3", "Changed") });
  await waitFor(() => said().at(-1) === "not-syncing", "trouble");
  assert.match(String(verdicts().at(-1)?.["message"]), "Not syncing at ");
  inserter.options.bend = () => null;
  await waitFor(() => said().at(-1) === "in-step-except", "well again");
  assert.is((await agent.stop()).code, 0);
  const last = agent.log.at(-1);
  assert.equal([last?.event, last?.["pending"]], ["agent.stopped", 0]);
});

test.run();
