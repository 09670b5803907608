/** What the status page says. */
import type { FoundState, ReasonCode } from "../../status.ts";

/** What can be said of an article, and what that means for the reader. */
export interface Saying {
  readonly title: string;
  /** What it means, and who does what about it. */
  readonly more: string;
}

/** The first line is the title, the second says more. */
export function say(text: string): Saying {
  const [title = "", more = ""] = text.split("\n").map((line) => line.trim());
  return { title, more };
}

const FOUND: Readonly<Record<Exclude<FoundState, "no-article">, Saying>> = {
  live: say(`It is published
    The inserter has acknowledged the version of this revision.`),
  pending: say(`It is being delivered
    The inserter has not acknowledged it yet.`),
  unsent: say(`It has not been compared yet
    This revision is still being compared.`),
  scheduled: say(`It waits for its date
    It is published automatically at that time.`),
  expired: say(`Its time is over
    Its front matter says until when it is published. Change that date, commit and push.`),
  draft: say(`It is a draft
    Its front matter says draft: true. Remove that line, commit and push.`),
  "not-public": say(`Its front matter says that it is not public
    Another key than draft says so. Change its value, commit and push.`),
  "mapped-null": say(`The configuration leaves it out
    The hook articles.map returned null for it. Ask the person who configured this agent.`),
  rejected: say(`It has errors, so it cannot be published
    Fix what is marked here, commit and push.`),
  duplicate: say(`Another file has its id
    Give one of the two another id, commit and push.`),
  held: say(`It takes too long to render
    Look for very many unclosed brackets, quotes or nested lists. It is tried again from time to time.`),
  refused: say(`The inserter refused it
    The answer of the inserter says why. It is sent again when it changes.`),
  foreign: say(`Another owner has its id at the inserter
    Choose another id, or ask that owner to release it.`),
  gone: say(`No file has this id any more
    The article was deleted, or has another id now.`),
};

