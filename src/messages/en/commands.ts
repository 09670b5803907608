/** What commands print for people. */
import type { BrakeCause, Cause } from "../../sync/model.ts";
import type { Counts } from "../../sync/ports.ts";
import { STATUS_PAGE } from "./status-page.ts";

const { causes } = STATUS_PAGE;

const grouped = (count: number): string => count.toLocaleString("en");
const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/**
 * What became of a file. `scheduled`: its time has not come; `expired`: it is over. `duplicate`: another file
 * has its id. `not-public`: a key says so; `not-published`: `articles.map` does.
 */
export type FileOutcome =
  | "published"
  | "scheduled"
  | "expired"
  | "duplicate"
  | "draft"
  | "not-public"
  | "not-published"
  | "rejected"
  | "held"
  | "no-article";

/** Ids wanted here that another owner holds at the inserter. */
interface OwnerConflict {
  readonly owner: string;
  readonly held: number;
  readonly wanted: number;
}

/** Deletes that the brake holds back, out of so many articles. */
interface Brake {
  readonly deletes: number;
  readonly owned: number;
}

/** A preset, and the path that shows it. */
interface FoundPreset {
  readonly name: string | null;
  readonly because: string | null;
}

/** How the files are read, why, and how to have it in a file. */
function readAs(found: FoundPreset | null): string {
  if (found === null || found.name === null) return "";
  const why = found.because === null ? "no file of another tool was found" : `found ${found.because}`;
  return `, with the preset "${found.name}" (${why}); "sync-agent init" writes that down`;
}

