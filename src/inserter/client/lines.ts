/** Longest line that is taken from an inserter, bytes. */
export const lineBytesMax = 64 * 1024;

const lineFeed = 0x0a;

/** A line is longer than {@link lineBytesMax}, or is not UTF-8. */
export class LineUnreadable extends Error {
  override readonly name = "LineUnreadable";
}

/** Cuts a stream of bytes into lines, and keeps no more than one unfinished line in memory. */
export class LineSplitter {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #rest: Uint8Array[] = [];
  #restBytes = 0;

  /**
   * The lines that are complete with this piece, without their line feeds.
   *
   * @throws {LineUnreadable}
   */
  push(piece: Uint8Array): string[] {
    const end = piece.lastIndexOf(lineFeed);
    if (end === -1) {
      this.#keep(piece);
      return [];
    }
    const whole = this.#joined(piece.subarray(0, end));
    this.#rest = [];
    this.#restBytes = 0;
    if (end + 1 < piece.length) this.#keep(piece.subarray(end + 1));
    return this.#decoded(whole);
  }

  /**
   * What stands after the last line feed; empty where nothing does.
   *
   * @throws {LineUnreadable}
   */
  end(): string {
    const whole = this.#joined(new Uint8Array(0));
    this.#rest = [];
    this.#restBytes = 0;
    return this.#decoded(whole)[0] ?? "";
  }

  #keep(piece: Uint8Array): void {
    this.#restBytes += piece.length;
    if (this.#restBytes > lineBytesMax)
      throw new LineUnreadable(`a line is longer than ${lineBytesMax} bytes`);
    this.#rest.push(piece);
  }

  #joined(last: Uint8Array): Uint8Array {
    return this.#rest.length === 0 ? last : Buffer.concat([...this.#rest, last]);
  }

  #decoded(bytes: Uint8Array): string[] {
    let text: string;
    try {
      text = this.#decoder.decode(bytes);
    } catch (error) {
      throw new LineUnreadable("a line is not UTF-8", { cause: error });
    }
    const lines = text.split("\n");
    for (const line of lines) {
      if (line.length > lineBytesMax) throw new LineUnreadable(`a line is longer than ${lineBytesMax} bytes`);
    }
    return lines;
  }
}
