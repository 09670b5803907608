/** What status, plan, probes, log and exit codes say while something is wrong: all of it true. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { EndpointStatus, StatusSnapshot } from "../../../src/status.ts";
import { configure, Follower } from "../../support/follower.ts";
import { type ModestInserter, startModestInserter } from "../../support/modest-inserter.ts";
import { article, jsonOf, Scene } from "../../support/scene.ts";
import { answer, endless, type Play, redirect, reset, silence } from "../../support/scripted-server.ts";
import { waitFor } from "../../support/wait.ts";

const test = suite("truths");

/** A daemon in step with a modest inserter that holds `a` to `d`. */
async function settled(
  config: object = {},
): Promise<{ scene: Scene; inserter: ModestInserter; follower: Follower }> {
  const scene = new Scene({ style: "clone" });
  const inserter = await startModestInserter({ can: ["delete"] });
  scene.onClose(() => inserter.close());
  scene.inserter = inserter.url;
  scene.upstream.commit(Object.fromEntries(["a", "b", "c", "d"].map((id) => [`${id}.md`, article(id)])));
  // Three articles that fail, with none that succeeds between, are the endpoint's trouble then.
  const follower = await Follower.start(scene, { inserter: { concurrency: 3, ...config } });
  await follower.until("in step", ({ inStep }) => inStep);
  return { scene, inserter, follower };
}

interface Ailment {
  readonly play: () => Play;
  readonly kind: EndpointStatus["kind"];
  /** In the message or the hint of the trouble. */
  readonly says: RegExp;
  /** Keys of `inserter` in the configuration. */
  readonly config?: object;
  /** Whether it means something of its own in answer to a DELETE. */
  readonly concludesDeletes?: true;
}

const AILMENTS: Record<string, Ailment> = {
  "401": { play: () => answer(401), kind: "denied", says: /401.*token/ },
  "403": { play: () => answer(403), kind: "denied", says: /403/ },
  "404": { play: () => answer(404), kind: "denied", says: /404/, concludesDeletes: true },
  "405": { play: () => answer(405), kind: "denied", says: /405/, concludesDeletes: true },
  "407": { play: () => answer(407), kind: "denied", says: /407/ },
  "a redirect": {
    play: () => redirect(302, "https://elsewhere.example/x"),
    kind: "denied",
    says: /302.*https:\/\/elsewhere\.example\/x/,
  },
  "429 with Retry-After": {
    play: () => answer(429, "", { "retry-after": "120" }),
    kind: "overloaded",
    says: /429/,
  },
  "503 with Retry-After": {
    play: () => answer(503, "", { "retry-after": "120" }),
    kind: "overloaded",
    says: /503/,
  },
  "connections that break": { play: () => reset(), kind: "failing", says: /closed|reset|broke/ },
  "no answer": {
    play: () => silence(),
    kind: "failing",
    says: /no answer within 500 ms/,
    config: { timeout: "500ms" },
  },
};

for (const [what, { play, kind, says, config, concludesDeletes }] of Object.entries(AILMENTS)) {
  test(`${what} on everything: why, since when, what is pending, when the next attempt is`, async () => {
    const { scene, inserter, follower } = await settled(config);
    await using _ = scene;
    inserter.options.bend = play;
    const beginMs = Date.now();
    const gone = concludesDeletes ? {} : { "b.md": null };
    scene.upstream.commit({
      "a.md": article("a", "Changed"),
      "c.md": article("c", "Changed"),
      "e.md": article("e"),
      ...gone,
    });
    const { endpoint, ...status } = await follower.until("trouble", (one) => one.endpoint !== null);
    assert.ok(endpoint);
    assert.is(endpoint.kind, kind);
    assert.match(`${endpoint.message} ${endpoint.hint ?? ""}`, says);
    assert.ok(Date.parse(endpoint.since) >= beginMs - 1 && Date.parse(endpoint.since) <= Date.now());
    assert.ok(endpoint.attempts >= 1);
    assert.not.ok(status.inStep);
    assert.ok(status.reasons.some(({ code }) => code === "inserter-trouble"));
    assert.is(await follower.probe("readyz"), 503);
    assert.is(await follower.probe("healthz"), 200);
    if (what.includes("Retry-After")) {
      const waitMs = Date.parse(endpoint.nextTry ?? "") - beginMs;
      assert.ok(waitMs >= 119_000 && waitMs < 180_000, `the next try is in ${waitMs} ms`);
    }
    const wanted = [
      ["a", "upsert", "changed"],
      ...(concludesDeletes ? [] : [["b", "delete", "deleted"]]),
      ["c", "upsert", "changed"],
      ["e", "upsert", "new"],
    ];
    const pending = await follower.until(
      "all of it pending",
      ({ articles }) => articles?.pending.total === wanted.length,
    );
    checkPending(pending, wanted, beginMs);

    const plain = await follower.ask("--exit-code");
    assert.is(plain.code, 0, "what is wrong at the inserter is not the agent's ill health");
    assert.match(plain.stdout, new RegExp(says.source.slice(0, 3)));
    const said = follower.agent.log.filter(
      ({ event }) => event === "inserter.trouble" || event === "article.retry",
    );
    assert.ok(said.some(({ message, hint }) => says.test(`${message} ${hint ?? ""}`)));

    inserter.options.bend = () => null;
    if (what.includes("Retry-After")) return;
    await follower.until("in step", ({ inStep }) => inStep);
    assert.is(await follower.probe("readyz"), 200);
    const left = ["a", "b", "c", "d", "e"].filter((id) => concludesDeletes || id !== "b");
    assert.equal([...inserter.articles.keys()].sort(), left);
    await follower.agent.waitForEvent("inserter.recovered");
  });
}

