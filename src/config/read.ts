import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { UsageError } from "../errors.ts";
import type { Phrase } from "../messages/words.ts";

/** Extensions that a configuration file may have. */
export const EXTENSIONS = [".ts", ".mts", ".js", ".mjs", ".json", ".yaml", ".yml"];

/**
 * Reads a configuration file: code is run, JSON and YAML are parsed.
 *
 * @param path Absolute path.
 * @returns What stands in it, unchecked.
 * @throws {UsageError} When it cannot be read, run or parsed.
 */
export async function readConfig(path: string): Promise<unknown> {
  const extension = extname(path);
  const text = readText(path);
  if (text.trim() === "") throw new UsageError((words) => words.emptyConfig(path));
  switch (extension) {
    case ".ts":
    case ".mts":
    case ".js":
    case ".mjs": {
      const { loadModule } = await import("./module.ts");
      return loadModule(path);
    }
    case ".json":
      return parseJson(text, path);
    case ".yaml":
    case ".yml":
      return parseYaml(text, path);
    default:
      throw new UsageError((words) => words.wrongExtension(path, extension, EXTENSIONS));
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    throw new UsageError((words) => words.cannotReadConfig(path, reasonOf(error)(words)), { cause: error });
  }
}

/** Why a file could not be read or written. */
export function reasonOf(error: unknown): Phrase {
  const { code, message } = error as NodeJS.ErrnoException;
  return ({ reasons }) => {
    if (code === "ENOENT") return reasons.missing;
    if (code === "EISDIR") return reasons.isFolder;
    return code === "EACCES" || code === "EPERM" ? reasons.denied : message;
  };
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const [, offset] = /at position (\d+)/.exec(message) ?? [];
    // Older engines name no position for some errors; then the file alone has to do.
    const place = offset === undefined ? path : `${path}:${lineAndColumn(text, Number(offset))}`;
    const reason = message.replace(/,? (in JSON at position|"|\.\.\.").*$/s, "");
    throw new UsageError((words) => words.cannotLoad(place, reason), { cause: error });
  }
}

async function parseYaml(text: string, path: string): Promise<unknown> {
  const { LineCounter, parseDocument } = await import("yaml");
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const [error] = document.errors;
  if (error === undefined) {
    try {
      return document.toJS();
    } catch (unresolved) {
      const reason = unresolved instanceof Error ? unresolved.message : String(unresolved);
      throw new UsageError((words) => words.cannotLoad(path, reason), { cause: unresolved });
    }
  }
  const { line, col } = lineCounter.linePos(error.pos[0]);
  const place = `${path}:${line}:${col}`;
  throw new UsageError((words) => words.cannotLoad(place, error.message), { cause: error });
}

function lineAndColumn(text: string, offset: number): string {
  const before = text.slice(0, offset).split("\n");
  return `${before.length}:${(before.at(-1) ?? "").length + 1}`;
}
