import canonicalize from "canonicalize";
import { idBytesMax } from "../protocol.ts";
import { Denied, sha256 } from "./exchange.ts";
import type { Fields } from "./text.ts";

/** A payload that may be stored. */
export interface Payload {
  readonly id: string;
  readonly fields: Fields;
}

/** @throws {Denied} 400 if the text is not JSON; `what` names it in the message. */
export function parsedJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Denied(400, `${what} is not JSON: ${why}`, "Send one JSON object, complete and in UTF-8.");
  }
}

/** @throws {Denied} 400 if the value is not an object, 422 if its id is missing or cannot be used. */
export function payloadOf(value: unknown): Payload {
  if (!isObject(value)) throw new Denied(400, "The payload is not a JSON object", 'Send {"id": "...", ...}.');
  const id = value["id"];
  if (typeof id !== "string" || id === "") {
    const found = id === undefined ? "missing" : JSON.stringify(id).slice(0, 80);
    throw new Denied(422, `The payload's "id" has to be a text that is not empty; it is ${found}`, idHint);
  }
  const problem = idProblem(id);
  if (problem !== null) throw new Denied(422, `The id ${JSON.stringify(id.slice(0, 80))} ${problem}`, idHint);
  return { id, fields: value };
}

/** Whether a JSON value is an object, so neither a list nor null. */
export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const idHint = 'Any text that an URL can carry: no control characters, not "." or "..", at most 512 bytes.';

/** Why an URL cannot carry this id; null if it can. */
function idProblem(id: string): string | null {
  if (id === "." || id === "..") return "has a meaning of its own in URLs";
  if (/\p{Cc}/u.test(id)) return "has control characters";
  if (!id.isWellFormed()) return "has half of a surrogate pair";
  if (Buffer.byteLength(id) > idBytesMax) return `has more than ${idBytesMax} bytes`;
  return null;
}

/**
 * The canonical JSON of a payload that came inside another JSON text, and its digest.
 *
 * @param claimed The digest that came with it; null if none did.
 * @throws {Denied} 400 if it has another digest than was claimed.
 */
export function canonical(
  fields: Fields,
  claimed: string | null,
): { readonly text: string; readonly digest: string } {
  // What came in canonical order parses and prints to itself, but for keys like "10": JavaScript puts
  // those first. So this mostly saves sorting all over again.
  const printed = JSON.stringify(fields);
  const digest = sha256(printed);
  if (digest === claimed) return { text: printed, digest };
  const sorted = canonicalize(fields) ?? printed;
  const sortedDigest = sha256(sorted);
  if (claimed !== null && claimed !== sortedDigest) throw otherDigest(claimed, sortedDigest);
  return { text: sorted, digest: sortedDigest };
}

/** The digest that was sent is not that of the payload. */
export function otherDigest(claimed: string, found: string): Denied {
  return new Denied(
    400,
    `The digest sent, ${JSON.stringify(claimed.slice(0, 80))}, is not the payload's, "${found}"`,
    "It is the lowercase hex SHA-256 of the payload as canonical JSON (RFC 8785), which is the body of a POST.",
  );
}
