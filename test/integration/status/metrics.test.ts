import { isDeepStrictEqual } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ObjectsGone } from "../../../src/sync/ports.ts";
import { samplesOf, scrape, typesOf } from "../../support/exposition.ts";
import { promtool, runPromtool } from "../../support/promtool.ts";
import { answer, refusedConnection, StatusScene } from "../../support/status-scene.ts";
import { waitFor } from "../../support/wait.ts";

const metrics = suite("metrics");

async function readingOf(scene: StatusScene, series: string): Promise<number> {
  const line = (await scrape(scene)).split("\n").find((one) => one.startsWith(`${series} `));
  return Number(line?.slice(line.lastIndexOf(" ")) ?? Number.NaN);
}

metrics("count what happens", async () => {
  const scene = await StatusScene.open({ "a.md": "article a", "bad.md": "rejected bad" });
  const value = (series: string): Promise<number> => readingOf(scene, `sync_agent_${series}`);
  try {
    await scene.until("in step", ({ inStep }) => inStep);
    assert.is(await value("in_step"), 1);
    assert.is(await value("out_of_step_seconds"), 0);
    assert.is(await value('articles{state="published"}'), 1);
    assert.is(await value('articles{state="rejected"}'), 1);
    assert.is(await value('articles{state="pending"}'), 0);
    assert.is(await value('operations_total{kind="upsert",result="acknowledged"}'), 1);
    assert.is(await value('passes_total{trigger="start"}'), 1);
    assert.is(await value('requests_total{request="upsert",code="201"}'), 1);
    assert.is(await value('requests_total{request="inventory",code="404"}'), 1);
    assert.is(await value('request_duration_seconds_count{request="upsert"}'), 1);
    assert.is(await value(`revision_info{revision="${scene.revision}"}`), 1);
    assert.is(await value('build_info{version="9.8.7",runtime="test 1"}'), 1);
    assert.ok(Math.abs((await value("last_reconcile_timestamp_seconds")) - Date.now() / 1000) < 60);
    assert.ok(Math.abs((await value("last_turn_timestamp_seconds")) - Date.now() / 1000) < 60);

    let fails = 2;
    scene.send = async () => (fails-- > 0 ? answer(500) : answer(201));
    scene.change({ "a.md": "article a 2" });
    await scene.until("sent", ({ recent }) => recent[0]?.attempts === 3);
    assert.is(await value('retries_total{kind="upsert"}'), 2);
    assert.is(await value('requests_total{request="upsert",code="500"}'), 2);
    assert.is(await value("flip_to_live_seconds_count"), 1);

    scene.send = async () => answer(422);
    scene.change({ "b.md": "article b" });
    await waitFor(
      async () => (await value('operations_total{kind="upsert",result="refused"}')) === 1,
      "refusal",
    );
    scene.send = async () => answer(405);
    scene.change({ "a.md": "" });
    await waitFor(
      async () => (await value('operations_total{kind="delete",result="undeletable"}')) === 1,
      "delete",
    );
    await waitFor(async () => (await value('articles{state="undeletable"}')) === 1, "its record");

    scene.send = async () => refusedConnection;
    scene.change({ "c.md": "article c" });
    await waitFor(async () => (await value("inserter_usable")) === 0, "trouble");
    assert.is(await value("in_step"), 0);
    assert.ok((await value("out_of_step_seconds")) > 0);
    assert.is(await value("ready"), 0);
    assert.is(await value("healthy"), 1);
    const text = await scrape(scene);
    assert.is(text.split("\n").filter((line) => line.startsWith("sync_agent_revision_info{")).length, 1);
  } finally {
    await scene.close();
  }
});

metrics("have all that an operator was promised, from the first scrape on", async () => {
  const scene = await StatusScene.open({ "a.md": "article a" });
  try {
    await scene.until("in step", ({ inStep }) => inStep);
    const samples = samplesOf(await scrape(scene));
    const values = (name: string, label: string): string[] =>
      [
        ...new Set(
          samples.flatMap((one) => (one.name === `sync_agent_${name}` ? (one.labels[label] ?? []) : [])),
        ),
      ].sort();
    const states = values("articles", "state");
    for (const state of ["published", "pending", "scheduled", "held", "rejected", "refused", "undeletable"])
      assert.ok(states.includes(state), state);
    assert.equal(values("operations_total", "kind"), ["delete", "upsert"]);
    assert.equal(values("operations_total", "result"), ["acknowledged", "refused", "undeletable"]);
    assert.equal(values("retries_total", "kind"), ["delete", "upsert"]);
    for (const trigger of ["watch", "poll", "again", "drift", "resync", "schedule"])
      assert.ok(values("passes_total", "trigger").includes(trigger), trigger);
    for (const histogram of ["request_duration_seconds", "flip_to_live_seconds", "pass_duration_seconds"])
      assert.ok(values(`${histogram}_bucket`, "le").includes("+Inf"), histogram);
    const process = ["cpu_seconds_total", "resident_memory_bytes", "start_time_seconds"];
    for (const name of [
      "revision_info",
      "last_reconcile_timestamp_seconds",
      "in_step",
      "out_of_step_seconds",
      "drifted_articles_total",
      ...process.map((one) => `process_${one}`),
    ])
      assert.ok(
        samples.some((one) => one.name === `sync_agent_${name}`),
        name,
      );
  } finally {
    await scene.close();
  }
});

