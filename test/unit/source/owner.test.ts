import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ownerName, ownerOf } from "../../../src/source/repository.ts";

const owner = suite("derived owner");

owner("all spellings of one origin are one owner", () => {
  const spellings = [
    "https://github.com/ada/blog",
    "https://github.com/ada/blog.git",
    "https://github.com/ada/blog/",
    "https://ada:secret@GitHub.com/ada/blog.git",
    "http://github.com:8080/ada/blog",
    "ssh://git@github.com/ada/blog.git",
    "ssh://git@github.com:2222/ada/blog",
    "git@github.com:ada/blog.git",
    "git@github.com:/ada/blog",
    "github.com:ada/blog",
    "git://github.com/ada/blog.git",
  ];
  const owners = new Set(spellings.map((one) => ownerOf(one, "/git/repo")));
  assert.equal([...owners].length, 1, [...owners].join(" "));
  assert.match([...owners][0] ?? "", /^blog-[0-9a-f]{12}$/);
});

owner("other origins are other owners", () => {
  const origins = [
    "https://github.com/ada/blog",
    "https://gitlab.com/ada/blog",
    "https://github.com/bob/blog",
    "https://github.com/ada/docs",
    "/srv/git/blog.git",
    "/srv/git/docs",
  ];
  assert.is(new Set(origins.map((one) => ownerOf(one, "/git/repo"))).size, origins.length);
});

owner("a path on this machine is made absolute, however it is written", () => {
  const at = (origin: string): string => ownerOf(origin, "/home/ada/clone");
  assert.is(at("../blog.git"), at("/home/ada/blog"));
  assert.is(at("file:///home/ada/blog.git"), at("/home/ada/blog"));
});

owner("its name is one that a configuration may have", () => {
  const allowed = /^[A-Za-z0-9][\w.-]{0,63}$/;
  for (const origin of [
    "git@h:ada/日本語.git",
    "https://h/_x",
    "https://h/.",
    "/",
    `https://h/${"a".repeat(200)}`,
    "h:a b",
  ]) {
    assert.match(ownerOf(origin, "/r"), allowed);
    assert.match(ownerName(origin), allowed);
  }
});

owner.run();
