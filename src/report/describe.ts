/** The one place where what happens becomes a record of the log. */
import type { Lang } from "../messages/language.ts";
import { describe } from "../messages/problems.ts";
import { WORDS } from "../messages/words.ts";
import type { SyncEvent } from "../sync/events.ts";
import type { Claim, Problem } from "../sync/model.ts";
import type { Decision } from "../sync/plan/plan.ts";
import type { Log, LogLevel } from "../sync/ports.ts";

/** What happens in the core, and what is found out about articles after they are delivered. */
export type AgentEvent = SyncEvent | ArticleDoubtful;

/** A published article has warnings. */
export interface ArticleDoubtful {
  readonly kind: "article.doubtful";
  readonly path: string;
  /** At least one. */
  readonly problems: readonly Problem[];
}

/** A record as {@link Log} takes it. Names of events and fields are stable; messages are for people. */
export interface DescribedEvent {
  readonly level: LogLevel;
  readonly event: string;
  readonly message: string;
  readonly fields: Fields;
}

type Fields = Readonly<Record<string, unknown>>;
type Kind = AgentEvent["kind"];
type Of<K extends Kind> = Extract<AgentEvent, { kind: K }>;
type Description = readonly [level: LogLevel, message: string, fields?: Fields];

/**
 * Writes what happens into a log.
 *
 * @param lang Language in which problems of articles are described; all else is English.
 */
export function reportTo(log: Log, lang: Lang): (event: AgentEvent) => void {
  let deliveries = 0;
  return (happened) => {
    const isDelivery = happened.kind === "article.upserted" || happened.kind === "article.deleted";
    if (happened.kind === "pass.done") deliveries = 0;
    const isOneOfMany = isDelivery && ++deliveries > SINGLE_DELIVERIES;
    const { level, event, message, fields } = describeEvent(happened, lang);
    log.emit(isOneOfMany ? "debug" : level, event, message, fields);
  };
}

/** So many deliveries after a pass have a line of their own; then the verdict sums them up. */
const SINGLE_DELIVERIES = 20;

/** An event as a record of the log. */
export function describeEvent(event: AgentEvent, lang: Lang = "en"): DescribedEvent {
  const describeIt = DESCRIPTIONS[event.kind] as (event: AgentEvent, lang: Lang) => Description;
  const [level, message, fields = {}] = describeIt(event, lang);
  return { level, event: event.kind, message, fields };
}

