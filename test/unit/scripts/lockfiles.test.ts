import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ROOT } from "../../../scripts/build/bundle.ts";

const test = suite("lockfiles");

interface Locked {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
}

for (const file of ["package-lock.json", "test/oldest/package-lock.json"]) {
  test(`${file}: a hash for every package, those of other platforms too, and no registry's address`, () => {
    const { packages } = JSON.parse(readFileSync(join(ROOT, file), "utf8"));
    const { "": _root, ...locked } = packages as Record<string, Locked>;
    assert.ok(Object.keys(locked).length > 0);
    for (const [name, { integrity = "", resolved, link }] of Object.entries(locked)) {
      // A package of this repository: the lockfile has what it asks for, too.
      if (link === true || !name.includes("node_modules/")) continue;
      assert.match(integrity, /^sha512-/, `${name}: npm update --package-lock-only adds what is missing`);
      assert.is(resolved, undefined, name);
    }
  });
}

test.run();
