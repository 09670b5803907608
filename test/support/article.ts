/** Articles as text, and their verdicts, without a repository. */
import type { ArticleRoom, ArticlesOptions } from "../../src/article/articles.ts";
import { createArticles } from "../../src/article/articles.ts";
import type { LintResult } from "../../src/article/lint.ts";
import type { ArticleSettings } from "../../src/config/settings.ts";
import type { ParsedFile, Problem, Verdict } from "../../src/sync/model.ts";

/** Settings as they are without any configuration. */
export function articleSettings(changes: Partial<ArticleSettings> = {}): ArticleSettings {
  return {
    include: ["**/*.md"],
    exclude: ["**/README.md"],
    maxSizeBytes: 1024 * 1024,
    markdown: "commonmark",
    math: false,
    containers: false,
    html: "safe",
    links: { article: null, asset: null },
    future: "publish",
    keys: { draft: null },
    timezone: "UTC",
    attributes: null,
    schema: null,
    map: null,
    ...changes,
  };
}

export function articleRoom(
  changes: Partial<ArticleSettings> = {},
  options: Partial<ArticlesOptions> = {},
): ArticleRoom {
  return createArticles({ settings: articleSettings(changes), agentVersion: "0.0.0", ...options });
}

/** A file with these front matter lines besides an id, a title and a date, and this body. */
export function article(lines = "", body = "Body.\n"): string {
  return `---\nid: intro\ntitle: Hello\ndate: 2020-08-07\n${lines}${lines === "" ? "" : "\n"}---\n${body}`;
}

export function bytesOf(file: string | Uint8Array): Uint8Array {
  return typeof file === "string" ? new TextEncoder().encode(file) : file;
}

/** Parses one file in a room of its own. */
export async function parse(
  file: string | Uint8Array,
  changes: Partial<ArticleSettings> = {},
  options: Partial<ArticlesOptions> = {},
): Promise<ParsedFile> {
  const room = articleRoom(changes, options);
  try {
    return await room.parse("posts/a.md", "0".repeat(40), { kind: "bytes", bytes: bytesOf(file) }, 1);
  } finally {
    await room.close();
  }
}

/** Parses one file in detail, with warnings, on 1 January 2026. */
export async function lint(
  file: string | Uint8Array,
  changes: Partial<ArticleSettings> = {},
): Promise<LintResult> {
  const room = articleRoom(changes);
  try {
    return await room.lint("posts/a.md", bytesOf(file), Date.UTC(2026, 0, 1));
  } finally {
    await room.close();
  }
}

/** The payload of a file that must be an article. */
export async function payloadOf(
  file: string,
  changes: Partial<ArticleSettings> = {},
): Promise<Record<string, unknown>> {
  const { verdict, body } = await parse(file, changes);
  if (verdict.kind !== "article" || body === null)
    throw new Error(`No article but ${JSON.stringify(verdict)}`);
  return JSON.parse(new TextDecoder().decode(body));
}

/** The problems of a file that must be rejected. */
export async function problemsOf(
  file: string | Uint8Array,
  changes: Partial<ArticleSettings> = {},
): Promise<readonly Problem[]> {
  return rejectionOf((await parse(file, changes)).verdict).problems;
}

export function rejectionOf(verdict: Verdict): Extract<Verdict, { kind: "rejected" }> {
  if (verdict.kind !== "rejected") throw new Error(`Not rejected but ${JSON.stringify(verdict)}`);
  return verdict;
}

/** `code@line:column+length`, for short expectations. */
export function places(problems: readonly Problem[]): string[] {
  return problems.map(({ code, line, column, length }) => `${code}@${line}:${column}+${length}`);
}
