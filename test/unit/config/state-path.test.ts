import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defaultStatePath, type LoadInput } from "../../../src/config/load.ts";
import { UsageError } from "../../../src/errors.ts";

const statePath = suite("default state path");

type Env = LoadInput["env"];

statePath("prefers $STATE_DIRECTORY, then $XDG_STATE_HOME, then the home directory", () => {
  const directory = (env: Env): string =>
    defaultStatePath(env, "docs", "http://h/post", "/repo").replace(/\/[^/]*$/, "");
  const env = { STATE_DIRECTORY: "/var/lib/a:/var/lib/b", XDG_STATE_HOME: "/xdg", HOME: "/home/me" };
  assert.is(directory(env), "/var/lib/a");
  assert.is(directory({ ...env, STATE_DIRECTORY: "" }), "/xdg/sync-agent");
  assert.is(
    directory({ ...env, STATE_DIRECTORY: undefined, XDG_STATE_HOME: "relative" }),
    "/home/me/.local/state/sync-agent",
  );
});

statePath("names the file after owner and inserter, an embedded one after its repository", () => {
  const env = { HOME: "/h" };
  const name = (owner: string, url: string, repo: string): string =>
    defaultStatePath(env, owner, url, repo).split("/").at(-1) ?? "";
  assert.match(name("docs", "http://h/post", "/repo"), /^docs-[0-9a-f]{12}\.sqlite$/);
  assert.is(name("docs", "http://h/post", "/elsewhere"), name("docs", "http://h/post", "/repo"));
  const all = [
    name("docs", "http://h/post", "/repo"),
    name("blog", "http://h/post", "/repo"),
    name("docs", "http://h/other", "/repo"),
    name("docs", "embedded", "/repo"),
    name("docs", "embedded", "/b"),
  ];
  assert.is(new Set(all).size, all.length);
});

statePath("says what to set when there is no place at all", () => {
  assert.throws(
    () => defaultStatePath({}, "docs", "http://h/post", "/repo"),
    (error: unknown) => error instanceof UsageError && error.hint.includes("--state FILE"),
  );
});

statePath.run();
