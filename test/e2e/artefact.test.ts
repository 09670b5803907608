import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BINARY, BUNDLE } from "../../scripts/build/dist.ts";
import { artefact, Running, runtimeOf } from "../support/artefact.ts";
import { temporaryFolder } from "../support/repository.ts";

const program = artefact();
const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
const form = suite(`artefact: ${program.name}`);

form("prints its version, in an empty directory that cannot be written", async () => {
  const folder = temporaryFolder();
  try {
    chmodSync(folder.path, 0o500);
    const { code, stdout, stderr } = await program.run(["-V"], { cwd: folder.path });
    assert.is(stderr, "");
    assert.is(code, 0);
    assert.match(stdout, version);
    if (program.name !== "source") assert.match(stdout, /\b[0-9a-f]{40}\b/);
  } finally {
    chmodSync(folder.path, 0o700);
    folder.remove();
  }
});

form("runs on the runtime that is meant", async () => {
  const folder = temporaryFolder();
  try {
    const said = execFileSync(runtimeOf(program.name), ["--version"], { encoding: "utf8" });
    const [itsVersion = ""] = /\d+\.\d+\.\d+/.exec(said) ?? [];
    assert.is(itsVersion, process.env["ARTEFACT_VERSION"] ?? itsVersion);
    const { stdout } = await program.run(["-V"], { cwd: folder.path });
    assert.match(stdout, `on ${program.name === "deno" ? "deno" : "node"} ${itsVersion}\n`);
  } finally {
    folder.remove();
  }
});

form("answers a mistake with what is known, and exit code 2", async () => {
  const folder = temporaryFolder();
  try {
    const { code, stdout, log } = await program.run(["onec"], { cwd: folder.path });
    assert.is(code, 2);
    assert.is(stdout, "");
    assert.match(JSON.stringify(log), "once");
  } finally {
    folder.remove();
  }
});

/** Local addresses on which a process listens for TCP connections, as Linux writes them. */
function listeningOn(pid: number): string[] {
  const inodes = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.slice(1) ?? [];
    } catch {
      return [];
    }
  });
  const lines = ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, "utf8").trim().split("\n"),
  );
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === "0A" && inodes.includes(inode ?? ""))
    .map(([, local = ""]) => local);
}

// Deno opens one whatever a program does, and has no option against it (denoland/deno#35738).
if (process.platform === "linux" && program.name !== "deno") {
  form("SIGUSR1 opens no debugger", async () => {
    const folder = temporaryFolder();
    try {
      const permissions = { listen: "127.0.0.1" };
      await using serving = program.spawn(["inserter", "--listen", "127.0.0.1:0"], {
        cwd: folder.path,
        permissions,
      });
      await serving.waitFor(() => serving.stdout.includes("\n"), "the address");
      const before = listeningOn(serving.pid);
      assert.is(before.length, 1);
      for (let times = 0; times < 3; times++) {
        serving.kill("SIGUSR1");
        assert.is((await fetch(new URL("/healthz", serving.stdout))).status, 200);
        assert.equal(listeningOn(serving.pid), before);
      }
      const { code, log, stderr } = await serving.stop();
      assert.is(code, 0);
      assert.not.match(stderr, /debugger/i);
      assert.ok(log.every(({ event }) => event.startsWith("inserter.")));
    } finally {
      folder.remove();
    }
  });
}

if (program.name === "node" || program.name === "binary") {
  form("is one file: alone elsewhere, and by its name on PATH", async () => {
    const folder = temporaryFolder();
    try {
      const bin = join(folder.path, "bin");
      mkdirSync(bin);
      const file = program.name === "binary" ? BINARY : BUNDLE;
      copyFileSync(file, join(bin, basename(file)));
      const node = program.name === "binary" ? "" : `:${dirname(runtimeOf(program.name))}`;
      const env = { PATH: `${bin}${node}:/usr/bin:/bin`, HOME: folder.path };
      const { code, stdout, stderr } = await new Running(basename(file), ["-V"], folder.path, env).finished;
      assert.is(stderr, "");
      assert.is(code, 0);
      assert.match(stdout, version);
    } finally {
      folder.remove();
    }
  });
}

if (program.name === "binary" && process.platform === "linux") {
  form("asks for glibc 2.28 at most, and for no library but the compiler's", () => {
    const output = (command: string, ...args: string[]): string =>
      execFileSync(command, args, { encoding: "utf8", maxBuffer: 1 << 28 });
    const versions = [...output("grep", "-aoE", "GLIBC_2\\.[0-9]+", BINARY).matchAll(/GLIBC_2\.(\d+)/g)];
    const newest = Math.max(...versions.map((match) => Number(match[1])));
    assert.ok(newest <= 28, `it asks for glibc 2.${newest}`);
    const libraries = [...output("ldd", BINARY).matchAll(/^\s*(?:\/\S*\/)?([a-z+-]+)[.\w-]*\.so/gm)].map(
      (match) => match[1],
    );
    const known = [
      "ld-linux-x",
      "ld-linux-aarch",
      "libatomic",
      "libc",
      "libdl",
      "libgcc",
      "libm",
      "libpthread",
      "libstdc++",
      "linux-vdso",
    ];
    assert.equal(
      libraries.filter((name) => !known.some((start) => name?.startsWith(start))),
      [],
    );
  });
}

form.run();
