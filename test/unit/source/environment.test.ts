import { suite } from "uvu";
import * as assert from "uvu/assert";
import { gitEnvironment } from "../../../src/source/environment.ts";

const test = suite("environment of git");

test("inherits PATH and nothing else", () => {
  const dangerous = {
    GIT_DIR: "/x",
    GIT_SSH_COMMAND: "x",
    GIT_EXEC_PATH: "/x",
    ZX_SHELL: "x",
    LD_PRELOAD: "x",
  };
  Object.assign(process.env, dangerous);
  try {
    const environment = gitEnvironment();
    for (const name of Object.keys(dangerous)) assert.is(environment[name], undefined, name);
    assert.is(environment["PATH"], process.env["PATH"]);
    assert.is(environment["HOME"], "/nonexistent");
  } finally {
    for (const name of Object.keys(dangerous)) delete process.env[name];
  }
});

test("counts its configuration right: git fails over a gap", () => {
  const environment = gitEnvironment("/bin");
  const count = Number(environment["GIT_CONFIG_COUNT"]);
  const keys = Object.keys(environment).filter((name) => name.startsWith("GIT_CONFIG_KEY_"));
  assert.is(keys.length, count);
  for (let index = 0; index < count; index++) {
    assert.type(environment[`GIT_CONFIG_KEY_${index}`], "string");
    assert.type(environment[`GIT_CONFIG_VALUE_${index}`], "string");
  }
});

test.run();
