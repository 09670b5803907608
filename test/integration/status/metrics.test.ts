import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse, stringify } from "yaml";
import { promtool, runPromtool } from "../../support/promtool.ts";
import { answer, refusedConnection, StatusScene } from "../../support/status-scene.ts";
import { waitFor } from "../../support/wait.ts";

const metrics = suite("metrics");

const ALERTS = resolve(import.meta.dirname, "../../../scripts/deploy/alerts.yml");

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

function samplesOf(text: string): Sample[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [, name = "", labels = "", value = ""] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      assert.ok(name, `unreadable: ${line}`);
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
      return {
        name,
        labels: Object.fromEntries(pairs.map(([, key, text]) => [key, text])),
        value: Number(value),
      };
    });
}

/** Names and types of the metrics in an exposition. */
function typesOf(text: string): Map<string, string> {
  return new Map(
    [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name = "", type = ""]) => [name, type]),
  );
}

async function scrape(scene: StatusScene): Promise<string> {
  return (await scene.get("metrics")).text();
}

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

interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

function rules(): readonly AlertRule[] {
  return parse(readFileSync(ALERTS, "utf8")).groups.flatMap((group: { rules: AlertRule[] }) => group.rules);
}

metrics("every alert asks only for what is exported, with labels that exist", async () => {
  const scene = await StatusScene.open({ "a.md": "article a" });
  try {
    await scene.until("in step", ({ inStep }) => inStep);
    const text = await scrape(scene);
    const samples = samplesOf(text);
    const types = typesOf(text);
    assert.ok(rules().length >= 12);
    for (const { alert, expr, annotations, labels } of rules()) {
      const used = [...expr.matchAll(/(sync_agent_\w+)(?:\{([^}]*)\})?/g)];
      assert.ok(used.length > 0, alert);
      for (const [, name = "", matchers = ""] of used) {
        const series = samples.filter((sample) => sample.name === name);
        assert.ok(series.length > 0, `${alert}: ${name} is not exported`);
        for (const [, label = "", , value = ""] of matchers.matchAll(/(\w+)(=~?)"([^"]*)"/g)) {
          for (const one of value.split("|"))
            assert.ok(
              series.some((sample) => sample.labels[label] === one),
              `${alert}: no ${name}{${label}="${one}"}`,
            );
        }
        const isCounted = /_(total|bucket)$/.test(name);
        assert.is(
          new RegExp(`(rate|increase)\\([^)]*${name}`).test(expr),
          isCounted,
          `${alert}: ${name} is a ${types.get(name)}`,
        );
      }
      assert.ok(annotations["summary"] && annotations["description"], alert);
      assert.ok(["page", "ticket"].includes(labels["severity"] ?? ""), alert);
    }
  } finally {
    await scene.close();
  }
});

interface Firing {
  readonly series: Readonly<Record<string, string>>;
  readonly at: string;
  /** Those that fire then, and no other. */
  readonly fire: readonly string[];
  /** Nothing is scraped. */
  readonly isGone?: boolean;
}

const firing = (at: string, fire: readonly string[], series: Firing["series"]): Firing => ({
  at,
  fire,
  series,
});
/** One series that is at `wrong` all the time: no alert before its patience is over, then this one. */
const patient = (alert: string, series: string, wrong: number, before: string, after: string): Firing[] => [
  firing(before, [], { [series]: `${wrong}x500` }),
  firing(after, [alert], { [series]: `${wrong}x500` }),
];

