/** What the source takes for granted about git itself. When git changes one of these, this fails first. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { gitEnvironment, startGit } from "../../../src/source/git.ts";
import { git, Repository, temporaryFolder } from "../../support/repository.ts";

const test = suite("git, as it is taken for granted");
const folder = temporaryFolder();
let made = 0;
const fresh = (options = {}) => new Repository(join(folder.path, String(made++)), options);
test.after(() => folder.remove());

/** Output of git, run as the source runs it. */
function run(gitDir: string, words: readonly string[], input = ""): Buffer {
  return execFileSync("git", [`--git-dir=${gitDir}`, ...words], {
    env: gitEnvironment(),
    cwd: "/",
    input,
    stdio: ["pipe", "pipe", "pipe"],
  });
}

/** A long-lived cat-file that is asked one name after the other, and gives the first line of each answer. */
function conversation(gitDir: string) {
  const running = startGit(gitDir, ["cat-file", "--batch-check"], { silenceMsMax: 30_000 });
  const chunks = running.output();
  return {
    async ask(name: string): Promise<string> {
      running.stdin.write(`${name}\n`);
      const { value } = await chunks.next();
      return String(value).trim();
    },
    async end(): Promise<void> {
      running.kill();
      await running.ended;
    },
  };
}

test("diff-tree -z quotes nothing: names come byte for byte", () => {
  const repository = fresh();
  const from = repository.commit({ keep: "x" });
  const name = Buffer.from([0x22, 0x5c, 0x0a, 0xe9, 0x20, 0x2d, 0xe8, 0xa8, 0x98]);
  const to = repository.commit(new Map([[name, "y"]]));
  const output = run(repository.gitDir, ["diff-tree", "-r", "-z", "--raw", "--no-renames", from, to, "--"]);
  const start = output.indexOf(0) + 1;
  assert.equal(output.subarray(start, output.indexOf(0, start)), name);
});

test("diff-tree gives full ids and every submodule, whatever the configuration says", () => {
  const repository = fresh();
  for (const [key, value] of [
    ["core.abbrev", "7"],
    ["diff.renames", "copies"],
    ["diff.ignoreSubmodules", "all"],
    ["diff.noprefix", "true"],
    ["diff.external", "/bin/false"],
    ["core.quotePath", "true"],
  ] as const) {
    repository.git("config", key, value);
  }
  const from = repository.commit({ "a.md": "same contents", sub: { submodule: "1".repeat(40) } });
  const to = repository.commit({
    "a.md": null,
    "b.md": "same contents",
    sub: { submodule: "2".repeat(40) },
  });
  const words = ["-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv"];
  const output = run(repository.gitDir, ["diff-tree", ...words, "--ignore-submodules=none", from, to, "--"]);
  const fields = output.toString("utf8").split("\0");
  const paths = fields.filter((_, index) => index % 2 === 1);
  assert.equal(paths, ["a.md", "b.md", "sub"]);
  for (const header of fields.filter((field) => field.startsWith(":"))) {
    assert.match(header, /^:\d{6} \d{6} [0-9a-f]{40} [0-9a-f]{40} [ADMT]$/);
  }
});

test("diff-tree fails, and does not come out empty, when a revision is not there", () => {
  const repository = fresh();
  const to = repository.commit({ a: "x" });
  assert.throws(
    () => run(repository.gitDir, ["diff-tree", "-r", "-z", "f".repeat(40), to, "--"]),
    /bad object/,
  );
});

test("a revision can be told from a file of that name by what follows it", () => {
  const repository = fresh();
  const from = repository.commit({ a: "x" });
  const to = repository.commit({ a: "y" });
  writeFileSync(join(repository.dir, to), "");
  const words = ["--git-dir", repository.gitDir, "--work-tree", repository.dir, "diff-tree", from, to, "--"];
  assert.ok(git(repository.dir, ...words).includes("\ta"));
});