/** Level, message and fields of each kind of event. */
const DESCRIPTIONS: { readonly [K in Kind]: (event: Of<K>, lang: Lang) => Description } = {
  "repository.waiting": ({ reason, hint }) => ["warn", `Waiting: ${reason}`, { hint }],
  "repository.found": ({ revision }) => ["info", `Repository is at ${revision}`, { revision }],
  "revision.unreadable": ({ revision, reason, hint }) => {
    const message = `Revision ${revision.slice(0, 12)} cannot be read: ${reason}`;
    return ["error", message, { revision, hint }];
  },
  "revision.readable": ({ revision }) => [
    "info",
    `Revision ${revision.slice(0, 12)} was read in full`,
    { revision },
  ],
  "revision.seen": ({ revision }) => ["debug", `The repository is at ${revision}`, { revision }],

  "pass.done": ({ trigger, revision, way, why, examined, begun, durationMs }) => {
    const isQuiet = examined === 0 && begun === 0 && trigger !== "start";
    const message = `${revision.slice(0, 12)}: ${counted(examined, "file")} examined, ${counted(begun, "operation")} begun`;
    const fields = { trigger, revision, way, why, examined, begun, durationMs: Math.round(durationMs) };
    return [isQuiet ? "debug" : "info", message, fields];
  },
  "pass.superseded": ({ trigger }) => ["debug", "A newer revision came: the pass begins again", { trigger }],
  "brake.on": ({ deletes, owned, cause, revision }, lang) => {
    const likely = cause === null ? "" : `. ${WORDS[lang].commands.brakeCauses[cause]}`;
    const message = `Brake: this revision would delete ${deletes} of ${owned} articles. No delete is sent${likely}`;
    const hint = "If that is meant: sync-agent once --allow-mass-delete, or a larger prune.maxFraction.";
    return ["error", message, { deletes, owned, cause, revision, hint }];
  },
  "owner.conflict": ({ owner, ours, held, wanted }) => {
    const message = `Nothing is sent: ${held} of the ${counted(wanted, "article")} here belong to the owner "${owner}" at the inserter, and none there to "${ours}"`;
    const hint = `To adopt those articles: owner: "${owner}" in the configuration. Else give this repository an inserter, or ids, of its own.`;
    return ["error", message, { owner, ours, held, wanted, hint }];
  },
  "owner.agreed": () => ["info", "No other owner holds the articles here any more", {}],
  "brake.off": ({ revision }) => ["info", "Brake released", { revision }],

  "article.rejected": ({ path, problems }, lang) => {
    // A file that lost its id to another one has nothing wrong at any place in it.
    const hasPlace = problems[0]?.code !== "duplicate-id";
    return ["warn", ...withProblems(path, "rejected", problems, hasPlace, lang)];
  },
  "article.doubtful": ({ path, problems }, lang) => [
    "info",
    ...withProblems(path, "is published, with warnings", problems, true, lang),
  ],
  "article.withdrawn": ({ path, problem }, lang) => [
    problem.severity === "error" ? "error" : "warn",
    ...withProblems(path, "withdrawn", [problem], true, lang),
  ],
  "article.held": ({ path, reason }) => ["warn", `${path} held: ${reason}`, { path, reason }],
  "article.skipped": ({ path, why }) => ["debug", `${path} is not published: ${why}`, { path, why }],
  "article.decided": ({ claim, decision }) => {
    const { id } = claim;
    const why = reasonOf(claim, decision);
    const path = claim.winner?.path ?? claim.entry?.path ?? null;
    const fields = { id, decision: decision.kind, why, ...(path === null ? {} : { path }) };
    return ["debug", `"${id}": ${decision.kind}, ${why}`, fields];
  },

  "article.upserted": (event) => acknowledged(event, "delivered", { id: event.id, path: event.path }),
  "article.deleted": (event) => acknowledged(event, "deleted", { id: event.id }),
  "article.retry": ({ id, operation, reason, attempts, nextInMs }) => {
    const verb = operation === "upsert" ? "deliver" : "delete";
    const message = `Cannot ${verb} "${id}": ${reason} (attempt ${attempts})`;
    return ["warn", message, { id, kind: operation, attempts, nextInMs: Math.round(nextInMs) }];
  },
  "article.refused": ({ id, path, status, excerpt }) => {
    const [verb, kind] = path === null ? ["delete", "delete"] : ["deliver", "upsert"];
    const fields = { id, kind, status, excerpt, ...(path === null ? {} : { path }) };
    return ["warn", `Cannot ${verb} "${id}": inserter refused it with ${status}`, fields];
  },
  "article.undeletable": ({ id, reason }) => [
    "warn",
    `Cannot delete "${id}": ${reason}. Tried again at each resync`,
    { id },
  ],
  "article.differs": ({ id, sent, listed }) => [
    "warn",
    `"${id}" still differs at the inserter after it was sent again: left alone until it changes`,
    { id, sent, listed },
  ],
  "article.folded": ({ id, listed }) => [
    "warn",
    `The inserter keeps "${id}" as "${listed}", as if case or Unicode form made no difference: left alone until it changes`,
    { id, listed },
  ],

  "inserter.waiting": ({ reason }) => ["warn", `Waiting for the inserter: ${reason}`],
  "inserter.found": () => ["info", "The inserter answers"],
  "inserter.trouble": ({ trouble, nextInMs }) => {
    const { kind, message, attempts, hint } = trouble;
    const fields = { kind, attempts, nextInMs: Math.max(0, Math.round(nextInMs)) };
    return [
      "warn",
      `Cannot deliver: ${message} (attempt ${attempts})`,
      hint === null ? fields : { ...fields, hint },
    ];
  },
  "inserter.recovered": ({ trouble: { kind, attempts }, forMs }) => {
    const message = `inserter works again after ${Math.round(forMs / 1000)} s`;
    return ["info", message, { kind, attempts, forMs }];
  },
  "inserter.idle": ({ trouble: { kind, attempts, message } }) => [
    "info",
    `Nothing is pending any more; before, ${message}`,
    { kind, attempts },
  ],
  "inserter.no-batch": ({ status }) => [
    "info",
    `inserter answered ${status} to a batch: one article a request from now on`,
  ],
  "inserter.drifted": ({ ids }) => ["warn", `${ids} articles differ at the inserter`, { ids }],
  "inventory.unknown": ({ reason, wantedFor }) => {
    const start = wantedFor === "pass" ? "Going on without the inventory" : "Cannot check for drift";
    return ["warn", `${start}: ${reason}`];
  },

  "state.inserter-changed": ({ before, now }) => {
    const what = before.inserter === now.inserter ? `owner "${before.owner}"` : before.inserter;
    const message = `The state was made for ${what}: nothing counts as acknowledged any more`;
    return ["warn", message, { before, now }];
  },
  "state.adopted": ({ held }) => {
    const message = `The state is new, but the inserter holds ${counted(held, "article")} of this owner: was the state lost?`;
    const hint =
      "Nothing is lost: they are known again. Keep the state on a volume that stays; where it is not to be kept, say so with --state :memory:.";
    return ["error", message, { held, hint }];
  },
  "state.unavailable": ({ reason }) => [
    "error",
    `Cannot write the state: ${reason}. Nothing new is sent meanwhile`,
    { hint: "Make room on its disk, or let this user write there. No restart is needed." },
  ],
  "state.recovered": () => ["info", "The state can be written again"],
};

