/** From a valid article to the bytes that are sent: default payload, canonical JSON, digest. */
import { hash } from "node:crypto";
import canonicalize from "canonicalize";
import type { Payload } from "../index.ts";
import { isPlain, type Kind, kindOf } from "../messages/problems.ts";
import type { Digest } from "../sync/model.ts";
import type { HookResult } from "./hooks.ts";
import type { Issue } from "./problem.ts";
import { type Fields, unsafeId } from "./validate.ts";

const DEPTH_MAX = 200;
const encoder = new TextEncoder();

/** The payload of an article that no hook has changed. `html` is null where none is wanted. */
export function defaultPayload(path: string, fields: Fields, body: string, html: string | null): Payload {
  const createdAt = timestamp(fields.dateMs);
  return {
    id: fields.id,
    title: fields.title,
    description: fields.description,
    body,
    cover: fields.cover,
    tags: [...fields.tags],
    created_at: createdAt,
    updated_at: timestamp(fields.updatedMs) ?? createdAt,
    is_external: fields.isExternal,
    external_url: fields.externalURL,
    ...(html === null ? {} : { html }),
    path,
    ...(fields.lang === null ? {} : { lang: fields.lang }),
  };
}

/** A record as it is: all that its file says, with its id and its path. */
export function recordPayload(
  path: string,
  id: string,
  attributes: Readonly<Record<string, unknown>>,
): Record<string, unknown> & { id: string } {
  return { path, ...attributes, id };
}

function timestamp(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
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

/** A payload ready to be sent, under its id. */
export interface SealedPayload {
  readonly id: string;
  readonly payload: Record<string, unknown>;
  readonly sealed: Sealed;
}

/** Seals the payload that the hook `map` returned, if it has an id and JSON can carry it. */
export function sealMapped(payload: Record<string, unknown>): HookResult<SealedPayload> {
  const issue = (one: Issue): HookResult<never> => ({ kind: "issues", issues: [one] });
  try {
    const unfit = findUnfit(payload, "", []);
    if (unfit !== null) return issue(unfit);
    const { id } = payload;
    if (typeof id !== "string") return issue({ code: "map-id", params: { found: kindOf(id) } });
    if (id.trim() === "") return issue({ code: "empty-key", params: { key: "id" } });
    const unsafe = unsafeId(id);
    if (unsafe !== null) return issue(unsafe);
    return { kind: "value", value: { id, payload, sealed: seal(payload) } };
  } catch (error) {
    // Getters and toJSON of the user's objects run only now.
    const message = error instanceof Error ? error.message : "it cannot be read";
    return issue({ code: "hook-failed", params: { hook: "map", message } });
  }
}

/**
 * The first value of a payload that JSON would drop, change or refuse; null if it carries them all. A
 * property that is undefined counts as absent. Dates become text, as everywhere in JSON.
 *
 * @param key The way to the value: `tags[2]`, `author.name`.
 * @param above The objects that it is in.
 */
function findUnfit(value: unknown, key: string, above: readonly object[]): Issue | null {
  const notJson = (found: Kind): Issue => ({ code: "not-json", params: { key, found } });
  if (typeof value === "string")
    return value.isWellFormed() ? null : { code: "unpaired-surrogate", params: { key } };
  if (value === null || typeof value === "boolean") return null;
  const kind = kindOf(value);
  if (typeof value !== "object") return kind === "number" ? null : notJson(kind);
  if (above.includes(value) || above.length >= DEPTH_MAX) return notJson("cycle");
  if (kind === "date") return null;
  if (kind === "invalid-date" || kind === "promise") return notJson(kind);
  const inside = [...above, value];
  if ("toJSON" in value && typeof value.toJSON === "function") return findUnfit(value.toJSON(), key, inside);
  // Indices, not entries: a hole in a list is undefined, and JSON would make it null.
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const found = findUnfit(value[index], `${key}[${index}]`, inside);
      if (found !== null) return found;
    }
    return null;
  }
  if (!isPlain(value) && hidesItsValue(value)) return notJson("object");
  for (const [name, member] of Object.entries(value)) {
    const path = key === "" ? name : `${key}.${name}`;
    if (!name.isWellFormed()) return { code: "unpaired-surrogate", params: { key: path.toWellFormed() } };
    const found = member === undefined ? null : findUnfit(member, path, inside);
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