/** @param wanted Ids with their pending operation and its cause. */
function checkPending({ articles }: StatusSnapshot, wanted: readonly string[][], beginMs: number): void {
  const shown = [...(articles?.pending.shown ?? [])].sort((one, other) => (one.id < other.id ? -1 : 1));
  assert.equal(
    shown.map(({ id, kind, cause }) => [id, kind, cause]),
    wanted,
  );
  for (const { since } of shown)
    assert.ok(Date.parse(since) >= beginMs - 1 && Date.parse(since) <= Date.now());
}

test("`once` ends with 1 and says why; `plan` shows what is still to do, and then nothing", async () => {
  const { scene, inserter, follower } = await settled();
  await using _ = scene;
  await follower.agent.stop();
  const config = configure(scene, { startup: "resume" });
  const command = (...words: string[]) => scene.spawn([...words, "--config", config], { config }).finished;
  inserter.options.bend = () => answer(503);
  scene.upstream.commit({ "a.md": article("a", "Changed"), "b.md": null });
  const once = await command("once", "--wait", "500ms", "--json");
  assert.is(once.code, 1);
  assert.is(jsonOf(once).counts.pending, 2);
  assert.ok(once.log.some(({ level, message }) => level === "warn" && String(message).includes("503")));
  inserter.options.bend = () => null;
  const plan = await command("plan", "--exit-code", "--json");
  assert.is(plan.code, 3);
  const planned = jsonOf(plan).planned as { do: string; id: string }[];
  // What an inserter that cannot list is sent unchanged stands apart.
  const changes = planned.filter((one) => one.do !== "resend");
  assert.equal(changes.map((one) => `${one.do} ${one.id}`).sort(), ["delete b", "upsert a"]);
  assert.is((await command("once")).code, 0);
  assert.is((await command("plan", "--exit-code")).code, 0);
});

test("a refusal whose answer never ends: its beginning is kept, and the connection let go", async () => {
  const { scene, inserter, follower } = await settled();
  await using _ = scene;
  inserter.options.bend = ({ method, body }) =>
    method === "POST" && body.includes('"id":"big"') ? endless(422) : null;
  scene.upstream.commit({ "big.md": article("big"), "e.md": article("e") });
  const { articles } = await follower.until("refused", (one) => one.articles?.refused.total === 1);
  const [refused] = articles?.refused.shown ?? [];
  assert.equal([refused?.id, refused?.status, refused?.kind], ["big", 422, "upsert"]);
  assert.ok((refused?.excerpt.length ?? 0) > 0 && Buffer.byteLength(refused?.excerpt ?? "") <= 1_100);
  await waitFor(() => inserter.articles.has("e"), "the other one");
  assert.is(await follower.probe("readyz"), 200, "one refused article is not the endpoint's trouble");
});

test("an inserter that cannot delete: logged once, shown, and the rest goes on", async () => {
  const { scene, inserter, follower } = await settled();
  await using _ = scene;
  inserter.options.bend = ({ method }) => (method === "DELETE" ? answer(405) : null);
  scene.upstream.commit({ "a.md": null, "b.md": null, "e.md": article("e") });
  const { articles, endpoint } = await follower.until("it", (one) => one.articles?.undeletable.total === 2);
  assert.equal(articles?.undeletable.shown.map(({ id }) => id).sort(), ["a", "b"]);
  assert.is(endpoint, null);
  await waitFor(() => inserter.articles.has("e"), "the other one");
});

test("the brake: status, readiness and log say how many of how many; the next revision releases it", async () => {
  const { scene, inserter, follower } = await settled();
  await using _ = scene;
  const many = Object.fromEntries(Array.from({ length: 26 }, (_, n) => [`n${n}.md`, article(`n${n}`)]));
  scene.upstream.commit(many);
  await follower.until("in step", ({ inStep, articles }) => inStep && articles?.counts.published === 30);
  scene.upstream.commit({ "a.md": article("a"), "new.md": article("new") }, { replace: true });
  const { brake, reasons } = await follower.until("the brake", (one) => one.brake !== null);
  assert.equal([brake?.deletes, brake?.owned], [29, 30]);
  assert.ok(reasons.some(({ code }) => code === "brake"));
  assert.is(await follower.probe("readyz"), 503);
  await waitFor(() => inserter.articles.has("new"), "the new one: upserts go on");
  assert.is(inserter.articles.size, 31);
  scene.upstream.commit(many);
  await follower.agent.waitForEvent("brake.off");
  await follower.until("released", (one) => one.brake === null && one.inStep);
  assert.is(await follower.probe("readyz"), 200);
});

test.run();
