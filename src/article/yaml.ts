/** The YAML of a front matter block, parsed within bounds. Runs in the main thread or in a render thread. */
import frontMatter from "front-matter";
import type { Code } from "./messages.ts";

/** A fault of the YAML: `offset` and `length` in UTF-16 code units of the YAML text. */
export interface YamlFault {
  readonly kind: "fault";
  readonly code: Code;
  readonly params: Readonly<Record<string, string | number>>;
  readonly offset: number;
  readonly length: number;
}

export type Yaml =
  | { readonly kind: "map"; readonly attributes: Readonly<Record<string, unknown>> }
  | YamlFault;

/** Its types speak of a `default` that the CommonJS module does not have. */
const extract = frontMatter as unknown as typeof frontMatter.default;
/** Most values that front matter may stand for once its aliases are followed. */
const NODES_MAX = 100_000;
/** Most text that front matter may stand for once its aliases are followed, in UTF-16 code units. */
const TEXT_MAX = 4 * 1024 * 1024;
const DEPTH_MAX = 100;
/** Aliases in a complex key are written out while parsing, each at most as long as the whole text. */
const KEY_TEXT_MAX = 64 * 1024 * 1024;
/** Comments that keep front-matter's trimming off the first line's indentation and the last value. */
const BEFORE = "#\n";
const AFTER = "#";

interface YamlError extends Error {
  readonly reason?: string;
  readonly mark?: { readonly position: number };
}

/** How js-yaml's words for what went wrong are ours; what is not here is `yaml-syntax`. */
const REASONS: readonly (readonly [RegExp, Code])[] = [
  [/^duplicated mapping key/, "yaml-duplicate-key"],
  [/^bad indentation of a (mapping|sequence) entry/, "yaml-indentation"],
  [/within a (single|double) quoted scalar/, "yaml-unclosed-quote"],
  [/within a flow collection|^missed comma/, "yaml-unclosed-bracket"],
  [/^unidentified alias|alias node/, "yaml-alias"],
  [/tag/, "yaml-tag"],
  [/a colon is missed|multiline key/, "yaml-colon"],
  [/non-printable|null byte|valid JSON character/, "yaml-control-character"],
  [/^unknown escape|^expected hexadecimal/, "yaml-escape"],
  [/merge/, "front-matter-too-big"],
];

/**
 * Parses the YAML between the fences with front-matter.
 *
 * Dates, numbers and aliases come out as js-yaml makes them: a date that does not exist has rolled over,
 * `010` is 8. Whoever wants text reads it from the source again, see `entries.ts`.
 *
 * @param yaml Text between the fences, the line break before the closing fence included.
 */
export function parseYaml(yaml: string): Yaml {
  const aliases = yaml.includes("*") ? yaml.split("*").length - 1 : 0;
  if (aliases * yaml.length > KEY_TEXT_MAX) return fault("front-matter-too-big", 0);
  const source = `${BEFORE}${yaml}${AFTER}`;
  let value: unknown;
  try {
    const parsed = extract<unknown>(`---\n${source}\n---\n`);
    // Its own search for the closing fence also counts exotic line breaks.
    if (parsed.frontmatter !== source)
      return fault("yaml-line-break", (parsed.frontmatter ?? "").length - BEFORE.length);
    value = parsed.attributes;
  } catch (error) {
    return syntaxFault(error, yaml);
  }
  if (!isContainer(value) || Array.isArray(value)) return fault("front-matter-not-map", 0);
  return excess(value) ?? { kind: "map", attributes: value as Record<string, unknown> };
}

function fault(code: Code, offset: number, params: YamlFault["params"] = {}, length = 1): YamlFault {
  return { kind: "fault", code, params, offset, length };
}

function syntaxFault(error: unknown, yaml: string): YamlFault {
  if (error instanceof RangeError) return fault("front-matter-too-deep", 0, { depth: DEPTH_MAX });
  const { reason = "", mark } = error as YamlError;
  if (mark === undefined) {
    // Only "expected a single document" comes without a place.
    const second = yaml.search(/^---\s/m);
    return fault("yaml-two-documents", Math.max(second, 0), {}, 3);
  }
  const offset = Math.min(Math.max(mark.position - BEFORE.length, 0), Math.max(yaml.length - 1, 0));
  const lineStart = yaml.lastIndexOf("\n", offset - 1) + 1;
  const indentation = /^[ \t]*/.exec(yaml.slice(lineStart, offset + 1))?.[0] ?? "";
  if (indentation.includes("\t")) return fault("yaml-tab", lineStart + indentation.indexOf("\t"));
  const code = REASONS.find(([pattern]) => pattern.test(reason))?.[1] ?? "yaml-syntax";
  if (code === "yaml-duplicate-key") {
    const key = /^[^:\n]*/.exec(yaml.slice(offset, offset + 200))?.[0].trim() ?? "";
    return fault(code, offset, { key }, key.length);
  }
  return fault(code, offset, { reason });
}

/** A list or a map; dates and `!!binary` are values. */
function isContainer(value: unknown): value is object {
  return (
    typeof value === "object" && value !== null && !(value instanceof Date) && !ArrayBuffer.isView(value)
  );
}

/** Follows every alias, so that a short text that stands for a huge one is found before anyone copies it. */
function excess(root: object): YamlFault | null {
  let nodes = 0;
  let text = 0;
  let level: object[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEPTH_MAX) return fault("front-matter-too-deep", 0, { depth: DEPTH_MAX });
    const next: object[] = [];
    for (const container of level) {
      for (const [key, value] of Object.entries(container)) {
        text += key.length + (typeof value === "string" ? value.length : 8);
        if (++nodes > NODES_MAX || text > TEXT_MAX) return fault("front-matter-too-big", 0);
        if (isContainer(value)) next.push(value);
      }
    }
    level = next;
  }
  return null;
}
