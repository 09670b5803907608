import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type LintedAgent, type Linter, WarningLog } from "../../../src/status/warnings.ts";
import type { Cause, Entry, FileRow, Problem } from "../../../src/sync/model.ts";
import { waitFor } from "../../support/wait.ts";

const linting = suite("warnings about what was delivered");

const QUIET_MS = 5;

/** A manifest, and a linter that finds the codes a blob is named after; all hold unless they are in `untrue`. */
class Scene {
  readonly warnings = new WarningLog<string>({
    elapsedMs: () => performance.now() + this.laterMs,
    quietMs: QUIET_MS,
  });
  readonly files = new Map<string, FileRow>();
  readonly linted: string[] = [];
  readonly reported: (readonly [string, string, readonly string[]])[] = [];
  readonly untrue = new Set<string>();
  isIdle = true;
  laterMs = 0;
  lint: Linter<string>["lint"] = async (_path, blob) => blob;

  attach(isStartNews = true): void {
    const agent: LintedAgent<string> = {
      state: {
        file: (path) => this.files.get(path) ?? null,
        entry: (id) => ({ id, path: `${id}.md` }) as Entry,
      },
      linter: {
        lint: async (path, blob) => {
          this.linted.push(`${path} ${blob}`);
          return this.lint(path, blob);
        },
        confirm: async (files) => files.map((codes) => this.#true(codes).map(problem)),
      },
      log: { emit: (_level, event) => void this.reported.push([event, "", []]) },
      report: ({ kind, path, problems }) => {
        this.reported.push([kind, path, problems.map(({ code }) => code)]);
      },
      isIdle: () => this.isIdle,
      isStartNews,
    };
    this.warnings.attach(agent);
  }

  /** A commit: the file is this blob, an article of the id it is named after. */
  put(id: string, blob: string): void {
    const verdict = {
      kind: "article",
      id,
      digest: "0".repeat(64),
      publishAtMs: null,
      expiresAtMs: null,
    } as const;
    this.files.set(`${id}.md`, { path: `${id}.md`, blob, fingerprint: "f", verdict });
  }

  deliver(id: string, blob: string, cause: Cause = "changed", waitedMs = 0): void {
    this.put(id, blob);
    const took = { durationMs: 1, attempts: 1, isBulk: false, version: 1 };
    this.warnings.observe({ kind: "article.upserted", id, path: `${id}.md`, cause, waitedMs, ...took });
  }

  passDone(): void {
    const found = { revision: "r", way: "walk", why: "trees-remembered", examined: 1, begun: 1 } as const;
    this.warnings.observe({ kind: "pass.done", trigger: "start", ...found, durationMs: 1 });
  }

  async listed(): Promise<Record<string, string[]>> {
    const listing = await this.warnings.current();
    return Object.fromEntries(listing.map(({ path, problems }) => [path, problems.map(({ code }) => code)]));
  }

  until(what: string, count: number): Promise<void> {
    return waitFor(() => this.linted.length >= count, what);
  }

  #true(codes: string): string[] {
    return codes.split(" ").filter((code) => code !== "fine" && !this.untrue.has(code));
  }
}

const problem = (code: string): Problem => ({
  code,
  severity: "warning",
  line: 1,
  column: 1,
  length: 1,
  params: {},
});

async function scene(work: (scene: Scene) => Promise<void>): Promise<void> {
  const one = new Scene();
  try {
    await work(one);
  } finally {
    one.warnings.detach();
  }
}

linting("reports each article with warnings once, and lists them, newest first", () =>
  scene(async (one) => {
    one.attach();
    one.deliver("a", "near-key");
    one.deliver("b", "fine");
    one.deliver("c", "image-missing link-missing");
    await waitFor(() => one.reported.length === 2, "both");
    assert.equal(one.reported, [
      ["article.doubtful", "a.md", ["near-key"]],
      ["article.doubtful", "c.md", ["image-missing", "link-missing"]],
    ]);
    assert.equal(Object.entries(await one.listed()), [
      ["c.md", ["image-missing", "link-missing"]],
      ["a.md", ["near-key"]],
    ]);
    one.deliver("a", "near-key", "resend");
    one.deliver("b", "slip");
    await waitFor(() => one.reported.length === 3, "the edit");
    assert.is(one.reported[2]?.[1], "b.md");
    assert.is(one.linted.length, 4, "what was seen already is not looked at again");
  }),
);

linting("shows nothing that is no longer so", () =>
  scene(async (one) => {
    one.attach();
    one.deliver("a", "image-missing");
    one.deliver("b", "near-key");
    one.deliver("c", "slip");
    await waitFor(() => one.reported.length === 3, "all");
    one.untrue.add("image-missing");
    one.files.delete("c.md");
    assert.equal(await one.listed(), { "b.md": ["near-key"] }, "the image was pushed, the file deleted");
    // Fixed where no payload changes: nothing is delivered.
    one.put("b", "fine");
    assert.equal(await one.listed(), {});
    await one.until("another look at b", 4);
    assert.is(one.linted[3], "b.md fine");
    one.put("b", "other");
    assert.equal(await one.listed(), {});
    await one.until("one more", 5);
    await waitFor(async () => "b.md" in (await one.listed()), "what is doubtful now");
    assert.is(one.reported.length, 3, "it was not pushed to be published");
    one.laterMs = 86_400_001;
    assert.equal(await one.listed(), {}, "dates come nearer");
    await one.until("a look at the dates of a and b", 7);
  }),
);

