import picocolors from "picocolors";
import type { Lang } from "../../messages/language.ts";
import { cells, visible } from "../../messages/terminal.ts";
import { type CommandWords, WORDS } from "../../messages/words.ts";
import type { Planned, PlanReport } from "./planned.ts";

/** What every part of the text is written with. */
interface Pen {
  readonly paint: ReturnType<typeof picocolors.createColors>;
  /** Of the terminal; a line that is longer goes on below, indented. */
  readonly columns: number;
  readonly words: CommandWords["plan"];
}

/** A part of a line, and its colour. */
type Part = readonly [text: string, paint: (text: string) => string];

/** Columns are no wider than this; what is longer pushes the rest of its own line to the right. */
const COLUMN_MAX = 32;

/** Of what is sent again unchanged, and of rejected files, so many are shown. */
const LISTED_MAX = 20;

const plain = (text: string): string => text;

/**
 * A plan for a person, like a diff: `+` new, `~` changed, `-` deleted, `!` what stays back. Ends with a
 * line feed.
 *
 * @param options.columns Of the terminal; a line that is longer goes on below, indented.
 */
export function planText(
  report: PlanReport,
  options: { readonly colour: boolean; readonly columns: number; readonly lang: Lang },
): string {
  const paint = picocolors.createColors(options.colour);
  const { plan: words, brakeCauses: causes } = WORDS[options.lang].commands;
  const pen = { paint, columns: options.columns, words };
  const { planned, kept, foreign, brake, note } = report;
  const again = planned.filter((one) => one.do === "resend");
  const withoutFile = kept.filter(({ path }) => path === null).length;
  const lines = [
    ...table(
      planned.filter((one) => one.do !== "resend"),
      pen,
    ),
    ...rejected(report, pen),
    ...foreign.map(({ id, path, owner }) => visible(`! ${id}  ${path}  (${words.foreign(owner)})`)),
    ...(withoutFile === 0 ? [] : [words.unaccounted(withoutFile)]),
    ...(again.length === 0 ? [] : [paint.dim(words.again)]),
    ...table(again.slice(0, LISTED_MAX), pen),
    ...(again.length <= LISTED_MAX ? [] : [paint.dim(`  ${words.moreAgain(again.length - LISTED_MAX)}`)]),
    ...(brake === null
      ? []
      : [
          paint.red(words.brake(brake)),
          ...(brake.cause === null ? [] : [paint.dim(`  ${causes[brake.cause]}`)]),
          paint.dim(`  ${words.brakeHint}`),
        ]),
    ...(note === null ? [] : [paint.yellow(words.note(visible(note)))]),
    paint.bold(totals(report, WORDS[options.lang].commands)),
  ];
  return `${lines.join("\n")}\n`;
}

/** One line for each id, its columns aligned. */
function table(planned: readonly Planned[], pen: Pen): string[] {
  const width = (texts: readonly string[]): number =>
    texts.map(cells).reduce((most, one) => (one > most && one <= COLUMN_MAX ? one : most), 0);
  const padded = (text: string, size: number): string => text + " ".repeat(Math.max(0, size - cells(text)));
  const rows = planned.map((one) => ({ ...one, id: visible(one.id), path: visible(one.path ?? "") }));
  const idWidth = width(rows.map(({ id }) => id));
  const pathWidth = width(rows.map(({ path }) => path));
  return rows.flatMap((row) => {
    const [sign, paint] = signOf(row, pen);
    const why = row.do === "held back" ? pen.words.heldBack(row.why) : row.why;
    return folded(
      [
        [`${sign} ${padded(row.id, idWidth)}`, paint],
        [padded(row.path, pathWidth), plain],
        [`(${visible(why)})`, pen.paint.dim],
      ],
      pen,
    );
  });
}

function signOf({ do: what, cause }: Planned, { paint }: Pen): Part {
  if (what === "delete") return ["-", paint.red];
  if (what === "held back") return ["!", paint.red];
  if (what === "resend") return ["=", paint.dim];
  return cause === "new" ? ["+", paint.green] : ["~", paint.yellow];
}

/** Parts of a line side by side; those that do not fit go on below, indented. */
function folded(parts: readonly Part[], { columns }: Pen): string[] {
  const lines: string[] = [];
  let size = 0;
  for (const [text, paint] of parts) {
    if (text === "") continue;
    const more = cells(text);
    if (lines.length > 0 && size + 2 + more <= columns) {
      lines.push(`${lines.pop()}  ${paint(text)}`);
      size += 2 + more;
    } else {
      const indent = lines.length === 0 ? "" : "    ";
      lines.push(indent + paint(text));
      size = indent.length + more;
    }
  }
  return lines;
}

/** A line for each rejected file: its first problem, and how many more it has. */
function rejected({ findings, kept }: PlanReport, pen: Pen): string[] {
  const { paint, words } = pen;
  const files = [...Map.groupBy(findings, ({ path }) => path)];
  const lines = files.slice(0, LISTED_MAX).flatMap(([path, [first, ...others]]) => {
    if (first === undefined) return [];
    const where = first.line === null ? path : `${path}:${first.line}:${first.column}`;
    const stays = kept.filter((one) => one.path === path).map(({ id }) => id);
    const asides = [
      ...(others.length > 0 ? [words.moreInFile(others.length)] : []),
      ...(stays.length > 0 ? [words.stays(visible(stays.join(", ")))] : []),
    ].join("; ");
    return folded(
      [
        [`! ${visible(where)}`, paint.red],
        [visible(first.message), plain],
        [asides === "" ? "" : `(${asides})`, paint.dim],
      ],
      pen,
    );
  });
  const more = files.length - LISTED_MAX;
  return more > 0 ? [...lines, paint.dim(`  ${words.moreFiles(more)}`)] : lines;
}

function totals({ planned, brake, counts, revision }: PlanReport, { plan, count }: CommandWords): string {
  const number = (wanted: (one: Planned) => boolean): number => planned.filter(wanted).length;
  const resent = number((one) => one.do === "resend");
  const kinds = ["rejected", "held", "scheduled", "refused"] as const;
  return plan.totals(revision.slice(0, 12), [
    plan.news(number((one) => one.do === "upsert" && one.cause === "new")),
    plan.changed(number((one) => one.do === "upsert" && one.cause !== "new")),
    plan.deletes(number((one) => one.do === "delete")),
    ...(brake === null ? [] : [plan.deletesHeldBack(brake.deletes)]),
    ...(resent > 0 ? [plan.resends(resent)] : []),
    ...kinds.filter((kind) => counts[kind] > 0).map((kind) => count(kind, counts[kind])),
  ]);
}
