import { Fault } from "./fault.ts";

/** Longest line that is taken from an inserter, bytes. */
export const lineBytesMax = 64 * 1024;

const lineFeed = 0x0a;

/**
 * Cuts an answer into lines without their line feeds, empty ones left out, as they become complete. Keeps
 * no more than one unfinished line in memory.
 *
 * @throws {Fault} `broken` if a line is too long or not UTF-8; and what `chunks` throws.
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<readonly string[], void, undefined> {
  let unfinished: Uint8Array[] = [];
  let unfinishedBytes = 0;
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(lineFeed);
    if (end >= 0) {
      yield toLines([...unfinished, chunk.subarray(0, end)]);
      unfinished = [];
      unfinishedBytes = 0;
    }
    const rest = chunk.subarray(end + 1);
    unfinishedBytes += rest.length;
    if (unfinishedBytes > lineBytesMax) throw tooLong();
    if (rest.length > 0) unfinished.push(rest);
  }
  yield toLines(unfinished);
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function toLines(parts: readonly Uint8Array[]): readonly string[] {
  let text: string;
  try {
    text = utf8.decode(parts.length === 1 ? parts[0] : Buffer.concat(parts));
  } catch (error) {
    throw new Fault("broken", "a line of the answer is not UTF-8", { cause: error });
  }
  const lines = text.split("\n");
  if (lines.some((line) => line.length > lineBytesMax)) throw tooLong();
  return lines.filter((line) => line.trim() !== "");
}

function tooLong(): Fault {
  return new Fault("broken", `a line of the answer is longer than ${lineBytesMax} bytes`);
}
