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
import type { Parsed, YamlFault } from "./front-matter/yaml-fault.ts";
import { lineAt, problemAt } from "./problem.ts";
import { KNOWN_KEYS, unsafeId, type ValidationContext, validate, WORDED_KEYS } from "./validate.ts";

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
const TYPOGRAPHIC = /^[“”„‟＂]([^“”„‟＂]*)[“”‟＂]$/;
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
  const lines = text.slice(block.yamlStart, block.yamlEnd).split("\n");
  // What an author may have meant is known of YAML alone.
  const isShort = block.syntax === "yaml" && block.yamlEnd - block.yamlStart <= YAML_MAX;
  const problems: Problem[] = [];
  const fixed = new Set<number>();
  /** How much longer the fixes have made the lines above. */
  let grown = 0;
  for (let fault: YamlFault | null = first; fault !== null && problems.length <= FAULTS_MAX; ) {
    const { code, params, length } = fault;
    const at: number = lineAt(lines.join("\n"), fault.offset).line - 1;
    const fix: Fix | null = isShort && !fixed.has(at) ? await fixOf(executor, fault, lines, at) : null;
    const isHere = fix === null || fix.at === at;
    const offset = isHere
      ? fault.offset
      : lines
          .slice(0, fix.at)
          .map((one) => `${one}\n`)
          .join("").length;
    const stretch = { offset: block.yamlStart + offset - grown, length };
    problems.push(problemAt(text, stretch, code, fix === null ? params : { ...params, ...shownFix(fix) }));
    if (fix === null) break;
    grown += fix.line.length - (lines[fix.at] ?? "").length;
    lines[fix.at] = fix.line;
    fixed.add(fix.at);
    fault = fix.parsed.kind === "fault" ? fix.parsed : null;
    if (fix.parsed.kind === "fault" || context === null) continue;
    const { attributes } = fix.parsed;
    problems.push(...(await fieldProblems(executor, text, block, attributes, lines, fixed, context)));
  }
  return problems.sort((a, b) => a.line - b.line || a.column - b.column);
}

/** A line as it was most likely meant, and what the whole is with it. */
interface Fix {
  readonly at: number;
  readonly line: string;
  readonly parsed: Parsed;
}

/** The first guess with which the parser comes further; null where none helps. */
async function fixOf(
  executor: Executor,
  fault: YamlFault,
  lines: readonly string[],
  at: number,
): Promise<Fix | null> {
  const line = lines[at] ?? "";
  const own = meantBy(fault, line, lines[at + 1] ?? "").map((meant) => ({ at, line: meant }));
  const above = lines[at - 1] ?? "";
  const isAbove = fault.code === "yaml-indentation" && /^[ \t]/.test(above);
  for (const guess of [...own, ...(isAbove ? [{ at: at - 1, line: above.trimStart() }] : [])]) {
    const all = lines.toSpliced(guess.at, 1, guess.line);
    const parsed = await executor.parseYaml(all.join("\n"));
    const end = all.slice(0, Math.max(at, guess.at) + 1).join("\n").length + 1;
    // What is above was fine before, so such a guess has only made things worse.
    if (parsed.kind === "map" || parsed.offset >= end) return { ...guess, parsed };
  }
  return null;
}

/** To comment a line out is a way to look at what is below it, and no advice. */
function shownFix({ line }: Fix): { readonly fix?: string } {
  return line.startsWith("#") || line.includes("# ") ? {} : { fix: line.trim() };
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

/** The line as it was most likely meant, the best guess first. */
function meantBy({ code, params }: YamlFault, line: string, next: string): string[] {
  const goesOn = /^[ \t-]/.test(next);
  switch (code) {
    case "yaml-unclosed-quote":
      return goesOn ? [] : quoted(line);
    case "yaml-unclosed-bracket":
      return goesOn ? [] : [...closed(line), ...quoted(line)];
    case "yaml-colon-in-value":
    case "yaml-colon-blank":
    case "yaml-wide-colon":
    case "yaml-after-value":
    case "yaml-reserved":
    case "yaml-alias":
    case "yaml-tag":
    case "yaml-escape":
      return quoted(line);
    case "yaml-indentation":
    case "yaml-tab":
      return [line.trimStart(), line.replaceAll("\t", "  "), ...quoted(line)].filter((one) => one !== line);
    case "yaml-wide-blank":
      return [line.replace(/[\u3000\u00a0]+/u, " ")];
    case "yaml-control-character":
      return [line.replace(/(?!\t)\p{Cc}/gu, "")];
    case "yaml-colon":
      return [...withColon(line), `#${line}`];
    case "yaml-duplicate-key":
      return goesOn ? [] : [line.replace(String(params["key"]), (key) => `# ${key}`)];
    default:
      return [];
  }
}

function quoted(line: string): string[] {
  const [, head = "", key = "", value = ""] = VALUE.exec(line.trimEnd()) ?? [];
  return key === "" ? [] : [`${head}${key}: ${inQuotes(plainOf(value))}`];
}

/** The text that was meant by a value with quotes that YAML does not take as such. */
function plainOf(value: string): string {
  const typographic = TYPOGRAPHIC.exec(value)?.[1];
  if (typographic !== undefined) return typographic;
  const quote = value.charAt(0);
  if (quote !== '"' && quote !== "'") return value;
  const inner = value.slice(1, -1);
  const others = inner.split(quote).length - 1;
  if (!value.endsWith(quote) || value.length < 2) return value.indexOf(quote, 1) < 0 ? value.slice(1) : value;
  // An apostrophe within a word ends nothing.
  return others === 0 || /^[^']*\p{L}'\p{L}[^']*$/u.test(inner) ? inner : value;
}

/** The text in the quotes that need the fewest escapes. */
function inQuotes(text: string): string {
  if (!/["\\]/.test(text)) return `"${text}"`;
  return text.includes("'") ? JSON.stringify(text) : `'${text}'`;
}

/** A list with its bracket, and with quotes around what would be a comment. */
function closed(line: string): string[] {
  const [, head = "", key = "", value = ""] = VALUE.exec(line.trimEnd()) ?? [];
  if (key === "" || !value.startsWith("[")) return [];
  const list = value.replace(/(?<=[[,][ \t]*)#[^,\]]*/g, (item) => inQuotes(item.trim()));
  return [list, `${list}]`].filter((one) => one.endsWith("]")).map((one) => `${head}${key}: ${one}`);
}

/** `title Hello`: a known key without its colon. */
function withColon(line: string): string[] {
  const [, key = "", value = ""] = /^(\w+)[ \t]+(\S.*)$/s.exec(line.trimEnd()) ?? [];
  return KNOWN_KEYS.includes(key) ? [`${key}: ${value}`, `${key}: ${inQuotes(value)}`] : [];
}
