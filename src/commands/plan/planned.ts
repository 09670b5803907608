/** What a pass over a copy of the state would do, one by one, with the reasons that people ask for. */
import { type Finding, findingOf, heldFinding, wholeFile } from "../../messages/finding.ts";
import type { Lang } from "../../messages/language.ts";
import type { CommandWords } from "../../messages/words.ts";
import type { SqliteState } from "../../state/sqlite.ts";
import type { BlobId, Brake, Cause, Claim, Digest, Entry, Pending } from "../../sync/model.ts";
import type { Decision } from "../../sync/plan/plan.ts";
import type { Articles, Counts, Source } from "../../sync/ports.ts";
import { compareBytes } from "../../sync/rules.ts";

/** One thing that `once` would do. */
export interface Planned {
  /** `resend`: an unchanged payload. `held back`: a delete that the brake withholds. */
  readonly do: "upsert" | "delete" | "resend" | "held back";
  readonly id: string;
  /** The file it comes from, or last came from; null where that is not known. */
  readonly path: string | null;
  readonly cause: Cause;
  /** The cause in a few words. */
  readonly why: string;
  /** Top-level keys of the payload that differ from what the inserter has; null where that is not known. */
  readonly fields: readonly string[] | null;
}

/** An id that stays at the inserter though no file has it. */
export interface Kept {
  readonly id: string;
  /** The rejected or held file whose last good version it is; null where that is not known. */
  readonly path: string | null;
}

/** An id that another owner holds at the inserter: the file's version is not sent. */
export interface Foreign {
  readonly id: string;
  readonly path: string;
  readonly owner: string;
}

/** A plan: what `--json` prints. */
export interface PlanReport {
  /** Absolute path of the configuration file; null without one. */
  readonly config: string | null;
  /** Full commit id. */
  readonly revision: string;
  /** Why the inserter could not be asked what it holds; null where it was. */
  readonly note: string | null;
  /** By id, in byte order. */
  readonly planned: readonly Planned[];
  readonly kept: readonly Kept[];
  readonly foreign: readonly Foreign[];
  /** Rejected and held files, by path, as `check` has them. */
  readonly findings: readonly Finding[];
  /** Deletes that are held back, and out of how many articles; null where none is. */
  readonly brake: Brake | null;
  /** As they would be, nothing being sent yet. */
  readonly counts: Counts;
}

/** Entries and files read in one go. */
const PAGE = 1_000;

/** Payloads are made twice for each comparison: beyond so many a plan just says "changed". */
const COMPARED_MAX = 1_000;

/** Notes the decisions of one pass. */
export class PlanNotes {
  readonly #before = new Map<string, Entry>();
  readonly #heldBack = new Map<string, Planned>();
  readonly #kept = new Map<string, Kept>();
  readonly #foreign = new Map<string, Foreign>();
  readonly #state: SqliteState;
  readonly #words: CommandWords["plan"];

  /** @param words Of the language that the reasons are in. */
  constructor(state: SqliteState, words: CommandWords["plan"]) {
    this.#state = state;
    this.#words = words;
  }

