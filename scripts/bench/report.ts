/** The figures as tables, charts and JSON. */
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release } from "node:os";
import { join } from "node:path";
import { type Figure, round } from "./bench.ts";
import { chart, type Series } from "./chart.ts";

/** Tables in Markdown, one a kind; each figure with its ratio to the floor of the same setting, if it has one. */
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
  const head = ["what", ...settings, ...values];
  const rows = figures.map((figure) => {
    const floor = floorOf(figure, figures);
    return [
      figure.subject,
      ...settings.map((name) => String(figure.setting[name] ?? "")),
      ...values.map((name) => {
        const hasRatio = floor !== figure && name !== "flips";
        return cell(figure.values[name], hasRatio ? floor?.values[name] : undefined);
      }),
    ];
  });
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [`### ${kind}`, "", line(head), line(head.map(() => "---")), ...rows.map(line), ""].join("\n");
}

function cell(value: number | undefined, floor: number | undefined): string {
  if (value === undefined) return "";
  const ratio = floor === undefined || floor === 0 ? "" : ` (${round(value / floor)}×)`;
  return `${round(value)}${ratio}`;
}

/**
 * The floor that a figure is compared with: the one of its kind with the same size, answer time and use of
 * batches, else the only one of its kind.
 */
export function floorOf({ kind, setting }: Figure, figures: readonly Figure[]): Figure | undefined {
  const floors = figures.filter((figure) => figure.kind === kind && figure.subject.startsWith("floor"));
  const same = floors.find(({ setting: own }) =>
    ["files", "batch", "answerMs"].every((name) => own[name] === setting[name]),
  );
  return same ?? (floors.length === 1 ? floors[0] : undefined);
}

/** The machine and its load: figures of a busy machine mean little. */
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
    const measured = figures.filter((figure) => figure.kind === kind && figure.values[y] !== undefined);
    const largest = Math.max(...measured.map(({ setting }) => Number(setting["files"])));
    // Against something other than size: the figures of the largest size.
    const chosen = measured.filter(({ setting }) => x === "files" || setting["files"] === largest);
    const nameOf = ({ subject, setting }: Figure): string => {
      const flat = setting["filesPerFolder"] === setting["files"] && Number(setting["files"]) > 10_000;
      return `${subject}${setting["batch"] === true ? ", batches" : ""}${flat ? ", one folder" : ""}`;
    };
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
