/** Validates a configuration file by the schema; reports everything that is wrong at once. */
import { nearest } from "../messages/nearest.ts";
import type { Phrase } from "../messages/words.ts";
import { isMap, shown } from "./kinds.ts";
import { allKeys, type Config, isKey, type Key, SCHEMA, type Section } from "./schema.ts";

/** Keys whose values, or the values below them, are not for logs. */
const SECRET_LIKE = /token|secret|passw|credential|auth|cookie|api-?_?key|headers|^tls\.key/i;

/**
 * Validates a configuration and fills in what was left out.
 *
 * @param written What stands in the file, the flags that beat it worked in.
 * @returns The configuration; or a line for each fault: key, what was found, what is allowed. Values of keys
 *   that sound like secrets are not in it.
 */
export function validate(written: unknown): { readonly config: Config } | { readonly faults: Phrase[] } {
  if (!isMap(written)) {
    const found = shown(written);
    return { faults: [(words) => words.key.wrongWhole(found(words), words.allowed.settings)] };
  }
  const faults: Phrase[] = [];
  const config = readSection(SCHEMA, written, "", faults);
  return faults.length > 0 ? { faults } : { config: config as Config };
}

function readSection(section: Section, written: unknown, prefix: string, faults: Phrase[]): unknown {
  if (!isMap(written)) {
    const name = prefix.slice(0, -1);
    const [first = ""] = Object.keys(section);
    faults.push((words) => words.key.wrong(name, found(name, written)(words), words.allowed.section(first)));
    return null;
  }
  for (const name of Object.keys(written)) {
    if (!Object.hasOwn(section, name)) faults.push(unknownKey(`${prefix}${name}`, name, prefix, section));
  }
  return Object.fromEntries(
    Object.entries(section).map(([name, entry]) => {
      const value = written[name];
      const dotted = `${prefix}${name}`;
      if (isKey(entry)) return [name, readKey(dotted, entry, value, faults)];
      return [name, readSection(entry, value === undefined ? {} : value, `${dotted}.`, faults)];
    }),
  );
}

function readKey(
  name: string,
  { kind, byDefault, isRequired }: Key<unknown>,
  written: unknown,
  faults: Phrase[],
) {
  const value = written === undefined ? byDefault : written;
  if (value === undefined) {
    if (isRequired) faults.push((words) => words.key.missing(name, kind.allowed(words)));
    return null;
  }
  const read = kind.read(value);
  if ("value" in read) return read.value;
  const allowed = read.allowed ?? kind.allowed;
  faults.push((words) => words.key.wrong(name, found(name, value)(words), allowed(words)));
  return null;
}

function found(name: string, value: unknown): Phrase {
  if (!SECRET_LIKE.test(name) || value === "") return shown(value);
  if (typeof value === "string") return ({ key }) => key.hiddenText;
  if (Array.isArray(value)) return ({ key }) => key.hiddenList;
  return isMap(value) ? ({ key }) => key.hiddenMap(Object.keys(value)) : shown(value);
}

/** Names the key that may have been meant: a near name here, or the same name elsewhere. */
function unknownKey(dotted: string, name: string, prefix: string, section: Section): Phrase {
  const here = Object.keys(section);
  const near = nearest(name, here);
  if (near !== null) return ({ key }) => key.unknownNear(dotted, [`${prefix}${near}`]);
  const elsewhere = allKeys().flatMap(([known]) => {
    const steps = known.split(".");
    const depth = steps.indexOf(name);
    return depth === -1 ? [] : [steps.slice(0, depth + 1).join(".")];
  });
  if (elsewhere.length > 0) return ({ key }) => key.unknownNear(dotted, [...new Set(elsewhere)]);
  return ({ key }) => key.unknown(dotted, here);
}
