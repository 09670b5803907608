/**
 * What can still be found in front matter that does not parse: all that is wrong in it, not only the first
 * fault, and its id. Each faulty line is read as its author most likely meant it, and what is below it is
 * checked as well.
 */
import type { Problem } from "../sync/model.ts";
import type { Executor } from "./executor.ts";
import type { Block } from "./front-matter/fence.ts";
import { FrontMatter } from "./front-matter/front-matter.ts";
import { loadNotation } from "./front-matter/syntax.ts";
import type { YamlFault } from "./front-matter/yaml-fault.ts";
import { lineAt, problemAt } from "./problem.ts";
import { unsafeId, type ValidationContext, validate, WORDED_KEYS } from "./validate.ts";

/** How fields are read, as far as it does not depend on the file. */
type FieldContext = Pick<ValidationContext, "rules" | "zone" | "path">;

/** More faults than that are left for when these are fixed. */
const FAULTS_MAX = 10;
/** Longer front matter is not parsed again and again, UTF-16 code units. */
const YAML_MAX = 16 * 1024;
/** The id is looked for at the beginning of a file only, UTF-16 code units. */
const READABLE_MAX = 64 * 1024;
/** The id in YAML, and in what begins otherwise: TOML, JSON. */
const ID_LINE = /^id[ \t]*:[ \t]+([^\n]*)$/m;
const ID_LINES: Readonly<Record<string, RegExp>> = {
  "+": /^id[ \t]*=[ \t]*([^\n]*)$/m,
  "{": /^[ \t]*"id"[ \t]*:[ \t]*([^\n,]*)/m,
};
const VALUE = /^([ \t]*(?:-[ \t]+)?)([\p{L}_][\p{L}\p{N}_-]*)[ \t]*[:：][ \t]*(.*)$/su;
const LINE_KEY = /^#?[ \t]*["']?([\p{L}_][\p{L}\p{N}_-]*)/u;

/**
 * The problems of front matter that does not parse, in the order of the file.
 *
 * @param text The file without byte order mark.
 * @param first The fault at which the parser stopped.
 * @param context How its fields are read; null where hooks decide what keys mean, so that only YAML is checked.
 */
export async function allProblems(
  executor: Executor,
  text: string,
  block: Block,
  first: YamlFault,
  context: FieldContext | null,
): Promise<Problem[]> {
  const problemOf = ({ code, params, length }: YamlFault, offset: number): Problem =>
    problemAt(text, { offset: block.yamlStart + offset, length }, code, params);
  const problems = [problemOf(first, first.offset)];
  // What an author may have meant is known of YAML alone.
  if (block.syntax !== "yaml") return problems;
  const lines = text.slice(block.yamlStart, block.yamlEnd).split("\n");
  const fixed = new Set<number>();
  /** How much longer the fixes have made the lines above. */
  let grown = 0;
  for (let fault = first; problems.length <= FAULTS_MAX && block.yamlEnd - block.yamlStart <= YAML_MAX; ) {
    const at = lineAt(lines.join("\n"), fault.offset).line - 1;
    const meant = meantBy(fault, lines[at] ?? "", lines[at + 1] ?? "");
    if (meant === null || fixed.has(at)) break;
    grown += meant.length - (lines[at] ?? "").length;
    lines[at] = meant;
    fixed.add(at);
    const parsed = await executor.parseYaml(lines.join("\n"));
    if (parsed.kind === "map") {
      if (context !== null)
        problems.push(
          ...(await fieldProblems(executor, text, block, parsed.attributes, lines, fixed, context)),
        );
      break;
    }
    // What is above was fine before, so this fix has only made things worse.
    if (parsed.offset < lines.slice(0, at + 1).join("\n").length + 1) break;
    problems.push(problemOf(parsed, parsed.offset - grown));
    fault = parsed;
  }
  return problems.sort((a, b) => a.line - b.line || a.column - b.column);
}

/**
 * Problems of the known keys, now that the YAML parses.
 *
 * @param lines The YAML with its fixes.
 * @param fixed Indices of the lines that are a guess: their own problem is enough.
 */
async function fieldProblems(
  executor: Executor,
  text: string,
  block: Block,
  attributes: Readonly<Record<string, unknown>>,
  lines: readonly string[],
  fixed: ReadonlySet<number>,
  context: FieldContext,
): Promise<Problem[]> {
  const yaml = lines.join("\n");
  const whole = `${text.slice(0, block.yamlStart)}${yaml}${text.slice(block.yamlEnd)}`;
  const yamlEnd = block.yamlStart + yaml.length;
  const notation = await loadNotation(block.syntax);
  const front = new FrontMatter(whole, { ...block, yamlEnd }, attributes, executor, notation);
  if (!(await front.readWords(WORDED_KEYS))) return [];
  const keys = new Set([...fixed].map((line) => LINE_KEY.exec(lines[line] ?? "")?.[1]));
  const issues = validate(attributes, {
    ...context,
    asWritten: front.asWritten,
    body: () => text.slice(block.bodyStart),
  }).issues.filter(({ key, params }) => !keys.has(key) && !keys.has(String(params["key"])));
  const firstLine = lineAt(text, block.yamlStart).line;
  return (await front.place(issues)).filter(({ line }) => !fixed.has(line - firstLine));
}

/** An id that can still be read in a broken file, so that its last good version can be kept. */
export function readableId(text: string): string | null {
  const head = text.slice(0, READABLE_MAX);
  const pattern = ID_LINES[head[0] ?? ""] ?? ID_LINE;
  const line = pattern.exec(head)?.[1]?.trimEnd() ?? "";
  const quoted = /^(["'])([^"'\\]*)\1/.exec(line)?.[2];
  const id = quoted ?? (/^[^"'#&*!|>[{%@`]/.test(line) ? line.replace(/[ \t]#.*$/s, "").trimEnd() : "");
  return id.trim() === "" || unsafeId(id) !== null ? null : id;
}

/** The line as it was most likely meant; null where that cannot be guessed. */
function meantBy({ code, params }: YamlFault, line: string, next: string): string | null {
  switch (code) {
    case "yaml-unclosed-quote":
    case "yaml-unclosed-bracket":
      // It may well go on below.
      return /^[ \t-]/.test(next) ? null : quoted(line);
    case "yaml-colon-in-value":
    case "yaml-colon-blank":
    case "yaml-wide-colon":
    case "yaml-after-value":
    case "yaml-reserved":
    case "yaml-alias":
    case "yaml-tag":
    case "yaml-escape":
      return quoted(line);
    case "yaml-wide-blank":
      return line.replace(/[\u3000\u00a0]+/u, " ");
    case "yaml-colon":
      return `#${line}`;
    case "yaml-duplicate-key":
      return /^[ \t-]/.test(next) ? null : line.replace(String(params["key"]), (key) => `# ${key}`);
    default:
      return null;
  }
}

function quoted(line: string): string | null {
  const [, head = "", key = "", value = ""] = VALUE.exec(line.trimEnd()) ?? [];
  return key === "" ? null : `${head}${key}: ${JSON.stringify(value)}`;
}
