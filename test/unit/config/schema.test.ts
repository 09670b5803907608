import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { allKeys, referenceTable } from "../../../src/config/schema.ts";
import { WORDS } from "../../../src/messages/words.ts";

const root = resolve(import.meta.dirname, "../../..");
const types = readFileSync(join(root, "src/index.ts"), "utf8");

/** Keys that an interface of the public types has, those of objects written into it included, dotted. */
function keysOf(name: string, prefix: string): string[] {
  const [, body = ""] = new RegExp(`^export interface ${name} \\{\\n([\\s\\S]*?)^\\}`, "m").exec(types) ?? [];
  return [...body.matchAll(/^ {2}(\w+)\??: (.*);$/gm)].flatMap(([, key = "", type = ""]) => {
    if (type === "ArticlesConfig") return keysOf(type, `${key}.`);
    if (type === "InserterConfig") return keysOf(type, `${key}.`);
    if (type === "KeysConfig") return keysOf(type, `${prefix}${key}.`);
    const [, named] = /^\{ elasticsearch\?: (\w+) \}$/.exec(type) ?? [];
    if (named !== undefined) return keysOf(named, `${prefix}${key}.elasticsearch.`);
    const inline = /^\{ (.*) \}$/.exec(type)?.[1];
    if (inline === undefined) return [`${prefix}${key}`];
    return [...inline.matchAll(/(\w+)\?: /g)].map((match) => `${prefix}${key}.${match[1]}`);
  });
}

const reference = suite("reference of keys");

reference("has the keys that the public types have", () => {
  const typed = keysOf("SyncConfig", "");
  assert.ok(typed.length > 30, String(typed.length));
  assert.equal(
    allKeys()
      .map(([key]) => key)
      .sort(),
    typed.sort(),
  );
});

reference("explains each key in a sentence, and says what it takes", () => {
  for (const [key, { means, kind }] of allKeys()) {
    assert.match(means, /^\S.*\.$/, key);
    for (const words of Object.values(WORDS)) assert.ok(kind.allowed(words.usage).length > 1, key);
  }
});

reference("is the table that the chapter has: `node scripts/readme.ts`", () => {
  const chapter = readFileSync(join(root, "src/config/README.md"), "utf8");
  assert.ok(chapter.includes(referenceTable().trim()));
});

reference.run();
