import picocolors from "picocolors";
import { visible } from "../lib/terminal.ts";
import { cells } from "../lib/width.ts";
import type { Finding } from "./diagnostics.ts";
import type { PlanReport } from "./plan.ts";
import type { Kept, Planned } from "./planned.ts";

type Colours = ReturnType<typeof picocolors.createColors>;
type Paint = (text: string) => string;

/** One line of the diff. */
interface Row {
  readonly sign: string;
  readonly paint: Paint;
  readonly id: string;
  readonly path: string;
  readonly why: string;
}

/** Columns are no wider than this; what is longer pushes the rest of its own line to the right. */
const COLUMN_MAX = 32;

/** Of what is sent again unchanged, and of rejected files, so many are shown. */
const LISTED_MAX = 20;

/**
 * A plan for a person, like a diff: `+` new, `~` changed, `-` deleted, `!` what stays back. Ends with a
 * line feed.
 *
 * @param columns Of the terminal; a line that is longer goes on below, indented.
 */
export function planText(
  report: PlanReport,
  { colour, columns }: { readonly colour: boolean; readonly columns: number },
): string {
  const paint = picocolors.createColors(colour);
  const { planned, findings, kept, foreign, brake, note } = report;
  const done = planned.filter((one) => one.do !== "resend");
  const again = planned.filter((one) => one.do === "resend");
  const lines = [
    ...table(
      done.map((one) => rowOf(one, paint)),
      columns,
      paint,
    ),
    ...rejected(findings, kept, columns, paint),
    ...foreign.map(({ id, path, owner }) =>
      visible(`! ${id}  ${path}  (belongs to "${owner}" at the inserter)`),
    ),
    ...unaccounted(kept),
    ...resends(again, columns, paint),
  ];
  if (brake !== null) {
    lines.push(
      paint.red(`Brake: ${brake.deletes} deletes of ${brake.owned} articles are held back.`),
      paint.dim("  If that is meant: sync-agent once --allow-mass-delete."),
    );
  }
  if (note !== null) lines.push(paint.yellow(`Note: ${visible(note)}.`));
  return `${[...lines, paint.bold(totals(report))].join("\n")}\n`;
}

function rowOf({ do: what, id, path, cause, why }: Planned, { green, yellow, red, dim }: Colours): Row {
  const row = { id: visible(id), path: visible(path ?? ""), why: visible(why) };
  switch (what) {
    case "delete":
      return { ...row, sign: "-", paint: red };
    case "held back":
      return { ...row, sign: "!", paint: red, why: `not deleted, the brake is on: ${row.why}` };
    case "resend":
      return { ...row, sign: "=", paint: dim };
    case "upsert":
      return cause === "new" ? { ...row, sign: "+", paint: green } : { ...row, sign: "~", paint: yellow };
  }
}

/** Rows with their columns aligned. */
function table(rows: readonly Row[], columns: number, { dim }: Colours): string[] {
  const width = (texts: readonly string[]): number =>
    texts.map(cells).reduce((most, one) => (one > most && one <= COLUMN_MAX ? one : most), 0);
  const idWidth = width(rows.map(({ id }) => id));
  const pathWidth = width(rows.map(({ path }) => path));
  return rows.flatMap(({ sign, paint, id, path, why }) => {
    const parts = [paint(`${sign} ${padded(id, idWidth)}`), padded(path, pathWidth), dim(`(${why})`)];
    const sizes = [Math.max(cells(id), idWidth) + 2, Math.max(cells(path), pathWidth), cells(why) + 2];
    return folded(
      parts.map((text, index) => ({ text, size: sizes[index] ?? 0 })).filter(({ size }) => size > 0),
      columns,
    );
  });
}

/** Parts of a line side by side; those that do not fit go on below, indented. */
function folded(
  parts: readonly { readonly text: string; readonly size: number }[],
  columns: number,
): string[] {
  const lines: string[] = [];
  let size = columns;
  for (const part of parts) {
    if (lines.length > 0 && size + 2 + part.size <= columns) {
      lines.push(`${lines.pop()}  ${part.text}`);
      size += 2 + part.size;
    } else {
      lines.push(lines.length === 0 ? part.text : `    ${part.text}`);
      size = part.size + (lines.length === 1 ? 0 : 4);
    }
  }
  return lines;
}

const padded = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - cells(text)));

/** A line for each rejected file: its first problem, and how many more it has. */
function rejected(
  findings: readonly Finding[],
  kept: readonly Kept[],
  columns: number,
  { red, dim }: Colours,
): string[] {
  const files = [...Map.groupBy(findings, ({ path }) => path)];
  const lines = files.slice(0, LISTED_MAX).flatMap(([path, [first, ...others]]) => {
    if (first === undefined) return [];
    const where = `! ${visible(first.line === null ? path : `${path}:${first.line}:${first.column}`)}`;
    const stays = kept.filter((one) => one.path === path).map(({ id }) => id);
    const asides = [
      ...(others.length > 0 ? [`${others.length} more in this file`] : []),
      ...(stays.length > 0 ? [`${visible(stays.join(", "))} stays as it is there`] : []),
    ].join("; ");
    const parts = [
      { text: red(where), size: cells(where) },
      { text: visible(first.message), size: cells(visible(first.message)) },
      { text: dim(`(${asides})`), size: asides === "" ? 0 : cells(asides) + 2 },
    ];
    return folded(
      parts.filter(({ size }) => size > 0),
      columns,
    );
  });
  const more = files.length - LISTED_MAX;
  if (more > 0) lines.push(dim(`  and ${more} more rejected files; "sync-agent check" lists them`));
  return lines;
}

/** Ids of which nobody knows the file, while some file cannot be read: it might be that one. */
function unaccounted(kept: readonly Kept[]): string[] {
  const count = kept.filter(({ path }) => path === null).length;
  return count === 0
    ? []
    : [`Not deleted while files are rejected, as they may come from one of these: ${count}`];
}

function resends(again: readonly Planned[], columns: number, paint: Colours): string[] {
  if (again.length === 0) return [];
  const rows = again.slice(0, LISTED_MAX).map((one) => rowOf(one, paint));
  const more = again.length - rows.length;
  return [
    paint.dim("Sent again unchanged, as the inserter does not tell what it holds:"),
    ...table(rows, columns, paint),
    ...(more > 0 ? [paint.dim(`  and ${more} more; --json has all`)] : []),
  ];
}

function totals({ planned, brake, counts, revision }: PlanReport): string {
  const count = (wanted: (one: Planned) => boolean): number => planned.filter(wanted).length;
  const parts = [
    `${count((one) => one.do === "upsert" && one.cause === "new")} new`,
    `${count((one) => one.do === "upsert" && one.cause !== "new")} changed`,
    `${count((one) => one.do === "delete")} to delete`,
    ...(brake === null ? [] : [`${brake.deletes} deletes held back`]),
    ...[count((one) => one.do === "resend")].filter((n) => n > 0).map((n) => `${n} to send again unchanged`),
    ...(["rejected", "held", "scheduled", "refused"] as const)
      .filter((kind) => counts[kind] > 0)
      .map((kind) => `${counts[kind]} ${kind}`),
  ];
  return `At ${revision.slice(0, 12)}: ${parts.join(", ")}.`;
}
