/** The files for places where the program runs: valid, with commands, options and keys that exist. */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { parseCommandLine } from "../../../src/cli/argv.ts";
import { loadSettings } from "../../../src/config/load.ts";
import { temporaryFolder } from "../../support/repository.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const text = (path: string): string => readFileSync(join(ROOT, path), "utf8");
// biome-ignore lint/suspicious/noExplicitAny: what was parsed has any shape, that is the point
const yaml = (path: string): any => parse(text(path));
const test = suite("deployment files");

/** Words of a line of shell, without quotes and variables' braces. */
const words = (line: string): string[] => line.replaceAll(/["']/g, "").trim().split(/\s+/);

/** The command line after the program's name, in whatever way the line starts the program. */
function commandLine(line: string): string[] {
  const all = words(line);
  const at = all.findIndex((word) => /(^|\/)sync-agent(@\S+)?$/.test(word));
  assert.ok(at >= 0, line);
  return all.slice(at + 1).filter((word) => !word.startsWith("${strict["));
}

test("compose.yaml: the agent's commands, its configuration, and git-sync's documented flags", async () => {
  const { services, configs, volumes } = yaml("scripts/deploy/compose.yaml");
  const agent = parseCommandLine(services["sync-agent"].command);
  assert.is(agent.command, "run");
  const inserter = parseCommandLine(services.inserter.command);
  assert.is(inserter.command, "inserter");
  const documented = text("scripts/deploy/README.md");
  for (const argument of services["git-sync"].command as string[]) {
    const [flag = ""] = argument.split("=");
    assert.ok(flag === "--repo" || documented.includes(`\`${flag}`), `git-sync's ${flag} is explained`);
  }
  for (const service of Object.values<{ volumes?: string[] }>(services)) {
    for (const volume of service.volumes ?? []) assert.ok((volume.split(":")[0] ?? "") in volumes, volume);
  }
  const folder = temporaryFolder();
  try {
    const path = join(folder.path, "sync.config.ts");
    writeFileSync(path, configs["sync-agent"].content);
    const { flags } = parseCommandLine(["run", "--config", path]);
    const settings = await loadSettings({
      flags,
      cwd: folder.path,
      env: { STATE_DIRECTORY: "/var/lib/sync-agent" },
    });
    assert.is(settings.repo, "/git/repo");
    assert.is(new URL(settings.inserter.url).port, String(inserter.flags.listen.port));
    assert.ok(settings.status);
  } finally {
    folder.remove();
  }
});

test("systemd: the unit starts a command that exists, and the timer a unit that exists", () => {
  const unit = text("scripts/deploy/systemd/sync-agent.service");
  const [, start = ""] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
  assert.is(parseCommandLine(commandLine(start)).command, "run");
  assert.match(unit, /^StateDirectory=sync-agent$/m);
  const names = globSync("scripts/deploy/systemd/*", { cwd: ROOT }).map((path) => path.split("/").at(-1));
  for (const name of names)
    if (name?.endsWith(".timer")) assert.ok(names.includes(name.replace(".timer", ".service")), name);
});

test("the check for content repositories, as an action and as a hook, uses options that exist", () => {
  const { inputs, runs } = yaml(".github/actions/check/action.yml");
  const line = String(runs.steps[0].run)
    .split("\n")
    .find((one) => one.includes("sync-agent@"));
  const action = parseCommandLine(commandLine(String(line)));
  assert.equal([action.command, action.flags.worktree, action.flags.format], ["check", true, "github"]);
  assert.ok(inputs.version.required && inputs.config.required, "what runs is named, never found");
  const [hook] = yaml(".pre-commit-hooks.yaml");
  const { command, flags } = parseCommandLine(commandLine(`${hook.entry} ${hook.args.join(" ")}`));
  assert.equal([command, flags.worktree, flags.config], ["check", true, "sync.config.ts"]);
  assert.is(hook.language, "system");
});

test("the workflows run scripts that exist", () => {
  const { scripts } = JSON.parse(text("package.json"));
  for (const path of globSync(".github/workflows/*.yml", { cwd: ROOT })) {
    for (const [, name = ""] of text(path).matchAll(/npm run ([\w:]+)/g))
      assert.ok(name in scripts, `${path}: ${name}`);
  }
});

const actionlint = process.env["ACTIONLINT"] ?? "actionlint";
const hasActionlint = spawnSync(actionlint, ["--version"]).status === 0;
(hasActionlint ? test : test.skip)("the workflows pass actionlint", () => {
  const files = globSync(".github/workflows/*.yml", { cwd: ROOT });
  const { status, stdout } = spawnSync(actionlint, ["-no-color", ...files], { cwd: ROOT, encoding: "utf8" });
  assert.is(status, 0, stdout);
});

test.run();
