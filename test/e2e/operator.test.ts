/**
 * An operator's half-hour: the executable as user 65533 beside git-sync, whose volume it sees read-only at
 * another path, through what happens in a deployment. Each time log, probes and status have to say what is
 * wrong, and when it is over. Needs root, for mounts and another user; and the executable.
 *
 * `IMAGE_ROOT=DIR` runs it inside the root file system of a container image instead, itself read-only.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BINARY } from "../../scripts/build/dist.ts";
import { artefact, Running } from "../support/artefact.ts";
import { PLANTED_ENVIRONMENT, searchFiles, searchStatus } from "../support/planted.ts";
import { article, Scene, untitled } from "../support/scene.ts";
import { waitFor } from "../support/wait.ts";

const AGENT = 65533;
const PUBLISHER = 65532;
const STATE_SIZE_MIB = 8;
const IMAGE = process.env["IMAGE_ROOT"];
const IN_NAMESPACE = "OPERATOR_IN_NAMESPACE";

const canMount =
  process.getuid?.() === 0 &&
  spawnSync("unshare", ["--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], { stdio: "ignore" }).status ===
    0;

const test = suite("operator");

/** The pod: what is mounted where, and the agent in it. */
class Pod {
  readonly scene = new Scene();
  /** "" where the machine's own root is used. */
  readonly root = IMAGE ?? "";
  readonly base = IMAGE === undefined ? join(this.scene.dir, "pod") : "";
  readonly port: number;
  #token = "planted-secret-token-1";

  constructor(port: number) {
    this.port = port;
    const { dir } = this.scene;
    // Else the folder could not be removed.
    this.scene.onClose(async () => {
      for (const path of mounted.reverse()) spawnSync("umount", ["--lazy", path]);
    });
    chmodSync(dir, 0o755);
    if (IMAGE !== undefined) mount("--bind", IMAGE, IMAGE);
    for (const path of ["git", "config", "secrets", "state", "bin"])
      mkdirSync(this.outer(path), { recursive: true });
    mkdirSync(join(dir, "git"), { recursive: true });
    mkdirSync(join(dir, "secrets"));
    mkdirSync(join(dir, "config"), { recursive: true });
    for (const name of ["git", "secrets", "config"]) {
      mount("--bind", join(dir, name), this.outer(name));
      mount("-o", "remount,bind,ro", this.outer(name));
    }
    mount(
      "-t",
      "tmpfs",
      "-o",
      `size=${STATE_SIZE_MIB}m,uid=${AGENT},gid=${AGENT},mode=0700`,
      "tmpfs",
      this.outer("state"),
    );
    if (IMAGE === undefined) {
      writeFileSync(this.outer("bin/sync-agent"), "");
      mount("--bind", BINARY, this.outer("bin/sync-agent"));
    } else {
      mount("-t", "proc", "proc", join(IMAGE, "proc"));
      mount("--bind", "/dev", join(IMAGE, "dev"));
      mount("-o", "remount,bind,ro", IMAGE);
    }
  }

  /** Path as the agent sees it. */
  inner(path: string): string {
    const places: Readonly<Record<string, string>> = {
      state: "/var/lib/sync-agent",
      config: "/etc/sync-agent",
    };
    return IMAGE === undefined ? join(this.base, path) : (places[path] ?? `/srv/${path}`);
  }

  outer(path: string): string {
    return join(this.root, this.inner(path));
  }

