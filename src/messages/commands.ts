/** What commands print for people, in each language; what is wrong in an article is in `article/messages.ts`. */

import type { Phase } from "../status.ts";
import type { Cause } from "../sync/model.ts";
import type { Counts } from "../sync/ports.ts";
import { EN } from "./en/commands.ts";
import { JA } from "./ja/commands.ts";
import type { Lang } from "./problems.ts";

/** Deletes that the brake holds back, and out of how many articles. */
type Brake = { readonly deletes: number; readonly owned: number };

/** What became of a file. `scheduled`: its time has not come. `duplicate`: another file has its id. */
export type FileOutcome =
  | "published"
  | "scheduled"
  | "duplicate"
  | "draft"
  | "not-published"
  | "rejected"
  | "held"
  | "no-article";

/** The tool whose front matter a repository has; `ids`: that of the agent itself; `paths`: none, and no ids. */
export type Conventions = "zenn" | "qiita" | "jekyll" | "hugo" | "ids" | "paths";

/** The catalogue; the compiler sees to it that each language has all of it. */
export interface Words {
  readonly severities: Readonly<Record<"error" | "warning" | "note", string>>;
  /** Articles in some state, counted. */
  count(kind: keyof Counts, count: number): string;
  /** Files that something became of, counted. */
  outcome(kind: FileOutcome, count: number): string;
  /** Joins what is listed in one line. */
  readonly comma: string;
  readonly check: {
    errors(count: number): string;
    readonly noErrors: string;
    readonly nothing: string;
    readonly worktree: string;
    summary(verdict: string, warnings: number, files: number, where: string): string;
    more(count: number, code: string): string;
    readonly noFiles: string;
    noConfig(repo: string): string;
  };
  readonly explain: {
    readonly labels: Readonly<
      Record<
        "revision" | "include" | "exclude" | "id" | "title" | "date" | "digest" | "meanwhile" | "inserter",
        string
      >
    >;
    readonly found: Readonly<Record<"committed" | "on-disk" | "nowhere", string>>;
    readonly noGlob: string;
    matches(glob: string): string;
    verdict(path: string, words: string): string;
    readonly gone: string;
    readonly notIncluded: string;
    readonly excluded: string;
    readonly notPublished: string;
    readonly draft: string;
    readonly mappedNull: string;
    readonly rejected: string;
    readonly held: string;
    readonly noArticle: string;
    published(id: string): string;
    toBePublished(id: string): string;
    scheduled(id: string, time: string): string;
    duplicate(id: string, holder: string): string;
    readonly lastGood: string;
    readonly never: string;
    stands(since: string): string;
    same(since: string): string;
    other(since: string): string;
    pending(kind: "upsert" | "delete", since: string, cause: Cause): string;
    refused(status: number, excerpt: string): string;
    readonly undeletable: string;
    foreign(owner: string): string;
    unknown(why: string): string;
    readonly nothingKnown: string;
    noState(path: string): string;
    unreadableState(reason: string): string;
  };
  readonly plan: {
    upsert(cause: Cause, from: string | null, fields: readonly string[] | null): string;
    readonly draft: string;
    readonly mappedNull: string;
    waits(time: string): string;
    otherId(id: string): string;
    readonly noArticle: string;
    readonly noFile: string;
    readonly deleted: string;
    heldBack(why: string): string;
    foreign(owner: string): string;
    moreInFile(count: number): string;
    stays(ids: string): string;
    moreFiles(count: number): string;
    unaccounted(count: number): string;
    readonly again: string;
    moreAgain(count: number): string;
    brake(brake: Brake): string;
    readonly brakeHint: string;
    note(reason: string): string;
    notAsked(reason: string): string;
    totals(revision: string, parts: readonly string[]): string;
    news(count: number): string;
    changed(count: number): string;
    deletes(count: number): string;
    deletesHeldBack(count: number): string;
    resends(count: number): string;
    cannot(reason: string, hint: string): string;
    readonly moved: string;
    readonly tryAgain: string;
    noConfig(repo: string, url: string): string;
  };
  readonly once: {
    notInStep(reason: string): string;
    done(revision: string, begun: number, published: number): string;
    rest(parts: readonly string[]): string;
    brake(brake: Brake): string;
    approved(revision: string): string;
  };
  readonly progress: {
    delivered(done: string, total: string): string;
    rate(count: string): string;
    left(span: string): string;
    read(count: string): string;
    rejected(count: string): string;
  };
  readonly status: {
    readonly phases: Readonly<Record<Phase, string>>;
    owner(owner: string): string;
    readonly inStep: string;
    readonly outOfStep: string;
    lasting(verdict: string, span: string): string;
    readonly unhealthy: string;
    readonly notReady: string;
    readonly unreadable: string;
    readonly startedOver: string;
    readonly revision: string;
    readonly noRevision: string;
    authored(ago: string): string;
    live(ago: string): string;
    readonly articles: string;
    readonly titles: Readonly<
      Record<
        | "pending"
        | "rejected"
        | "duplicates"
        | "held"
        | "refused"
        | "foreign"
        | "undeletable"
        | "scheduled"
        | "doubtful",
        string
      >
    >;
    failed(count: number, problem: string): string;
    keeps(ids: string): string;
    duplicate(path: string, id: string, winner: string): string;
    answered(status: number, ago: string): string;
    owned(owner: string): string;
    more(count: number): string;
  };
  readonly init: {
    wrote(file: string, what: string): string;
    left(file: string): string;
    readonly types: string;
    following(following: number, files: number, isAll: boolean): string;
    conventions(conventions: Conventions, following: string): string;
    readonly noMarkdown: string;
    noFrontMatter(files: number): string;
    published(count: number, files: number): string;
    drafts(count: number): string;
    without(count: number): string;
    rejected(count: number): string;
    more(count: number): string;
    readonly next: string;
  };
}

/** The catalogues by language. */
export const WORDS: Readonly<Record<Lang, Words>> = { en: EN, ja: JA };
