import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { UsageError } from "../errors.ts";

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
  if (text.trim() === "")
    throw new UsageError(`${path} is empty`, '"sync-agent init" writes one to start from.');
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
      throw new UsageError(
        `Cannot load ${path}: found ${extension === "" ? "a name without extension" : `the extension "${extension}"`}, ` +
          'allowed: ".ts", ".mts", ".js", ".mjs", ".json", ".yaml", ".yml"',
      );
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === "ENOENT"
        ? "it does not exist"
        : code === "EISDIR"
          ? "it is a directory"
          : code === "EACCES" || code === "EPERM"
            ? "permission denied"
            : message;
    throw new UsageError(`Cannot read the configuration file ${path}: ${reason}`, "", { cause: error });
  }
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
    throw new UsageError(`Cannot load ${place}: ${reason}`, "", {
      cause: error,
    });
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
      throw new UsageError(`Cannot load ${path}: ${reason}`, "", { cause: unresolved });
    }
  }
  const { line, col } = lineCounter.linePos(error.pos[0]);
  throw new UsageError(`Cannot load ${path}:${line}:${col}: ${error.message}`, "", { cause: error });
}

function lineAndColumn(text: string, offset: number): string {
  const before = text.slice(0, offset).split("\n");
  return `${before.length}:${(before.at(-1) ?? "").length + 1}`;
}