test("cat-file tells a missing name, an unborn HEAD and a blob that is no commit alike: missing", () => {
  const repository = fresh();
  assert.is(
    run(repository.gitDir, ["cat-file", "--batch"], "HEAD^{commit}\n").toString(),
    "HEAD^{commit} missing\n",
  );
  const revision = repository.commit({ "a.md": "x" });
  const output = run(
    repository.gitDir,
    ["cat-file", "--batch-check"],
    `HEAD^{commit}\nno such^{commit}\n${revision}:a.md^{commit}\n-x\n${"0".repeat(40)}\n\n`,
  );
  assert.equal(output.toString().split("\n"), [
    `${revision} commit ${git(repository.dir, "cat-file", "-s", revision)}`,
    "no such^{commit} missing",
    `${revision}:a.md^{commit} missing`,
    "-x missing",
    `${"0".repeat(40)} missing`,
    " missing",
    "",
  ]);
});

test("one long-lived cat-file sees every later commit, repack, packed ref and switch of branches", async () => {
  const repository = fresh();
  const talk = conversation(repository.gitDir);
  try {
    assert.match(await talk.ask("HEAD^{commit}"), /missing$/);
    for (const step of ["loose", "repack", "pack-refs", "switch", "gc"]) {
      const revision = repository.commit({ [step]: step });
      if (step === "repack") repository.git("repack", "-adq");
      if (step === "pack-refs") repository.git("pack-refs", "--all");
      if (step === "gc") repository.git("gc", "-q", "--prune=now");
      assert.ok((await talk.ask("HEAD^{commit}")).startsWith(`${revision} commit`), step);
      if (step === "switch") {
        repository.git("branch", "other", "HEAD~1");
        repository.git("symbolic-ref", "HEAD", "refs/heads/other");
        assert.ok((await talk.ask("HEAD^{commit}")).startsWith(repository.git("rev-parse", "other")), step);
        repository.git("symbolic-ref", "HEAD", "refs/heads/main");
      }
    }
  } finally {
    await talk.end();
  }
});

test("the HEAD of a linked worktree can be asked for from the common git dir", () => {
  const repository = fresh();
  const first = repository.commit({ a: "1" });
  const second = repository.commit({ a: "2" });
  repository.git("worktree", "add", "-q", "--detach", "../linked worktree", first);
  const output = run(
    repository.gitDir,
    ["cat-file", "--batch-check"],
    "worktrees/linked-worktree/HEAD^{commit}\nHEAD^{commit}\n",
  );
  assert.equal(output.toString().match(/^[0-9a-f]+/gm), [first, second]);
});

test("a shallow clone knows one commit, whose parent is missing and whose tree is whole", () => {
  const upstream = fresh({ bare: true });
  const first = upstream.commit({ "a.md": "1" });
  const second = upstream.commit({ "b.md": "2" });
  const dir = join(folder.path, "shallow");
  git(folder.path, "clone", "-q", "--depth=1", `file://${upstream.dir}`, dir);
  const asked = `${first}^{commit}\n${second}^{tree}\n`;
  const output = run(join(dir, ".git"), ["cat-file", "--batch-check"], asked).toString();
  assert.match(output, new RegExp(`^${first}\\^\\{commit\\} missing\\n[0-9a-f]{40} tree 64\\n$`));
});

test("a SHA-256 repository has ids of 64 digits everywhere", () => {
  const repository = fresh({ objectFormat: "sha256" });
  const revision = repository.commit({ "a.md": "1" });
  const output = run(repository.gitDir, ["cat-file", "--batch"], "HEAD^{tree}\n");
  assert.match(revision, /^[0-9a-f]{64}$/);
  assert.match(output.toString("latin1"), /^[0-9a-f]{64} tree 44\n100644 a\.md\0/);
});

test("a core.worktree that is not there does not keep git from reading", () => {
  const repository = fresh();
  const revision = repository.commit({ a: "1" });
  repository.git("config", "core.worktree", "../../not/there");
  assert.ok(run(repository.gitDir, ["cat-file", "--batch-check"], "HEAD\n").toString().startsWith(revision));
});

test.run();
