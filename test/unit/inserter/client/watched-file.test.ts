import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WatchedFile } from "../../../../src/inserter/client/watched-file.ts";

const test = suite<{ folder: string; path: string }>("watched file");

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "watched-file-"));
  context.path = join(context.folder, "secret");
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

test("is looked at no more than once a second", ({ path }) => {
  let nowMs = 0;
  const file = new WatchedFile(path, () => nowMs);
  writeFileSync(path, "one");
  assert.is(file.read(), "one");
  writeFileSync(path, "other");
  nowMs = 999;
  assert.is(file.read(), "one");
  nowMs = 1_000;
  assert.is(file.read(), "other");
});

test("is read at once after it was forgotten", ({ path }) => {
  const file = new WatchedFile(path, () => 0);
  writeFileSync(path, "one");
  assert.is(file.read(), "one");
  writeFileSync(path, "two");
  file.forget();
  assert.is(file.read(), "two");
});

test("that went away is an error, until it is back", ({ path }) => {
  let nowMs = 0;
  const file = new WatchedFile(path, () => nowMs);
  assert.throws(() => file.read());
  writeFileSync(path, "one");
  assert.is(file.read(), "one");
  rmSync(path);
  assert.is(file.read(), "one");
  nowMs = 5_000;
  assert.throws(() => file.read());
  writeFileSync(path, "two");
  assert.is(file.read(), "two");
});

test.run();
