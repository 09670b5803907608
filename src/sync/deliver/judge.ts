import type { Operation, Refusal, Trouble, Version } from "../model.ts";
import type { Reply } from "../ports.ts";
import { isCredible } from "../version.ts";
import type { Attempt } from "./attempts.ts";
import type { BatchLimit } from "./batch-size.ts";

/** What is known besides a reply when it is judged. */
export interface Context {
  /** What went wrong with this operation before; null at a first attempt. */
  readonly attempt: Attempt | null;
  /** This very payload was refused before, while others were taken. */
  readonly wasRefused: boolean;
  /** Begun by an earlier process, which may have sent it. */
  readonly isInherited: boolean;
  /** An upsert was taken, or an inventory read, since the start: the URL is right. */
  readonly urlKnown: boolean;
  /** The inserter denies deletes, and nothing else. */
  readonly declinesDeletes: boolean;
  /** Upserts taken so far. */
  readonly upserts: number;
  /** Why the inserter is not being used at full speed. */
  readonly trouble: Trouble | null;
  /** From the request to the reply, milliseconds. */
  readonly durationMs: number;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/**
 * What a reply means, as things to record. One of the first seven kinds for each operation of the request;
 * the others are about the inserter.
 */
export type Outcome =
  | { readonly kind: "acknowledged"; readonly operation: Operation; readonly durationMs: number }
  /** It cannot be sent as it was begun. `kept`: the version that the inserter holds. */
  | { readonly kind: "reopened"; readonly operation: Operation; readonly kept: Version | null }
  | {
      readonly kind: "refused";
      readonly operation: Operation;
      readonly answer: Omit<Refusal, "digest">;
      /** An earlier attempt may have arrived all the same. */
      readonly mayHaveLanded: boolean;
    }
  | {
      readonly kind: "undeletable";
      readonly operation: Operation;
      readonly reason: string;
      readonly mayHaveLanded: boolean;
    }
  /** Again after a delay of its own. */
  | {
      readonly kind: "retry";
      readonly operation: Operation;
      readonly reason: string;
      readonly retryAfterMs: number | null;
      /** This attempt may have arrived. */
      readonly mayHaveLanded: boolean;
      /** A delete that found nothing, while it is not known whether its URL is right. */
      readonly awaitsUrl?: boolean;
    }
  /** Again when the inserter is probed next, unless another one is tried first. */
  | { readonly kind: "denied"; readonly operation: Operation; readonly reason: string }
  /** Again as soon as the inserter may be sent something: it was not for this operation's sake. */
  | {
      readonly kind: "deferred";
      readonly operation: Operation;
      readonly mayHaveLanded: boolean;
      /** The inserter was too busy for it. */
      readonly wasBusy?: boolean;
    }
  /** The inserter as a whole: nothing is sent for a while, then one probe at a time. */
  | {
      readonly kind: "pause";
      readonly why: "unreachable" | "overloaded" | "denied";
      readonly reason: string;
      readonly hint: string | null;
      readonly retryAfterMs: number | null;
    }
  /** One article (its id) or one batch (a symbol) failed; when several do, that is the inserter's trouble. */
  | {
      readonly kind: "failure";
      readonly of: string | symbol;
      readonly reason: string;
      readonly isAnswer: boolean;
    }
  /** It answers, whatever it says. */
  | { readonly kind: "reached" }
  | { readonly kind: "works" }
  /** Batches are to be smaller, or are not to be sent any more. */
  | {
      readonly kind: "batch";
      readonly limit: BatchLimit;
      readonly count: number;
      readonly status: number;
    }
  /** A denied delete may mean a wrong token, or one that may not delete: ask for the inventory. */
  | { readonly kind: "ask-inventory" }
  /** An inventory request was answered: the URL and the credentials are right. */
  | { readonly kind: "url-known" }
  | { readonly kind: "declines-deletes"; readonly declines: boolean }
  /** A pass has something to plan. */
  | { readonly kind: "look-again" };

const WORKS: Outcome = { kind: "works" };
const REACHED: Outcome = { kind: "reached" };
export const ASK_INVENTORY: Outcome = { kind: "ask-inventory" };
export const URL_KNOWN: Outcome = { kind: "url-known" };
export const LOOK_AGAIN: Outcome = { kind: "look-again" };

const TEMPORARY = new Set([408, 425, 429]);
const DENIED = new Set([401, 403, 404, 405, 407]);
const GONE = new Set([404, 410]);
const CANNOT_DELETE = new Set([405, 501]);
const NO_BATCH = new Set([404, 405, 501]);

/**
 * What the reply to one operation means. Pure: the one place that knows what an answer says. A line of a
 * batch is judged like an answer of its own.
 *
 * @see The table in `inserter/README.md`.
 */
export function judge(operation: Operation, reply: Reply, context: Context): Outcome[] {
  if (reply.kind === "failure") return again(operation, reply, context);
  const { status } = reply;
  const isDelete = operation.kind === "delete";
  if (isDelete && CANNOT_DELETE.has(status)) return undeletable(operation, reply, context);
  if (isTemporary(status)) return again(operation, reply, context);
  const isGone = isDelete && GONE.has(status);
  if (isSuccess(status) || (isGone && context.urlKnown)) {
    return [WORKS, { kind: "acknowledged", operation, durationMs: context.durationMs }];
  }
  if (isGone && !context.declinesDeletes && mayHaveLanded(context)) {
    // An earlier try may have deleted it: that nothing was found is no sign of a wrong URL.
    const reason = `${reasonOf(reply)}, and it is not known yet whether the URL is right`;
    const retry = { operation, reason, retryAfterMs: null, mayHaveLanded: false, awaitsUrl: true };
    return [REACHED, { kind: "retry", ...retry }, ASK_INVENTORY];
  }
  if (isGone || isDenied(status)) return denied(operation, reply, context);
  if (status === 412 && reply.version !== null && reply.version > operation.version) {
    // Above what it holds, if the repository still wants it; unless nothing can be above that.
    const { version: kept } = reply;
    if (isCredible(kept)) return [WORKS, { kind: "reopened", operation, kept }, LOOK_AGAIN];
  }
  return [WORKS, refused(operation, reply, context)];
}

/** What the reply to a batch as a whole means, where it does not answer line by line. */
export function judgeBatch(operations: readonly Operation[], reply: Reply): Outcome[] {
  const status = reply.kind === "answer" ? reply.status : 0;
  const count = operations.length;
  const smaller = (limit: BatchLimit): Outcome => ({ kind: "batch", limit, count, status });
  const mayHaveLanded = mayLand(reply) && !NO_BATCH.has(status);
  const deferred = operations.map((operation): Outcome => ({ kind: "deferred", operation, mayHaveLanded }));
  if (NO_BATCH.has(status)) return [smaller("none"), ...deferred];
  if (reply.kind === "failure" || isTemporary(status)) {
    const pause = pauseFor(reply);
    if (pause !== null) return [pause, ...deferred];
    const isAnswer = reply.kind === "answer";
    // Each batch is another one: its articles will meet again in others.
    const failure: Outcome = { kind: "failure", of: Symbol("batch"), reason: reasonOf(reply), isAnswer };
    return [failure, smaller("half"), ...deferred];
  }
  if (status === 413) return [smaller("too-large"), ...deferred];
  return [smaller(isDenied(status) ? "single" : "half"), ...deferred];
}

/**
 * What it means whether the inserter answered an inventory request after it denied a delete.
 *
 * @param answered False where there is no inventory: then the upserts that were taken decide.
 * @param upsertDenied Whether an upsert that is still wanted was denied since one was last taken.
 */
export function judgeInventoryAsked(
  answered: boolean,
  upsertDenied: boolean,
  { upserts, trouble }: Pick<Context, "upserts" | "trouble">,
): Outcome[] {
  const outcomes: Outcome[] = answered ? [URL_KNOWN] : [];
  const declines = !upsertDenied && (answered || upserts > 0);
  outcomes.push({ kind: "declines-deletes", declines });
  if (declines && trouble?.kind === "denied") outcomes.push(WORKS);
  return outcomes;
}

type Answer = Extract<Reply, { kind: "answer" }>;

/** Nothing final: later, and everything else with it where the reply is about the inserter. */
function again(operation: Operation, reply: Reply, { attempt, upserts }: Context): Outcome[] {
  const mayHaveLanded = mayLand(reply);
  const wasBusy = reply.kind === "answer" && reply.retryAfterMs === null && reply.status === 429;
  // Too busy for this one, and not for others: then it is this article.
  const isAlone = wasBusy && upserts > (attempt?.takenBefore ?? upserts);
  const pause = isAlone ? null : pauseFor(reply);
  if (pause !== null) {
    return [pause, { kind: "deferred", operation, mayHaveLanded, ...(wasBusy ? { wasBusy } : {}) }];
  }
  const reason = reasonOf(reply);
  const retryAfterMs = reply.kind === "answer" ? reply.retryAfterMs : null;
  return [
    { kind: "failure", of: operation.id, reason, isAnswer: reply.kind === "answer" },
    { kind: "retry", operation, reason, retryAfterMs, mayHaveLanded },
  ];
}

/** No connection, 429, and 503 with `Retry-After`, are about the inserter and not about what was sent. */
function pauseFor(reply: Reply): Outcome | null {
  const reason = reasonOf(reply);
  if (reply.kind === "failure") {
    if (reply.why !== "connect") return null;
    return { kind: "pause", why: "unreachable", reason, hint: null, retryAfterMs: null };
  }
  const { status, retryAfterMs } = reply;
  if (status !== 429 && (status !== 503 || retryAfterMs === null)) return null;
  return { kind: "pause", why: "overloaded", reason, hint: null, retryAfterMs };
}

function denied(operation: Operation, answer: Answer, context: Context): Outcome[] {
  const isDelete = operation.kind === "delete";
  if (isDelete && context.declinesDeletes) return undeletable(operation, answer, context);
  // Another one was taken since this was denied, and nothing else is denied by now: it is this article.
  const deniedAfter = context.attempt?.deniedAfter ?? null;
  const isAlone = deniedAfter !== null && context.upserts > deniedAfter && context.trouble === null;
  if (!isDelete && (isAlone || context.wasRefused)) return [refused(operation, answer, context)];
  const reason = reasonOf(answer);
  const outcomes: Outcome[] = [
    { kind: "pause", why: "denied", reason, hint: hintFor(answer), retryAfterMs: null },
    { kind: "denied", operation, reason },
  ];
  return isDelete ? [...outcomes, ASK_INVENTORY] : outcomes;
}

function refused(operation: Operation, { status, excerpt }: Answer, context: Context): Outcome {
  const answer = { status, excerpt, sinceMs: context.nowMs };
  return { kind: "refused", operation, answer, mayHaveLanded: mayHaveLanded(context) };
}

function undeletable(operation: Operation, answer: Answer, context: Context): Outcome[] {
  const outcome: Outcome = {
    kind: "undeletable",
    operation,
    reason: reasonOf(answer),
    mayHaveLanded: mayHaveLanded(context),
  };
  // That a delete is declined is no sign that an inserter which denies articles takes them again.
  return context.trouble?.kind === "denied" ? [outcome] : [WORKS, outcome];
}

/** Whether an earlier attempt, of this process or of one before it, may have arrived. */
const mayHaveLanded = ({ attempt, isInherited }: Context): boolean =>
  isInherited || (attempt?.mayHaveLanded ?? false);

/** Whether what got this reply may stand at the inserter all the same. */
const mayLand = (reply: Reply): boolean =>
  reply.kind === "failure" ? reply.why !== "connect" : reply.status >= 500;

/** Whether it was taken, whatever it was. */
export const isTaken = (reply: Reply): boolean => reply.kind === "answer" && isSuccess(reply.status);

const isSuccess = (status: number): boolean => status >= 200 && status < 300;
const isRedirect = (status: number): boolean => status >= 300 && status < 400;
/** They pass by themselves. */
const isTemporary = (status: number): boolean => TEMPORARY.has(status) || status >= 500;
/** The inserter is probably misconfigured, unless it takes another article. */
const isDenied = (status: number): boolean => DENIED.has(status) || isRedirect(status);

const reasonOf = (reply: Reply): string =>
  reply.kind === "failure" ? reply.message : `inserter answered ${reply.status}`;

function hintFor({ status, location }: Answer): string {
  if (isRedirect(status)) {
    const target = location === null ? "" : ` to ${location}`;
    return `It redirects${target}; redirects are never followed. Set inserter.url to where it leads, if that is right.`;
  }
  if (status === 401 || status === 403) return "Check inserter.token and what it may do there.";
  if (status === 407) return "A proxy wants credentials: check HTTPS_PROXY.";
  return "Check inserter.url: its path takes POST.";
}
