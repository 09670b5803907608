/**
 * Real engines for tests, started from the jars of Maven Central, on loopback, with little memory. Their
 * launchers are in `launchers/`; what is compiled is kept in `node_modules/.cache`, the jars in Maven's
 * repository. There is no security in them, and no licence.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { waitFor } from "../support/wait.ts";

const LAUNCHERS = resolve(import.meta.dirname, "launchers");
const CACHE = resolve(import.meta.dirname, "../../node_modules/.cache/engines");
const START_MS = 240_000;

/** The engines, with the Java that each needs at least. */
export const ENGINES = {
  "opensearch-2": 17,
  "elasticsearch-8": 17,
  "elasticsearch-7": 17,
  "opensearch-3": 21,
  "elasticsearch-9": 21,
} as const;

export type EngineName = keyof typeof ENGINES;

/** The engine that this run of the tests is for: `ENGINE`, or the first. */
export const engineName = (process.env["ENGINE"] ?? "opensearch-2") as EngineName;

/** Why an engine cannot be started on this machine; null if it can. */
export function missingFor(name: EngineName): string | null {
  try {
    execFileSync("mvn", ["--version"], { stdio: "ignore" });
  } catch {
    return "no Maven";
  }
  return javaFor(name) === null ? `no JDK of version ${ENGINES[name]} or newer` : null;
}

/** Folder with `java` and `javac` of the oldest JDK that is new enough. */
function javaFor(name: EngineName): string | null {
  const folders = [
    ...(process.env["JAVA_HOME"] ? [join(process.env["JAVA_HOME"], "bin")] : []),
    ...globSync("/usr/lib/jvm/*/bin"),
    ...(process.env["PATH"] ?? "").split(":"),
  ].filter((folder) => existsSync(join(folder, "javac")));
  const versions = folders.map((folder) => {
    const said = execFileSync(join(folder, "javac"), ["-version"], { encoding: "utf8" });
    return { folder, version: Number(/(\d+)/.exec(said)?.[1] ?? 0) };
  });
  const fitting = versions.filter(({ version }) => version >= ENGINES[name]);
  return fitting.sort((a, b) => a.version - b.version)[0]?.folder ?? null;
}

/** Fetches the jars and compiles the launcher, unless that was done. @returns The class path. */
function build(name: EngineName, java: string): string {
  const launcher = join(LAUNCHERS, name);
  const sources = globSync("src/**/*.java", { cwd: launcher }).map((file) => join(launcher, file));
  const hash = createHash("sha256").update(java);
  for (const file of [...sources, join(launcher, "pom.xml")].sort()) hash.update(readFileSync(file));
  const folder = join(CACHE, `${name}-${hash.digest("hex").slice(0, 12)}`);
  const file = join(folder, "classpath");
  const jarsOf = (path: string): string => readFileSync(path, "utf8").trim();
  const isBuilt =
    existsSync(join(folder, "built")) &&
    jarsOf(file)
      .split(":")
      .every((jar) => existsSync(jar));
  if (!isBuilt) {
    mkdirSync(folder, { recursive: true });
    const output = `-Dmdep.outputFile=${file}`;
    const pom = join(launcher, "pom.xml");
    execFileSync("mvn", ["-q", "-B", "-f", pom, "dependency:build-classpath", output], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    const classes = join(folder, "classes");
    execFileSync(
      join(java, "javac"),
      ["-proc:none", "-nowarn", "-cp", jarsOf(file), "-d", classes, ...sources],
      {
        stdio: ["ignore", "ignore", "inherit"],
      },
    );
    writeFileSync(join(folder, "built"), "");
  }
  return `${join(folder, "classes")}:${jarsOf(file)}`;
}

/** An engine of a test. */
export interface RunningEngine {
  readonly url: string;
  /** Asks it for something, past the store. */
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects by what it asserts.
  ask(method: string, path: string, body?: object | string): Promise<any>;
  /** As a power cut does it to a process. Its data stays. */
  kill(): Promise<void>;
  /** Again on the same data and port. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Starts one. @param settings More settings, like `node.name=n1`. */
export async function startEngine(
  name: EngineName = engineName,
  { settings = [], port }: { readonly settings?: readonly string[]; readonly port?: number } = {},
): Promise<RunningEngine> {
  const java = javaFor(name);
  if (java === null) throw new Error(`There is no JDK for ${name}`);
  const classPath = build(name, java);
  const home = mkdtempSync(join(tmpdir(), "engine-"));
  for (const folder of ["config", "logs"]) mkdirSync(join(home, folder));
  const at = port ?? (await freePort());
  const url = `http://127.0.0.1:${at}`;
  const main =
    name === "elasticsearch-8" || name === "elasticsearch-9" ? "org.elasticsearch.node.Engine" : "Engine";
  const memory = ["-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];
  const argv = [...memory, "-cp", classPath, main, home, String(at), ...settings];
  let child: ChildProcess | null = null;
  let output = "";

  const start = async (): Promise<void> => {
    const started = spawn(join(java, "java"), argv, {
      stdio: ["ignore", "pipe", "pipe"],
    });
    child = started;
    const note = (chunk: Buffer): void => {
      output = (output + chunk).slice(-20_000);
    };
    started.stdout?.on("data", note);
    started.stderr?.on("data", note);
    const ready = async (): Promise<boolean> => {
      if (started.exitCode !== null) throw new Error(`${name} ended with ${started.exitCode}:\n${output}`);
      const answer = await fetch(`${url}/_cluster/health`).catch(() => null);
      return answer?.ok === true;
    };
    await waitFor(ready, `${name} to answer`, START_MS).catch(async (error) => {
      await end("SIGKILL");
      throw error;
    });
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = child;
    child = null;
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return;
    const closed = once(ending, "close");
    ending.kill(signal);
    await closed;
  };
  const running: RunningEngine = {
    url,
    async ask(method, path, body) {
      const type = typeof body === "string" ? "application/x-ndjson" : "application/json";
      const init = body === undefined ? {} : { headers: { "content-type": type } };
      const text = typeof body === "object" ? JSON.stringify(body) : body;
      const answer = await fetch(url + path, {
        method,
        ...init,
        ...(text === undefined ? {} : { body: text }),
      });
      return answer.json();
    },
    kill: () => end("SIGKILL"),
    start,
    async stop() {
      await end("SIGKILL");
      rmSync(home, { recursive: true, force: true });
    },
  };
  process.once("exit", () => child?.kill("SIGKILL"));
  await start();
  return running;
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
