import picocolors from "picocolors";
import { heldFinding } from "../../messages/finding.ts";
import type { Lang } from "../../messages/language.ts";
import { visible } from "../../messages/terminal.ts";
import { type CommandWords, WORDS } from "../../messages/words.ts";
import { createReader, type Reader } from "../../status/page/html.ts";
import type { ArticlesStatus, Listing, Reason, RevisionStatus, StatusSnapshot } from "../../status.ts";
import { type Found, foundLines, problemLines } from "./found-text.ts";

type Colours = ReturnType<typeof picocolors.createColors>;

/** What every part of the text is written with. */
interface Pen {
  readonly paint: Colours;
  readonly colour: boolean;
  readonly words: CommandWords;
  /** The page speaks of the same things: times, causes and reasons are told alike. */
  readonly reader: Reader;
}

/** Of a long list, so many items are shown. */
const listedMax = 10;

/**
 * What is known of an agent, for a person at a terminal; of some articles, where it was asked about those.
 * Ends with a line feed.
 */
export function statusText(snapshot: StatusSnapshot & Partial<Found>, colour: boolean, lang: Lang): string {
  const pen: Pen = {
    paint: picocolors.createColors(colour),
    colour,
    words: WORDS[lang].commands,
    reader: createReader(lang, Date.parse(snapshot.time)),
  };
  const { status } = pen.words;
  const { version, phase, repo, ref, inserter, owner, revision, find, found } = snapshot;
  const isAbout = find !== undefined && found !== undefined;
  const lines = [
    `${pen.paint.bold(`sync-agent ${version}`)}  ${status.phases[phase]}`,
    visible(`${repo} (${ref}) → ${inserter}${status.owner(owner)}`),
    "",
    ...verdicts(snapshot, pen),
    `${status.revision}  ${revision === null ? status.noRevision : revisionLine(revision, pen)}`,
    ...(isAbout
      ? foundLines({ find, found }, snapshot, pen.reader, colour)
      : listings(snapshot.articles, snapshot.doubtful, pen)),
  ];
  return `${lines.join("\n")}\n`;
}

function verdicts(snapshot: StatusSnapshot, pen: Pen): string[] {
  const { words, reader } = pen;
  const { green, red, yellow } = pen.paint;
  const { phase, inStep, since, time, reasons, health, ready, articles, stateTrouble, startedOver } =
    snapshot;
  const lines: string[] = [];
  // That nobody follows the repository is said in the first line; then nothing more can be judged.
  if (phase === "not-running") {
    lines.push(
      ...told(
        reasons.filter(({ code }) => code !== "not-running"),
        pen,
      ),
    );
  } else {
    // What keeps it out of step is told first, so the verdicts tell just what is told by nothing else.
    const others = (more: readonly Reason[]): readonly Reason[] =>
      more.filter(({ code }) => !reasons.some((reason) => reason.code === code));
    const step = inStep ? green(words.status.inStep) : yellow(words.status.outOfStep);
    const ms = since === null ? null : Date.parse(time) - Date.parse(since);
    lines.push(ms === null ? step : words.status.lasting(step, reader.span(ms)), ...told(reasons, pen));
    if (!health.ok) lines.push(red(words.status.unhealthy), ...told(others(health.reasons), pen));
    if (!ready.ok) lines.push(yellow(words.status.notReady), ...told(others(ready.reasons), pen));
  }
  if (articles === null) lines.push(`${red(words.status.unreadable)}  ${visible(stateTrouble ?? "")}`);
  if (startedOver !== null) {
    const { more } = reader.words.startedOver;
    lines.push(`${yellow(words.status.startedOver)} ${reader.ago(startedOver)}`, `  ${more}`);
  }
  return lines;
}

/** The agent's own words are English; in another language they come after that language's. */
function told(reasons: readonly Reason[], { reader, paint }: Pen): string[] {
  return reasons.flatMap(({ code, message, hint }) => {
    const own = reader.words.reasons?.[code];
    const said =
      own === undefined
        ? [`  ${visible(message)}`, `    ${visible(hint)}`]
        : [`  ${own.title}`, `    ${own.more}`, `    ${paint.dim(visible(message))}`];
    return said.filter((line) => line.trim() !== "");
  });
}

