import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defaultStatePath, type LoadInput, olderStatePath } from "../../../src/config/load.ts";
import { UsageError } from "../../../src/errors.ts";

const statePath = suite("default state path");

type Env = LoadInput["env"];

statePath("prefers $STATE_DIRECTORY, then $XDG_STATE_HOME, then the home directory", () => {
  const directory = (env: Env): string =>
    defaultStatePath(env, "http://h/post", "/repo").replace(/\/[^/]*$/, "");
  const env = { STATE_DIRECTORY: "/var/lib/a:/var/lib/b", XDG_STATE_HOME: "/xdg", HOME: "/home/me" };
  assert.is(directory(env), "/var/lib/a");
  assert.is(directory({ ...env, STATE_DIRECTORY: "" }), "/xdg/sync-agent");
  assert.is(
    directory({ ...env, STATE_DIRECTORY: undefined, XDG_STATE_HOME: "relative" }),
    "/home/me/.local/state/sync-agent",
  );
});

statePath("names the file after inserter and repository", () => {
  const env = { HOME: "/h" };
  const name = (url: string, repo: string): string =>
    defaultStatePath(env, url, repo).split("/").at(-1) ?? "";
  assert.match(name("http://h/post", "/repo"), /^sync-agent-[0-9a-f]{12}\.sqlite$/);
  const all = [
    name("http://h/post", "/repo"),
    name("http://h/post", "/b"),
    name("http://h/other", "/repo"),
    name("embedded", "/repo"),
    name("embedded", "/b"),
  ];
  assert.is(new Set(all).size, all.length);
});

statePath("knows where it was before: named after the owner, an embedded one after its repository", () => {
  const older = (owner: string | null, url: string, repo: string): string =>
    olderStatePath({ HOME: "/h" }, owner, url, repo).split("/").at(-1) ?? "";
  assert.is(older(null, "http://h/post", "/a"), older("sync-agent", "http://h/post", "/b"));
  assert.match(older("docs", "http://h/post", "/repo"), /^docs-[0-9a-f]{12}\.sqlite$/);
  assert.is.not(older(null, "embedded", "/a"), older(null, "embedded", "/b"));
});

statePath("says what to set when there is no place at all", () => {
  assert.throws(
    () => defaultStatePath({}, "http://h/post", "/repo"),
    (error: unknown) => error instanceof UsageError && error.hint.includes("--state FILE"),
  );
});

statePath.run();
