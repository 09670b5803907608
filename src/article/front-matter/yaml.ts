/** The YAML of a front matter block, parsed within bounds. Runs in the main thread or in a worker. */
import frontMatter from "front-matter";
import { fault, glued, syntaxFault, type YamlError, type YamlFault } from "./yaml-fault.ts";

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

/**
 * Parses the YAML between the fences with front-matter.
 *
 * Dates, numbers and aliases come out as js-yaml makes them: a date that does not exist has rolled over,
 * `010` is 8. Where text is wanted it is read from the source again, see `entries.ts`.
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
      return fault("yaml-line-break", Math.max(yaml.search(/[\u2028\u2029\r](?=---|\.\.\.)/), 0));
    value = parsed.attributes;
  } catch (error) {
    if (error instanceof RangeError) return fault("front-matter-too-deep", 0, { depth: DEPTH_MAX });
    return syntaxFault(error as YamlError, BEFORE.length, yaml);
  }
  if (!isContainer(value) || Array.isArray(value)) {
    const start = /^(?:[ \t]*(?:#.*)?\r?\n)*[ \t]*/.exec(yaml)?.[0].length ?? 0;
    return glued(yaml) ?? fault("front-matter-not-map", start);
  }
  return excess(value) ?? { kind: "map", attributes: value as Record<string, unknown> };
}

/** A list or a map; dates and `!!binary` are values. */
function isContainer(value: unknown): value is object {
  return (
    typeof value === "object" && value !== null && !(value instanceof Date) && !ArrayBuffer.isView(value)
  );
}

/** Follows every alias, so that a short text that stands for a huge one is found before it is copied. */
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
