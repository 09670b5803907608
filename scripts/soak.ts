/**
 * Runs the daemon under bad conditions: an author who pushes every second, and a network that breaks every
 * tenth request in one way or another.
 *
 *     npm run soak -- --minutes 60 [--seed 1]
 *
 * Tests the bundle, which must be built before; `ARTEFACT` names another form. Prints a line of figures a
 * minute. At the end the network recovers. Then the inserter must hold what a fresh `once` of the last
 * revision delivers to an empty one, digest by digest, and memory must be flat; otherwise it exits with 1.
 */
import { parseArgs } from "node:util";
import type { StatusSnapshot } from "../src/status.ts";
import { fairWeather, randomFaults, seeded, startFaultyProxy } from "../test/support/faulty-proxy.ts";
import { inventoryOf, Scene } from "../test/support/scene.ts";
import { waitFor } from "../test/support/wait.ts";
import { memoryOf } from "./bench/machine.ts";
import { Author } from "./soak/author.ts";

const PUSH_EVERY_MS = 1_000;
const SAMPLE_EVERY_MS = 5_000;
const FAULT_PROBABILITY = 0.1;
const ARTICLES = 200;
/** The agent must be in step this long after the network has recovered, milliseconds. */
const CATCH_UP_MS = 120_000;
/** The median memory of the second half may exceed that of the first by so much. */
const GROWTH_BYTES_MAX = 16 * 2 ** 20;

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "60" }, seed: { type: "string", default: "1" } },
});
const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
if (!(minutes > 0) || !Number.isInteger(seed)) {
  console.error("--minutes must be a positive number, --seed an integer");
  process.exit(2);
}
process.env["ARTEFACT"] ??= "node";

interface Sample {
  readonly atMs: number;
  readonly bytes: number;
}

/** The middle value; NaN without values. */
function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN;
}

