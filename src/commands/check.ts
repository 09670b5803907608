import { createArticles } from "../article/articles.ts";
import { createSelector } from "../article/candidate.ts";
import type { Invocation, Io } from "../cli/argv.ts";
import { version } from "../version.ts";
import { globFindings } from "../wiring/globs.ts";
import { settledArticles } from "../wiring/preset.ts";
import { openSession } from "../wiring/session.ts";
import { type Candidate, openFiles } from "./check/files.ts";
import { Habits } from "./check/habits.ts";
import { checkFiles, type LintedFile, lintFile } from "./check/lint.ts";
import { formatReport, isSound, tallyFor } from "./check/report.ts";

/** `sync-agent check`: validates the configuration and every article. Contacts nothing, changes nothing. */
export async function check(invocation: Invocation, io: Io): Promise<number> {
  const { flags } = invocation;
  const session = await openSession(invocation, io, { logLevel: "warn", secretsRequired: false });
  const { log, lang, colour } = session;
  const settled = await settledArticles(session.settings, flags.worktree, log);
  const settings = { ...session.settings, articles: settled };
  const selector = createSelector(settled);
  const files = await openFiles(settings, selector, flags.worktree ? "worktree" : "revision", log);
  const articles = createArticles({ settings: settled, agentVersion: version });
  try {
    const nowMs = Date.now();
    const found = tallyFor(flags.format);
    const habits = new Habits();
    const look = async (file: Candidate): Promise<LintedFile> => {
      const linted = await lintFile(articles, file, nowMs);
      habits.take(linted.path, linted.unrendered);
      return linted;
    };
    await checkFiles(files, look, nowMs, lang, found);
    const { revision } = files;
    const inConfig = [
      ...(await globFindings(session.settings, log, lang)),
      ...habits.findings(settings.file, lang),
    ];
    const { strict } = flags;
    const { repo } = settings;
    const preset = session.found;
    const report = { config: settings.file, repo, revision, found, preset, inConfig, strict };
    io.stdout(formatReport(report, flags.format, colour, lang));
    return isSound(report) ? 0 : 1;
  } finally {
    await articles.close();
    await files.close();
    log.flush();
  }
}
