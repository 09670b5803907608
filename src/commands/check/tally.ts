/** Findings by kind: those that are alike are counted, and as many are kept as will be shown. */
import type { Finding } from "../../messages/finding.ts";
import type { FileOutcome } from "../../messages/words.ts";
import { compareBytes } from "../../sync/rules.ts";
import { copied, type Findings, type LintedFile } from "./lint.ts";

/** Findings of one code and severity. */
export interface Alike extends Pick<Finding, "severity" | "code"> {
  readonly count: number;
  /** The first of them, in the order of files and lines. */
  readonly shown: readonly Finding[];
}

/** A file in a report. */
export interface FileSummary {
  readonly path: string;
  readonly id: string | null;
  readonly outcome: FileOutcome;
}

/** Gathers what {@link checkFiles} finds. */
export class Tally implements Findings {
  readonly #shownMax: (severity: Finding["severity"]) => number;
  readonly #listsFiles: boolean;
  readonly #alike = new Map<string, Alike & { count: number; readonly shown: Finding[] }>();
  readonly #outcomes = new Map<FileOutcome, number>();
  readonly #files: FileSummary[] = [];
  #count = 0;

  /**
   * @param shownMax How many that are alike are kept.
   * @param listsFiles Whether each file is kept by name.
   */
  constructor(shownMax: (severity: Finding["severity"]) => number, listsFiles: boolean) {
    this.#shownMax = shownMax;
    this.#listsFiles = listsFiles;
  }

  file({ path, verdict }: LintedFile, outcome: FileOutcome): void {
    this.#count++;
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1);
    if (!this.#listsFiles) return;
    this.#files.push({ path, id: "id" in verdict ? copied(verdict.id) : null, outcome });
  }

  finding({ severity, code }: Pick<Finding, "severity" | "code">, inWords: () => Finding): void {
    const key = `${severity} ${code}`;
    const alike = this.#alike.get(key) ?? { severity, code, count: 0, shown: [] };
    this.#alike.set(key, alike);
    alike.count++;
    if (alike.shown.length < this.#shownMax(severity)) alike.shown.push(copied(inWords()));
  }

  end(unmissed: ReadonlySet<string>): void {
    for (const code of unmissed) this.#alike.delete(`warning ${code}`);
  }

  get fileCount(): number {
    return this.#count;
  }

  get files(): readonly FileSummary[] {
    return this.#files;
  }

  countOf(outcome: FileOutcome): number {
    return this.#outcomes.get(outcome) ?? 0;
  }

  total(severity: Finding["severity"]): number {
    return this.alike.reduce((sum, one) => sum + (one.severity === severity ? one.count : 0), 0);
  }

  /** By kind. */
  get alike(): readonly Alike[] {
    return [...this.#alike.values()];
  }

  /** All that are kept, in the order of files and lines. */
  get shown(): readonly Finding[] {
    return this.alike.flatMap(({ shown }) => shown).sort(byPlace);
  }
}

const byPlace = (a: Finding, b: Finding): number =>
  compareBytes(a.path, b.path) || (a.line ?? 0) - (b.line ?? 0) || a.column - b.column;
