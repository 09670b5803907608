/** What a request wants written, as writes of the store: all validation of bodies, lines and headers. */
import type { IncomingHttpHeaders } from "node:http";
import canonicalize from "canonicalize";
import { type BatchAnswer, fromHeader, idBytesMax, headers as names, parseVersion } from "../protocol.ts";
import { decodeUtf8, HttpError, sha256 } from "./http.ts";
import type { Delete, Upsert, Write } from "./store.ts";
import type { Fields } from "./text.ts";

/** What the headers of a write say of its writer. */
export type Writer = Pick<Write, "version" | "owner">;

const batchLineHint = 'Send {"upsert": {...}} or {"delete": "id"}.';
const leaveOutHint = "Leave it out if you know none.";

/** @throws {HttpError} 400 if the version is not one. */
export function writerOf(headers: IncomingHttpHeaders): Writer {
  const version = headerOf(headers, names.version);
  if (version !== null && parseVersion(version) === null) {
    const hint = "Send decimal digits, or leave it out.";
    throw new HttpError(400, "Sync-Version has to be an integer from 0 to 2^53 - 1", hint);
  }
  const owner = headerOf(headers, names.owner);
  return { version: parseVersion(version), owner: owner === null ? null : fromHeader(owner) };
}

/**
 * The body of a POST as a write.
 *
 * @throws {HttpError} 400 if it is not JSON, not an object, or has another digest than the header says;
 *   422 if its id is missing or cannot be used.
 */
export function parseUpsert(body: Uint8Array, headers: IncomingHttpHeaders, writer: Writer): Upsert {
  const payload = decodeUtf8(body);
  const fields = payloadOf(parseJson(payload, "The body"));
  const digest = sha256(body);
  const claimed = headerOf(headers, names.digest);
  if (claimed !== null && claimed !== digest) throw digestMismatch(claimed, digest);
  return { kind: "upsert", id: fields.id, payload, fields, digest, ...writer };
}

/** One line of a batch as a write, or as the answer that says what is wrong with it. */
export function parseBatchLine(line: string): Write | BatchAnswer {
  let id: string | null = null;
  try {
    const operation = parseJson(line, "The line");
    if (!isObject(operation)) throw new HttpError(400, "The line is not a JSON object", batchLineHint);
    id = idIn(operation);
    const version = optionalVersion(operation["version"]);
    const owner = optionalText(operation["owner"], "owner");
    return operation["upsert"] === undefined
      ? parseBatchDelete(operation["delete"], { version, owner })
      : parseBatchUpsert(operation["upsert"], operation["digest"], { version, owner });
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return { id, status: error.status, error: `${error.message}. ${error.hint}` };
  }
}

function idIn({ upsert, delete: deleted }: Fields): string | null {
  const id = isObject(upsert) ? upsert["id"] : deleted;
  return typeof id === "string" ? id : null;
}

function parseBatchUpsert(value: unknown, digest: unknown, writer: Writer): Upsert {
  const fields = payloadOf(value);
  return {
    kind: "upsert",
    id: fields.id,
    fields,
    ...canonical(fields, optionalText(digest, "digest")),
    ...writer,
  };
}

function parseBatchDelete(id: unknown, writer: Writer): Delete {
  if (typeof id === "string" && id !== "") return { kind: "delete", id, ...writer };
  throw new HttpError(400, 'The line has neither "upsert" nor "delete"', batchLineHint);
}

function optionalVersion(value: unknown): number | null {
  if (value === undefined || value === null) return null;
  const version = typeof value === "number" ? parseVersion(value) : null;
  if (version !== null) return version;
  throw new HttpError(400, '"version" has to be an integer from 0 to 2^53 - 1', leaveOutHint);
}

function optionalText(value: unknown, name: string): string | null {
  if (value === undefined || value === null) return null;
  // A header has to be able to carry it, so no control characters.
  if (typeof value === "string" && !/\p{Cc}/u.test(value)) return value;
  throw new HttpError(400, `"${name}" has to be a text in one line`, leaveOutHint);
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new HttpError(400, `${what} is not JSON: ${why}`, "Send one JSON object, complete and in UTF-8.");
  }
}

/** Whether a JSON value is an object, so neither a list nor null. */
function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value as a payload that may be stored. */
function payloadOf(value: unknown): Fields & { readonly id: string } {
  if (!isObject(value))
    throw new HttpError(400, "The payload is not a JSON object", 'Send {"id": "...", ...}.');
  const id = value["id"];
  const hint = 'Any text that an URL can carry: no control characters, not "." or "..", at most 512 bytes.';
  if (typeof id !== "string" || id === "") {
    const found = id === undefined ? "missing" : JSON.stringify(id).slice(0, 80);
    throw new HttpError(422, `The payload's "id" has to be a text that is not empty; it is ${found}`, hint);
  }
  const problem = idProblem(id);
  if (problem !== null)
    throw new HttpError(422, `The id ${JSON.stringify(id.slice(0, 80))} ${problem}`, hint);
  return value as Fields & { readonly id: string };
}

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
 */
function canonical(fields: Fields, claimed: string | null): Pick<Upsert, "payload" | "digest"> {
  // What came in canonical order parses and prints to itself, but for keys like "10": JavaScript puts
  // those first. So this mostly saves sorting all over again.
  const printed = JSON.stringify(fields);
  const digest = sha256(printed);
  if (digest === claimed) return { payload: printed, digest };
  const sorted = canonicalize(fields) ?? printed;
  const sortedDigest = sha256(sorted);
  if (claimed !== null && claimed !== sortedDigest) throw digestMismatch(claimed, sortedDigest);
  return { payload: sorted, digest: sortedDigest };
}

function digestMismatch(claimed: string, found: string): HttpError {
  return new HttpError(
    400,
    `The digest sent, ${JSON.stringify(claimed.slice(0, 80))}, is not the payload's, "${found}"`,
    "It is the lowercase hex SHA-256 of the payload as canonical JSON (RFC 8785), which is the body of a POST.",
  );
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name];
  return typeof value === "string" ? value : null;
}