metrics("distinguish a revision that the watcher missed from one that it reported", async () => {
  const scene = await StatusScene.open({ "a.md": "article a" });
  const passes = async (): Promise<Record<string, number>> =>
    Object.fromEntries(
      samplesOf(await scrape(scene)).flatMap(({ name, labels, value }) =>
        name === "sync_agent_passes_total" && value > 0 ? [[labels["trigger"] ?? "", value]] : [],
      ),
    );
  const until = (expected: Record<string, number>): Promise<void> =>
    waitFor(
      async () => isDeepStrictEqual(await passes(), expected),
      `passes ${JSON.stringify(expected)}`,
    ).catch(async (error: Error) => {
      throw new Error(`${error.message}; there are ${JSON.stringify(await passes())}`);
    });
  try {
    await until({ start: 1 });
    scene.change({ "a.md": "article a 2" });
    await until({ start: 1, poll: 1 });

    // Delivery found something, or an article that took too long is tried again: the revision is an old one.
    scene.agent.lookAgain();
    await until({ start: 1, poll: 1, again: 1 });

    // Reported by the watcher, and read in vain at first.
    let misses = 2;
    scene.parse = async () => {
      if (misses-- > 0) throw new ObjectsGone("pruned under the reader");
    };
    scene.change({ "a.md": "article a 3" });
    scene.daemon.hint();
    await until({ start: 1, poll: 1, again: 1, watch: 1 });
  } finally {
    await scene.close();
  }
});

metrics("keep to Prometheus' conventions", async () => {
  const scene = await StatusScene.open({ "a.md": "article a" });
  try {
    await scene.until("in step", ({ inStep }) => inStep);
    const text = await scrape(scene);
    for (const [name, type] of typesOf(text)) {
      assert.match(name, /^sync_agent_[a-z_]+$/);
      assert.match(text, new RegExp(`^# HELP ${name} [A-Z].*\\.$`, "m"), name);
      assert.is(name.endsWith("_total"), type === "counter", name);
      assert.not.match(name, /_(ms|milliseconds|minutes|kb|percent)\b/, name);
    }
    for (const { name, value } of samplesOf(text)) assert.not.ok(Number.isNaN(value), name);
  } finally {
    await scene.close();
  }
});

metrics("do not grow with articles, revisions or what inserters answer", async () => {
  const scene = await StatusScene.open({ "a.md": "article a" });
  try {
    await scene.until("in step", ({ inStep }) => inStep);
    const before = samplesOf(await scrape(scene)).length;
    for (let n = 0; n < 30; n++) {
      scene.change({ [`n${n}.md`]: `article n${n}` });
      await scene.until(`n${n}`, ({ recent }) => recent[0]?.id === `n${n}`);
    }
    assert.is(samplesOf(await scrape(scene)).length, before);

    // Three digits that no standard knows, as somebody might make them up: all one series.
    let status = 600;
    scene.send = async () => answer(status++);
    for (let n = 0; n < 5; n++) scene.change({ [`s${n}.md`]: `article s${n}` });
    await waitFor(
      async () => (await readingOf(scene, 'sync_agent_requests_total{request="upsert",code="other"}')) >= 5,
      "made-up answers",
    );
    const codes = samplesOf(await scrape(scene)).filter(
      ({ name, labels }) => name === "sync_agent_requests_total" && labels["request"] === "upsert",
    );
    assert.equal(codes.map(({ labels }) => labels["code"]).sort(), ["201", "other"]);
  } finally {
    await scene.close();
  }
});

if (promtool !== null) {
  metrics("promtool finds nothing wrong with the metrics", async () => {
    const scene = await StatusScene.open({ "a.md": "article a" });
    try {
      await scene.until("in step", ({ inStep }) => inStep);
      runPromtool(["check", "metrics"], await scrape(scene));
    } finally {
      await scene.close();
    }
  });
} else {
  metrics.skip("promtool is not installed");
}

metrics.run();
