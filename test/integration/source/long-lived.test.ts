/** The one long-lived git: how often it is started, and what becomes of it when things go wrong. */
import { randomBytes } from "node:crypto";
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryOf } from "../../../scripts/bench/machine.ts";
import { ObjectsGone } from "../../../src/sync/ports.ts";
import { FakeGit } from "../../support/fake-git.ts";
import { git, Repository, temporaryFolder } from "../../support/repository.ts";
import { gather, headOf, MapTrees, openOn, shown, waitingOf } from "../../support/source.ts";
import { waitFor } from "../../support/wait.ts";

const test = suite("the long-lived git");
const folder = temporaryFolder();
let made = 0;
let fake: FakeGit;
const freshPath = () => join(folder.path, String(made++));
const fresh = (options = {}) => new Repository(freshPath(), { bare: true, ...options });
test.before.each(() => {
  fake = new FakeGit(freshPath());
});
test.after.each(() => fake.restore());
test.after(() => folder.remove());

/** How often a git was started by the source (the tests' own git does not count). */
const sourceStarts = () => fake.starts().filter((line) => /--git-dir=\S+ (cat-file|diff-tree)/.test(line));
const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
};

test("one for many looks, flips and files; none before it is asked", async () => {
  const repository = fresh();
  repository.commit({ "a/0.md": "0", "b.md": "1" });
  const trees = new MapTrees();
  const source = openOn(repository.dir, { trees });
  assert.is(sourceStarts().length, 0);
  const listing = await source.compare(null, await headOf(source));
  await gather(listing);
  listing.remember();
  for (let i = 1; i <= 10; i++) {
    const { revision } = await headOf(source);
    repository.commit({ [`a/${i}.md`]: String(i) });
    const walk = await source.compare(revision, await headOf(source));
    for (const { blob } of await gather(walk)) await source.read(blob ?? "");
    walk.remember();
    for (let looks = 0; looks < 5; looks++) await headOf(source);
  }
  assert.is(sourceStarts().length, 1);
  const pid = Number.parseInt(sourceStarts()[0] ?? "", 10);
  assert.ok(isRunning(pid));
  await source.close();
  assert.not(isRunning(pid), "closing leaves no process behind");
});

test("is replaced now and then, for it pins the space of packs that were deleted", async () => {
  const repository = fresh();
  repository.commit({ "a.md": "0" });
  const source = openOn(repository.dir);
  for (let i = 1; i <= 40; i++) {
    await headOf(source);
    repository.commit({ "a.md": String(i) });
  }
  const [worn = ""] = sourceStarts();
  await waitFor(() => sourceStarts().length > 1, "its successor");
  await waitFor(() => !isRunning(Number.parseInt(worn, 10)), "the end of the worn one");
  assert.is((await headOf(source)).revision, repository.git("rev-parse", "HEAD"));
  assert.ok(sourceStarts().length < 6, `${sourceStarts().length} gits for 40 revisions`);
  await source.close();
});

test("holds little of a large pack in memory", async () => {
  const repository = fresh();
  repository.git("config", "core.compression", "0");
  const names = Array.from({ length: 120 }, (_, i) => `${i}.md`);
  repository.commit(new Map(names.map((name) => [name, randomBytes(400_000)])));
  assert.is(repository.git("count-objects"), "0 objects, 0 kilobytes", "all is in one pack of 48 MB");
  const source = openOn(repository.dir);
  let residentBytes = 0;
  try {
    for (const { blob } of await gather(source.compare(null, await headOf(source))))
      await source.read(blob ?? "");
    residentBytes = memoryOf(Number.parseInt(sourceStarts()[0] ?? "", 10)).residentBytes;
  } finally {
    await source.close();
  }
  assert.ok(residentBytes > 0 && residentBytes < 33_554_432, `${residentBytes} bytes`);
});

test("is started again when it dies, and nothing that was asked is lost", async () => {
  const repository = fresh();
  const files = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`${i}.md`, `text ${i}`]));
  repository.commit(files);
  const source = openOn(repository.dir);
  const changes = await gather(source.compare(null, await headOf(source)));
  const reading = Promise.all(
    changes.map(async ({ path, blob }) => {
      const content = await source.read(blob ?? "");
      return [path, content.kind === "bytes" ? Buffer.from(content.bytes).toString() : content.kind];
    }),
  );
  process.kill(Number.parseInt(sourceStarts()[0] ?? "", 10), "SIGKILL");
  assert.equal(Object.fromEntries(await reading), files);
  await waitFor(() => sourceStarts().length === 2, "a second git");
  await source.close();
});

