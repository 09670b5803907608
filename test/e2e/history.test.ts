/** A history of folders that grow and shrink, replayed under the daemon, commit by commit. */
import { suite } from "uvu";
import { article, Scene } from "../support/scene.ts";

const test = suite("history");

/** Trees of more than one block of 4 KiB are compared block by block. */
const MANY = 108;

const name = (n: number): string => `a${String(n).padStart(6, "0")}`;

/** Files of the folder `posts/` for these ids; null for one that goes. */
function posts(ids: readonly string[], contents: (id: string) => string | null = article) {
  return Object.fromEntries(ids.map((id) => [`posts/${id}.md`, contents(id)]));
}

test("a folder that grows and shrinks at either end, and in the middle, is followed", async () => {
  await using scene = new Scene({ style: "clone" });
  await scene.startInserter();
  const all = Array.from({ length: MANY }, (_, n) => name(n));
  const held = new Set(all);
  scene.upstream.commit(posts(all));
  const agent = scene.run();
  await scene.holds([...held]);

  const gone = (ids: readonly string[]) => posts(ids, () => null);
  const history: readonly (readonly [files: ReturnType<typeof posts>, comes: string[], goes: string[]])[] = [
    [posts(["a"]), ["a"], []],
    [posts(["zz"]), ["zz"], []],
    [posts([`${name(50)}b`]), [`${name(50)}b`], []],
    [gone([name(0), name(1), "a"]), [], [name(0), name(1), "a"]],
    [gone(all.slice(60, 104)), [], all.slice(60, 104)],
    [posts(all.slice(60, 104)), all.slice(60, 104), []],
    [{ ...gone(["zz"]), ...posts([`${name(107)}c`]) }, [`${name(107)}c`], ["zz"]],
  ];
  for (const [files, comes, goes] of history) {
    scene.upstream.commit(files);
    for (const id of comes) held.add(id);
    for (const id of goes) held.delete(id);
    await agent.waitFor(
      async () => (await scene.ids()).join() === [...held].sort().join(),
      "the new revision",
    );
  }
});

test.run();
