/** The alert rules: they ask for what is exported, and fire when they should. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse, stringify } from "yaml";
import { samplesOf, scrape, typesOf } from "../../support/exposition.ts";
import { promtool, runPromtool } from "../../support/promtool.ts";
import { StatusScene } from "../../support/status-scene.ts";

const alerts = suite("alert rules");

const ALERTS = resolve(import.meta.dirname, "../../../scripts/deploy/alerts.yml");

interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

function rules(): readonly AlertRule[] {
  return parse(readFileSync(ALERTS, "utf8")).groups.flatMap((group: { rules: AlertRule[] }) => group.rules);
}

alerts("ask only for what is exported, with labels that exist", async () => {
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
    // No pushes, and one revision is looked at again and again.
    firing("10h", [], {
      'sync_agent_passes_total{trigger="poll"}': "3x2000",
      'sync_agent_passes_total{trigger="again"}': "0+1x2000",
      'sync_agent_passes_total{trigger="watch"}': "0x2000",
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
  alerts("promtool finds nothing wrong with the rules, and they fire when they should", () => {
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
  alerts.skip("promtool is not installed");
}

alerts.run();
