import { readFileSync } from "node:fs";
import nodeModule from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { UsageError } from "../errors.ts";
import type { Phrase } from "../messages/words.ts";
import { shown } from "./kinds.ts";

/**
 * What went wrong in the user's own code, as one sentence with `path:line:column` and without the stack of
 * the program that ran it. Node and Deno put the place into different parts of an error; where it is in none of
 * them, the file is parsed once more to find it.
 *
 * @param error What was thrown.
 * @param path The configuration file.
 * @param loader URL of the module that imported it; frames from there on are the program's own.
 * @param real The file itself, where the path leads through a link.
 */
export function codeError(error: unknown, path: string, loader: string, real = path): UsageError {
  if (error instanceof UsageError) return error;
  const message: Phrase =
    error instanceof Error ? () => error.message : (words) => words.code.threw(shown(error)(words));
  const text =
    error instanceof Error ? stripVTControlCharacters(`${error.message}\n${error.stack ?? ""}`) : "";
  const place = importedFrom(text, real) ?? caret(text) ?? frame(text, real, loader) ?? syntax(error, real);
  const hint = hintFor(error, text, real);
  const named = (said: string): string => said.replaceAll(real, path);
  return new UsageError(
    (words) => words.cannotLoad(named(place ?? path), named(sentence(message(words))), hint(words)),
    { cause: error },
  );
}

/** First line of a message, without the runtime's own words about places. */
function sentence(message: string): string {
  const [first = ""] = stripVTControlCharacters(message).split("\n");
  return first
    .replace(/^(SyntaxError|TypeError|Error|The module's source code could not be parsed): /, "")
    .replace(/ (imported from|at file:).*$/, "")
    .replace(/\?[\w-]+=\d+/g, "");
}

function hintFor(error: unknown, text: string, path: string): Phrase {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") {
    return ({ code }) => code.erasedOnly;
  }
  const [, name] =
    /Cannot find (?:package|module) '([^'./][^']*)'|Import "([^"]+)" not a dependency/
      .exec(text)
      ?.filter(Boolean) ?? [];
  if (name !== undefined) return ({ code }) => code.install(name);
  // What `deno compile` makes has just the modules it was made from: https://github.com/denoland/deno/issues/18327
  if (/Module not found:? "?file:/.test(text) && text.includes(pathToFileURL(path).href)) {
    return ({ code }) => code.compiled;
  }
  return ({ code }) => (/NotCapable|Requires \w+ access/.test(text) ? code.denied : "");
}

/** An import that leads nowhere: the line that has it. */
function importedFrom(text: string, path: string): string | null {
  const missing = /Cannot find (?:package|module) '([^']+)' imported from ([^\n]+)/.exec(text);
  if (missing === null) return null;
  const [, wanted = "", importer = path] = missing;
  const name = wanted.split("/").at(-1) ?? wanted;
  const file = importer
    .replace(/^file:\/\//, "")
    .replace(/\?.*$/, "")
    .trim();
  const lines = textOf(file).split("\n");
  const line = lines.findIndex(
    (candidate) => /\b(import|from|require)\b/.test(candidate) && candidate.includes(name),
  );
  return line === -1 ? file : `${file}:${line + 1}:${(lines[line] ?? "").indexOf(name) + 1}`;
}

/**
 * Node shows a syntax error as `URL:line`, the line itself, and `^^^` below what is wrong. What goes over
 * several lines is marked at their margin instead, then column 1 has to do.
 */
function caret(text: string): string | null {
  const [, url = "", line, below] = /^(file:[^\s?]+?)(?:\?\S*)?:(\d+)\n([\s\S]*?)\n\S/m.exec(text) ?? [];
  if (below === undefined) return null;
  const [, blanks = ""] = /^( *)\^+$/m.exec(below) ?? [];
  return `${fileURLToPath(url)}:${line}:${blanks.length + 1}`;
}

/** The topmost frame, unless it is the program's own; CommonJS frames have paths instead of URLs. */
function frame(text: string, path: string, loader: string): string | null {
  const commonJs = text.indexOf(`${path}:`);
  const [, line, column] =
    /^:(\d+):(\d+)/.exec(commonJs === -1 ? "" : text.slice(commonJs + path.length)) ?? [];
  if (line !== undefined && text[commonJs - 1] !== "/") return `${path}:${line}:${column}`;
  const topmost = /(file:[^\s?()]+?)(?:\?[^\s:]*)?:(\d+):(\d+)/.exec(text);
  if (topmost === null || topmost[1] === loader) return null;
  return `${fileURLToPath(topmost[1] ?? "")}:${topmost[2]}:${topmost[3]}`;
}

/** Node gives no place for a syntax error in plain JavaScript; the parser that erases types does. */
function syntax(error: unknown, path: string): string | null {
  if (!(error instanceof SyntaxError)) return null;
  try {
    nodeModule.stripTypeScriptTypes(textOf(path), { sourceUrl: "file:///config" });
    return null;
  } catch (located) {
    const place = caret(located instanceof Error ? (located.stack ?? "") : "");
    return place?.replace(/^\/config/, path) ?? null;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