function revisionLine(
  { id, subject, authored, live }: RevisionStatus,
  { words, reader, paint }: Pen,
): string {
  const times = [
    ...(authored === null ? [] : [words.status.authored(reader.ago(authored))]),
    ...(live === null ? [] : [words.status.live(reader.ago(live))]),
  ];
  return [id.slice(0, 12), visible(subject ?? ""), paint.dim(times.join(words.comma))]
    .filter((part) => part !== "")
    .join("  ");
}

function listings(articles: ArticlesStatus | null, doubtful: StatusSnapshot["doubtful"], pen: Pen): string[] {
  if (articles === null) return [];
  const { words, reader, colour } = pen;
  const { status, count, comma } = words;
  const { counts } = articles;
  const others = (
    ["pending", "scheduled", "withdrawn", "held", "rejected", "refused", "undeletable"] as const
  )
    .filter((kind) => counts[kind] > 0)
    .map((kind) => count(kind, counts[kind]));
  const list = <Item>(
    kind: keyof CommandWords["status"]["titles"],
    items: Listing<Item>,
    lines: (item: Item) => string[],
  ): string[] => listing(status.titles[kind], items, pen, lines);
  const plainly =
    <Item>(lines: (item: Item) => string[]) =>
    (item: Item): string[] =>
      lines(item).map(visible);
  return [
    `${status.articles}  ${[count("published", counts.published), ...others].join(comma)}`,
    ...list(
      "pending",
      articles.pending,
      plainly(({ id, kind, cause, attempts, problem, path }) => [
        `${kind === "upsert" ? "+" : "-"} ${withPath(id, path)}  (${reader.words.causes[cause]})`,
        ...(problem === null ? [] : [`  ${status.failed(attempts, problem)}`]),
      ]),
    ),
    ...list("rejected", articles.rejected, ({ path, problems, keeps }) => [
      ...problemLines(problems, path, reader, colour),
      ...(keeps.length === 0 ? [] : [`  ${visible(status.keeps(keeps.join(", ")))}`]),
    ]),
    ...list(
      "duplicates",
      articles.duplicates,
      plainly(({ path, id, winner }) => [status.duplicate(path, id, winner)]),
    ),
    ...list(
      "held",
      articles.held,
      plainly(({ path, reason }) => [`${path}: ${heldFinding(path, reason, reader.lang).message}`]),
    ),
    ...list(
      "refused",
      articles.refused,
      plainly(({ id, path, status: code, excerpt, since }) => [
        `${withPath(id, path)}  ${status.answered(code, reader.ago(since))}`,
        ...(excerpt === "" ? [] : [`  ${excerpt.slice(0, 200)}`]),
      ]),
    ),
    ...list(
      "foreign",
      articles.foreign,
      plainly(({ id, path, owner }) => [`${withPath(id, path)}  ${status.owned(owner)}`]),
    ),
    ...list(
      "undeletable",
      articles.undeletable,
      plainly(({ id, path }) => [withPath(id, path)]),
    ),
    ...list("doubtful", { total: doubtful.length, shown: doubtful }, ({ path, problems }) =>
      problemLines(problems, path, reader, colour),
    ),
    ...list(
      "scheduled",
      articles.scheduled,
      plainly(({ id, path, at }) => [`${at}  ${withPath(id, path)}`]),
    ),
  ];
}

const withPath = (id: string, path: string | null): string => (path === null ? id : `${id}  ${path}`);

/** @param lines Of an item, fit to be shown. */
function listing<Item>(
  title: string,
  { total, shown }: Listing<Item>,
  { words, paint }: Pen,
  lines: (item: Item) => string[],
): string[] {
  if (total === 0) return [];
  const listed = shown.slice(0, listedMax);
  const more = total - listed.length;
  return [
    "",
    `${paint.bold(title)} ${total}`,
    ...listed.flatMap(lines).map((line) => `  ${line}`),
    ...(more > 0 ? [paint.dim(`  ${words.status.more(more)}`)] : []),
  ];
}
