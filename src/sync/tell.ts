/** What the log tells of files and ids: at debug level, with nothing left out, every decision and its reason. */
import type { Claim, Verdict } from "./model.ts";
import type { Decision } from "./plan.ts";
import type { Log, StateUnavailable } from "./ports.ts";

/** What became of a file that is no article to be published. */
export function tellVerdict(log: Log, path: string, verdict: Verdict): void {
  if (verdict.kind === "article") return;
  if (verdict.kind === "rejected") {
    const first = verdict.problems[0];
    const at = first === undefined ? path : `${path}:${first.line}:${first.column}`;
    log.emit("warn", "article.rejected", `${at} rejected`, { path, problems: verdict.problems });
  } else if (verdict.kind === "held") {
    log.emit("warn", "article.held", `${path} held: ${verdict.reason}`, { path, reason: verdict.reason });
  } else tellSkipped(log, path, verdict.why);
}

/** A candidate that is not published, and that nobody has to mend. */
export function tellSkipped(log: Log, path: string, why: string): void {
  log.emit("debug", "article.skipped", `${path} is not published: ${why}`, { path, why });
}

/** A file whose id another one has. */
export function tellLoser(log: Log, path: string, id: string, winner: string): void {
  const place = { severity: "error", line: 1, column: 1, length: 1 } as const;
  const problem = { ...place, code: "duplicate-id", params: { id, path: winner } };
  log.emit("warn", "article.rejected", `${path} rejected`, { path, problems: [problem] });
}

/**
 * What was decided about an id. Deletes are told before the brake judges them; what is on its way already
 * was told when it was begun.
 */
export function tellDecision(log: Log, claim: Claim, decision: Decision): void {
  const { id } = claim;
  if (decision.kind === "nothing" && claim.entry?.pending != null) return;
  const why = reasonOf(claim, decision);
  const path = claim.winner?.path ?? claim.entry?.path ?? null;
  log.emit("debug", "article.decided", `"${id}": ${decision.kind}, ${why}`, {
    id,
    decision: decision.kind,
    why,
    ...(path === null ? {} : { path }),
  });
}

/** Nothing is begun that could not be remembered. */
export function tellStateTrouble(log: Log, { message }: StateUnavailable): void {
  log.emit(
    "error",
    "state.unavailable",
    `Cannot write the state: ${message}. Nothing new is sent meanwhile`,
    {
      hint: "Make room on its disk, or let this user write there: it goes on by itself.",
    },
  );
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
      return "nobody knows its file, and some file cannot be read";
    case "nothing":
      if (winner === null) return "nothing is left to do about it";
      return entry?.refusal == null ? "it is in step" : "it was refused, and is the same as then";
  }
}