  /** To be given to the pass. An id may be decided more than once: what stood before the first counts. */
  readonly onDecision = ({ id, entry, winner }: Claim, decision: Decision, braked: boolean): void => {
    if (decision.kind === "upsert" && entry !== null && !this.#before.has(id)) this.#before.set(id, entry);
    if (decision.kind === "delete" && braked) {
      const path = entry?.path ?? null;
      const why = whyDelete(decision.cause, path, this.#state, this.#words);
      this.#heldBack.set(id, { do: "held back", id, path, cause: decision.cause, why, fields: null });
    }
    if (decision.kind === "keep" && decision.why !== "scope") {
      this.#kept.set(id, { id, path: decision.why === "last-good" ? decision.path : null });
    } else this.#kept.delete(id);
    if (decision.kind === "yield" && winner !== null) {
      this.#foreign.set(id, { id, path: winner.path, owner: decision.owner });
    }
  };

  get kept(): readonly Kept[] {
    return byId(this.#kept.values());
  }

  get foreign(): readonly Foreign[] {
    return byId(this.#foreign.values());
  }

  /** What the pass began in the copy, what was pending before, and what is held back; by id. */
  async planned(source: Source, articles: Articles): Promise<readonly Planned[]> {
    const planned = [...this.#heldBack.values()];
    let compared = 0;
    for (const { id, path, pending } of pendingIn(this.#state)) {
      const { kind, cause } = pending;
      if (kind === "delete") {
        const why = whyDelete(cause, path, this.#state, this.#words);
        planned.push({ do: kind, id, path, cause, why, fields: null });
        continue;
      }
      const before = this.#before.get(id) ?? null;
      const comparable = cause === "changed" || cause === "moved" ? comparableVersion(before) : null;
      const fields =
        comparable === null || ++compared > COMPARED_MAX
          ? null
          : await changedFields(comparable, pending, source, articles);
      const why = this.#words.upsert(cause, before?.path ?? null, fields);
      planned.push({ do: cause === "resend" ? "resend" : kind, id, path, cause, why, fields });
    }
    return byId(planned);
  }
}

const byId = <Item extends { readonly id: string }>(items: Iterable<Item>): Item[] =>
  [...items].sort((a, b) => compareBytes(a.id, b.id));

function* pendingIn(state: SqliteState): Iterable<Entry & { readonly pending: Pending }> {
  for (let page = state.pending(null, PAGE); page.length > 0; ) {
    for (const entry of page) if (entry.pending !== null) yield { ...entry, pending: entry.pending };
    page = state.pending(page.at(-1)?.id ?? null, PAGE);
  }
}

/** The version that the inserter is known to have; null where that is uncertain. */
function comparableVersion(entry: Entry | null): Version | null {
  if (entry === null || entry.path === null || entry.blob === null || entry.uncertain) return null;
  const digest = entry.pending === null ? entry.acknowledged?.digest : null;
  return digest ? { path: entry.path, blob: entry.blob, digest } : null;
}

function whyDelete(
  cause: Cause,
  path: string | null,
  state: SqliteState,
  words: CommandWords["plan"],
): string {
  const verdict = path === null ? null : (state.file(path)?.verdict ?? null);
  switch (verdict?.kind) {
    case "withdrawn":
      return { draft: words.draft, "not-public": words.notPublic, "mapped-null": words.mappedNull }[
        verdict.why
      ];
    case "article":
      if (cause === "scheduled") return words.waits(timeIn(verdict.publishAtMs));
      return cause === "withdrawn" ? words.expired(timeIn(verdict.expiresAtMs)) : words.otherId(verdict.id);
    case "none":
      return words.noArticle;
    default:
      return cause === "unowned" ? words.noFile : words.deleted;
  }
}

/** One version of one file, and the payload that was made of it. */
interface Version {
  readonly path: string;
  readonly blob: BlobId;
  readonly digest: Digest;
}

/**
 * Top-level keys of two payloads that differ, in alphabetical order.
 *
 * @returns Null where one of them cannot be made again: its blob is gone from the repository, or another
 *   configuration or agent made it.
 */
async function changedFields(
  before: Version,
  now: Version,
  source: Source,
  articles: Articles,
): Promise<readonly string[] | null> {
  const [old, current] = await Promise.all([
    payloadOf(before, source, articles),
    payloadOf(now, source, articles),
  ]);
  if (old === null || current === null) return null;
  const keys = new Set([...Object.keys(old), ...Object.keys(current)]);
  return [...keys].filter((key) => JSON.stringify(old[key]) !== JSON.stringify(current[key])).sort();
}

async function payloadOf(
  { path, blob, digest }: Version,
  source: Source,
  articles: Articles,
): Promise<Readonly<Record<string, unknown>> | null> {
  try {
    const { verdict, body } = await articles.parse(path, blob, await source.read(blob), 1);
    if (body === null || verdict.kind !== "article" || verdict.digest !== digest) return null;
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    // Git may have pruned it, or be at it: then there is nothing to compare with.
    return null;
  }
}

const timeIn = (ms: number | null): string => (ms === null ? "?" : new Date(ms).toISOString());

/** What is wrong with rejected files, held ones and losers of an id, by path. */
export function findingsIn(state: SqliteState, nowMs: number, lang: Lang): Finding[] {
  const findings: Finding[] = [];
  for (const kind of ["rejected", "held"] as const) {
    for (let page = state.filesOfKind(kind, null, PAGE); page.length > 0; ) {
      for (const { path, verdict } of page) {
        if (verdict.kind === "rejected") {
          findings.push(...verdict.problems.map((problem) => findingOf(problem, path, lang)));
        } else if (verdict.kind === "held") {
          findings.push(heldFinding(path, verdict.reason, lang));
        }
      }
      page = state.filesOfKind(kind, page.at(-1)?.path ?? null, PAGE);
    }
  }
  for (const { path, id, winner } of state.duplicates(nowMs)) {
    findings.push(wholeFile(path, "error", "duplicate-id", lang, { id, path: winner }));
  }
  return findings.sort((a, b) => compareBytes(a.path, b.path));
}