test("bytes come as they are, and one too large is not held", async () => {
  const repository = fresh();
  const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff));
  repository.commit({
    "bytes.md": bytes,
    "empty.md": "",
    "exact.md": Buffer.alloc(100_000, 1),
    "large.md": Buffer.alloc(30_000_000, 1),
    "over.md": Buffer.alloc(100_001, 1),
  });
  const source = openOn(repository.dir, { maxSizeBytes: 100_000 });
  const changes = await gather(source.compare(null, await headOf(source)));
  const [exact, , large] = await Promise.all(changes.slice(2, 5).map(({ blob }) => source.read(blob ?? "")));
  const [content, empty] = await Promise.all(changes.slice(0, 2).map(({ blob }) => source.read(blob ?? "")));
  assert.ok(content?.kind === "bytes" && bytes.equals(content.bytes));
  assert.ok(empty?.kind === "bytes" && empty.bytes.length === 0);
  assert.equal(shown(changes), ["bytes.md", "empty.md", "exact.md", "large.md", "over.md"]);
  assert.is(exact?.kind, "bytes");
  assert.equal(large, { kind: "too-large", sizeBytes: 100_001 });
  assert.equal(await source.read(changes[3]?.blob ?? ""), { kind: "too-large", sizeBytes: 30_000_000 });
  assert.equal(await source.read("f".repeat(40)), { kind: "missing" });
  assert.equal(await source.read(git(repository.dir, "rev-parse", "HEAD^{tree}")), { kind: "missing" });
  await source.close();
});

test("a corrupt object is missing, and takes no other with it", async () => {
  const repository = fresh();
  repository.commit({ "a.md": "good", "b.md": "corrupt", "c.md": "good too" });
  const id = git(repository.dir, "rev-parse", "HEAD:b.md");
  const file = join(repository.dir, "objects", id.slice(0, 2), id.slice(2));
  chmodSync(file, 0o600);
  writeFileSync(file, "no object at all");
  const source = openOn(repository.dir);
  const changes = await gather(source.compare(null, await headOf(source)));
  const contents = await Promise.all(changes.map(({ blob }) => source.read(blob ?? "")));
  assert.equal(
    contents.map(({ kind }) => kind),
    ["bytes", "missing", "bytes"],
  );
  await source.close();
});

test("a pack that is replaced under it is no loss", async () => {
  const repository = fresh();
  repository.commit(Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`${i}.md`, `x${i}`])));
  repository.git("repack", "-adq");
  const source = openOn(repository.dir);
  const changes = await gather(source.compare(null, await headOf(source)));
  for (let round = 0; round < 3; round++) {
    repository.commit({ "more.md": String(round) });
    repository.git("repack", "-adfq", `--depth=${round + 1}`);
    repository.git("prune", "--expire=now");
    const contents = await Promise.all(changes.map(({ blob }) => source.read(blob ?? "")));
    assert.ok(contents.every(({ kind }) => kind === "bytes"));
  }
  await source.close();
});

test("an objects folder that is replaced under it is found anew", async () => {
  const repository = fresh();
  repository.commit({ "a.md": "old" });
  repository.git("repack", "-adq");
  const source = openOn(repository.dir);
  await gather(source.compare(null, await headOf(source)));
  const revision = repository.commit({ "b.md": "new" });
  repository.git("repack", "-adq");
  const head = await headOf(source);
  assert.is(head.revision, revision);
  assert.equal(shown(await gather(source.compare(null, head))), ["a.md", "b.md"]);
  await source.close();
});

test("one that does not answer is ended, and the source waits with the reason", async () => {
  const repository = fresh();
  repository.commit({ "a.md": "1" });
  fake.behave('case "$*" in *cat-file*) exec sleep 600;; esac; exec "$REAL" "$@"');
  const source = openOn(repository.dir, { silenceMsMax: 200 });
  const { reason, hint } = await waitingOf(source);
  assert.match(reason, /^git did not answer for \d+ s while reading /);
  assert.match(hint, /volume/);
  const pid = Number.parseInt(sourceStarts()[0] ?? "", 10);
  assert.not(isRunning(pid));
  fake.behave('exec "$REAL" "$@"');
  assert.is((await source.head()).kind, "revision", "goes on by itself");
  await source.close();
});

