import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Figure } from "../../../scripts/bench/bench.ts";
import { goalsTable } from "../../../scripts/bench/goals.ts";
import { withFigures } from "../../../scripts/bench/results.ts";

const goals = suite("table of goals");

const FLOOR = "floor: packages imported, 1,000 constants posted";
const FIGURES: readonly Figure[] = [
  {
    kind: "latency",
    subject: "node",
    setting: { files: 100, filesPerFolder: 10_000 },
    values: { p50Ms: 5.4321, p99Ms: 25 },
  },
  {
    kind: "latency",
    subject: "deno",
    setting: { files: 1_000, filesPerFolder: 10_000 },
    values: { p50Ms: 1 },
  },
  { kind: "life", subject: FLOOR, setting: { files: 0 }, values: { idleMiB: 100, peakMiB: 120 } },
  { kind: "life", subject: "node", setting: { files: 1_000 }, values: { idleMiB: 110, startedWhileIdle: 1 } },
  { kind: "life", subject: "node", setting: { files: 100_000 }, values: { idleMiB: 250 } },
  {
    kind: "first-sync",
    subject: "node",
    setting: { files: 10_000, batch: false, answerMs: 0 },
    values: { articlesPerSecond: 2_000 },
  },
];

function row(what: string): string[] {
  const line = goalsTable(FIGURES)
    .split("\n")
    .find((one) => one.startsWith(`| ${what} |`));
  return (line ?? "")
    .split("|")
    .slice(2, -2)
    .map((cell) => cell.trim());
}

goals("shows what is reached, what is missed and by how much, and what was not measured", () => {
  assert.equal(row("flip → request, median, 100 files"), ["at most 6 ms", "5.43 ms", "yes"]);
  assert.equal(row("flip → request, p99, 100 files"), ["at most 20 ms", "25 ms", "no, 25 % off"]);
  assert.equal(row("flip → request, median, 1,000 files"), ["at most 6 ms", "not measured", ""]);
  assert.equal(row("first sync of 10,000, one by one, answers at once"), [
    "at least 1,023/s",
    "2,000/s",
    "yes",
  ]);
  assert.equal(row("processes started at rest, 1,000 articles"), ["at most 0", "1", "no"]);
});

goals("holds memory against the floor of the same run", () => {
  assert.equal(row("memory at rest, 1,000 articles"), [
    "at most 1.25 times the floor",
    "110 MiB: 1.1 times 100 MiB",
    "yes",
  ]);
  assert.equal(row("memory at rest, 100,000 articles"), [
    "at most 2 times the floor",
    "250 MiB: 2.5 times 100 MiB",
    "no, 25 % off",
  ]);
});

goals("stands between its marks, and nothing else is changed", () => {
  const text = "# Title\n\n<!-- figures -->\nyesterday\n<!-- /figures -->\n\nEnd.\n";
  const once = withFigures(text, { machine: { cores: 2 }, figures: FIGURES });
  assert.match(once, /^# Title\n\n<!-- figures -->\n\nMeasured on: cores 2\.\n\n\| what/);
  assert.match(once, /<!-- \/figures -->\n\nEnd\.\n$/);
  assert.not.match(once, "yesterday");
  assert.is(withFigures(once, { machine: { cores: 2 }, figures: FIGURES }), once);
  assert.throws(() => withFigures("", { machine: {}, figures: [] }), /lacks/);
});

goals.run();