  get statusUrl(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  configure(): void {
    const { inserter: url } = this.scene;
    const text = JSON.stringify({
      repo: this.inner("git/repo"),
      poll: "200ms",
      inserter: { url, token: { file: this.inner("secrets/token") }, retry: { min: "50ms", max: "500ms" } },
      status: { listen: `127.0.0.1:${this.port}` },
      log: { level: "debug" },
    });
    writeFileSync(join(this.scene.dir, "config/sync.config.ts"), `export default ${text};\n`);
  }

  /** Starts the inserter anew, where it listened before, with its articles. */
  async serve(token = this.#token): Promise<void> {
    this.#token = token;
    const port = this.scene.inserter === "" ? 0 : Number(new URL(this.scene.inserter).port);
    await this.scene.startInserter({ port, db: join(this.scene.dir, "articles.sqlite"), token });
  }

  rotate(token: string): void {
    writeFileSync(join(this.scene.dir, "secrets/token"), `${token}\n`);
  }

  async push(files: Readonly<Record<string, string | null>>): Promise<void> {
    await this.scene.push(files);
    execFileSync("chown", ["-R", "-h", `${PUBLISHER}:${PUBLISHER}`, join(this.scene.dir, "git")]);
  }

  /** Runs the program as the image does: another user, in the folder of the configuration. */
  #command(...words: string[]): Running {
    const program = IMAGE === undefined ? this.inner("bin/sync-agent") : "sync-agent";
    const user = [`--userspec=${AGENT}:${AGENT}`, "--groups="];
    const script = `cd ${this.inner("config")} && exec ${program} "$@"`;
    const env = {
      PATH: process.env["PATH"] ?? "",
      HOME: this.inner("state"),
      STATE_DIRECTORY: this.inner("state"),
      ...PLANTED_ENVIRONMENT,
    };
    return new Running("chroot", [...user, IMAGE ?? "/", "sh", "-c", script, "sh", ...words], "/", env);
  }

  start(): Running {
    const agent = this.#command("run");
    this.scene.onClose(() => agent.stop("SIGKILL"));
    return agent;
  }

