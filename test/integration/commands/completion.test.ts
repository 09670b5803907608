/** Completion, asked of the shells themselves where they are installed. */
import { spawnSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseCommandLine } from "../../../src/cli/argv.ts";
import { completionScript, SHELLS } from "../../../src/cli/completion.ts";
import { COMMAND_NAMES, OPTION_LIST } from "../../../src/cli/options.ts";
import { completion as command } from "../../../src/commands/completion.ts";
import { UsageError } from "../../../src/errors.ts";

const test = suite("completion");
const has = (shell: string): boolean => spawnSync(shell, ["-c", "exit 0"]).status === 0;
const where = (shell: string) => (has(shell) ? test : test.skip);

/** What bash offers after these words; the last one is what is being typed. */
function offered(...words: readonly string[]): string[] {
  const script = `${completionScript("bash")}
COMP_WORDS=(sync-agent "$@"); COMP_CWORD=$#
_sync_agent
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", script, "bash", ...words], { encoding: "utf8" });
  assert.is(stderr, "");
  return stdout.split("\n").filter((word) => word !== "");
}

where("bash")("bash: commands, the options of each, and values", () => {
  assert.equal(offered(""), [...COMMAND_NAMES]);
  assert.equal(offered("st"), ["status"]);
  for (const name of COMMAND_NAMES) {
    const expected = OPTION_LIST.filter(([, { of }]) => of.includes(name)).map(([, { long }]) => `--${long}`);
    assert.equal(offered(name, "--"), expected, name);
  }
  assert.equal(offered("check", "--format", ""), ["pretty", "json", "github", "sarif"]);
  assert.equal(offered("check", "--format", "s"), ["sarif"]);
  assert.equal(offered("once", "--wait", ""), []);
  assert.equal(offered("plan", "--repo", "sr"), ["src"]);
  assert.equal(offered("explain", "package.js"), ["package.json"]);
  assert.equal(offered("completion", ""), [...SHELLS]);
  assert.ok(offered("--log").includes("--log-level"), "options of run, which may be left out");
});

where("zsh")("zsh: the script can be parsed", () => {
  assert.is(spawnSync("zsh", ["-n"], { input: completionScript("zsh"), encoding: "utf8" }).stderr, "");
});

where("fish")("fish: commands, options and values", () => {
  const ask = (line: string): string[] => {
    const script = `${completionScript("fish")}\ncomplete -C ${JSON.stringify(line)}`;
    const { stdout, stderr } = spawnSync("fish", ["--no-config", "-c", script], { encoding: "utf8" });
    assert.is(stderr, "");
    return stdout.split("\n").flatMap((offer) => offer.split("\t")[0] || []);
  };
  assert.equal(ask("sync-agent ch"), ["check"]);
  assert.equal(ask("sync-agent check --form"), ["--format"]);
  assert.equal(ask("sync-agent check --format s"), ["sarif"]);
});

test("every shell gets every command and option, and an unknown shell the nearest name", async () => {
  for (const shell of SHELLS) {
    const script = completionScript(shell);
    for (const name of COMMAND_NAMES) assert.match(script, name);
    for (const [, { long }] of OPTION_LIST) assert.match(script, long);
  }
  try {
    await command(parseCommandLine(["completion", "bahs"]), {} as never);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, UsageError);
    assert.match(JSON.stringify((error as UsageError).hint), "bash");
  }
});

test.run();
