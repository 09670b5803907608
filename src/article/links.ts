/** Where relative links and images of an article lead on its published page: `articles.links`. */
import { posix } from "node:path";
import type { ArticleSettings } from "../config/settings.ts";
import { GROWTH_FREE, GROWTH_MAX } from "../markdown/renderer.ts";
import { markTarget, replaceTargets } from "../markdown/url.ts";
import { kindOf } from "../messages/problems.ts";
import type { Issue } from "./problem.ts";

type Links = ArticleSettings["links"];

/** What published pages lead to. */
export interface Placed {
  readonly html: string | null;
  readonly cover: string;
}

const MARKDOWN = /\.(?:md|markdown|mdown|mdx)$/i;
/** Pages of a site, which no file of the repository need stand for. */
const PAGE = /(?:^|\/)[^./]*$|\.html?$/i;
const INDEX = /^(?:_?index|readme)$/i;

/** Whether anything is to be replaced. */
export const replacesLinks = ({ article, asset }: Links): boolean => article !== null || asset !== null;

/** Whether functions of the configuration say where links lead. */
export const hasLinkHooks = ({ article, asset }: Links): boolean =>
  typeof article === "function" || typeof asset === "function";

/**
 * Replaces relative targets.
 *
 * @param path Of the article in the repository.
 * @param html Rendered with its targets marked.
 * @param bodyLength Length of the Markdown, UTF-16 code units: it decides how long the HTML may get.
 * @returns What is wrong when a function fails or the HTML gets too long.
 */
export function placeLinks(
  links: Links,
  path: string,
  { html, cover }: Placed,
  bodyLength: number,
): Placed | Issue {
  if (!replacesLinks(links)) return { html, cover };
  const lengthMax = bodyLength * GROWTH_MAX + GROWTH_FREE;
  let growth = html?.length ?? 0;
  try {
    const replace = (target: string, use: "link" | "media"): string => {
      const placed = placeOf(links, path, target, use);
      growth += placed.length;
      if (growth > lengthMax) throw new TooLong();
      return placed;
    };
    const isRelative = markTarget(cover, "media") !== cover;
    return {
      html: html === null ? null : replaceTargets(html, replace),
      cover: isRelative ? replace(cover, "media") : cover,
    };
  } catch (error) {
    if (error instanceof TooLong) return { code: "html-too-large", params: { times: GROWTH_MAX } };
    if (error instanceof NoText) return { code: "link-hook-result", params: { found: kindOf(error.found) } };
    const message = error instanceof Error ? error.message : String(error);
    return { code: "hook-failed", params: { hook: "links", message: message.slice(0, 500).toWellFormed() } };
  }
}

class TooLong extends Error {}

class NoText extends Error {
  readonly found: unknown;

  constructor(found: unknown) {
    super();
    this.found = found;
  }
}

function placeOf(links: Links, from: string, target: string, use: "link" | "media"): string {
  const [, file = "", rest = ""] = /^([^?#]*)(.*)$/s.exec(target) ?? [];
  const path = posix.join(posix.dirname(from), decoded(file));
  const isPage = use === "link" && PAGE.test(path);
  if (file === "" || path.startsWith("../") || path.endsWith("/") || isPage) return target;
  const place = use === "link" && MARKDOWN.test(path) ? links.article : links.asset;
  if (place === null) return target;
  const placed = typeof place === "string" ? filled(place, path) : place(path);
  if (typeof placed !== "string") throw new NoText(placed);
  return placed + rest;
}

/** A template with what stands for the path; a folder that is none takes its slash with it. */
function filled(template: string, path: string): string {
  const { dir, name } = posix.parse(path);
  const stem = INDEX.test(name) && dir !== "" ? posix.basename(dir) : name;
  const values: Readonly<Record<string, string>> = { path, dir, name: stem };
  return template.replace(/\{(path|dir|name)\}(\/?)/g, (_, key: string, slash: string) => {
    const value = values[key] ?? "";
    return value === "" ? "" : value.split("/").map(encodeURIComponent).join("/") + slash;
  });
}

function decoded(target: string): string {
  try {
    return decodeURIComponent(target);
  } catch {
    return target;
  }
}