  /** What the image's HEALTHCHECK asks. @returns Its exit code. */
  async check(): Promise<number | null> {
    return (await this.#command("status", "--exit-code").finished).code;
  }

  /** Waits until the probe for readiness, or another page, says this. */
  async answers(words: string, path = "readyz"): Promise<void> {
    let text = "";
    await waitFor(async () => {
      text = await (await fetch(`${this.statusUrl}/${path}`)).text();
      return text.includes(words);
    }, `"${words}"`).catch((error: Error) => {
      throw new Error(`${error.message}; it says ${text}`);
    });
  }

  isReady(): Promise<void> {
    return this.answers("ok\n");
  }

  async metric(line: string): Promise<number | null> {
    const text = await (await fetch(`${this.statusUrl}/metrics`)).text();
    const found = text.split("\n").find((candidate) => candidate.startsWith(`${line} `));
    return found === undefined ? null : Number(found.slice(line.length + 1));
  }

  async becomesMetric(line: string, value: number): Promise<void> {
    await waitFor(async () => (await this.metric(line)) === value, `${line} to be ${value}`);
  }

  /** Though something is wrong: a restart would not fix it. And nothing shows the token. */
  async isHealthy(): Promise<void> {
    assert.is((await fetch(`${this.statusUrl}/healthz`)).status, 200);
    assert.is(await this.check(), 0);
    await searchStatus(`${this.statusUrl}/`);
  }

  /** Ids at the inserter; it asks for its token. */
  async payload(id: string): Promise<boolean> {
    const headers = { authorization: `Bearer ${this.#token}` };
    return (await fetch(`${this.scene.inserter}/${id}`, { headers })).ok;
  }

  async has(id: string): Promise<void> {
    await waitFor(() => this.payload(id), `the article ${id}`);
  }
}

/** Where something was mounted, in order. */
const mounted: string[] = [];

function mount(...args: string[]): void {
  mounted.push(args.at(-1) ?? "");
  execFileSync("mount", args, { stdio: ["ignore", "ignore", "inherit"] });
}

async function freePort(): Promise<number> {
  const { createServer } = await import("node:net");
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

test("half an hour of a deployment", async () => {
  const pod = new Pod(await freePort());
  await using scene = pod.scene;
  await pod.serve();
  pod.configure();
  pod.rotate("planted-secret-token-1");

  // The agent is the first to be there.
  let agent = pod.start();
  await agent.waitForEvent("repository.waiting");
  await pod.answers("waiting-for-repository", "status");
  await pod.isHealthy();
  await pod.push({ "a.md": article("a"), "b.md": article("b") });
  await agent.waitForEvent("repository.found");
  await pod.has("b");
  await pod.isReady();
  assert.is(statSync(pod.outer("state")).uid, AGENT);
  const memory = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${agent.pid}/status`, "utf8"))?.[1];
  process.stdout.write(`(idle: ${Math.round(Number(memory) / 1024)} MiB) `);

  // Somebody rotates the token at the inserter, and in the Secret a moment later.
  await scene.stopInserter();
  await pod.serve("planted-secret-token-2");
  await pod.push({ "c.md": article("c") });
  await agent.waitForEvent("inserter.trouble");
  await pod.answers("answered 401");
  await pod.isHealthy();
  assert.is(await pod.metric("sync_agent_in_step"), 0);
  pod.rotate("planted-secret-token-2");
  await agent.waitForEvent("inserter.recovered");
  await pod.has("c");
  await pod.isReady();

  // The inserter is gone for a while.
  await scene.stopInserter();
  await pod.push({ "d.md": article("d") });
  await agent.waitForEvent("inserter.trouble");
  await pod.answers("inserter-trouble");
  await pod.isHealthy();
  await pod.serve();
  await agent.waitForEvent("inserter.recovered");
  await pod.has("d");
  await pod.isReady();

  // A bad commit: one article is wrong, the others go on.
  await pod.push({ "a.md": untitled, "e.md": article("e") });
  await agent.waitForEvent("article.rejected", ({ path }) => path === "a.md");
  await pod.has("e");
  assert.ok(await pod.payload("a"), "the last good version stays");
  await pod.becomesMetric('sync_agent_articles{state="rejected"}', 1);
  assert.match(await (await fetch(`${pod.statusUrl}/status`)).text(), "title is missing");
  await pod.isReady();
  await pod.push({ "a.md": article("a", "Fixed") });
  await pod.becomesMetric('sync_agent_articles{state="rejected"}', 0);

  // An upgrade: what the new agent would make of the files is not known to be the same.
  await pod.isReady();
  assert.is((await agent.stop()).code, 0);
  const [name] = execFileSync("ls", [pod.outer("state")], { encoding: "utf8" })
    .split("\n")
    .filter((one) => one.endsWith(".sqlite"));
  const state = new DatabaseSync(join(pod.outer("state"), name ?? ""));
  state.exec("UPDATE fingerprints SET fingerprint = 'of an older agent'");
  state.exec("UPDATE meta SET value = 'of an older agent' WHERE key = 'fingerprint'");
  state.close();
  agent = pod.start();
  const pass = await agent.waitForEvent("pass.done");
  assert.equal([pass["examined"], pass["begun"]], [5, 0], "all are looked at again, none is sent");
  await pod.isReady();

  // The disk is full, and then it is not.
  const filler = join(pod.outer("state"), "filler");
  spawnSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=4k"], { stdio: "ignore" });
  const many = Object.fromEntries(
    Array.from({ length: 300 }, (_, index) => [`m${index}.md`, article(`m${index}`)]),
  );
  await pod.push(many);
  const full = await agent.waitForEvent("state.unavailable");
  assert.match(String(full["hint"]), "Make room on its disk");
  await pod.answers("state-trouble");
  rmSync(filler);
  await agent.waitForEvent("state.recovered");
  await pod.has("m299");
  await pod.isReady();
  await pod.becomesMetric("sync_agent_in_step", 1);
  assert.is(await pod.check(), 0);
  assert.is((await agent.stop()).code, 0);
  assert.is(await pod.check(), 1, "nobody runs");
  searchFiles(pod.outer("state"));
});

if (artefact().name !== "binary" || !canMount || !existsSync(BINARY)) {
  process.stdout.write("Left out: needs root, mounts, and ARTEFACT=binary.\n");
  const idle = suite("operator (left out)");
  idle.skip("half an hour of a deployment", () => {});
  idle.run();
} else if (process.env[IN_NAMESPACE] === undefined) {
  // Mounts of its own, which vanish with the process however it ends.
  const args = ["--mount", process.execPath, import.meta.filename];
  const { status } = spawnSync("unshare", args, {
    stdio: "inherit",
    env: { ...process.env, [IN_NAMESPACE]: "1" },
  });
  process.exitCode = status ?? 1;
} else test.run();
