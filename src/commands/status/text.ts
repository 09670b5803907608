import picocolors from "picocolors";
import { heldFinding } from "../../messages/finding.ts";
import type { Lang } from "../../messages/language.ts";
import { visible } from "../../messages/terminal.ts";
import { type CommandWords, WORDS } from "../../messages/words.ts";
import { createReader, type Reader, sayingOf } from "../../status/page/html.ts";
import { titleOf } from "../../status/page/summary.ts";
import type { ArticlesStatus, Listing, Reason, RevisionStatus, StatusSnapshot } from "../../status.ts";
import { type Found, foundLines, problemLines } from "./found-text.ts";

type Title = keyof CommandWords["status"]["titles"];
type Colours = ReturnType<typeof picocolors.createColors>;

/** What every part of the text is written with. */
interface Pen {
  readonly paint: Colours;
  readonly colour: boolean;
  readonly words: CommandWords;
  /** Words times, causes and reasons as the page does. */
  readonly reader: Reader;
}

/** Of a long list, so many items are shown. */
const LISTED_MAX = 10;

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
    visible(`${repo} (${ref}) → ${inserter}${owner === null ? "" : status.owner(owner)}`),
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
  const { phase, since, time, reasons, health, ready, articles, stateTrouble, startedOver } = snapshot;
  const lines: string[] = [];
  // The first line says that no daemon follows the repository; then there is nothing more to judge.
  if (phase === "not-running") {
    const others = reasons.filter(({ code }) => code !== "not-running");
    lines.push(...reasonLines(others, snapshot.brake, pen));
  } else {
    // What keeps it out of step comes first, so the verdicts below leave that out.
    const others = (more: readonly Reason[]): readonly Reason[] =>
      more.filter(({ code }) => !reasons.some((reason) => reason.code === code));
    const { kind } = snapshot.verdict;
    const paint = kind === "in-step" ? green : kind === "not-syncing" ? red : yellow;
    const step = paint(titleOf(snapshot.verdict, reader));
    const ms = since === null ? null : Date.parse(time) - Date.parse(since);
    lines.push(
      ms === null ? step : words.status.lasting(step, reader.span(ms)),
      ...reasonLines(reasons, snapshot.brake, pen),
    );
    if (!health.ok)
      lines.push(red(words.status.unhealthy), ...reasonLines(others(health.reasons), snapshot.brake, pen));
    if (!ready.ok)
      lines.push(yellow(words.status.notReady), ...reasonLines(others(ready.reasons), snapshot.brake, pen));
  }
  if (articles === null) lines.push(`${red(words.status.unreadable)}  ${visible(stateTrouble ?? "")}`);
  if (startedOver !== null) {
    const { more } = reader.words.startedOver;
    lines.push(`${yellow(words.status.startedOver)} ${reader.ago(startedOver)}`, `  ${more}`);
  }
  return lines;
}

/** The agent's own words are English; in another language they follow that language's. */
function reasonLines(
  reasons: readonly Reason[],
  brake: StatusSnapshot["brake"],
  { reader, paint }: Pen,
): string[] {
  return reasons.flatMap((reason) => {
    const { message, hint } = reason;
    const own = sayingOf(reader, reason, brake);
    const said =
      own === null
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
  const kinds = ["pending", "scheduled", "withdrawn", "held", "rejected", "refused", "undeletable"] as const;
  const others = kinds.filter((kind) => counts[kind] > 0).map((kind) => count(kind, counts[kind]));
  const list = <Item>(kind: Title, items: Listing<Item>, lines: (item: Item) => string[]): string[] =>
    listing(kind, items, pen, (item) => lines(item).map(visible));
  return [
    `${status.articles}  ${[count("published", counts.published), ...others].join(comma)}`,
    ...list("pending", articles.pending, ({ id, kind, cause, attempts, problem, path }) => [
      `${kind === "upsert" ? "+" : "-"} ${withPath(id, path)}  (${reader.words.causes[cause]})`,
      ...(problem === null ? [] : [`  ${status.failed(attempts, problem)}`]),
    ]),
    ...listing("rejected", articles.rejected, pen, ({ path, problems, keeps }) => [
      ...problemLines(problems, path, reader, colour),
      ...(keeps.length === 0 ? [] : [`  ${visible(status.keeps(keeps.join(", ")))}`]),
    ]),
    ...list("duplicates", articles.duplicates, ({ path, id, winner }) => [
      status.duplicate(path, id, winner),
    ]),
    ...list("held", articles.held, ({ path, reason }) => [
      `${path}: ${heldFinding(path, reason, reader.lang).message}`,
    ]),
    ...list("refused", articles.refused, ({ id, path, status: code, excerpt, since }) => [
      `${withPath(id, path)}  ${status.answered(code, reader.ago(since))}`,
      ...(excerpt === "" ? [] : [`  ${excerpt.slice(0, 200)}`]),
    ]),
    ...list("foreign", articles.foreign, ({ id, path, owner }) => [
      `${withPath(id, path)}  ${status.owned(owner)}`,
    ]),
    ...list("undeletable", articles.undeletable, ({ id, path }) => [withPath(id, path)]),
    ...listing("doubtful", { total: doubtful.length, shown: doubtful }, pen, ({ path, problems }) =>
      problemLines(problems, path, reader, colour),
    ),
    ...list("scheduled", articles.scheduled, ({ id, path, at }) => [`${at}  ${withPath(id, path)}`]),
  ];
}

const withPath = (id: string, path: string | null): string => (path === null ? id : `${id}  ${path}`);

/** @param lines Of an item, safe to print. */
function listing<Item>(
  kind: Title,
  { total, shown }: Listing<Item>,
  { words, paint }: Pen,
  lines: (item: Item) => string[],
): string[] {
  if (total === 0) return [];
  const listed = shown.slice(0, LISTED_MAX);
  const more = total - listed.length;
  return [
    "",
    `${paint.bold(words.status.titles[kind])} ${total}`,
    ...listed.flatMap(lines).map((line) => `  ${line}`),
    ...(more > 0 ? [paint.dim(`  ${words.status.more(more)}`)] : []),
  ];
}
