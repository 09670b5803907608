import picocolors from "picocolors";
import type { Origin } from "../../article/fields.ts";
import { prettyFinding } from "../../messages/finding.ts";
import type { Lang } from "../../messages/language.ts";
import { cells, visible } from "../../messages/terminal.ts";
import { type CommandWords, WORDS } from "../../messages/words.ts";
import type { Entry } from "../../sync/model.ts";
import type { CheckedFile, Explanation } from "./explanation.ts";

type Label = keyof CommandWords["explain"]["labels"];
type Fact = readonly [label: Label, text: string];

/** Why a path is or is not published, for a person: the verdict first, then what led to it. */
export function explanationText(explanation: Explanation, colour: boolean, lang: Lang): string {
  const { bold, dim } = picocolors.createColors(colour);
  const { path, revision, found, include, exclude, preset, file, known } = explanation;
  const words = WORDS[lang].commands.explain;
  const glob = (matched: string | null): string => (matched === null ? words.noGlob : words.matches(matched));
  const facts: Fact[] = [
    ["revision", revision.slice(0, 12) + words.found[found]],
    ["include", glob(include)],
    ["exclude", glob(exclude)],
    ...(file === null ? [] : factsOf(file, preset, words)),
    ...(known.unavailable === null
      ? known.entries.map((entry): Fact => ["inserter", atInserter(entry, file, words)])
      : [["inserter", words.unknown(known.unavailable)] as const]),
  ];
  if (known.unavailable === null && known.entries.length === 0) facts.push(["inserter", words.nothingKnown]);
  const shown = [...facts.map(([label]) => label), "meanwhile" as const];
  const width = Math.max(...shown.map((label) => cells(words.labels[label]))) + 1;
  const lines = [
    bold(visible(words.verdict(path, verdictOf(explanation, words)))),
    ...facts.map(([label, text]) => {
      const name = words.labels[label];
      return `  ${dim(name + " ".repeat(width - cells(name)))}${visible(text)}`;
    }),
  ];
  const findings = (file?.findings ?? []).map((finding) => `\n${prettyFinding(finding, colour, lang)}`);
  return `${lines.join("\n")}\n${findings.join("")}`;
}

function verdictOf({ found, include, exclude, file }: Explanation, words: CommandWords["explain"]): string {
  if (found === "nowhere") return words.gone;
  if (include === null) return words.notIncluded;
  if (exclude !== null) return words.excluded;
  if (file === null) return words.notPublished;
  const id = "id" in file.verdict && file.verdict.id !== null ? `"${file.verdict.id}"` : "it";
  if (file.outcome === "published" && found === "on-disk") return words.toBePublished(id);
  return words.outcomes[file.outcome](id, timeOf(file) ?? file.holder ?? "?");
}

/** Fields with their keys in the payload. */
const FIELDS = [
  ["title", "title"],
  ["date", "created_at"],
  ["updated", "updated_at"],
  ["description", "description"],
  ["cover", "cover"],
  ["tags", "tags"],
] as const;
const ALWAYS_SHOWN: readonly string[] = ["id", "title", "date"];
/** Of a value, UTF-16 code units. */
const VALUE_MAX = 100;

const isOwnKey = (field: string, { kind, name }: Origin): boolean => kind === "key" && name === field;

function originText({ kind, name }: Origin, { origins }: CommandWords["explain"]): string {
  if (kind === "key") return name;
  const say = origins[kind];
  return typeof say === "string" ? say : say(name);
}

const short = (text: string): string =>
  text.length > VALUE_MAX ? `${text.slice(0, VALUE_MAX).toWellFormed()}…` : text;

function factsOf(file: CheckedFile, preset: string | null, words: CommandWords["explain"]): Fact[] {
  const facts: Fact[] = [];
  const { verdict, payload } = file;
  const id = "id" in verdict ? verdict.id : null;
  const values = [["id", id] as const, ...FIELDS.map(([name, key]) => [name, payload?.[key]] as const)];
  for (const [field, value] of values) {
    const text = Array.isArray(value) ? value.join(", ") : value;
    const origin = file.origins[field];
    const isPlain = origin === undefined || (preset === null && isOwnKey(field, origin));
    const by = preset === null ? "" : ` (preset ${preset})`;
    const from = isPlain ? "" : ` ← ${originText(origin, words)}${by}`;
    const isShown = from !== "" || ALWAYS_SHOWN.includes(field);
    if (typeof text === "string" && text !== "" && isShown) facts.push([field, `${short(text)}${from}`]);
  }
  if (verdict.kind === "article") facts.push(["digest", verdict.digest]);
  if (file.outcome === "rejected" || file.outcome === "held") facts.push(["meanwhile", words.lastGood]);
  return facts;
}

/** When it will appear, or has expired; null for what no time decides. */
function timeOf({ verdict, outcome }: CheckedFile): string | null {
  if (verdict.kind !== "article" || (outcome !== "scheduled" && outcome !== "expired")) return null;
  const atMs = outcome === "scheduled" ? verdict.publishAtMs : verdict.expiresAtMs;
  return atMs === null ? null : new Date(atMs).toISOString();
}

/** What the state knows of one id at the inserter, in one line. */
function atInserter(
  { id, acknowledged, pending, refusal, undeletable, foreignOwner }: Entry,
  file: CheckedFile | null,
  words: CommandWords["explain"],
): string {
  const digest = file?.verdict.kind === "article" && file.verdict.id === id ? file.verdict.digest : null;
  const facts: string[] = [];
  if (acknowledged === null) facts.push(words.never);
  else {
    const since = sinceVersion(acknowledged.version);
    const isSame = acknowledged.digest === digest;
    facts.push(digest === null ? words.stands(since) : isSame ? words.same(since) : words.other(since));
  }
  if (pending !== null)
    facts.push(words.pending(pending.kind, new Date(pending.sinceMs).toISOString(), pending.cause));
  if (refusal !== null) facts.push(words.refused(refusal.status, refusal.excerpt.slice(0, 200)));
  if (undeletable) facts.push(words.undeletable);
  if (foreignOwner !== null) facts.push(words.foreign(foreignOwner));
  return `"${id}" ${facts.join("; ")}`;
}

/** A version is the time of day at which it was given, in microseconds, unless the clock was wrong. */
function sinceVersion(version: number): string {
  const given = new Date(version / 1000);
  const isTime = given.getUTCFullYear() >= 2020 && given.getUTCFullYear() < 2100;
  return isTime ? `${given.toISOString()} (version ${version})` : `version ${version}`;
}
