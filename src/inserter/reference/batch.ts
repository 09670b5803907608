import { type BatchAnswer, batchBytesMax, mediaTypeNdjson, parseVersion } from "../protocol.ts";
import { Denied, decoded, type Exchange, readBody, sendText } from "./exchange.ts";
import { canonical, isObject, parsedJson, payloadOf } from "./payload.ts";
import type { Store } from "./store.ts";
import type { Fields } from "./text.ts";

/**
 * `POST {url}/_batch`: applies each line by itself, all in one transaction, and answers a line each.
 *
 * @param linesMax Most operations a batch.
 * @throws {Denied} 413 if it is too large, 400 if it is not UTF-8.
 */
export async function applyBatch(exchange: Exchange, store: Store, linesMax: number): Promise<void> {
  const text = decoded(await readBody(exchange.request, batchBytesMax));
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length > linesMax) {
    throw new Denied(
      413,
      `The batch has ${lines.length} operations, more than ${linesMax}`,
      'Send at most as many as "batch" in the first line of the inventory says.',
    );
  }
  const answers = store.transaction(() => lines.map((line) => applyLine(line, store)));
  const body = answers.map((answer) => `${JSON.stringify(answer)}\n`).join("");
  sendText(exchange.response, 200, body, { "content-type": mediaTypeNdjson });
}

/** Only what is wrong with the line becomes its answer; trouble of the store ends the batch. */
function applyLine(line: string, store: Store): BatchAnswer {
  let id: string | null = null;
  try {
    const operation = parsedJson(line, "The line");
    if (!isObject(operation)) {
      throw new Denied(400, "The line is not a JSON object", 'Send {"upsert": {...}} or {"delete": "id"}.');
    }
    id = idOf(operation);
    return { id, ...apply(operation, store) };
  } catch (error) {
    if (!(error instanceof Denied)) throw error;
    return { id, status: error.status, error: `${error.message}. ${error.hint}` };
  }
}

function idOf(operation: Fields): string | null {
  const { upsert, delete: removed } = operation;
  const id = isObject(upsert) ? upsert["id"] : removed;
  return typeof id === "string" ? id : null;
}

function apply(operation: Fields, store: Store): Omit<BatchAnswer, "id"> {
  const version = optionalVersion(operation["version"]);
  const owner = optionalText(operation["owner"], "owner");
  if (operation["upsert"] !== undefined) {
    const { id, fields } = payloadOf(operation["upsert"]);
    const { text, digest } = canonical(fields, optionalText(operation["digest"], "digest"));
    const written = store.upsert({ id, fields, payload: text, digest, version, owner });
    return written.status === 412 ? older(written.version) : { status: 200 };
  }
  const id = operation["delete"];
  if (typeof id !== "string" || id === "") {
    throw new Denied(
      400,
      'The line has neither "upsert" nor "delete"',
      'Send {"upsert": {...}} or {"delete": "id"}.',
    );
  }
  const written = store.remove({ id, version, owner });
  return written.status === 412 ? older(written.version) : { status: written.status };
}

function older(kept: number): Omit<BatchAnswer, "id"> {
  return { status: 412, version: kept, error: `Older than version ${kept}, which is kept` };
}

function optionalVersion(value: unknown): number | null {
  if (value === undefined || value === null) return null;
  const version = typeof value === "number" ? parseVersion(value) : null;
  if (version !== null) return version;
  throw new Denied(
    400,
    '"version" has to be an integer from 0 to 2^53 - 1',
    "Leave it out if you know none.",
  );
}

function optionalText(value: unknown, name: string): string | null {
  if (value === undefined || value === null) return null;
  // A header has to be able to carry it, so no control characters.
  if (typeof value === "string" && !/\p{Cc}/u.test(value)) return value;
  throw new Denied(400, `"${name}" has to be a text in one line`, "Leave it out if you know none.");
}
