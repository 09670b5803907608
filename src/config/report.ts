import * as v from "valibot";
import { nearest } from "../messages/nearest.ts";
import { shown } from "./kinds.ts";
import { configSchema } from "./schema.ts";

/** Keys whose values, or the values below them, are not for logs. */
const secretLike = /token|secret|passw|credential|auth|cookie|api-?_?key|headers|^tls\.key/i;

/**
 * Everything that is wrong with a configuration, one line a fault: key, what was found, what is allowed.
 * Values of keys that sound like secrets are not shown.
 */
export function faults(issues: readonly v.BaseIssue<unknown>[]): string[] {
  return issues.map((issue) => {
    const key = v.getDotPath(issue);
    if (key === null) return `found ${shown(issue.input)}, allowed: ${issue.message}`;
    if (issue.type === "never") return `${key}: unknown key${suggestion(key)}`;
    if (issue.input === undefined) return `${key}: missing, allowed: ${allowed(key)}`;
    return `${key}: found ${found(key, issue.input)}, allowed: ${issue.message}`;
  });
}

function found(key: string, value: unknown): string {
  if (!secretLike.test(key)) return shown(value);
  if (typeof value === "string") return value === "" ? '""' : "a text (not shown)";
  if (Array.isArray(value)) return "a list (not shown)";
  return typeof value === "object" && value !== null
    ? `a map of ${Object.keys(value).join(", ") || "nothing"} (values not shown)`
    : shown(value);
}

/** Where an unknown key may have been meant to stand: a near name here, or the same name elsewhere. */
function suggestion(key: string): string {
  const parts = key.split(".");
  const name = parts.pop() ?? key;
  const here = keysOf(parts.join("."));
  const near = nearest(name, here);
  const prefix = parts.length === 0 ? "" : `${parts.join(".")}.`;
  if (near !== null) return `, did you mean ${prefix}${near}?`;
  const elsewhere = allKeys().flatMap((known) => {
    const steps = known.split(".");
    const depth = steps.indexOf(name);
    return depth === -1 ? [] : [steps.slice(0, depth + 1).join(".")];
  });
  if (elsewhere.length > 0) return `, did you mean ${[...new Set(elsewhere)].join(" or ")}?`;
  return `, allowed: ${here.join(", ")}`;
}

function allowed(key: string): string {
  const schema = keySchemas().get(key);
  const notes = schema === undefined ? {} : v.getMetadata(schema);
  return typeof notes["allowed"] === "string" ? notes["allowed"] : "a map of keys";
}

function keysOf(section: string): string[] {
  const prefix = section === "" ? "" : `${section}.`;
  const below = allKeys().filter((key) => key.startsWith(prefix));
  return [...new Set(below.map((key) => key.slice(prefix.length).split(".")[0] ?? ""))];
}

const allKeys = (): string[] => [...keySchemas().keys()];

/** Every key with a value of its own, dotted, in the order of the schema. */
export function keySchemas(): Map<string, v.GenericSchema> {
  const keys = new Map<string, v.GenericSchema>();
  const walk = (entries: v.ObjectEntries, prefix: string): void => {
    for (const [name, entry] of Object.entries(entries)) {
      const inner = entriesOf("wrapped" in entry ? entry.wrapped : entry);
      if (inner === null) keys.set(`${prefix}${name}`, entry as v.GenericSchema);
      else walk(inner, `${prefix}${name}.`);
    }
  };
  walk(entriesOf(configSchema) ?? {}, "");
  return keys;
}

/** Keys of a section, which is a pipe that ends in an object; null for the schema of one value. */
function entriesOf(schema: unknown): v.ObjectEntries | null {
  const last = (schema as { pipe?: readonly unknown[] }).pipe?.at(-1);
  return (last as { entries?: v.ObjectEntries }).entries ?? null;
}
