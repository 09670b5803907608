/** Over real histories in real git, the ways to compare two revisions say the same. */
import { join } from "node:path";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Change } from "../../../src/sync/model.ts";
import { fileSets, type PlainFiles } from "../../support/file-sets.ts";
import { type Contents, Repository, temporaryFolder } from "../../support/repository.ts";
import { gather, headOf, MapTrees, openOn } from "../../support/source.ts";

const test = suite("ways to compare");
const folder = temporaryFolder();
let repositories = 0;
test.after(() => folder.remove());

/** Git takes no submodule at the null id. */
function contents(files: PlainFiles): Map<string, Contents> {
  return new Map(
    [...files].map(([path, { mode, blob }]) => [
      path,
      mode === "submodule"
        ? { submodule: blob.replace(/^00/, "01") }
        : mode === "symlink"
          ? { link: blob }
          : blob,
    ]),
  );
}

/** What changed from one listing to the next. */
function compared(before: readonly Change[], now: readonly Change[]): Change[] {
  const old = new Map(before.map((change) => [change.path, change]));
  const young = new Map(now.map((change) => [change.path, change]));
  const paths = [...new Set([...old.keys(), ...young.keys()])];
  paths.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return paths.flatMap((path): Change[] => {
    const [was, is] = [old.get(path), young.get(path)];
    if (is === undefined) return was ? [{ ...was, blob: null }] : [];
    return was?.blob === is.blob && was?.mode === is.mode ? [] : [is];
  });
}

for (const objectFormat of ["sha1", "sha256"] as const) {
  test(`walk, diff-tree and listing agree (${objectFormat})`, async () => {
    const histories = fc.array(fileSets, { minLength: 2, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(histories, fc.boolean(), async (history, everything) => {
        const dir = join(folder.path, String(repositories++));
        const repository = new Repository(dir, { bare: true, objectFormat });
        const selects = everything ? () => true : (path: string) => path.endsWith(".md");
        const walking = openOn(dir, { selects, trees: new MapTrees() });
        const diffing = openOn(dir, { selects });
        try {
          let before: { revision: string; listing: Change[] } | null = null;
          for (const files of history) {
            const sized = objectFormat === "sha1" ? files : withoutSubmodules(files);
            repository.commit(contents(sized), { replace: true });
            const head = await headOf(walking);
            assert.equal(await headOf(diffing), head);
            const listing = await gather(diffing.compare(null, head));
            if (before === null) {
              const first = await walking.compare(null, head);
              assert.is(first.why, "no-old-revision");
              assert.equal(await gather(first), listing);
              first.remember();
            } else {
              const walk = await walking.compare(before.revision, head);
              const diff = await diffing.compare(before.revision, head);
              assert.equal([walk.way, walk.why], ["walk", "trees-remembered"]);
              assert.equal([diff.way, diff.why], ["diff-tree", "old-commit-at-hand"]);
              const walked = await gather(walk);
              assert.equal(walked, await gather(diff));
              assert.equal(walked, compared(before.listing, listing));
              walk.remember();
            }
            before = { revision: head.revision, listing };
          }
        } finally {
          await walking.close();
          await diffing.close();
        }
      }),
      { numRuns: objectFormat === "sha1" ? 25 : 8 },
    );
  });
}

/** The ids of submodules are made for SHA-1. */
function withoutSubmodules(files: PlainFiles): PlainFiles {
  return new Map([...files].filter(([, { mode }]) => mode !== "submodule"));
}

test.run();