/** Slope of the best line by least squares, bytes an hour; 0 with fewer than two samples. */
function growthPerHour(samples: readonly Sample[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const atMs = mean(samples.map((one) => one.atMs));
  const bytes = mean(samples.map((one) => one.bytes));
  let [covariance, variance] = [0, 0];
  for (const one of samples) {
    covariance += (one.atMs - atMs) * (one.bytes - bytes);
    variance += (one.atMs - atMs) ** 2;
  }
  return variance === 0 ? 0 : (covariance / variance) * 3_600_000;
}

const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
const random = seeded(seed);
// A generator of its own, so that only the seed decides what is written.
const author = new Author(seeded(seed + 1), ARTICLES);
await using scene = new Scene();
await scene.startInserter();
const inserter = scene.inserter;
const proxy = await startFaultyProxy(inserter, fairWeather, random);
scene.onClose(() => proxy.close());
scene.inserter = proxy.url;
await scene.push(author.first());

const config = scene.config(
  `export default ${JSON.stringify({
    repo: scene.repo,
    state: scene.state,
    inserter: { url: proxy.url, retry: { min: "100ms", max: "5s" } },
    poll: "1s",
    drift: "10s",
    resync: "1m",
    status: { listen: "127.0.0.1:0" },
  })};\n`,
);
const daemon = scene.spawn(["run", "--config", config], { config, listen: "127.0.0.1" });
const listening = await daemon.waitForEvent("status.listening");
const ask = async (): Promise<StatusSnapshot> =>
  (await (await fetch(`${listening["url"]}status`)).json()) as StatusSnapshot;
await daemon.waitFor(async () => (await ask()).inStep, "the first reconcile");
proxy.plan = randomFaults(random, FAULT_PROBABILITY);
console.log(`${ARTICLES} articles delivered; ${minutes} min of a bad network begin, seed ${seed}`);

const startMs = performance.now();
const elapsedMs = (): number => performance.now() - startMs;
const samples: Sample[] = [];
let [pushes, unhealthy] = [0, 0];
const sample = async (): Promise<void> => {
  samples.push({ atMs: elapsedMs(), bytes: memoryOf(daemon.pid).residentBytes });
  const isHealthy = await fetch(`${listening["url"]}healthz`).then(({ ok }) => ok);
  if (!isHealthy) unhealthy++;
  if (samples.length % (60_000 / SAMPLE_EVERY_MS) === 0) await print();
};
const print = async (): Promise<void> => {
  const { articles, outOfStepMs } = await ask();
  const broken = proxy.requests - (proxy.faults.get("pass") ?? 0);
  console.log(
    [
      `${Math.round(elapsedMs() / 60_000)} min`,
      `${pushes} pushes`,
      `${proxy.requests} requests, ${broken} broken`,
      `${articles?.counts.published} published, ${articles?.pending.total} pending`,
      `out of step for ${(outOfStepMs / 1000).toFixed(1)} s`,
      `${mib(samples.at(-1)?.bytes ?? 0)}`,
      `${daemon.stderr.split("\n").length - 1} log lines`,
    ].join("; "),
  );
};

for (let [nextPushMs, nextSampleMs] = [0, 0]; elapsedMs() < minutes * 60_000; ) {
  if (daemon.hasEnded) throw new Error(`The daemon ended:\n${daemon.stderr.slice(-3_000)}`);
  if (elapsedMs() >= nextSampleMs) {
    await sample();
    nextSampleMs += SAMPLE_EVERY_MS;
  }
  await scene.push(author.next());
  pushes++;
  // A machine that is too slow for one push a second pushes as often as it can, and does not catch up later.
  nextPushMs = Math.max(nextPushMs + PUSH_EVERY_MS, elapsedMs());
  await waitFor(() => elapsedMs() >= nextPushMs, "the next push");
}

proxy.plan = fairWeather;
const revision = await scene.push(author.last());
const calmMs = performance.now();
await daemon.waitFor(
  async () => {
    const { inStep, revision: seen } = await ask();
    return inStep && seen?.id === revision;
  },
  "the inserter to be in step",
  CATCH_UP_MS,
);
const caughtUpMs = performance.now() - calmMs;
await print();
await daemon.stop();

const digests = async (url: string): Promise<string[]> =>
  [...(await inventoryOf(url))].map(([id, { digest }]) => `${id} ${digest}`).sort();
const held = await digests(inserter);
await scene.startInserter();
const fresh = await scene.command(
  "once",
  ...["--repo", scene.repo, "--inserter", scene.inserter, "--state", ":memory:"],
);
const wanted = await digests(scene.inserter);
const differing = [
  ...held.filter((one) => !wanted.includes(one)),
  ...wanted.filter((one) => !held.includes(one)),
];

const bytes = samples.map((one) => one.bytes);
const half = bytes.length >> 1;
const [before, after] = [median(bytes.slice(0, half)), median(bytes.slice(half))];
const faults = [...proxy.faults].filter(([fault]) => fault !== "pass").map(([fault, n]) => `${fault} ${n}`);
const isEqual = fresh.code === 0 && differing.length === 0 && wanted.length > 0;
const isFlat = after - before < GROWTH_BYTES_MAX;
console.log(`
pushes            ${pushes} in ${minutes} min
requests          ${proxy.requests}, of them broken: ${faults.join(", ")}
resident memory   median ${mib(before)} in the first half, ${mib(after)} in the second; highest ${mib(Math.max(...bytes))}
                  ${mib(growthPerHour(samples.slice(samples.length >> 2)))} an hour by least squares, first quarter left out
unhealthy         ${unhealthy} of ${samples.length} samples of /healthz
log lines         ${daemon.stderr.split("\n").length - 1}
in step           ${(caughtUpMs / 1000).toFixed(1)} s after the network recovered
inserter          ${held.length} articles, ${differing.length} differ from a fresh once of ${wanted.length}
verdict           ${isEqual ? "equal" : "NOT EQUAL"}, memory ${isFlat ? "flat" : "NOT FLAT"}`);
for (const one of differing.slice(0, 10)) console.log(`  ${one}`);
process.exitCode = isEqual && isFlat && unhealthy === 0 ? 0 : 1;
