/** The YAML of a front matter block, parsed within bounds. Runs in the main thread or in a worker. */
import frontMatter from "front-matter";
import { DEPTH_MAX, excess, isContainer } from "./bounds.ts";
import { fault, glued, type Parsed, syntaxFault, type YamlError } from "./yaml-fault.ts";

/** Its types speak of a `default` that the CommonJS module does not have. */
const extract = frontMatter as unknown as typeof frontMatter.default;
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
export function parseYaml(yaml: string): Parsed {
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
