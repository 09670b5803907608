/** From a valid article to the bytes that are sent: default payload, canonical JSON, digest. */
import { hash } from "node:crypto";
import canonicalize from "canonicalize";
import type { Payload } from "../index.ts";
import type { Code, Kind } from "../messages/problems.ts";
import { isPlain, kindOf } from "../messages/problems.ts";
import type { Digest, Problem } from "../sync/model.ts";
import type { Fields } from "./fields.ts";

const DEPTH_MAX = 200;
const encoder = new TextEncoder();

/** The payload of an article that no hook has changed. `html` is null where none is wanted. */
export function defaultPayload(path: string, fields: Fields, body: string, html: string | null): Payload {
  const createdAt = new Date(fields.dateMs).toISOString();
  return {
    id: fields.id,
    title: fields.title,
    description: fields.description,
    body,
    cover: fields.cover,
    tags: [...fields.tags],
    created_at: createdAt,
    updated_at: fields.updatedMs === null ? createdAt : new Date(fields.updatedMs).toISOString(),
    is_external: fields.isExternal,
    external_url: fields.externalURL,
    ...(html === null ? {} : { html }),
    path,
  };
}

/** A request body and what it is recognised by. */
export interface Sealed {
  /** Canonical JSON in UTF-8. */
  readonly body: Uint8Array;
  readonly digest: Digest;
}

/**
 * Canonical JSON of a payload and its SHA-256.
 *
 * @throws {Error} If a string has an unpaired surrogate.
 * @see RFC 8785
 */
export function seal(payload: object): Sealed {
  // Not Buffer.from, which has short texts share their memory: a body goes from thread to thread by itself.
  const body = encoder.encode(canonicalize(payload) ?? "");
  return { body, digest: hash("sha256", body, "hex") };
}

/** Something JSON cannot carry, and the way to it: `tags[2]`, `author.name`. */
export interface Unfit {
  readonly code: Extract<Code, "not-json" | "unpaired-surrogate">;
  readonly params: Problem["params"] & { readonly key: string };
}

/**
 * The first value of a payload that JSON would drop, change or refuse; null if it carries them all. A
 * property that is undefined counts as absent. Dates become text, as everywhere in JSON.
 */
export function findUnfit(payload: object): Unfit | null {
  return unfit(payload, "", []);
}

function unfit(value: unknown, key: string, above: readonly object[]): Unfit | null {
  const notJson = (found: Kind): Unfit => ({ code: "not-json", params: { key, found } });
  if (typeof value === "string")
    return value.isWellFormed() ? null : { code: "unpaired-surrogate", params: { key } };
  if (value === null || typeof value === "boolean") return null;
  const kind = kindOf(value);
  if (typeof value !== "object") return kind === "number" ? null : notJson(kind);
  if (above.includes(value) || above.length >= DEPTH_MAX) return notJson("cycle");
  if (kind === "date") return null;
  if (kind === "invalid-date" || kind === "promise") return notJson(kind);
  const inside = [...above, value];
  if ("toJSON" in value && typeof value.toJSON === "function") return unfit(value.toJSON(), key, inside);
  // Indices, not entries: a hole in a list is undefined, and JSON would make it null.
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const found = unfit(value[index], `${key}[${index}]`, inside);
      if (found !== null) return found;
    }
    return null;
  }
  if (!isPlain(value) && hidesItsValue(value)) return notJson("object");
  for (const [name, member] of Object.entries(value)) {
    const path = key === "" ? name : `${key}.${name}`;
    if (!name.isWellFormed()) return { code: "unpaired-surrogate", params: { key: path.toWellFormed() } };
    const found = member === undefined ? null : unfit(member, path, inside);
    if (found !== null) return found;
  }
  return null;
}

/** Built-in objects whose contents JSON does not see: it would write `{}`, or an object of indices. */
function hidesItsValue(value: object): boolean {
  return (
    value instanceof Map ||
    value instanceof Set ||
    value instanceof WeakMap ||
    value instanceof WeakSet ||
    value instanceof RegExp ||
    value instanceof Error ||
    value instanceof ArrayBuffer ||
    ArrayBuffer.isView(value)
  );
}