linting("waits until all is quiet, and stops as soon as it is not", () =>
  scene(async (one) => {
    one.attach();
    one.isIdle = false;
    one.deliver("a", "slip");
    one.deliver("b", "slip");
    assert.equal(await one.listed(), {});
    assert.is(one.linted.length, 0);
    one.lint = async (_path, blob) => {
      one.isIdle = false;
      return blob;
    };
    one.isIdle = true;
    await one.until("the first", 1);
    await waitFor(async () => Object.keys(await one.listed()).length === 1, "its end");
    assert.is(one.linted.length, 1, "a pass has begun");
    assert.equal(one.reported, []);
    one.isIdle = true;
    await one.until("the second", 2);
    one.isIdle = true;
    await waitFor(() => one.reported.length === 2, "both");
  }),
);

linting("remembers fifty, and does not report each article of a first sync", () =>
  scene(async (one) => {
    one.attach();
    for (let n = 0; n < 1_000; n++) one.deliver(`n${n}`, "slip", "new");
    await one.until("the last fifty", 50);
    await waitFor(async () => Object.keys(await one.listed()).length === 50, "their listing");
    assert.is((await one.warnings.current())[0]?.path, "n999.md");
    assert.is(one.linted.length, 50);
    assert.equal(one.reported, []);
    one.deliver("one", "slip");
    await waitFor(() => one.reported.length === 1, "a push after it");
    assert.is(Object.keys(await one.listed()).length, 50);
  }),
);

linting("reports to an author nothing that was there before", () =>
  scene(async (one) => {
    one.attach(false);
    one.deliver("a", "slip", "new");
    one.passDone();
    // Begun by the first pass, though it came after.
    one.deliver("b", "slip", "new", 9_999);
    await one.until("both", 2);
    one.laterMs = 1;
    one.deliver("c", "slip", "new");
    await waitFor(() => one.reported.length > 0, "the one that was saved");
    assert.equal(
      one.reported.map(([, path]) => path),
      ["c.md"],
    );
  }),
);

linting("reports nothing about repairs", () =>
  scene(async (one) => {
    one.attach();
    one.deliver("a", "slip", "drift");
    one.deliver("b", "slip", "resend");
    await waitFor(async () => Object.keys(await one.listed()).length === 2, "both");
    one.deliver("c", "slip", "moved");
    await waitFor(() => one.reported.length > 0, "the one that somebody moved");
    assert.is(one.reported[0]?.[1], "c.md");
  }),
);

linting("takes a file that cannot be linted for one without warnings", () =>
  scene(async (one) => {
    one.attach();
    one.lint = async (path, blob) => {
      if (path === "a.md") throw new Error("objects are gone");
      return path === "b.md" ? null : blob;
    };
    for (const id of ["a", "b", "c"]) one.deliver(id, "slip");
    await waitFor(() => one.reported.length === 1, "the one that can");
    assert.equal(await one.listed(), { "c.md": ["slip"] });
    assert.is(one.linted.length, 3);
    assert.equal(await one.warnings.of("a.md"), []);
  }),
);

linting("begins anew with other settings, and ends without waiting for anybody", () =>
  scene(async (one) => {
    one.attach();
    one.deliver("a", "slip");
    await waitFor(() => one.reported.length === 1, "a");
    one.warnings.detach();
    assert.equal(await one.warnings.current(), []);
    assert.equal(await one.warnings.of("a.md"), []);
    one.attach();
    assert.equal(await one.listed(), {});
    await one.until("a under the other settings", 2);
    await waitFor(async () => "a.md" in (await one.listed()), "its listing");
    assert.is(one.reported.length, 1);

    let finish = (): void => {};
    one.lint = (_path, blob) => new Promise((resolve) => (finish = () => resolve(blob)));
    one.deliver("b", "slip");
    await one.until("b", 3);
    one.warnings.detach();
    one.files.clear();
    finish();
    await new Promise(setImmediate);
    assert.is(one.reported.length, 1);
  }),
);

linting("answers for a file what it knows, and examines none that is asked for", () =>
  scene(async (one) => {
    one.attach();
    one.deliver("a", "slip");
    await one.until("a", 1);
    const codes = async (path: string) => (await one.warnings.of(path)).map(({ code }) => code);
    assert.equal(await codes("a.md"), ["slip"]);
    for (let n = 0; n < 120; n++) one.put(`n${n}`, "slip");
    const asked = await Promise.all(Array.from({ length: 120 }, (_, n) => codes(`n${n}.md`)));
    assert.equal(asked.flat(), []);
    assert.equal(await codes("nowhere.md"), []);
    one.put("a", "near-key");
    assert.equal(await codes("a.md"), [], "of another version of it nothing is known");
    assert.is(one.linted.length, 1);
    assert.equal(await one.listed(), {}, "asking is no delivery");
  }),
);

linting.run();
