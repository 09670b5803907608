import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createSelector } from "../../../src/article/candidate.ts";

const candidates = suite("candidates");

candidates("match an include and no exclude, case-sensitively", () => {
  const { selects } = createSelector({
    include: ["**/*.md", "notes/*.txt"],
    exclude: ["**/README.md", "drafts/**"],
  });
  for (const path of [
    "a.md",
    "x/y/a.md",
    "日本/記事 1.md",
    "notes/a.txt",
    "x/readme.md",
    "a\nb/c.md",
    "[a].md",
  ])
    assert.ok(selects(path), path);
  for (const path of [
    "a.MD",
    "README.md",
    "x/README.md",
    "drafts/a.md",
    "drafts/x/a.md",
    "notes/x/a.txt",
    "a.markdown",
  ])
    assert.not(selects(path), path);
});

candidates("a folder's name means all that is in it, as in a .gitignore", () => {
  const paths = ["posts/a.md", "posts/x/b.md", "drafts/c.md", "d.md", "other/posts/e.md", "/posts"];
  const selected = (include: string[], exclude: string[]): string[] => {
    const { selects, mayContain } = createSelector({ include, exclude });
    const folders = paths.filter(selects).map((path) => path.split("/").slice(0, -1).join("/"));
    for (const folder of folders) assert.ok(folder === "" || mayContain(folder), folder);
    return paths.filter(selects);
  };
  for (const folder of ["posts", "posts/", "/posts", "/posts/", "posts/**"])
    assert.equal(selected([folder], []), ["posts/a.md", "posts/x/b.md"], folder);
  assert.equal(selected(["**/*.md"], ["drafts/", "posts"]), ["d.md", "other/posts/e.md"]);
  assert.equal(selected(["d.md"], []), ["d.md"]);
  assert.equal(selected(["posts/*"], []), ["posts/a.md"]);
});

candidates("are not hidden, unless a glob says so", () => {
  const { selects } = createSelector({ include: ["**/*.md", ".well/*.txt"], exclude: [] });
  assert.equal([".a.md", ".git/a.md", "x/.y/a.md", ".well/a.txt"].map(selects), [false, false, false, true]);
});

candidates("can be explained by the globs that match", () => {
  const { matchedBy } = createSelector({
    include: ["posts/**", "**/*.md"],
    exclude: ["**/_*", "**/README.md"],
  });
  assert.equal(matchedBy("posts/README.md"), { include: "posts/**", exclude: "**/README.md" });
  assert.equal(matchedBy("a.md"), { include: "**/*.md" });
  assert.equal(matchedBy("a.txt"), {});
});

candidates("are looked for only in folders that may hold some", () => {
  const { mayContain } = createSelector({
    include: ["posts/*.md", "./a/b/*/c.md", "deep/**/*.md"],
    exclude: ["deep/node_modules/**"],
  });
  const yes = ["posts", "posts/", "a", "a/b", "a/b/x/", "deep", "deep/x/y", "deep/node_modules_2"];
  const no = [
    "x",
    "posts/x",
    "a/c",
    "a/b/x/y",
    ".git/",
    "deep/.x",
    "deep/node_modules",
    "deep/node_modules/x/",
  ];
  assert.equal(
    yes.filter((folder) => !mayContain(folder)),
    [],
  );
  assert.equal(
    no.filter((folder) => mayContain(folder)),
    [],
  );
});

candidates("are looked for everywhere with globs that are more than segments", () => {
  for (const include of ["{a,b/c}/*.md", "!x/**", "+(a|b)/*.md"])
    assert.ok(createSelector({ include: [include], exclude: [] }).mayContain("x/y"), include);
});

candidates("in hidden folders are not cut off by an exclude that does not reach them", () => {
  const { selects, mayContain } = createSelector({ include: ["**/*.md", "x/.keep/*.md"], exclude: ["x/**"] });
  assert.equal([selects("x/.keep/a.md"), mayContain("x"), mayContain("x/.keep")], [true, true, true]);
});

candidates("never lie in a folder that is passed over", () => {
  const globs = [
    "**/*.md",
    "a/*.md",
    "a/**/b/*.md",
    "*/c.md",
    "a/?/[bc]/*.md",
    "**/.h/*.md",
    "{a,b}/**",
    "**",
  ];
  const names = ["a", "b", "c", ".h", "node"];
  const paths = names.flatMap((x) => names.flatMap((y) => names.map((z) => `${x}/${y}/${z}/c.md`)));
  for (const include of globs)
    for (const exclude of globs) {
      const { selects, mayContain } = createSelector({ include: [include], exclude: [exclude] });
      for (const path of paths.filter(selects)) {
        const segments = path.split("/").slice(0, -1);
        for (let depth = 1; depth <= segments.length; depth++)
          assert.ok(mayContain(segments.slice(0, depth).join("/")), `${include} ${exclude} ${path} ${depth}`);
      }
    }
});

candidates.run();
