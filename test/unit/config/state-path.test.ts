import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defaultStatePath, type StatePathInput } from "../../../src/config/state-path.ts";
import { UsageError } from "../../../src/errors.ts";

const statePath = suite("default state path");

const input = (env: StatePathInput["env"], more: Partial<StatePathInput> = {}): StatePathInput => ({
  env,
  owner: "docs",
  inserterUrl: "http://h/post",
  repo: "/repo",
  ...more,
});

statePath("prefers $STATE_DIRECTORY, then $XDG_STATE_HOME, then the home directory", () => {
  const directory = (env: StatePathInput["env"]): string =>
    defaultStatePath(input(env)).replace(/\/[^/]*$/, "");
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
  const name = (more: Partial<StatePathInput>): string =>
    defaultStatePath(input(env, more)).split("/").at(-1) ?? "";
  assert.match(name({}), /^docs-[0-9a-f]{12}\.sqlite$/);
  assert.is(name({ repo: "/elsewhere" }), name({}));
  const all = [
    {},
    { owner: "blog" },
    { inserterUrl: "http://h/other" },
    { inserterUrl: "embedded" },
    { inserterUrl: "embedded", repo: "/b" },
  ];
  assert.is(new Set(all.map(name)).size, all.length);
});

statePath("says what to set when there is no place at all", () => {
  assert.throws(
    () => defaultStatePath(input({})),
    (error: unknown) => error instanceof UsageError && error.hint.includes("--state FILE"),
  );
});

statePath.run();
