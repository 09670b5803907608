import { createArticles } from "../../article/articles.ts";
import { createSelector } from "../../article/candidate.ts";
import type { Io } from "../../cli/argv.ts";
import type { Flags } from "../../cli/options.ts";
import { loadSettings } from "../../config/load.ts";
import { UsageError } from "../../errors.ts";
import { languageFor } from "../../messages/language.ts";
import { visible } from "../../messages/terminal.ts";
import { type CommandWords, type FileOutcome, WORDS } from "../../messages/words.ts";
import type { Log } from "../../sync/ports.ts";
import { version } from "../../version.ts";
import { settledArticles } from "../../wiring/preset.ts";
import { openFiles } from "../check/files.ts";
import { checkFiles, parseFile } from "../check/lint.ts";
import { Tally } from "../check/tally.ts";

/** Of the reasons to reject files so many are shown. */
const SHOWN_MAX = 5;

/** Parsed at the same time: a backlog for threads. */
const AT_ONCE = 512;

const silent: Log = { emit: () => {} };

/**
 * What a configuration that was just written would publish of the files on disk, and what it would reject.
 *
 * @param config Absolute path of the configuration.
 * @returns Lines; empty where there are no files to look at, as outside of a repository.
 */
export async function summary(config: string, flags: Flags, io: Io): Promise<string> {
  try {
    const loaded = await loadSettings({
      flags: { ...flags, config },
      cwd: io.cwd,
      env: io.env,
      secretsRequired: false,
    });
    const settled = await settledArticles(loaded, true, silent);
    const settings = { ...loaded, articles: settled };
    const files = await openFiles(settings, createSelector(settings.articles), "worktree", silent);
    // What HTML becomes of the Markdown changes nothing here, and takes most of the time.
    const articles = createArticles({
      settings: { ...settings.articles, html: false },
      agentVersion: version,
      areSealed: false,
    });
    try {
      const lang = languageFor("people", flags.lang, io.env);
      const found = new Tally((severity) => (severity === "error" ? 1 : 0), false);
      await checkFiles(files, (one) => parseFile(articles, one), Date.now(), lang, found, AT_ONCE);
      return counted(found, WORDS[lang].commands);
    } finally {
      await articles.close();
      await files.close();
    }
  } catch (error) {
    if (error instanceof UsageError) return "";
    throw error;
  }
}

function counted(found: Tally, { init, comma }: CommandWords): string {
  if (found.fileCount === 0) return `${init.noFiles}\n`;
  const count = (...outcomes: FileOutcome[]): number =>
    outcomes.reduce((sum, outcome) => sum + found.countOf(outcome), 0);
  const others = [
    [count("scheduled"), init.scheduled],
    [count("draft", "not-public", "expired", "not-published"), init.drafts],
    [count("no-article"), init.without],
    [count("rejected", "duplicate", "held"), init.rejected],
  ] as const;
  const lines = [
    [
      init.published(count("published"), found.fileCount),
      ...others.filter(([number]) => number > 0).map(([number, say]) => say(number)),
    ].join(comma),
  ];
  const kinds = found.alike.filter(({ severity }) => severity === "error").sort((a, b) => b.count - a.count);
  for (const { shown, count: all } of kinds.slice(0, SHOWN_MAX)) {
    const [first] = shown;
    if (first === undefined) continue;
    const { path, line, column, message } = first;
    const where = visible(line === null ? path : `${path}:${line}:${column}`);
    lines.push(`  ${where} ${visible(message)}${all > 1 ? ` ${init.like(all - 1)}` : ""}`);
  }
  if (kinds.length > SHOWN_MAX) lines.push(`  ${init.more(kinds.length - SHOWN_MAX)}`);
  return `${lines.join("\n")}\n`;
}
