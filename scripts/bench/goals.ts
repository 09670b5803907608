/** The goals of the measurements, and how far the figures are from them. */
import { type Figure, round } from "./bench.ts";
import { floorOf } from "./report.ts";

interface Goal {
  readonly what: string;
  readonly kind: string;
  /** Of the figure that counts; the bundle on Node by default. */
  readonly subject?: string;
  readonly setting: Readonly<Record<string, string | number | boolean>>;
  readonly value: string;
  readonly unit: string;
  readonly most?: number;
  readonly least?: number;
  /** The limit is a multiple of the floor's value. */
  readonly ofFloor?: true;
}

/** Articles a second of the Go agent that this one replaces, measured once on such a machine. */
const GO = { fiveMs: 137, atOnce: 787 };

const flip = (files: number, filesPerFolder: number, value: string, most: number): Goal => ({
  what: `flip → request, ${value === "p50Ms" ? "median" : "p99"}, ${count(files)} files${filesPerFolder === files ? " in one folder" : ""}`,
  kind: "latency",
  setting: { files, filesPerFolder },
  value,
  unit: "ms",
  most,
});

const firstSync = (what: string, batch: boolean, answerMs: number): Omit<Goal, "value" | "unit"> => ({
  what: `first sync of 10,000, ${what}`,
  kind: "first-sync",
  setting: { files: 10_000, batch, answerMs },
});

const life = (what: string, files: number, value: string, unit: string): Omit<Goal, "most"> => ({
  what: `${what}, ${count(files)} articles`,
  kind: "life",
  setting: { files },
  value,
  unit,
});

const restart = (listing: "read" | "304"): Goal => ({
  what: `restart over 100,000, in step, inventory ${listing === "read" ? "read" : "unchanged (304)"}`,
  kind: "restart",
  setting: { files: 100_000, startup: "verify", listing },
  value: "inStepMs",
  unit: "ms",
  most: 1_000,
});

const start = (what: string): Goal => ({
  what,
  kind: "start",
  setting: { files: 100 },
  value: "p50Ms",
  unit: "ms",
  most: 250,
});

export const GOALS: readonly Goal[] = [
  ...[100, 1_000, 10_000].map((files) => flip(files, 10_000, "p50Ms", 6)),
  flip(1_000_000, 10_000, "p50Ms", 8),
  ...[100, 1_000, 10_000].map((files) => flip(files, 10_000, "p99Ms", 20)),
  flip(100_000, 100_000, "p50Ms", 25),
  {
    ...firstSync("one by one, answers after 5 ms", false, 5),
    value: "articlesPerSecond",
    unit: "/s",
    least: 10 * GO.fiveMs,
  },
  {
    ...firstSync("one by one, answers at once", false, 0),
    value: "articlesPerSecond",
    unit: "/s",
    least: 1.3 * GO.atOnce,
  },
  {
    ...firstSync("with batches, answers at once", true, 0),
    value: "articlesPerSecond",
    unit: "/s",
    least: 1.3 * GO.atOnce,
  },
  {
    ...firstSync("with batches, CPU an article", true, 0),
    value: "cpuMsAnArticle",
    unit: "ms",
    most: 1.25,
    ofFloor: true,
  },
  { ...life("peak of the first sync", 1_000_000, "peakMiB", "MiB"), most: 2.5, ofFloor: true },
  restart("read"),
  restart("304"),
  { ...restart("304"), what: "write requests of that restart", value: "writes", unit: "", most: 0 },
  { ...life("memory at rest", 1_000, "idleMiB", "MiB"), most: 1.25, ofFloor: true },
  { ...life("memory at rest", 100_000, "idleMiB", "MiB"), most: 2, ofFloor: true },
  { ...life("peak of the first sync", 100_000, "peakMiB", "MiB"), most: 2.5, ofFloor: true },
  ...[100, 1_000, 100_000].map((files) => ({
    ...life("CPU at rest, a minute", files, "idleCpuMsAMinute", "ms"),
    most: 30,
  })),
  { ...life("processes started at rest", 1_000, "startedWhileIdle", ""), most: 0 },
  start("start → first request, median, 100 articles"),
  { ...start("start → first request, median, executable, 100 articles"), subject: "binary" },
];

/** The measurement of `npm run bench` that makes the figures of a kind. */
const COMMANDS: Readonly<Record<string, string>> = {
  latency: "latency",
  "first-sync": "first-sync",
  start: "start",
  life: "life",
  restart: "life",
};

/** One row a goal: what, the goal, the measured value, whether it is reached, and the command. */
export function goalsTable(figures: readonly Figure[]): string {
  const rows = GOALS.map((goal) => {
    const figure = figures.find(
      ({ kind, subject, setting, values }) =>
        kind === goal.kind &&
        subject === (goal.subject ?? "node") &&
        values[goal.value] !== undefined &&
        Object.entries(goal.setting).every(([name, value]) => setting[name] === value),
    );
    const command = `\`npm run bench -- --only ${COMMANDS[goal.kind]}\``;
    return [goal.what, limitOf(goal), ...compared(goal, figure, figures), command];
  });
  const head = ["what", "goal", "measured", "reached", "command"];
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function limitOf({ most, least, unit, ofFloor }: Goal): string {
  const limit = most ?? least ?? 0;
  const words = most === undefined ? "at least" : "at most";
  return ofFloor ? `${words} ${limit} times the floor` : `${words} ${amount(limit, unit)}`;
}

function compared(goal: Goal, figure: Figure | undefined, figures: readonly Figure[]): [string, string] {
  const value = figure?.values[goal.value];
  if (figure === undefined || value === undefined) return ["not measured", ""];
  const floor = floorOf(figure, figures)?.values[goal.value];
  if (goal.ofFloor && floor === undefined) return [amount(value, goal.unit), "no floor was measured"];
  const ratio = goal.ofFloor ? value / (floor ?? 1) : value;
  const shown = goal.ofFloor
    ? `${amount(value, goal.unit)}: ${round(ratio)} times ${amount(floor ?? 0, goal.unit)}`
    : amount(value, goal.unit);
  const { most = Number.POSITIVE_INFINITY, least = Number.NEGATIVE_INFINITY } = goal;
  if (ratio <= most && ratio >= least) return [shown, "yes"];
  const limit = ratio > most ? most : least;
  const by = limit === 0 ? "" : `, ${Math.round(Math.abs(ratio / limit - 1) * 100)} % off`;
  return [shown, `no${by}`];
}

function amount(value: number, unit: string): string {
  const number = count(round(value));
  return unit === "" || unit === "/s" ? `${number}${unit}` : `${number} ${unit}`;
}

function count(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 3 });
}
