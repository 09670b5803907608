import type { Kind } from "./problems.ts";

/** What a value is, for messages that have to say what was found instead of what was wanted. */
export function kindOf(value: unknown): Kind {
  const type = typeof value;
  if (type === "string") return "text";
  if (type === "number") return Number.isFinite(value) ? "number" : "not-finite";
  if (type !== "object") return type;
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "invalid-date" : "date";
  if (value instanceof Promise) return "promise";
  return isPlain(value) ? "map" : "object";
}

/** A map as YAML and JSON know it: no instance of a class. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