export const STATUS_PAGE = {
  skip: "Skip to the most frequent question",
  asOf: "As of",
  staleTitle: "No answer",
  stale: "The agent does not answer: how it stands is not known. What you see below is old.",
  verdict: {
    inStep: "In step",
    inStepExcept: (count: string) => `In step except ${count}`,
    behind: "Behind",
    notSyncing: "Not syncing",
    inStepLead: "Every article that this revision publishes is at the inserter.",
    exceptLead: "Everything else of this revision is at the inserter.",
    workingLead: "Not everything is at the inserter yet. No action needed.",
    behindLead: "Not everything is at the inserter yet, and somebody should look:",
    troubleLead: "Changes do not reach the inserter:",
    since: (span: string) => `for ${span}`,
    needs: (count: string, isOne: boolean) =>
      isOne ? "1 article needs attention" : `${count} articles need attention`,
    nothingToFix: "No article needs fixing",
  },
  /** Null where the agent's own words are in this language. */
  reasons: null as Readonly<Record<ReasonCode, Saying>> | null,
  startedOver: say(`Some deleted articles may still be at the inserter
    The agent started with a new state file, and this inserter cannot list what it holds. Articles that were deleted from the repository before that are unknown to the agent; delete them at the inserter by hand.`),
  find: {
    heading: "Why is my article not there?",
    label: "Path or id, or part of it",
    button: "Find",
    none: (text: string) => `No article file has “${text}” in its path or id.`,
    noneWhy: [
      "Is it committed and pushed to the branch that is followed here?",
      "Compare the revision shown here with your last commit: has yours arrived yet?",
    ],
    looked: (globs: string) => `Only paths that match ${globs} are read`,
    except: (globs: string) => `, except ${globs}`,
    stillThere: "An earlier version is still published.",
    notThere: "No version of it is published.",
    /** Of a published one that has warnings. */
    warned: "But check what is marked here: it is probably a mistake.",
    more: (count: string) => `Only the first ${count} are shown. Type more of the path.`,
  },
  found: FOUND,
  attention: {
    heading: "Needs attention",
    rejected: say(`Have errors
    Their authors fix these: correct the marked place, commit and push.`),
    duplicates: say(`Their id is taken
    Two files have the same id. The first path keeps it; give the other one another id.`),
    refused: say(`Refused by the inserter
    The answer of the inserter says why; each is sent again when it changes.`),
    foreign: say(`Their id belongs to another owner
    Another owner holds the id at the inserter, so it is not overwritten.`),
    held: say(`Take too long to render
    Their Markdown exceeds the time limit. They are tried again from time to time.`),
    undeletable: say(`Cannot be deleted at the inserter
    They are gone from the repository, but this inserter does not delete. Delete them there by hand.`),
    keeps: "The last good version stays published.",
    keepsNothing: "No version of it is published.",
    duplicate: (id: string, winner: string) => `The id “${id}” belongs to ${winner}.`,
    refusal: (status: number, kind: "upsert" | "delete") =>
      kind === "delete" ? `Answered ${status} when asked to delete it.` : `Answered ${status}.`,
    owner: (owner: string) => `Held by “${owner}”.`,
    howToFix: "How to fix it:",
    answer: "Answer of the inserter",
    rest: (count: string) => `and ${count} more`,
    /** Marks a warning among errors. */
    warning: "Warning",
  },
  warnings: {
    heading: "Published, with warnings",
    lead: "These are published. What is marked in them is probably a mistake; their authors may want to check.",
  },
  pending: {
    heading: "Pending",
    lead: "Being sent, and not acknowledged by the inserter yet. Oldest first.",
    upsert: "publish",
    delete: "remove",
    failed: (count: string, isOne: boolean, problem: string) =>
      `${isOne ? "1 attempt" : `${count} attempts`} failed: ${problem}`,
    next: (span: string) => `next attempt ${span}`,
    since: (span: string) => `waiting for ${span}`,
  },
  causes: {
    new: "new",
    changed: "changed",
    moved: "moved",
    drift: "differed at the inserter",
    resend: "sent again to be sure",
    deleted: "deleted",
    withdrawn: "withdrawn",
    scheduled: "its date is in the future now",
    unowned: "no file has this id",
  },
  scheduled: { heading: "Scheduled", lead: "They are published automatically at that time." },
  revision: {
    heading: "Revision",
    none: "None seen yet",
    noSubject: "The commit cannot be read.",
    authored: "Written",
    flipped: "Arrived here",
    seen: "Noticed",
    live: "Live",
    notYet: "not yet",
    beforeStart: "before this agent started",
  },
  states: {
    heading: "Articles",
    none: "No articles yet.",
    published: "Published",
    pending: "Pending",
    scheduled: "Scheduled",
    withdrawn: "Drafts and left out",
    held: "Too slow to render",
    rejected: "Rejected",
    refused: "Refused",
    undeletable: "Cannot be deleted",
  },
  speed: {
    heading: "From arrival to live",
    none: "No change has come since this agent started.",
    summary: (count: string, median: string, most: string) =>
      `Half of the last ${count} changes were live within ${median} of arriving here, nearly all within ${most}.`,
    axis: "One column for each change, the latest on the right",
  },
  recent: {
    heading: "Recently delivered",
    none: "Nothing since this agent started.",
    when: "When",
    what: "What",
    article: "Article",
    took: "Answer took",
    liveAfter: "Live after",
    attempts: (count: string) => `on attempt ${count}`,
  },
  about: {
    heading: "About this agent",
    version: "Version",
    running: "Running for",
    repository: "Repository",
    inserter: "Inserter",
    owner: "Owner",
    inventory: "Inventory",
    inventories: {
      inventory: "the inserter lists what it holds",
      none: "the inserter cannot list what it holds",
      unknown: "not known yet",
    },
    lastPass: "Last pass",
    pass: (trigger: string, parsed: string) => `${trigger}, ${parsed} files parsed`,
    triggers: {
      start: "at the start",
      watch: "the link moved",
      poll: "found by polling",
      again: "work was left over",
      drift: "the inserter differed",
      resync: "the regular full pass",
      schedule: "a date had come",
      reload: "the configuration changed",
      approval: "a mass delete was approved",
    } as Readonly<Record<string, string>>,
    verified: "Compared with the inserter",
    nextDrift: "Next comparison",
    nextResync: "Next full pass",
    probes: "Probes",
    probe: (healthy: boolean, ready: boolean) =>
      `${healthy ? "healthy" : "not healthy"}, ${ready ? "ready" : "not ready"}`,
    readOnly: "This page cannot change anything.",
    otherLanguage: "日本語で読む",
  },
  /** Joins what is listed in one line. */
  comma: ", ",
  units: {
    ms: (n: string) => `${n} ms`,
    s: (n: string) => `${n} s`,
    min: (n: string) => `${n} min`,
    h: (n: string) => `${n} h`,
    /** Two or more. */
    days: (n: string) => `${n} days`,
    /** Two or more. */
    years: (n: string) => `${n} years`,
    ago: (span: string) => `${span} ago`,
    ahead: (span: string) => `in ${span}`,
    now: "now",
  },
};
