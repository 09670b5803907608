/** What was measured as tables, as charts and as JSON. */
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release } from "node:os";
import { join } from "node:path";
import { type Figure, round } from "./bench.ts";
import { type Series, chart } from "./chart.ts";

/** Value by which a kind's ratio to the floor is told. */
const RATIO_OF: Readonly<Record<string, string>> = {
  latency: "p50Ms",
  "first-sync": "cpuMsAnArticle",
  life: "idleMiB",
};

/** Tables in Markdown, one a kind, each figure with its ratio to the floor of the same setting. */
export function tables(figures: readonly Figure[]): string {
  const kinds = [...new Set(figures.map(({ kind }) => kind))];
  return kinds
    .map((kind) =>
      table(
        kind,
        figures.filter((figure) => figure.kind === kind),
      ),
    )
    .join("\n");
}

function table(kind: string, figures: readonly Figure[]): string {
  const settings = [...new Set(figures.flatMap(({ setting }) => Object.keys(setting)))];
  const values = [...new Set(figures.flatMap((figure) => Object.keys(figure.values)))];
  const key = RATIO_OF[kind];
  const head = ["what", ...settings, ...values, ...(key === undefined ? [] : [`${key} / floor`])];
  const rows = figures.map((figure) => {
    const floor = floorOf(figure, figures);
    const ratio =
      key === undefined ? undefined : (figure.values[key] ?? Number.NaN) / (floor?.values[key] ?? Number.NaN);
    return [
      figure.subject,
      ...settings.map((name) => String(figure.setting[name] ?? "")),
      ...values.map((name) => (figure.values[name] === undefined ? "" : String(round(figure.values[name])))),
      ...(ratio === undefined ? [] : [Number.isFinite(ratio) ? String(round(ratio)) : ""]),
    ];
  });
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [`### ${kind}`, "", line(head), line(head.map(() => "---")), ...rows.map(line), ""].join("\n");
}

/** The floor that a figure is held against: of the same answer time and way of sending, where it has those. */
function floorOf({ setting }: Figure, figures: readonly Figure[]): Figure | undefined {
  const floors = figures.filter(({ subject }) => subject.startsWith("floor"));
  const same = floors.find(
    (floor) =>
      floor.setting["batch"] === setting["batch"] && floor.setting["answerMs"] === setting["answerMs"],
  );
  return same ?? (floors.length === 1 ? floors[0] : undefined);
}

/** Where and under which load it was measured: figures of a busy machine say little. */
export function machine(): Readonly<Record<string, string | number>> {
  return {
    processor: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    load: round(loadavg()[0] ?? 0),
    kernel: release(),
    node: process.version,
  };
}

export function writeJson(folder: string, figures: readonly Figure[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "figures.json"),
    `${JSON.stringify({ machine: machine(), figures }, null, 2)}\n`,
  );
}

/** Latency against size, throughput against answer time, memory against articles. */
export function writeCharts(folder: string, figures: readonly Figure[]): void {
  mkdirSync(folder, { recursive: true });
  const series = (kind: string, x: string, y: string): Series[] => {
    const chosen = figures.filter((figure) => figure.kind === kind && figure.values[y] !== undefined);
    const nameOf = ({ subject, setting }: Figure): string =>
      `${subject}${setting["batch"] === true ? ", batches" : ""}`;
    return [...new Set(chosen.map(nameOf))].map((name) => ({
      name,
      points: chosen
        .filter((figure) => nameOf(figure) === name)
        .map((figure): [number, number] => [Number(figure.setting[x]), figure.values[y] ?? 0])
        .sort(([a], [b]) => a - b),
    }));
  };
  const charts = [
    [
      "latency",
      "From flip to request, median",
      "files in the repository",
      "ms",
      series("latency", "files", "p50Ms"),
    ],
    [
      "throughput",
      "First sync",
      "answer time of the inserter, ms",
      "articles a second",
      series("first-sync", "answerMs", "articlesPerSecond"),
    ],
    [
      "memory",
      "Resident memory at rest after the first sync",
      "articles",
      "MiB",
      series("life", "files", "idleMiB"),
    ],
  ] as const;
  for (const [name, title, x, y, lines] of charts) {
    if (lines.length > 0) writeFileSync(join(folder, `${name}.svg`), chart({ title, x, y, lines }));
  }
}
