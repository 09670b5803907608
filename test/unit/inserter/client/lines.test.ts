import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LineSplitter, LineUnreadable, lineBytesMax } from "../../../../src/inserter/client/lines.ts";

const test = suite("lines");

function split(pieces: readonly Uint8Array[]): string[] {
  const splitter = new LineSplitter();
  return [...pieces.flatMap((piece) => splitter.push(piece)), splitter.end()];
}

test("gives the same lines however they are cut into pieces", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "binary" }).map((line) => line.toWellFormed().replaceAll("\n", ""))),
      fc.array(fc.nat({ max: 40 })),
      (lines, cuts) => {
        const bytes = Buffer.from(lines.join("\n"));
        const pieces: Uint8Array[] = [];
        let at = 0;
        for (const length of cuts) {
          pieces.push(bytes.subarray(at, at + length));
          at += length;
        }
        pieces.push(bytes.subarray(at));
        assert.equal(split(pieces), lines.length === 0 ? [""] : lines);
      },
    ),
  );
});

test("refuses a line that is too long, as soon as it is", () => {
  const splitter = new LineSplitter();
  splitter.push(Buffer.alloc(lineBytesMax, "x"));
  assert.throws(
    () => splitter.push(Buffer.from("x")),
    (error: Error) => error instanceof LineUnreadable,
  );
  assert.throws(
    () => new LineSplitter().push(Buffer.from(`${"x".repeat(lineBytesMax + 1)}\n`)),
    (error: Error) => error instanceof LineUnreadable,
  );
  assert.is(new LineSplitter().push(Buffer.from(`${"x".repeat(lineBytesMax)}\n`))[0]?.length, lineBytesMax);
});

test("refuses what is not UTF-8, and does not mind a character in two pieces", () => {
  assert.throws(
    () => split([Buffer.from([0x61, 0xff, 0x0a])]),
    (error: Error) => error instanceof LineUnreadable,
  );
  assert.throws(
    () => split([Buffer.from([0xe6, 0x97])]),
    (error: Error) => error instanceof LineUnreadable,
  );
  assert.equal(split([Buffer.from([0xe6, 0x97]), Buffer.from([0xa5, 0x0a])]), ["日", ""]);
});

test.run();
