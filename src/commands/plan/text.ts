import picocolors from "picocolors";
import type { Finding } from "../../messages/finding.ts";
import type { Lang } from "../../messages/language.ts";
import { cells, visible } from "../../messages/terminal.ts";
import { type CommandWords, WORDS } from "../../messages/words.ts";
import type { Kept, Planned, PlanReport } from "./planned.ts";

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
  { colour, columns, lang }: { readonly colour: boolean; readonly columns: number; readonly lang: Lang },
): string {
  const paint = picocolors.createColors(colour);
  const words = WORDS[lang].commands.plan;
  const { planned, findings, kept, foreign, brake, note } = report;
  const done = planned.filter((one) => one.do !== "resend");
  const again = planned.filter((one) => one.do === "resend");
  const lines = [
    ...table(
      done.map((one) => rowOf(one, paint, words)),
      columns,
      paint,
    ),
    ...rejected(findings, kept, columns, paint, words),
    ...foreign.map(({ id, path, owner }) => visible(`! ${id}  ${path}  (${words.foreign(owner)})`)),
    ...unaccounted(kept, words),
    ...resends(again, columns, paint, words),
  ];
  if (brake !== null) {
    lines.push(paint.red(words.brake(brake)), paint.dim(`  ${words.brakeHint}`));
  }
  if (note !== null) lines.push(paint.yellow(words.note(visible(note))));
  return `${[...lines, paint.bold(totals(report, WORDS[lang].commands))].join("\n")}\n`;
}

function rowOf(
  { do: what, id, path, cause, why }: Planned,
  { green, yellow, red, dim }: Colours,
  words: CommandWords["plan"],
): Row {
  const row = { id: visible(id), path: visible(path ?? ""), why: visible(why) };
  switch (what) {
    case "delete":
      return { ...row, sign: "-", paint: red };
    case "held back":
      return { ...row, sign: "!", paint: red, why: words.heldBack(row.why) };
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
  words: CommandWords["plan"],
): string[] {
  const files = [...Map.groupBy(findings, ({ path }) => path)];
  const lines = files.slice(0, LISTED_MAX).flatMap(([path, [first, ...others]]) => {
    if (first === undefined) return [];
    const where = `! ${visible(first.line === null ? path : `${path}:${first.line}:${first.column}`)}`;
    const stays = kept.filter((one) => one.path === path).map(({ id }) => id);
    const asides = [
      ...(others.length > 0 ? [words.moreInFile(others.length)] : []),
      ...(stays.length > 0 ? [words.stays(visible(stays.join(", ")))] : []),
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
  if (more > 0) lines.push(dim(`  ${words.moreFiles(more)}`));
  return lines;
}

/** Ids of which nobody knows the file, while some file cannot be read: it might be that one. */
function unaccounted(kept: readonly Kept[], words: CommandWords["plan"]): string[] {
  const count = kept.filter(({ path }) => path === null).length;
  return count === 0 ? [] : [words.unaccounted(count)];
}

function resends(
  again: readonly Planned[],
  columns: number,
  paint: Colours,
  words: CommandWords["plan"],
): string[] {
  if (again.length === 0) return [];
  const rows = again.slice(0, LISTED_MAX).map((one) => rowOf(one, paint, words));
  const more = again.length - rows.length;
  return [
    paint.dim(words.again),
    ...table(rows, columns, paint),
    ...(more > 0 ? [paint.dim(`  ${words.moreAgain(more)}`)] : []),
  ];
}

function totals({ planned, brake, counts, revision }: PlanReport, { plan, count }: CommandWords): string {
  const number = (wanted: (one: Planned) => boolean): number => planned.filter(wanted).length;
  const resent = number((one) => one.do === "resend");
  const parts = [
    plan.news(number((one) => one.do === "upsert" && one.cause === "new")),
    plan.changed(number((one) => one.do === "upsert" && one.cause !== "new")),
    plan.deletes(number((one) => one.do === "delete")),
    ...(brake === null ? [] : [plan.deletesHeldBack(brake.deletes)]),
    ...(resent > 0 ? [plan.resends(resent)] : []),
    ...(["rejected", "held", "scheduled", "refused"] as const)
      .filter((kind) => counts[kind] > 0)
      .map((kind) => count(kind, counts[kind])),
  ];
  return plan.totals(revision.slice(0, 12), parts);
}
