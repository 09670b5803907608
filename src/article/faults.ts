/**
 * All that is wrong in front matter that does not parse, not just what the parser met first: each faulty
 * line is taken as its author most likely meant it, and what is below it is looked at as well.
 */
import type { Problem } from "../sync/model.ts";
import type { Zone } from "./date.ts";
import type { Executor } from "./executor.ts";
import type { Split } from "./fence.ts";
import { readFields } from "./fields.ts";
import { FrontMatter } from "./frontmatter.ts";
import { lineAt, problemAt } from "./position.ts";
import type { YamlFault } from "./yaml-fault.ts";

/** Whoever makes more slips than that goes on after mending these. */
const FAULTS_MAX = 10;
/** Longer front matter is not gone through again and again, UTF-16 code units. */
const YAML_MAX = 16 * 1024;
const VALUE = /^([ \t]*(?:-[ \t]+)?)([\p{L}_][\p{L}\p{N}_-]*)[ \t]*[:：][ \t]*(.*)$/u;
const LINE_KEY = /^#?[ \t]*["']?([\p{L}_][\p{L}\p{N}_-]*)/u;

type Block = Extract<Split, { kind: "block" }>;

/**
 * The problems of such front matter, in the order of the file.
 *
 * @param text The file without byte order mark.
 * @param first What the parser met first.
 * @param zone For dates without one; null where hooks decide what keys mean, so that only YAML is judged.
 */
export async function allFaults(
  renderer: Executor,
  text: string,
  block: Block,
  first: YamlFault,
  zone: Zone | null,
): Promise<Problem[]> {
  const problemOf = ({ code, params, length }: YamlFault, offset: number): Problem =>
    problemAt(text, { offset: block.yamlStart + offset, length }, code, params);
  const problems = [problemOf(first, first.offset)];
  const lines = text.slice(block.yamlStart, block.yamlEnd).split("\n");
  const mended = new Set<number>();
  const startOf = (line: number): number => lines.slice(0, line).join("\n").length + (line === 0 ? 0 : 1);
  /** How much longer mending has made the lines above. */
  let grown = 0;
  for (let fault = first; problems.length <= FAULTS_MAX && block.yamlEnd - block.yamlStart <= YAML_MAX; ) {
    const at = lineAt(lines.join("\n"), fault.offset).line - 1;
    const meant = meantBy(fault, lines[at] ?? "", lines[at + 1] ?? "");
    if (meant === null || mended.has(at)) break;
    grown += meant.length - (lines[at] ?? "").length;
    lines[at] = meant;
    mended.add(at);
    const yaml = lines.join("\n");
    const parsed = await renderer.parseYaml(yaml);
    if (parsed.kind === "map") {
      if (zone !== null) problems.push(...(await fieldProblems(parsed.attributes, yaml, mended, zone)));
      break;
    }
    // What is above was fine before, so mending it anew has only made things worse.
    if (parsed.offset < startOf(at + 1)) break;
    problems.push(problemOf(parsed, parsed.offset - grown));
    fault = parsed;
  }
  return problems.sort((a, b) => a.line - b.line || a.column - b.column);

  async function fieldProblems(
    attributes: Readonly<Record<string, unknown>>,
    yaml: string,
    guessed: ReadonlySet<number>,
    zone: Zone,
  ): Promise<Problem[]> {
    const whole = `${text.slice(0, block.yamlStart)}${yaml}${text.slice(block.yamlEnd)}`;
    const yamlEnd = block.yamlStart + yaml.length;
    const front = new FrontMatter(whole, { ...block, yamlEnd }, attributes, (source) =>
      renderer.findEntries(source),
    );
    if (!(await front.readWords(false))) return [];
    const firstLine = lineAt(text, block.yamlStart).line;
    const keys = new Set([...guessed].map((line) => LINE_KEY.exec(lines[line] ?? "")?.[1]));
    // Of a line whose meaning is a guess, its own problem is enough.
    const issues = readFields(attributes, front.asWritten, zone).issues.filter(
      ({ key, params }) => !keys.has(key) && !keys.has(String(params["key"])),
    );
    return (await front.place(issues)).filter(({ line }) => !guessed.has(line - firstLine));
  }
}

/** The line as it was most likely meant; null where that is anybody's guess. */
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
