/** What every measurement has at hand. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Artefacts } from "./program.ts";
import { Publication, type PublicationOptions } from "./publication.ts";

/** One measured figure. `kind` and `unit` say what it is; a report turns figures into tables. */
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

/** Takes note of a figure and shows it at once. */
export function note(bench: Bench, figure: Figure): void {
  bench.figures.push(figure);
  const setting = Object.entries(figure.setting).map(([key, value]) => `${key} ${value}`);
  const values = Object.entries(figure.values).map(([key, value]) => `${key} ${round(value)}`);
  console.log(`${figure.kind}  ${figure.subject}  (${setting.join(", ")})  ${values.join("  ")}`);
}

/** Three digits that count. */
export function round(value: number): number {
  return Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(3));
}

/** The value that a share of the others does not exceed; `share` from 0 to 1. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

let folders = 0;

/** A folder that nobody else uses. */
export function freshFolder(bench: Bench): string {
  const folder = join(bench.folder, String(++folders));
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Makes a repository, lends it, and removes it. */
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
