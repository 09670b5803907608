import type { Redact } from "../../messages/redact.ts";
import type { Outgoing } from "../../sync/ports.ts";
import { parseVersion } from "../protocol.ts";
import { type Answer, toExcerpt } from "./answer.ts";
import type { Exchange } from "./exchange.ts";
import { Fault } from "./fault.ts";
import { readLines } from "./lines.ts";

/** The body of a batch: a line an operation, each payload as the bytes that its digest is of. */
export function composeBatch(operations: readonly Outgoing[], owner: string): Uint8Array {
  const ownerJson = JSON.stringify(owner);
  const opening = Buffer.from('{"upsert":');
  const parts: Uint8Array[] = [];
  for (const { body, id, digest, version } of operations) {
    const end = `"version":${version},"owner":${ownerJson}}\n`;
    if (body === null) parts.push(Buffer.from(`{"delete":${JSON.stringify(id)},${end}`));
    else parts.push(opening, body, Buffer.from(`,"digest":"${digest}",${end}`));
  }
  return Buffer.concat(parts);
}

/** The answer to a batch as far as it came. */
export interface BatchAnswers {
  /** One an operation; null = not acknowledged. */
  readonly lines: (Answer | null)[];
  /** What ended the answer before its time; null when it came to its end. */
  readonly fault: Fault | null;
}

/** Reads the answer to a batch, a line an operation in the same order. Ends the exchange. */
export async function readBatchAnswer(
  exchange: Exchange,
  operations: readonly Outgoing[],
  redact: Redact,
): Promise<BatchAnswers> {
  const answers: (Answer | null)[] = operations.map(() => null);
  let next = 0;
  try {
    for await (const lines of readLines(exchange.chunks())) {
      for (const line of lines) {
        const operation = operations[next];
        if (operation !== undefined) answers[next++] = parseAnswer(line, operation.id, redact);
      }
    }
    return { lines: answers, fault: null };
  } catch (error) {
    if (error instanceof Fault) return { lines: answers, fault: error };
    throw error;
  }
}

/** Null for a line that is not about this operation. */
function parseAnswer(line: string, operationId: string, redact: Redact): Answer | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const { id, status, error, version } = value as Readonly<Record<string, unknown>>;
  if (id !== operationId || typeof status !== "number" || !Number.isInteger(status)) return null;
  if (status < 200 || status > 599) return null;
  return {
    kind: "answer",
    status,
    retryAfterMs: null,
    version: parseVersion(version),
    location: null,
    excerpt: typeof error === "string" ? toExcerpt(error, false, redact) : "",
  };
}
