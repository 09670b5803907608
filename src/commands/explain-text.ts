import picocolors from "picocolors";
import { visible } from "../lib/terminal.ts";
import type { Entry } from "../sync/model.ts";
import { prettyFinding } from "./diagnostics.ts";
import type { Judged } from "./examine.ts";
import type { Explanation } from "./explain.ts";

/** Why a path is or is not published, for a person: the verdict first, then what led to it. */
export function explanationText(explanation: Explanation, colour: boolean): string {
  const { bold, dim } = picocolors.createColors(colour);
  const { path, revision, found, include, exclude, file, known } = explanation;
  const facts: [name: string, text: string][] = [
    [
      "revision",
      revision.slice(0, 12) +
        { committed: "", "on-disk": ", which lacks it: commit it", nowhere: ", which lacks it" }[found],
    ],
    ["include", include === null ? "no glob matches" : `${include} matches`],
    ["exclude", exclude === null ? "no glob matches" : `${exclude} matches`],
    ...(file === null ? [] : factsOf(file)),
    ...(known.unavailable === null
      ? known.entries.map((entry): [string, string] => ["inserter", atInserter(entry, file)])
      : ([["inserter", `not known, ${known.unavailable}`]] as [string, string][])),
  ];
  if (known.unavailable === null && known.entries.length === 0)
    facts.push(["inserter", "nothing known of it there"]);
  const lines = [
    bold(visible(`${path} ${sentenceOf(explanation)}`)),
    ...facts.map(([name, text]) => `  ${dim(name.padEnd(10))}${visible(text)}`),
  ];
  const findings = (file?.findings ?? []).map((finding) => `\n${prettyFinding(finding, colour)}`);
  return `${lines.join("\n")}\n${findings.join("")}`;
}

function sentenceOf({ found, include, exclude, file }: Explanation): string {
  if (found === "nowhere") return "is gone, so it is not published.";
  if (include === null) return "is not published: no glob of articles.include matches it.";
  if (exclude !== null) return "is not published: a glob of articles.exclude matches it.";
  if (file === null) return "is not published.";
  const id = "id" in file.verdict && file.verdict.id !== null ? `"${file.verdict.id}"` : "it";
  switch (file.outcome) {
    case "published":
      return `is ${found === "on-disk" ? "to be " : ""}published as ${id}.`;
    case "scheduled":
      return `is to be published as ${id} at ${publishTime(file)}.`;
    case "duplicate":
      return `is rejected: the id ${id} belongs to ${file.holder}.`;
    case "draft":
      return "is not published: it is a draft.";
    case "not-published":
      return "is not published: articles.map returned null.";
    case "rejected":
      return "is rejected.";
    case "held":
      return "is held: its Markdown takes too long to render.";
    case "no-article":
      return "is no article.";
  }
}

function factsOf(file: Judged): [string, string][] {
  const facts: [string, string][] = [];
  const { verdict, payload } = file;
  if ("id" in verdict && verdict.id !== null) facts.push(["id", verdict.id]);
  if (typeof payload?.["title"] === "string") facts.push(["title", payload["title"]]);
  if (verdict.kind === "article") facts.push(["digest", verdict.digest]);
  if (file.outcome === "rejected" || file.outcome === "held") {
    facts.push(["meanwhile", "the last good version stays at the inserter, if there was one"]);
  }
  return facts;
}

function publishTime({ verdict }: Judged): string {
  return verdict.kind === "article" && verdict.publishAtMs !== null
    ? new Date(verdict.publishAtMs).toISOString()
    : "its time";
}

/** What the state knows of one id at the inserter, in one line. */
function atInserter(
  { id, acknowledged, pending, refusal, undeletable, foreignOwner }: Entry,
  file: Judged | null,
): string {
  const digest = file?.verdict.kind === "article" && file.verdict.id === id ? file.verdict.digest : null;
  const told: string[] = [];
  if (acknowledged === null) told.push("never acknowledged");
  else if (digest === null) told.push(`stands there since ${sinceVersion(acknowledged.version)}`);
  else
    told.push(
      `${acknowledged.digest === digest ? "has this version" : "has another one"} since ${sinceVersion(acknowledged.version)}`,
    );
  if (pending !== null) {
    told.push(`${pending.kind} pending since ${new Date(pending.sinceMs).toISOString()} (${pending.cause})`);
  }
  if (refusal !== null) told.push(`refused with ${refusal.status}: ${refusal.excerpt.slice(0, 200)}`);
  if (undeletable) told.push("cannot be deleted there");
  if (foreignOwner !== null) told.push(`belongs to ${foreignOwner} there`);
  return `"${id}" ${told.join("; ")}`;
}

/** A version is the time of day at which it was given, in microseconds, unless the clock was wrong. */
function sinceVersion(version: number): string {
  const given = new Date(version / 1000);
  const isTime = given.getUTCFullYear() >= 2020 && given.getUTCFullYear() < 2100;
  return isTime ? `${given.toISOString()} (version ${version})` : `version ${version}`;
}
