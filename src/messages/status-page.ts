/** What the page says, in each of its languages. */

import type { FoundState, ReasonCode } from "../status.ts";
import type { Cause } from "../sync/model.ts";
import type { Counts } from "../sync/ports.ts";
import { EN } from "./en/status-page.ts";
import { JA } from "./ja/status-page.ts";
import type { Lang } from "./problems.ts";

/** Something that can be said of an article, and what it means for whoever asks. */
export interface Saying {
  readonly title: string;
  /** What that means, and who does what about it. */
  readonly more: string;
}

/** A duration, spelt out: `5 min`. */
type Span = string;

/** The catalogue; the compiler sees to it that each language has all of it. */
export interface Words {
  readonly skip: string;
  readonly asOf: string;
  readonly stale: string;
  readonly verdict: {
    readonly inStep: string;
    readonly working: string;
    readonly trouble: string;
    readonly inStepLead: string;
    readonly workingLead: string;
    readonly troubleLead: string;
    since(span: Span): string;
    needs(count: string, isOne: boolean): string;
    readonly nothingToMend: string;
  };
  /** Null where the agent's own words are in this language. */
  readonly reasons: Readonly<Record<ReasonCode, Saying>> | null;
  readonly startedOver: Saying;

  readonly find: {
    readonly heading: string;
    readonly label: string;
    readonly button: string;
    none(text: string): string;
    readonly noneWhy: readonly string[];
    looked(globs: string): string;
    except(globs: string): string;
    readonly stillThere: string;
    readonly notThere: string;
    /** Of one that is there, when something in it is doubtful. */
    readonly doubtful: string;
    more(count: string): string;
  };
  readonly found: Readonly<Record<Exclude<FoundState, "no-article">, Saying>>;

  readonly mend: {
    readonly heading: string;
    readonly rejected: Saying;
    readonly duplicates: Saying;
    readonly refused: Saying;
    readonly foreign: Saying;
    readonly held: Saying;
    readonly undeletable: Saying;
    readonly keeps: string;
    readonly keepsNothing: string;
    duplicate(id: string, winner: string): string;
    refusal(status: number, kind: "upsert" | "delete"): string;
    owner(owner: string): string;
    readonly toMend: string;
    readonly answer: string;
    rest(count: string): string;
    /** Marks what is doubtful among what is wrong. */
    readonly warning: string;
  };
  readonly doubts: { readonly heading: string; readonly lead: string };
  readonly pending: {
    readonly heading: string;
    readonly lead: string;
    readonly upsert: string;
    readonly delete: string;
    failed(count: string, isOne: boolean, problem: string): string;
    next(span: Span): string;
    since(span: Span): string;
  };
  readonly causes: Readonly<Record<Cause, string>>;
  readonly scheduled: { readonly heading: string; readonly lead: string };
  readonly revision: {
    readonly heading: string;
    readonly none: string;
    readonly noSubject: string;
    readonly authored: string;
    readonly flipped: string;
    readonly seen: string;
    readonly live: string;
    readonly notYet: string;
    readonly beforeStart: string;
  };
  readonly states: { readonly heading: string; readonly none: string } & Readonly<
    Record<keyof Counts, string>
  >;
  readonly speed: {
    readonly heading: string;
    readonly none: string;
    summary(count: string, median: Span, most: Span): string;
    readonly axis: string;
  };
  readonly recent: {
    readonly heading: string;
    readonly none: string;
    readonly when: string;
    readonly what: string;
    readonly article: string;
    readonly took: string;
    readonly liveAfter: string;
    attempts(count: string): string;
  };
  readonly about: {
    readonly heading: string;
    readonly version: string;
    readonly running: string;
    readonly repository: string;
    readonly inserter: string;
    readonly owner: string;
    readonly inventory: string;
    readonly inventories: Readonly<Record<"inventory" | "none" | "unknown", string>>;
    readonly lastPass: string;
    pass(trigger: string, examined: string): string;
    readonly triggers: Readonly<Record<string, string>>;
    readonly verified: string;
    readonly nextDrift: string;
    readonly nextResync: string;
    readonly probes: string;
    probe(healthy: boolean, ready: boolean): string;
    readonly readOnly: string;
    readonly otherLanguage: string;
  };
  /** Joins what is listed in one line. */
  readonly comma: string;
  readonly units: {
    ms(n: string): Span;
    s(n: string): Span;
    min(n: string): Span;
    h(n: string): Span;
    /** Two or more. */
    days(n: string): Span;
    /** Two or more. */
    years(n: string): Span;
    ago(span: Span): string;
    ahead(span: Span): string;
    readonly now: string;
  };
}

/** The catalogues by language. */
export const WORDS: Readonly<Record<Lang, Words>> = { en: EN, ja: JA };
