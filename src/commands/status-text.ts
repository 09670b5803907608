import picocolors from "picocolors";
import { describe, type Lang } from "../article/messages.ts";
import { formatDuration } from "../config/units.ts";
import { visible } from "../lib/terminal.ts";
import type { ArticlesStatus, Listing, Reason, StatusSnapshot, Time } from "../status/snapshot.ts";

type Colours = ReturnType<typeof picocolors.createColors>;

const phases: Readonly<Record<StatusSnapshot["phase"], string>> = {
  "waiting-for-repository": "waiting for the repository",
  "waiting-for-inserter": "waiting for the inserter",
  reconciling: "comparing and delivering",
  following: "following",
  "not-running": "not running; this is what its state tells",
};

/** Of a long list, so many items are shown. */
const listedMax = 10;

/** What is known of an agent, for a person at a terminal. Ends with a line feed. */
export function statusText(snapshot: StatusSnapshot, colour: boolean, lang: Lang): string {
  const paint = picocolors.createColors(colour);
  const ago = (time: Time): string => said(Date.parse(snapshot.time) - Date.parse(time));
  const lines = [
    `${paint.bold(`sync-agent ${snapshot.version}`)}  ${phases[snapshot.phase]}`,
    visible(`${snapshot.repo} (${snapshot.ref}) → ${snapshot.inserter}, owner ${snapshot.owner}`),
    "",
    ...verdicts(snapshot, paint, ago),
    ...revision(snapshot, paint, ago),
    ...(snapshot.articles === null ? [] : articles(snapshot.articles, paint, ago, lang)),
  ];
  return `${lines.join("\n")}\n`;
}

function verdicts(
  snapshot: StatusSnapshot,
  { green, red, yellow }: Colours,
  ago: (time: Time) => string,
): string[] {
  const { phase, inStep, since, reasons, health, ready, articles, stateTrouble, startedOver } = snapshot;
  const lines: string[] = [];
  // That nobody follows the repository is said in the first line; then nothing more can be judged.
  if (phase === "not-running") lines.push(...told(reasons.filter(({ code }) => code !== "not-running")));
  else {
    // What keeps it out of step is told first, so the verdicts tell just what is told by nothing else.
    const others = (more: readonly Reason[]): readonly Reason[] =>
      more.filter(({ code }) => !reasons.some((reason) => reason.code === code));
    const lasting = (from: Time): string => formatDuration(Date.parse(snapshot.time) - Date.parse(from));
    const step = inStep ? green("in step") : yellow("out of step");
    lines.push(since === null ? step : `${step} for ${lasting(since)}`, ...told(reasons));
    if (!health.ok) lines.push(red("not healthy"), ...told(others(health.reasons)));
    if (!ready.ok) lines.push(yellow("not ready"), ...told(others(ready.reasons)));
  }
  if (articles === null) lines.push(`${red("state unreadable")}  ${visible(stateTrouble ?? "")}`);
  if (startedOver !== null) {
    lines.push(
      `${yellow("state begun anew")} ${ago(startedOver)}`,
      "  Articles deleted from the repository before may remain at the inserter.",
    );
  }
  return lines;
}

const told = (reasons: readonly Reason[]): string[] =>
  reasons.flatMap(({ message, hint }) => [
    `  ${visible(message)}`,
    ...(hint === "" ? [] : [`    ${visible(hint)}`]),
  ]);

function revision({ revision }: StatusSnapshot, { dim }: Colours, ago: (time: Time) => string): string[] {
  if (revision === null) return ["revision  none seen yet"];
  const { id, subject, authored, live } = revision;
  const times = [
    ...(authored === null ? [] : [`authored ${ago(authored)}`]),
    ...(live === null ? [] : [`live ${ago(live)}`]),
  ];
  return [
    `revision  ${id.slice(0, 12)}${subject === null ? "" : `  ${visible(subject)}`}  ${dim(times.join(", "))}`.trimEnd(),
  ];
}

function articles(status: ArticlesStatus, paint: Colours, ago: (time: Time) => string, lang: Lang): string[] {
  const { counts } = status;
  const others = (
    ["pending", "scheduled", "withdrawn", "held", "rejected", "refused", "undeletable"] as const
  )
    .filter((kind) => counts[kind] > 0)
    .map((kind) => `, ${counts[kind]} ${kind}`);
  return [
    `articles  ${counts.published} published${others.join("")}`,
    ...listing("pending", status.pending, paint, ({ id, kind, cause, attempts, problem, path }) => [
      `${kind === "upsert" ? "+" : "-"} ${id}${path === null ? "" : `  ${path}`}  (${cause})`,
      ...(problem === null ? [] : [`  ${attempts} failed: ${problem}`]),
    ]),
    ...listing("rejected", status.rejected, paint, ({ path, problems, keeps }) => [
      // The daemon may have been asked by others, and tells in English.
      ...problems.flatMap(({ excerpt, ...problem }) => {
        const { where, message, hint } = describe(problem, path, lang);
        return [`${where} ${message}`, `  ${hint}`];
      }),
      ...(keeps.length === 0 ? [] : [`  the last good version of ${keeps.join(", ")} stays meanwhile`]),
    ]),
    ...listing("duplicate ids", status.duplicates, paint, ({ path, id, winner }) => [
      `${path} wants "${id}", which ${winner} has`,
    ]),
    ...listing("held", status.held, paint, ({ path, reason }) => [`${path}: ${reason}`]),
    ...listing("refused", status.refused, paint, ({ id, path, status, excerpt, since }) => [
      `${id}${path === null ? "" : `  ${path}`}  answered ${status} ${ago(since)}`,
      ...(excerpt === "" ? [] : [`  ${excerpt.slice(0, 200)}`]),
    ]),
    ...listing("held by another owner", status.foreign, paint, ({ id, path, owner }) => [
      `${id}  ${path}  is ${owner}'s`,
    ]),
    ...listing("undeletable", status.undeletable, paint, ({ id, path }) => [
      `${id}${path === null ? "" : `  ${path}`}`,
    ]),
    ...listing("scheduled", status.scheduled, paint, ({ id, path, at }) => [`${at}  ${id}  ${path}`]),
  ];
}

function listing<Item>(
  title: string,
  { total, shown }: Listing<Item>,
  { bold, dim }: Colours,
  lines: (item: Item) => string[],
): string[] {
  if (total === 0) return [];
  const listed = shown.slice(0, listedMax);
  const more = total - listed.length;
  return [
    "",
    `${bold(title)} ${total}`,
    ...listed.flatMap(lines).map((line) => `  ${visible(line)}`),
    ...(more > 0 ? [dim(`  and ${more} more; --json has more of them`)] : []),
  ];
}

const said = (ms: number): string => (ms < 1000 ? "now" : `${formatDuration(ms)} ago`);