test("one that stops in the middle ends the pass, not the program", async () => {
  const repository = fresh();
  const from = repository.commit({ "a.md": "1" });
  repository.commit({ "a.md": "2" });
  fake.behave('case "$*" in *diff-tree*) printf ":100644 1"; exec sleep 600;; esac; exec "$REAL" "$@"');
  const source = openOn(repository.dir, { silenceMsMax: 200 });
  const comparison = await source.compare(from, await headOf(source));
  const error = await gather(comparison).then(
    () => null,
    (failure: unknown) => failure,
  );
  assert.instance(error, ObjectsGone);
  assert.match((error as Error).message, /did not answer/);
  await source.close();
});

test("a diff that is cut short is an error, never a shorter diff", async () => {
  const repository = fresh();
  const from = repository.commit({ "a.md": "1", "b.md": "1" });
  repository.commit({ "a.md": "2", "b.md": "2" });
  for (const ending of ["exit 1", "kill -9 $$", "exit 0"]) {
    fake.behave(`case "$*" in *diff-tree*) "$REAL" "$@" | head -c 120; ${ending};; esac; exec "$REAL" "$@"`);
    const source = openOn(repository.dir);
    const comparison = await source.compare(from, await headOf(source));
    const error = await gather(comparison).then(
      () => null,
      (failure: unknown) => failure,
    );
    assert.instance(error, ObjectsGone, ending);
    await source.close();
  }
});

test("git that is not installed: waiting, with advice", async () => {
  const repository = fresh();
  repository.commit({ "a.md": "1" });
  const path = process.env["PATH"];
  process.env["PATH"] = freshPath();
  try {
    const source = openOn(repository.dir);
    const { reason, hint } = await waitingOf(source);
    assert.is(reason, "git cannot be started: it is not on PATH");
    assert.match(hint, /Install git/);
    process.env["PATH"] = path;
    assert.is((await source.head()).kind, "revision");
    await source.close();
  } finally {
    process.env["PATH"] = path;
  }
});

test("a git that fails while a file is read ends the pass and shows at the next look", async () => {
  const repository = fresh();
  repository.commit({ "a.md": "1" });
  const source = openOn(repository.dir);
  const [change] = await gather(source.compare(null, await headOf(source)));
  fake.behave('case "$*" in *cat-file*) echo "fatal: disk on fire" >&2; exit 128;; esac; exec "$REAL" "$@"');
  process.kill(Number.parseInt(sourceStarts()[0] ?? "", 10), "SIGKILL");
  const error = await source.read(change?.blob ?? "").then(
    () => null,
    (failure: unknown) => failure,
  );
  assert.instance(error, ObjectsGone);
  assert.match((await waitingOf(source)).reason, /disk on fire$/);
  await source.close();
});

test("a format that git does not know is said", async () => {
  const repository = fresh();
  repository.commit({ "a.md": "1" });
  writeFileSync(
    join(repository.dir, "config"),
    "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tfromTheFuture = true\n",
  );
  const source = openOn(repository.dir);
  const { reason, hint } = await waitingOf(source);
  assert.match(reason, /unknown repository extension/);
  assert.match(hint, /newer git/);
  rmSync(join(repository.dir, "config"));
  await source.close();
});

test("a missing blob of a partial clone is missing; nothing is fetched", async () => {
  const upstream = fresh();
  upstream.git("config", "uploadpack.allowFilter", "true");
  upstream.commit({ "a.md": "one", "b.md": "two", "sub/c.md": "three" });
  const dir = freshPath();
  const words = ["--bare", "--filter=blob:none", "--no-local"];
  git(folder.path, "clone", "-q", ...words, `file://${upstream.dir}`, dir);
  const source = openOn(dir);
  const changes = await gather(source.compare(null, await headOf(source)));
  assert.equal(shown(changes), ["a.md", "b.md", "sub/c.md"]);
  for (const { blob } of changes) assert.equal(await source.read(blob ?? ""), { kind: "missing" });
  assert.not(fake.starts().some((line) => line.includes(" fetch ")));
  assert.ok(sourceStarts().length <= 1 + changes.length, "git dies over each, but once");
  await source.close();
});

test.run();
