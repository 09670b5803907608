/** However many files and findings there are, `check` holds few of them at a time, and shows few that are alike. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Flags } from "../../../src/cli/options.ts";
import type { Candidate, Files } from "../../../src/commands/check/files.ts";
import { AT_ONCE, checkFiles, type LintedFile } from "../../../src/commands/check/lint.ts";
import { formatReport, isSound, tallyFor } from "../../../src/commands/check/report.ts";
import type { Problem, Verdict } from "../../../src/sync/model.ts";

const tallying = suite("check of many files");

const problem = (code: string, severity: Problem["severity"], line = 2): Problem => ({
  code,
  severity,
  line,
  column: 1,
  length: 1,
  params: { key: "date" },
  excerpt: "x",
});
const published = (id: string): Verdict => ({
  kind: "article",
  id,
  digest: "0".repeat(64),
  publishAtMs: null,
  expiresAtMs: null,
});
const rejected = (...problems: Problem[]): Verdict => ({ kind: "rejected", id: null, problems });

const nameOf = (index: number): string => `${String(index).padStart(6, "0")}.md`;

/** Files, and how many were looked at at the same time at most. */
class Scene {
  most = 0;
  #now = 0;
  readonly #count: number;
  readonly #fileOf: (index: number) => Partial<LintedFile> & Pick<LintedFile, "verdict">;

  constructor(count: number, fileOf: (index: number) => Partial<LintedFile> & Pick<LintedFile, "verdict">) {
    this.#count = count;
    this.#fileOf = fileOf;
  }

  async report(format: Flags["format"], strict = false) {
    const count = this.#count;
    const files: Files = {
      revision: "f".repeat(40),
      root: "/",
      async *candidates() {
        for (let index = 0; index < count; index++)
          yield { path: nameOf(index), mode: "file", read: async () => null };
      },
      exists: () => true,
      isCandidate: (path) => Number.parseInt(path, 10) < count,
      converted: async () => new Map(),
      close: async () => {},
    };
    const found = tallyFor(format);
    await checkFiles(files, (candidate) => this.#look(candidate), 0, "en", found);
    const report = { config: "c", repo: ".", revision: files.revision, found, inConfig: [], strict };
    return { found, isSound: isSound(report), text: formatReport(report, format, false, "en") };
  }

  async #look({ path }: Candidate): Promise<LintedFile> {
    this.most = Math.max(this.most, ++this.#now);
    await new Promise(setImmediate);
    this.#now--;
    const base = {
      path,
      problems: [],
      references: [],
      attributes: null,
      payload: null,
      origins: {},
      unrendered: [],
      idPlace: null,
    };
    return { ...base, ...this.#fileOf(Number.parseInt(path, 10)) };
  }
}

tallying("holds few files at a time, and sums up equal errors in each format", async () => {
  const missing = problem("missing-key", "error");
  const scene = new Scene(4_000, () => ({ verdict: rejected(missing), problems: [missing] }));
  for (const [format, shown, lengthMax] of [
    ["pretty", 10, 3_000],
    ["github", 50, 20_000],
    ["sarif", 1_000, 1_500_000],
    ["json", 1_000, 800_000],
  ] as const) {
    const { found, isSound, text } = await scene.report(format);
    assert.is(isSound, false);
    assert.is(found.total("error"), 4_000);
    assert.is(found.shown.length, shown, format);
    assert.ok(text.length < lengthMax, `${format}: ${text.length}`);
    assert.ok(text.includes(String(4_000 - shown)) || text.includes("4000"), format);
  }
  assert.is(scene.most, AT_ONCE);
  const { text } = await scene.report("json");
  const { files, findings, summed, counts } = JSON.parse(text);
  assert.is(files.length, 4_000);
  assert.is(findings.length, 1_000);
  assert.equal(summed, [{ severity: "error", code: "missing-key", count: 4_000, shown: 1_000 }]);
  assert.is(counts.rejected, 4_000);
});

tallying("says once what nearly every article has", async () => {
  const wide = problem("tags-twice", "warning");
  const odd = problem("near-key", "warning");
  const scene = new Scene(100, (index) => ({
    verdict: published(`id${index}`),
    problems: index % 20 === 0 ? [wide, odd] : [wide],
  }));
  const { text, isSound } = await scene.report("pretty");
  assert.is(isSound, true);
  assert.is(text.split("[tags-twice]").length - 1, 2, text);
  assert.match(text, "... and 99 more [tags-twice]");
  assert.is(text.split("[near-key]").length - 1, 5, text);
  assert.is((await scene.report("pretty", true)).isSound, false);
});

tallying("judges links to files above and below, whatever comes of those", async () => {
  const linkTo = (index: number) => ({
    target: nameOf(index),
    path: nameOf(index),
    routes: [],
    elsewhere: [],
    warning: problem("link-missing", "warning", 10 + index),
  });
  const draft: Verdict = { kind: "withdrawn", id: "d", why: "draft" };
  const scene = new Scene(40, (index) => ({
    verdict: index === 0 || index === 39 ? draft : published(index === 30 ? "id1" : `id${index}`),
    references: index === 20 ? [0, 39, 5, 35, 30].map(linkTo) : [],
  }));
  const { found } = await scene.report("json");
  assert.equal(
    found.shown.map(({ path, code, line }) => `${path} ${code} ${line}`),
    [
      "000020.md link-unpublished 10",
      "000020.md link-unpublished 40",
      "000020.md link-unpublished 49",
      "000030.md duplicate-id null",
    ],
  );
});

tallying("names both files of ids that only case or normalisation tells apart", async () => {
  const ids = ["Intro", "intro", "caf\u00e9", "cafe\u0301", "other", "INTRO"];
  const scene = new Scene(ids.length, (index) => ({ verdict: published(ids[index] ?? "") }));
  const { text, isSound } = await scene.report("json");
  const found = JSON.parse(text).findings as { code: string; path: string; message: string }[];
  assert.equal(
    found.map(({ code, path, message }) => [code, path, /\d+\.md/.exec(message)?.[0]]),
    [
      ["similar-id", "000001.md", "000000.md"],
      ["similar-id", "000003.md", "000002.md"],
      ["similar-id", "000005.md", "000001.md"],
    ],
  );
  assert.ok(isSound, "a warning is no error");
});

tallying.run();
