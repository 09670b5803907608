import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Fault } from "../../../../src/inserter/client/fault.ts";
import { lineBytesMax, readLines } from "../../../../src/inserter/client/lines.ts";

const test = suite("lines");

async function split(chunks: Iterable<Uint8Array>): Promise<string[]> {
  const all: string[] = [];
  for await (const lines of readLines(chunks)) all.push(...lines);
  return all;
}

async function rejects(chunks: Iterable<Uint8Array>, message: RegExp): Promise<void> {
  const error = await split(chunks).catch((caught: unknown) => caught);
  assert.instance(error, Fault);
  assert.match(String(error), message);
}

test("gives the same lines however they are cut into chunks, without empty ones", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: "binary" }).map((line) => line.toWellFormed().replaceAll("\n", ""))),
      fc.array(fc.nat({ max: 40 })),
      async (lines, cuts) => {
        const bytes = Buffer.from(lines.join("\n"));
        const chunks: Uint8Array[] = [];
        let at = 0;
        for (const length of cuts) {
          chunks.push(bytes.subarray(at, at + length));
          at += length;
        }
        chunks.push(bytes.subarray(at));
        assert.equal(
          await split(chunks),
          lines.filter((line) => line.trim() !== ""),
        );
      },
    ),
  );
});

test("refuses a line that is too long, as soon as it is", async () => {
  let taken = 0;
  function* endless(): Generator<Uint8Array> {
    for (;;) {
      taken++;
      yield Buffer.alloc(lineBytesMax / 4, "x");
    }
  }
  await rejects(endless(), /longer than 65536 bytes/);
  assert.is(taken, 5);
  await rejects([Buffer.from(`${"x".repeat(lineBytesMax + 1)}\n`)], /longer than 65536 bytes/);
  assert.is((await split([Buffer.from(`${"x".repeat(lineBytesMax)}\n`)]))[0]?.length, lineBytesMax);
});

test("refuses what is not UTF-8, and takes a character in two chunks", async () => {
  await rejects([Buffer.from([0x61, 0xff, 0x0a])], /not UTF-8/);
  await rejects([Buffer.from([0xe6, 0x97])], /not UTF-8/);
  assert.equal(await split([Buffer.from([0xe6, 0x97]), Buffer.from([0xa5, 0x0a])]), ["日"]);
});

test.run();
