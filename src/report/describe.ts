/** The one place where what happens in the core becomes a record of the log. */
import type { SyncEvent } from "../sync/events.ts";
import type { Claim } from "../sync/model.ts";
import type { Decision } from "../sync/plan/plan.ts";
import type { Log, LogLevel, Report } from "../sync/ports.ts";

/** A record as {@link Log} takes it. Names of events and fields are stable; messages are for people. */
export interface DescribedEvent {
  readonly level: LogLevel;
  readonly event: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Level, message and fields of each kind of event. */
type Description = readonly [level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>];

/** Writes what happens in the core into a log. */
export function reportTo(log: Log): Report {
  return (event) => {
    const { level, event: name, message, fields } = describeEvent(event);
    log.emit(level, name, message, fields);
  };
}

/** An event of the core as a record of the log. */
export function describeEvent(event: SyncEvent): DescribedEvent {
  const [level, message, fields = {}] = wordsFor(event);
  return { level, event: event.kind, message, fields };
}

function wordsFor(event: SyncEvent): Description {
  switch (event.kind) {
    case "repository.waiting":
    case "repository.found":
    case "revision.seen":
    case "pass.done":
    case "pass.superseded":
    case "brake.on":
    case "brake.off":
      return ofPass(event);
    case "article.rejected":
    case "article.held":
    case "article.skipped":
    case "article.decided":
      return ofFile(event);
    case "article.upserted":
    case "article.deleted":
    case "article.retry":
    case "article.refused":
    case "article.undeletable":
    case "article.differs":
      return ofDelivery(event);
    case "inserter.waiting":
    case "inserter.found":
    case "inserter.trouble":
    case "inserter.recovered":
    case "inserter.idle":
    case "inserter.no-batch":
    case "inserter.drifted":
    case "inventory.unknown":
      return ofInserter(event);
    case "state.inserter-changed": {
      const { before, now } = event;
      const what = before.inserter === now.inserter ? `owner "${before.owner}"` : before.inserter;
      const message = `The state was made for ${what}: nothing counts as acknowledged any more`;
      return ["warn", message, { before, now }];
    }
    case "state.unavailable":
      return [
        "error",
        `Cannot write the state: ${event.reason}. Nothing new is sent meanwhile`,
        { hint: "Make room on its disk, or let this user write there: it goes on by itself." },
      ];
    case "state.recovered":
      return ["info", "The state can be written again"];
  }
}

type Kind = SyncEvent["kind"];
type Of<K extends Kind> = Extract<SyncEvent, { kind: K }>;

function ofPass(
  event: Of<
    Extract<Kind, `repository.${string}` | `revision.${string}` | `pass.${string}` | `brake.${string}`>
  >,
): Description {
  switch (event.kind) {
    case "repository.waiting":
      return ["warn", `Waiting: ${event.reason}`, { hint: event.hint }];
    case "repository.found":
      return ["info", `Repository is at ${event.revision}`, { revision: event.revision }];
    case "revision.seen":
      return ["debug", `The repository is at ${event.revision}`, { revision: event.revision }];
    case "pass.done": {
      const { trigger, revision, way, why, examined, begun, durationMs } = event;
      const isQuiet = examined === 0 && begun === 0 && trigger !== "start";
      const message = `${revision.slice(0, 12)}: ${counted(examined, "file")} examined, ${counted(begun, "operation")} begun`;
      const fields = { trigger, revision, way, why, examined, begun, durationMs: Math.round(durationMs) };
      return [isQuiet ? "debug" : "info", message, fields];
    }
    case "pass.superseded":
      return ["debug", "A newer revision came: the pass begins again", { trigger: event.trigger }];
    case "brake.on": {
      const { deletes, owned, revision } = event;
      const message = `Brake: this revision would delete ${deletes} of ${owned} articles. No delete is sent`;
      const hint = "If that is meant: sync-agent once --allow-mass-delete, or a larger prune.maxFraction.";
      return ["error", message, { deletes, owned, revision, hint }];
    }
    case "brake.off":
      return ["info", "Brake released", { revision: event.revision }];
  }
}

function ofFile(
  event: Of<"article.rejected" | "article.held" | "article.skipped" | "article.decided">,
): Description {
  switch (event.kind) {
    case "article.rejected": {
      const { path, problems } = event;
      const [first] = problems;
      // A file that lost its id to another one has nothing wrong at any place in it.
      const hasPlace = first !== undefined && first.code !== "duplicate-id";
      const at = hasPlace ? `${path}:${first.line}:${first.column}` : path;
      return ["warn", `${at} rejected`, { path, problems }];
    }
    case "article.held":
      return ["warn", `${event.path} held: ${event.reason}`, { path: event.path, reason: event.reason }];
    case "article.skipped":
      return ["debug", `${event.path} is not published: ${event.why}`, { path: event.path, why: event.why }];
    case "article.decided": {
      const { claim, decision } = event;
      const why = reasonOf(claim, decision);
      const path = claim.winner?.path ?? claim.entry?.path ?? null;
      const fields = { id: claim.id, decision: decision.kind, why, ...(path === null ? {} : { path }) };
      return ["debug", `"${claim.id}": ${decision.kind}, ${why}`, fields];
    }
  }
}

function reasonOf({ winner, entry }: Claim, decision: Decision): string {
  switch (decision.kind) {
    case "upsert":
    case "delete":
      return decision.cause;
    case "note":
      return "it is where it should be, and its file is another one";
    case "forget":
      return "no file has it, and it does not stand there";
    case "yield":
      return `the owner ${decision.owner} has it there`;
    case "keep":
      if (decision.why === "last-good") return `it is the last good version of ${decision.path}`;
      if (decision.why === "scope") return "nothing is to be deleted";
      return "its file is unknown, and some file cannot be read";
    case "nothing":
      if (winner === null) return "nothing is left to do about it";
      return entry?.refusal == null ? "it is in step" : "it was refused, and is the same as then";
  }
}

function ofDelivery(
  event: Of<
    | "article.upserted"
    | "article.deleted"
    | "article.retry"
    | "article.refused"
    | "article.undeletable"
    | "article.differs"
  >,
): Description {
  const { id } = event;
  switch (event.kind) {
    case "article.upserted":
    case "article.deleted": {
      const { cause, version, durationMs, waitedMs, attempts, isBulk } = event;
      const isUpsert = event.kind === "article.upserted";
      const fields = {
        id,
        ...(isUpsert ? { path: event.path } : {}),
        cause,
        version,
        durationMs: Math.round(durationMs),
        waitedMs: Math.max(0, Math.round(waitedMs)),
        attempts,
      };
      return [isBulk ? "debug" : "info", `"${id}" ${isUpsert ? "delivered" : "deleted"}`, fields];
    }
    case "article.retry": {
      const { operation, reason, attempts, nextInMs } = event;
      const verb = operation === "upsert" ? "deliver" : "delete";
      const message = `Cannot ${verb} "${id}": ${reason} (attempt ${attempts})`;
      return ["warn", message, { id, kind: operation, attempts, nextInMs: Math.round(nextInMs) }];
    }
    case "article.refused": {
      const { path, status, excerpt } = event;
      const verb = path === null ? "delete" : "deliver";
      const kind = path === null ? "delete" : "upsert";
      const fields = { id, kind, status, excerpt, ...(path === null ? {} : { path }) };
      return ["warn", `Cannot ${verb} "${id}": inserter refused it with ${status}`, fields];
    }
    case "article.undeletable":
      return ["warn", `Cannot delete "${id}": ${event.reason}. Tried again at each resync`, { id }];
    case "article.differs": {
      const message = `"${id}" still differs at the inserter after it was sent again: left alone until it changes`;
      return ["warn", message, { id, sent: event.sent, listed: event.listed }];
    }
  }
}

function ofInserter(event: Of<Extract<Kind, `inserter.${string}` | `inventory.${string}`>>): Description {
  switch (event.kind) {
    case "inserter.waiting":
      return ["warn", `Waiting for the inserter: ${event.reason}`];
    case "inserter.found":
      return ["info", "The inserter answers"];
    case "inserter.trouble": {
      const { kind, message, attempts, hint } = event.trouble;
      const nextInMs = Math.max(0, Math.round(event.nextInMs));
      const fields = { kind, attempts, nextInMs, ...(hint === null ? {} : { hint }) };
      return ["warn", `Cannot deliver: ${message} (attempt ${attempts})`, fields];
    }
    case "inserter.recovered": {
      const { kind, attempts } = event.trouble;
      const message = `inserter works again after ${Math.round(event.forMs / 1000)} s`;
      return ["info", message, { kind, attempts, forMs: event.forMs }];
    }
    case "inserter.idle": {
      const { kind, attempts, message } = event.trouble;
      return ["info", `Nothing is pending any more; before, ${message}`, { kind, attempts }];
    }
    case "inserter.no-batch": {
      const message = `inserter answered ${event.status} to a batch: one article a request from now on`;
      return ["info", message];
    }
    case "inserter.drifted":
      return ["warn", `${event.ids} articles differ at the inserter`, { ids: event.ids }];
    case "inventory.unknown": {
      const { reason, wantedFor } = event;
      const start = wantedFor === "pass" ? "Going on without the inventory" : "Cannot check for drift";
      return ["warn", `${start}: ${reason}`];
    }
  }
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