/** The first problem in the message, with the number of the others; all of them, with words, in the fields. */
function withProblems(
  path: string,
  what: string,
  problems: readonly Problem[],
  hasPlace: boolean,
  lang: Lang,
): [message: string, fields: Fields] {
  const described = problems.map((problem) => {
    const { message, hint } = describe(problem, path, lang);
    return { ...problem, message, hint };
  });
  const [first, ...others] = described;
  if (first === undefined) return [`${path} ${what}`, { path, problems }];
  const at = hasPlace ? `${path}:${first.line}:${first.column}` : path;
  const more = others.length > 0 ? ` (${WORDS[lang].commands.plan.moreInFile(others.length)})` : "";
  return [`${at} ${what}: ${first.message}${more}`, { path, problems: described, hint: first.hint }];
}

function acknowledged(
  event: Of<"article.upserted" | "article.deleted">,
  what: string,
  subject: Fields,
): Description {
  const { id, cause, version, attempts, isBulk } = event;
  const durationMs = Math.round(event.durationMs);
  const waitedMs = Math.max(0, Math.round(event.waitedMs));
  const fields = { ...subject, cause, version, durationMs, waitedMs, attempts };
  return [isBulk ? "debug" : "info", `"${id}" ${what}`, fields];
}

function reasonOf({ winner, entry }: Claim, decision: Decision): string {
  switch (decision.kind) {
    case "upsert":
    case "delete":
      return decision.cause;
    case "note":
      return "the inserter holds it already, only its file is another one";
    case "forget":
      return "no file has it, and the inserter does not hold it";
    case "yield":
      return `owner ${decision.owner} has it at the inserter`;
    case "keep":
      if (decision.why === "last-good") return `it is the last good version of ${decision.path}`;
      if (decision.why === "scope") return "nothing is to be deleted";
      return "its file is unknown, and some file cannot be read";
    case "nothing":
      if (winner === null) return "nothing is left to do";
      return entry?.refusal == null ? "it is in step" : "it was refused, and has not changed since";
  }
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