export const COMMANDS = {
  severities: { error: "error", warning: "warning", note: "note" },
  /** Articles in some state, counted. */
  count: (kind: keyof Counts, count: number) => `${count} ${kind}`,
  /** Files that something became of, counted. */
  outcome: (kind: FileOutcome, count: number) => `${count} ${kind.replace("-", " ")}`,
  /** What looks like the cause of what the brake holds. */
  brakeCauses: {
    "empty-revision": "Likely cause: the revision has no files at all. Is it the right branch?",
    "no-candidates":
      "Likely cause: articles.include matches no file of this revision, or articles.exclude leaves all of them out.",
    "no-articles": "Likely cause: the files are there, but they are no articles. Is it the right branch?",
    "ids-changed":
      "Likely cause: the files are still there, under other ids. A hook or articles.keys may have changed.",
    withdrawn: "Likely cause: front matter withdraws these articles, or their time is over.",
    "mapped-null": "Likely cause: the hook articles.map returned null for these articles.",
    "files-gone":
      "Likely cause: the files were deleted or moved, or articles.include and exclude leave them out now.",
    "unknown-files":
      "Likely cause: no file ever had these ids here. Does another repository have the same owner?",
  } satisfies Record<BrakeCause, string>,
  /** Joins what is listed in one line. */
  comma: ", ",
  check: {
    errors: (count: number) => counted(count, "error"),
    noErrors: "no errors",
    strict: "failed, as --strict allows no warnings",
    nothing: "nothing to check",
    worktree: "the work tree",
    summary: (verdict: string, warnings: number, files: number, where: string) =>
      `${verdict}, ${counted(warnings, "warning")} in ${counted(files, "file")} of ${where}`,
    more: (count: number, code: string) => `... and ${count} more [${code}]; --json lists more of them`,
    noFiles: "No file matches articles.include.",
    noConfig: (repo: string, found: FoundPreset | null) =>
      `No configuration file found. Checking ${repo}${readAs(found) || " with the defaults"}`,
  },
  explain: {
    labels: {
      revision: "revision",
      include: "include",
      exclude: "exclude",
      id: "id",
      title: "title",
      date: "date",
      updated: "updated",
      description: "description",
      cover: "cover",
      tags: "tags",
      digest: "digest",
      meanwhile: "meanwhile",
      inserter: "inserter",
    },
    found: { committed: "", "on-disk": ", which lacks it: commit it", nowhere: ", which lacks it" },
    noGlob: "no glob matches",
    matches: (glob: string) => `${glob} matches`,
    verdict: (path: string, words: string) => `${path} ${words}`,
    gone: "does not exist, so it is not published.",
    notIncluded: "is not published: no glob of articles.include matches it.",
    excluded: "is not published: a glob of articles.exclude matches it.",
    notPublished: "is not published.",
    outcomes: {
      published: (id: string) => `is published as ${id}.`,
      scheduled: (id: string, time: string) => `will be published as ${id} at ${time}.`,
      duplicate: (id: string, holder: string) => `is rejected: the id ${id} belongs to ${holder}.`,
      expired: (_id: string, time: string) => `is not published: its time was over at ${time}.`,
      draft: () => "is not published: it is a draft.",
      "not-public": () => "is not published: its front matter says that it is not public.",
      "not-published": () => "is not published: articles.map returned null.",
      rejected: () => "is rejected.",
      held: () => "is held: its Markdown takes too long to render.",
      "no-article": () => "is not an article.",
    } satisfies Record<FileOutcome, (id: string, more: string) => string>,
    toBePublished: (id: string) => `will be published as ${id}.`,
    /** Where a field comes from, other than a key of the front matter. */
    origins: {
      heading: "first heading",
      file: (name: string) => `file name ${name}`,
      path: (name: string) => `path ${name}`,
      literal: "literal in articles.keys",
    },
    lastGood: "the last good version stays at the inserter, if there was one",
    never: "never acknowledged",
    stands: (since: string) => `published since ${since}`,
    same: (since: string) => `has this version since ${since}`,
    other: (since: string) => `has another version since ${since}`,
    pending: (kind: "upsert" | "delete", since: string, cause: Cause) =>
      `${kind} pending since ${since} (${causes[cause]})`,
    refused: (status: number, excerpt: string) => `refused with ${status}: ${excerpt}`,
    undeletable: "cannot be deleted there",
    foreign: (owner: string) => `belongs to ${owner} there`,
    unknown: (why: string) => `not known, ${why}`,
    nothingKnown: "no record of this file",
    noState: (path: string) => `there is no state at ${path} yet`,
    unreadableState: (reason: string) => `the state cannot be read: ${reason}`,
  },
  plan: {
    /** @param fields Keys of the payload that differ; null where that is not known. */
    upsert(cause: Cause, from: string | null, fields: readonly string[] | null) {
      const which = fields === null ? "" : `: ${fields.join(", ")}`;
      if (cause === "moved") return `moved from ${from ?? "another file"}${which}`;
      if (cause === "drift") return "differs at the inserter";
      return cause === "resend" ? "unchanged" : `${causes[cause]}${which}`;
    },
    draft: "now a draft",
    notPublic: "no longer public, says its front matter",
    expired: (time: string) => `its time was over at ${time}`,
    mappedNull: "articles.map returned null",
    waits: (time: string) => `waits for ${time}`,
    otherId: (id: string) => `the file has the id ${JSON.stringify(id)} now`,
    noArticle: "no longer an article",
    noFile: "no file has this id",
    deleted: "file deleted",
    heldBack: (why: string) => `not deleted, the brake is on: ${why}`,
    foreign: (owner: string) => `belongs to "${owner}" at the inserter`,
    moreInFile: (count: number) => `${count} more in this file`,
    stays: (ids: string) => `${ids} stays published`,
    moreFiles: (count: number) => `and ${count} more rejected files; "sync-agent check" lists them`,
    unaccounted: (count: number) =>
      `Not deleted while files are rejected, because they may come from one of these: ${count}`,
    again: "Sent again unchanged, because the inserter cannot list what it holds:",
    moreAgain: (count: number) => `and ${count} more; --json has all`,
    brake: ({ deletes, owned }: Brake) => `Brake: ${deletes} deletes of ${owned} articles are held back.`,
    brakeHint: "If you want these deletes: sync-agent once --allow-mass-delete.",
    note: (reason: string) => `Note: ${reason}.`,
    notAsked: (reason: string) => `the inserter was not asked: ${reason}`,
    totals: (revision: string, parts: readonly string[]) => `At ${revision}: ${parts.join(", ")}.`,
    news: (count: number) => `${count} new`,
    changed: (count: number) => `${count} changed`,
    deletes: (count: number) => `${count} to delete`,
    deletesHeldBack: (count: number) => `${count} deletes held back`,
    resends: (count: number) => `${count} to send again unchanged`,
    cannot: (reason: string, hint: string) => `Cannot plan: ${reason}. ${hint}`,
    moved: "the repository moved meanwhile",
    tryAgain: "Try again.",
    noConfig: (repo: string, url: string, found: FoundPreset | null) =>
      `No configuration file found. Syncing ${repo} into ${url === "embedded" ? "the embedded inserter (SQLite, this machine only)" : url}${readAs(found)}`,
  },
  once: {
    notInStep: (reason: string) => `Not in step: ${reason}.`,
    /** @param total Operations that were to be delivered. */
    done(revision: string, delivered: number, total: number, published: number) {
      const work =
        total === 0 ? "nothing to deliver" : `${grouped(delivered)} of ${grouped(total)} delivered`;
      return `At ${revision}: ${work}, ${grouped(published)} published.`;
    },
    rest: (parts: readonly string[]) => `${parts.join(", ")}.`,
    conflict: ({ owner, held, wanted }: OwnerConflict) =>
      `Nothing was sent: ${held} of ${wanted} articles belong to the owner "${owner}" at the inserter.\n  To adopt them: owner: "${owner}" in the configuration.`,
    brake: ({ deletes, owned }: Brake) =>
      `Brake: ${deletes} of ${owned} articles would have been deleted; none was.`,
    approved: (count: number) => `Approved, this once, ${counted(count, "delete")}:`,
    nothingToApprove: "Nothing to approve: the brake holds no deletes.",
  },
  progress: {
    delivered: (done: string, total: string) => `${done} of ${total} delivered`,
    rate: (count: string) => `${count}/s`,
    left: (span: string) => `${span} left`,
    read: (count: string) => `${count} files read`,
    rejected: (count: string) => `${count} rejected`,
  },
  status: {
    phases: {
      "waiting-for-repository": "waiting for the repository",
      "waiting-for-inserter": "waiting for the inserter",
      reconciling: "comparing and delivering",
      following: "following",
      "not-running": "not running; read from its state file",
    },
    owner: (owner: string) => `, owner ${owner}`,
    lasting: (verdict: string, span: string) => `${verdict} for ${span}`,
    unhealthy: "not healthy",
    notReady: "not ready",
    unreadable: "state unreadable",
    startedOver: "started with a new state file",
    revision: "revision",
    noRevision: "none seen yet",
    authored: (ago: string) => `authored ${ago}`,
    live: (ago: string) => `live ${ago}`,
    articles: "articles",
    titles: {
      pending: "pending",
      rejected: "rejected",
      duplicates: "duplicate ids",
      held: "held",
      refused: "refused",
      foreign: "held by another owner",
      undeletable: "undeletable",
      scheduled: "scheduled",
      doubtful: "published, with warnings",
    },
    failed: (count: number, problem: string) => `${count} failed: ${problem}`,
    keeps: (ids: string) => `the last good version of ${ids} stays published`,
    duplicate: (path: string, id: string, winner: string) => `${path} has the id "${id}" of ${winner}`,
    answered: (status: number, ago: string) => `answered ${status} ${ago}`,
    owned: (owner: string) => `is ${owner}'s`,
    more: (count: number) => `and ${count} more; --json has more of them`,
  },
  init: {
    wrote: (file: string, what: string) => `Wrote ${file}: ${what}.`,
    left: (file: string) => `Left ${file} as it is.`,
    types: "types for your editor",
    found: ({ name, because }: FoundPreset) => {
      if (name === null) return "no preset, as your articles have the keys that are read without one";
      return because === null
        ? `preset "${name}", as no file of another tool was found`
        : `preset "${name}", because of ${because}`;
    },
    asked: (name: string) => `preset "${name}", as you asked`,
    noFiles: "No file would be an article yet.",
    published: (count: number, files: number) => `With it, ${count} of ${files} files would be published`,
    scheduled: (count: number) => `${count} when their time comes`,
    drafts: (count: number) => `${count} not public`,
    without: (count: number) => `${count} without front matter`,
    rejected: (count: number) => `${count} rejected`,
    like: (count: number) => `(and ${count} more like it)`,
    more: (count: number) => `and ${count} more kinds`,
    next:
      'Next: "sync-agent check --worktree" lists what is wrong in the articles,\n' +
      '      "sync-agent run --worktree" shows them while you write, and "sync-agent run" publishes\n' +
      "      what is committed: on this machine only, until inserter.url names your inserter.",
  },
};
