/** What the measurements share: figures, and repositories to measure with. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Artefacts } from "./program.ts";
import { Publication, type PublicationOptions } from "./publication.ts";

/** Some measured values of one thing in one setting. */
export interface Figure {
  /** Which measurement: `latency`, `throughput`, `memory`... */
  readonly kind: string;
  /** What was measured: form of the agent, or a baseline. */
  readonly subject: string;
  /** Size of the repository, answer time and so on. */
  readonly setting: Readonly<Record<string, string | number | boolean>>;
  readonly values: Readonly<Record<string, number>>;
}

export interface Bench {
  readonly folder: string;
  readonly artefacts: Artefacts;
  readonly isQuick: boolean;
  readonly figures: Figure[];
}

/** Records a figure and prints it at once. */
export function note(bench: Bench, figure: Figure): void {
  bench.figures.push(figure);
  const setting = Object.entries(figure.setting).map(([key, value]) => `${key} ${value}`);
  const values = Object.entries(figure.values).map(([key, value]) => `${key} ${round(value)}`);
  console.log(`${figure.kind}  ${figure.subject}  (${setting.join(", ")})  ${values.join("  ")}`);
}

/** Rounded to three significant digits, or to an integer from 1,000 on. */
export function round(value: number): number {
  return Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(3));
}

/** The smallest value that is not below a share of them; `share` from 0 to 1. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Quantiles of times, milliseconds. */
export function spreadOf(timesMs: readonly number[]) {
  return {
    p10Ms: quantile(timesMs, 0.1),
    p50Ms: quantile(timesMs, 0.5),
    p90Ms: quantile(timesMs, 0.9),
    p99Ms: quantile(timesMs, 0.99),
  };
}

/** Milliseconds between two instants of the machine's monotonic clock, nanoseconds; one as decimal digits. */
export function msBetween(from: bigint, to: bigint | string): number {
  return Number(BigInt(to) - from) / 1e6;
}

let folders = 0;

/** A new, empty folder. */
export function freshFolder(bench: Bench): string {
  const folder = join(bench.folder, String(++folders));
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Makes a repository, and removes it when the work is done. */
export async function withPublication<T>(
  bench: Bench,
  options: PublicationOptions,
  work: (publication: Publication) => Promise<T>,
): Promise<T> {
  const root = freshFolder(bench);
  try {
    return await work(await Publication.create(root, options));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
