import { createArticles } from "../article/articles.ts";
import { createSelector } from "../article/candidate.ts";
import { loadSettings } from "../config/load.ts";
import { visible } from "../lib/terminal.ts";
import { UsageError } from "../lib/usage-error.ts";
import type { Log } from "../sync/ports.ts";
import { version } from "../version.ts";
import type { Flags, Io } from "./cli.ts";
import { examineAll, glance, type Judged } from "./examine.ts";
import { openFiles } from "./files.ts";
import { languageFor } from "./language.ts";

/** Of rejected files so many are shown. */
const SHOWN_MAX = 3;

const silent: Log = { emit: () => {} };

/**
 * What a configuration that was just written would publish of the files on disk, and what it would reject.
 *
 * @param config Absolute path of the configuration.
 * @returns Lines; empty where there are no files to look at, as outside of a repository.
 */
export async function firstLook(config: string, flags: Flags, io: Io): Promise<string> {
  try {
    const settings = await loadSettings({
      flags: { ...flags, config },
      cwd: io.cwd,
      env: io.env,
      secretsRequired: false,
    });
    const files = await openFiles(settings, createSelector(settings.articles), "worktree", silent);
    // What HTML becomes of the Markdown changes nothing here, and takes most of the time.
    const articles = createArticles({
      settings: { ...settings.articles, html: false },
      agentVersion: version,
    });
    try {
      const lang = languageFor("people", flags, io);
      return told(await examineAll(files, (one) => glance(articles, one), Date.now(), lang));
    } finally {
      await articles.close();
      await files.close();
    }
  } catch (error) {
    if (error instanceof UsageError) return "";
    throw error;
  }
}

function told(files: readonly Judged[]): string {
  if (files.length === 0) return "";
  const count = (...outcomes: Judged["outcome"][]): number =>
    files.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const others = [
    [count("draft"), count("draft") === 1 ? "draft" : "drafts"],
    [count("no-article"), "without front matter"],
    [count("rejected", "duplicate", "held"), "rejected"],
  ] as const;
  const lines = [
    [
      `With it, ${count("published", "scheduled")} of ${files.length} files would be published`,
      ...others.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`),
    ].join(", "),
  ];
  const errors = files.flatMap(({ findings }) => findings.filter(({ severity }) => severity === "error"));
  for (const { path, line, column, message } of errors.slice(0, SHOWN_MAX)) {
    lines.push(`  ${visible(line === null ? path : `${path}:${line}:${column}`)} ${visible(message)}`);
  }
  if (errors.length > SHOWN_MAX) lines.push(`  and ${errors.length - SHOWN_MAX} more`);
  return `${lines.join("\n")}\n`;
}
