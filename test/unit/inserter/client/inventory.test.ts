import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Fault } from "../../../../src/inserter/client/fault.ts";
import { inventoryLimits, openListing } from "../../../../src/inserter/client/inventory.ts";

const test = suite("client: limits of an inventory");

/** An inventory that never ends, and how much of it was taken. */
function endless() {
  const taken = { chunks: 0, isClosed: false };
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      yield Buffer.from('{"inventory":1}\n');
      for (;;) {
        taken.chunks++;
        yield Buffer.from('{"id":"a"}\n'.repeat(100));
      }
    } finally {
      taken.isClosed = true;
    }
  }
  return { taken, chunks: chunks() };
}

/** Reads all pages; the articles that came, and the error at the end. */
async function read(chunks: AsyncIterable<Uint8Array>, limits: Partial<typeof inventoryLimits>) {
  let count = 0;
  try {
    const { pages } = await openListing(chunks, { ...inventoryLimits, ...limits });
    for await (const page of pages) count += page.length;
  } catch (error) {
    return { count, error };
  }
  return { count, error: null };
}

test("of an endless one, no more lines are read than the limit, and the reason is given", async () => {
  const { chunks, taken } = endless();
  const { count, error } = await read(chunks, { linesMax: 5_000 });
  assert.is(count, 5_000);
  assert.instance(error, Fault);
  assert.is((error as Fault).why, "broken");
  assert.is((error as Error).message, "the inventory lists more than 5000 articles");
  assert.equal(taken, { chunks: 51, isClosed: true });
});

test("nor more bytes", async () => {
  const { chunks, taken } = endless();
  const { error } = await read(chunks, { bytesMax: 11_000 });
  assert.instance(error, Fault);
  assert.match((error as Error).message, /it has more than 11000 bytes/);
  assert.equal(taken, { chunks: 10, isClosed: true });
});

test("one that reaches the limit exactly is taken", async () => {
  const body = Buffer.from(`{"inventory":1}\n${'{"id":"a"}\n'.repeat(3)}{"end":true,"count":3}\n`);
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield body;
  }
  assert.equal(await read(whole(), { linesMax: 3, bytesMax: body.length }), { count: 3, error: null });
  assert.instance((await read(whole(), { linesMax: 2 })).error, Fault);
  assert.instance((await read(whole(), { bytesMax: body.length - 1 })).error, Fault);
});

test.run();