/** What is exported, and which alerts come of it. */
const FIRINGS: Readonly<Record<string, readonly Firing[]>> = {
  gone: [{ ...firing("6m", ["SyncAgentAbsent"], {}), isGone: true }],
  unhealthy: patient("SyncAgentUnhealthy", "sync_agent_healthy", 0, "1m", "3m"),
  // The clock of these tests begins at 0.
  stopped: [
    firing("14m", [], { sync_agent_last_turn_timestamp_seconds: "0x500" }),
    firing("25m", ["SyncAgentLoopStopped"], { sync_agent_last_turn_timestamp_seconds: "0x500" }),
    firing("5h", [], { sync_agent_last_turn_timestamp_seconds: "0+60x500" }),
  ],
  late: [
    firing("10m", [], { sync_agent_out_of_step_seconds: "0+60x100" }),
    firing("25m", ["SyncAgentOutOfStep"], { sync_agent_out_of_step_seconds: "0+60x100" }),
  ],
  inserter: patient("SyncAgentInserterUnusable", "sync_agent_inserter_usable", 0, "9m", "11m"),
  state: patient("SyncAgentStateUnwritable", "sync_agent_state_writable", 0, "4m", "6m"),
  brake: [firing("12m", ["SyncAgentBrakeOn"], { sync_agent_brake_deletes: "0x9 20x20" })],
  config: patient("SyncAgentConfigInvalid", "sync_agent_config_valid", 0, "4m", "6m"),
  articles: [
    ...patient("SyncAgentArticlesRefused", 'sync_agent_articles{state="refused"}', 3, "14m", "16m"),
    firing("2h", ["SyncAgentArticlesRejected", "SyncAgentArticlesStuck"], {
      'sync_agent_articles{state="rejected"}': "1x200",
      'sync_agent_articles{state="held"}': "2x200",
    }),
    firing("2h", [], { 'sync_agent_articles{state="published"}': "9x200" }),
  ],
  deaf: [
    firing("10h", ["SyncAgentWatcherDeaf"], {
      'sync_agent_passes_total{trigger="poll"}': "0+1x2000",
      'sync_agent_passes_total{trigger="watch"}': "0x2000",
    }),
    firing("10h", [], {
      'sync_agent_passes_total{trigger="poll"}': "0+1x2000",
      'sync_agent_passes_total{trigger="watch"}': "0+1x2000",
    }),
  ],
  slow: [
    firing("3h", ["SyncAgentSlow"], {
      'sync_agent_flip_to_live_seconds_bucket{le="60"}': "0x600",
      'sync_agent_flip_to_live_seconds_bucket{le="300"}': "0+1x600",
      'sync_agent_flip_to_live_seconds_bucket{le="+Inf"}': "0+1x600",
    }),
  ],
  drift: [
    firing("20h", ["SyncAgentDriftKeepsComing"], { sync_agent_drifted_articles_total: "0+1x2000" }),
    firing("20h", [], { sync_agent_drifted_articles_total: "0x1100 5x900" }),
  ],
  restarts: [
    firing("50m", ["SyncAgentRestarting"], { sync_agent_process_start_time_seconds: "1x9 2x9 3x9 4x9 5x9" }),
    firing("50m", [], { sync_agent_process_start_time_seconds: "1x9 2x40" }),
  ],
};

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

  metrics("promtool finds nothing wrong with the rules, and they fire when they should", () => {
    runPromtool(["check", "rules", ALERTS]);
    const dir = mkdtempSync(join(tmpdir(), "sync-agent-alerts-"));
    try {
      const tests = Object.values(FIRINGS).flat();
      const named = new Set(tests.flatMap(({ fire }) => fire));
      for (const { alert } of rules()) assert.ok(named.has(alert), `nothing shows that ${alert} fires`);
      const file = {
        rule_files: [ALERTS],
        evaluation_interval: "1m",
        tests: tests.map(({ at, fire, series, isGone = false }) => ({
          interval: "1m",
          input_series: Object.entries({
            ...(isGone ? {} : { "sync_agent_build_info{version='1'}": "1+0x2000" }),
            ...series,
          }).map(([name, values]) => ({ series: name, values })),
          promql_expr_test: [
            {
              expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
              eval_time: at,
              exp_samples: fire.map((alertname) => ({ labels: `{alertname="${alertname}"}`, value: 1 })),
            },
          ],
        })),
      };
      const path = join(dir, "test.yml");
      writeFileSync(path, stringify(file));
      runPromtool(["test", "rules", path]);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
} else {
  metrics.skip("promtool is not installed");
}

metrics.run();
