import { suite } from "uvu";
import * as assert from "uvu/assert";
import { gitEnvironment, release } from "../../../src/source/git.ts";

const environment = suite("environment of git");

environment("inherits PATH and nothing else", () => {
  const dangerous = {
    GIT_DIR: "/x",
    GIT_SSH_COMMAND: "x",
    GIT_EXEC_PATH: "/x",
    ZX_SHELL: "x",
    LD_PRELOAD: "x",
  };
  Object.assign(process.env, dangerous);
  try {
    const given = gitEnvironment();
    for (const name of Object.keys(dangerous)) assert.is(given[name], undefined, name);
    assert.is(given["PATH"], process.env["PATH"]);
    assert.is(given["HOME"], "/nonexistent");
  } finally {
    for (const name of Object.keys(dangerous)) delete process.env[name];
  }
});

environment("counts its configuration right: git fails over a gap", () => {
  const given = gitEnvironment("/bin");
  const count = Number(given["GIT_CONFIG_COUNT"]);
  const keys = Object.keys(given).filter((name) => name.startsWith("GIT_CONFIG_KEY_"));
  assert.is(keys.length, count);
  for (let index = 0; index < count; index++) {
    assert.type(given[`GIT_CONFIG_KEY_${index}`], "string");
    assert.type(given[`GIT_CONFIG_VALUE_${index}`], "string");
  }
});

const chunks = suite("chunks");

chunks("are freed when nothing else shares their memory", () => {
  const chunk = new Uint8Array(65_536);
  release(chunk);
  assert.is(chunk.buffer.byteLength, 0);
});

chunks("are left alone when something may", () => {
  const memory = new Uint8Array(65_536);
  release(memory.subarray(1));
  release(memory.subarray(0, 40_000));
  release(new Uint8Array(new SharedArrayBuffer(65_536)));
  assert.is(memory.length, 65_536);
  const small = Buffer.from("small");
  release(small);
  assert.is(small.toString(), "small");
});

environment.run();
chunks.run();
