import type { Outgoing } from "../../sync/ports.ts";
import { parseVersion } from "../protocol.ts";
import { type Answer, type Redaction, toExcerpt } from "./answer.ts";
import type { Exchange } from "./exchange.ts";
import { Fault } from "./fault.ts";
import { LineSplitter, LineUnreadable } from "./lines.ts";

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

/** What came of a batch's answer. */
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
  redaction: Redaction,
): Promise<BatchAnswers> {
  const lines: (Answer | null)[] = operations.map(() => null);
  const splitter = new LineSplitter();
  let next = 0;
  const take = (texts: readonly string[]): void => {
    for (const text of texts) {
      if (text.trim() === "") continue;
      const operation = operations[next];
      if (operation === undefined) return;
      lines[next++] = readLine(text, operation.id, redaction);
    }
  };
  try {
    for await (const piece of exchange.pieces("whole")) take(splitter.push(piece));
    take([splitter.end()]);
    return { lines, fault: null };
  } catch (error) {
    if (error instanceof Fault) return { lines, fault: error };
    if (!(error instanceof LineUnreadable)) throw error;
    return { lines, fault: new Fault("broken", `the answer to a batch cannot be read: ${error.message}`) };
  }
}

/** Null for a line that does not speak of this operation. */
function readLine(text: string, id: string, redaction: Redaction): Answer | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const { id: named, status, error, version } = value as Readonly<Record<string, unknown>>;
  if (named !== id || !Number.isInteger(status) || (status as number) < 200 || (status as number) > 599) {
    return null;
  }
  return {
    kind: "answer",
    status: status as number,
    retryAfterMs: null,
    version: parseVersion(version),
    location: null,
    excerpt: typeof error === "string" ? toExcerpt(error, false, redaction) : "",
  };
}
