/** Globs of the configuration that match nothing, which is mostly a slip. */
import { basename } from "node:path";
import { createSelector, type Globs } from "../article/candidate.ts";
import type { Settings } from "../config/settings.ts";
import { type Finding, wholeFile } from "../messages/finding.ts";
import type { Lang } from "../messages/language.ts";
import { openSource } from "../source/source.ts";
import { type Log, ObjectsGone } from "../sync/ports.ts";

/** What the configuration has where nothing is written: nobody's slip. */
const DEFAULTS: Globs = { include: ["**/*.md"], exclude: ["**/README.md"] };

/** A glob that no path of a revision matches. */
export interface UnmatchedGlob {
  readonly key: keyof Globs;
  readonly glob: string;
}

/**
 * Looks at the paths of the current revision until every glob has matched one.
 *
 * @returns Empty where there is no revision to look at.
 */
export async function unmatchedGlobs({ repo, ref, articles }: Settings, log: Log): Promise<UnmatchedGlob[]> {
  const left = (["include", "exclude"] as const).flatMap((key) =>
    articles[key]
      .filter((glob) => !DEFAULTS[key].includes(glob))
      .map((glob) => ({ key, glob, ...createSelector({ include: [glob], exclude: [] }) })),
  );
  if (left.length === 0) return [];
  const all = { selects: () => true, mayContain: () => true };
  const source = openSource({ repo, ref, ...all, maxSizeBytes: 0, trees: null, log });
  try {
    const head = await source.head();
    if (head.kind === "waiting") return [];
    for await (const page of (await source.compare(null, head)).pages) {
      for (const { path } of page) {
        for (let index = left.length; index-- > 0; ) if (left[index]?.selects(path)) left.splice(index, 1);
        if (left.length === 0) return [];
      }
    }
    return left.map(({ key, glob }) => ({ key, glob }));
  } catch (error) {
    if (error instanceof ObjectsGone) return [];
    throw error;
  } finally {
    await source.close();
  }
}

/** The same as findings in the configuration file, for `check` and `plan`. */
export async function globFindings(settings: Settings, log: Log, lang: Lang): Promise<Finding[]> {
  const file = basename(settings.file ?? "sync.config.ts");
  const unmatched = await unmatchedGlobs(settings, log);
  return unmatched.map((one) => wholeFile(file, "warning", "glob-unmatched", lang, { ...one }));
}

/** The same in the log, for `run` and `once`. */
export async function logUnmatchedGlobs(settings: Settings, log: Log): Promise<void> {
  for (const { key, glob } of await unmatchedGlobs(settings, log)) {
    const message = `articles.${key}: ${JSON.stringify(glob)} matches no path of this revision`;
    const hint = "Globs are relative to the root of the repository, and case-sensitive.";
    log.emit("warn", "config.glob-unmatched", message, { key, glob, hint });
  }
}
