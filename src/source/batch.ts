/** The answers of `git cat-file --batch`, cut out of its raw output. */

/** One answer. `missing` also stands for a name that is ambiguous. */
export type BatchAnswer =
  | { readonly kind: "object"; readonly id: string; readonly type: string; readonly bytes: Buffer }
  | { readonly kind: "too-large"; readonly id: string; readonly type: string; readonly sizeBytes: number }
  | { readonly kind: "missing" };

/** A header: `<id> <type> <size>`. The longest is well below this; the rest are names that echo back. */
const HEADER = /^([0-9a-f]{40}|[0-9a-f]{64}) (commit|tree|blob|tag) (\d+)$/;
const NEWLINE = 0x0a;

/**
 * Cuts the output of `git cat-file --batch` into answers, byte by byte right wherever the chunks end.
 *
 * @param sizeBytesMax Asked once per answer, when its header is there: a larger object is passed over
 *   without being kept.
 * @param onAnswer Called once per request, in the order of the requests.
 * @see git-cat-file(1), "Batch output"
 */
export function batchParser(
  sizeBytesMax: () => number,
  onAnswer: (answer: BatchAnswer) => void,
): (chunk: Uint8Array) => void {
  /** A header that did not end with its chunk. */
  let begun: Buffer = Buffer.alloc(0);
  let object: { readonly id: string; readonly type: string; readonly sizeBytes: number } | null = null;
  /** Where the contents go; null while those of a too large object pass by. */
  let bytes: Buffer | null = null;
  /** Bytes of the object seen, its closing newline included. */
  let seen = 0;

  function header(line: string): void {
    const match = HEADER.exec(line);
    if (match === null) {
      onAnswer({ kind: "missing" });
      return;
    }
    const [, id = "", type = "", size = ""] = match;
    object = { id, type, sizeBytes: Number(size) };
    bytes = object.sizeBytes > sizeBytesMax() ? null : Buffer.allocUnsafeSlow(object.sizeBytes);
    seen = 0;
  }

  return (chunk) => {
    const input = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let at = 0;
    while (at < input.length) {
      if (object === null) {
        const end = input.indexOf(NEWLINE, at);
        const part = input.subarray(at, end < 0 ? input.length : end);
        const line = begun.length > 0 ? Buffer.concat([begun, part]) : part;
        at = end < 0 ? input.length : end + 1;
        begun = end < 0 ? Buffer.from(line) : Buffer.alloc(0);
        if (end >= 0) header(line.toString("latin1"));
        continue;
      }
      const { id, type, sizeBytes } = object;
      const take = Math.min(sizeBytes + 1 - seen, input.length - at);
      if (bytes !== null) input.copy(bytes, seen, at, at + Math.min(take, sizeBytes - seen));
      seen += take;
      at += take;
      if (seen < sizeBytes + 1) continue;
      const answer: BatchAnswer =
        bytes === null ? { kind: "too-large", id, type, sizeBytes } : { kind: "object", id, type, bytes };
      object = null;
      bytes = null;
      onAnswer(answer);
    }
  };
}
