/** What Prometheus reads. To add a metric: a line in `GAUGES`, or in `createCounters` and `observe`. */
import { readdirSync } from "node:fs";
import { STATUS_CODES } from "node:http";
import type { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { StatusSnapshot, VerdictKind } from "../status.ts";
import type { SyncEvent } from "../sync/events.ts";
import type { Trigger } from "../sync/model.ts";
import type { LogLevel } from "../sync/ports.ts";
import type { RequestNote } from "./watchdog.ts";

/** What the gauges show at one scrape. */
export interface Reading {
  /** Null where no agent is attached: its gauges stay as they were. */
  readonly snapshot: StatusSnapshot | null;
  /** Verdict of `/healthz`. */
  readonly isHealthy: boolean;
  /** Whether the configuration was valid when it was last read. */
  readonly isConfigValid: boolean;
  /** When the loop last looked at the repository; null before. */
  readonly lastTurnMs: number | null;
}

/** A value, or one for each value of the label; null leaves the gauge as it was. */
type Value = number | Readonly<Record<string, number>> | null;

/** A gauge that is read at each scrape. Its name gets the prefix. */
interface GaugeSpec {
  readonly name: string;
  readonly help: string;
  readonly label?: string;
  read(reading: Reading): Value;
}

const PREFIX = "sync_agent_";
/** Values of labels. */
const TRIGGERS: Readonly<Record<Trigger, 0>> = {
  start: 0,
  watch: 0,
  poll: 0,
  again: 0,
  drift: 0,
  resync: 0,
  schedule: 0,
  reload: 0,
  approval: 0,
};
const LEVELS: Readonly<Record<LogLevel, 0>> = { debug: 0, info: 0, warn: 0, error: 0 };
const REQUESTS: Readonly<Record<RequestNote["request"], 0>> = {
  upsert: 0,
  delete: 0,
  batch: 0,
  inventory: 0,
};

const VERDICTS: readonly VerdictKind[] = ["in-step", "in-step-except", "behind", "not-syncing"];

const REQUEST_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const PASS_BUCKETS_S = [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300, 1_800];
/** From unnoticeable to a support question. */
const LIVE_BUCKETS_S = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600];

/** How often the delay of the event loop is measured, milliseconds. */
const LAG_INTERVAL_MS = 1_000;

const ofAgent =
  (read: (snapshot: StatusSnapshot) => Value) =>
  ({ snapshot }: Reading): Value =>
    snapshot === null ? null : read(snapshot);

const GAUGES: readonly GaugeSpec[] = [
  {
    name: "revision_info",
    help: "Revision that the repository is at; always 1.",
    label: "revision",
    read: ofAgent(({ revision }) => (revision === null ? {} : { [revision.id]: 1 })),
  },
  {
    name: "in_step",
    help: "Whether the inserter holds what the repository wants: 1 or 0.",
    read: ofAgent(({ inStep }) => Number(inStep)),
  },
  {
    name: "verdict",
    help: "The verdict that the status page shows: 1 for the one that holds, 0 for the others.",
    label: "state",
    read: ({ snapshot, isHealthy }) => {
      if (snapshot === null && isHealthy) return null;
      const kind = snapshot?.verdict.kind ?? "not-syncing";
      return Object.fromEntries(VERDICTS.map((one) => [one, Number(one === kind)]));
    },
  },
  {
    name: "out_of_step_seconds",
    help: "For how long it has been out of step; 0 when it is in step.",
    read: ofAgent(({ outOfStepMs }) => outOfStepMs / 1000),
  },
  {
    name: "last_turn_timestamp_seconds",
    help: "When the loop last looked at the repository.",
    read: ({ lastTurnMs }) => (lastTurnMs === null ? null : lastTurnMs / 1000),
  },
  {
    name: "last_reconcile_timestamp_seconds",
    help: "When a reconcile pass last succeeded.",
    read: ofAgent(({ lastPass }) => (lastPass === null ? null : Date.parse(lastPass.at) / 1000)),
  },
  {
    name: "articles",
    help: "Articles by state.",
    label: "state",
    read: ofAgent(({ articles }) => ({ ...articles?.counts })),
  },
  {
    name: "requests_in_flight",
    help: "Requests to the inserter that are on their way.",
    read: ofAgent(({ inFlight }) => inFlight),
  },
  {
    name: "brake_deletes",
    help: "Deletes that the brake holds back; 0 when it is not on.",
    read: ofAgent(({ brake }) => brake?.deletes ?? 0),
  },
  {
    name: "inserter_usable",
    help: "Whether the inserter takes what it is sent, as far as is known: 1 or 0.",
    read: ofAgent(({ endpoint, phase }) => Number(endpoint === null && phase !== "waiting-for-inserter")),
  },
  {
    name: "state_writable",
    help: "Whether the state can be written: 1 or 0.",
    read: ofAgent(({ stateTrouble }) => Number(stateTrouble === null)),
  },
  { name: "healthy", help: "Verdict of /healthz: 1 is good.", read: ({ isHealthy }) => Number(isHealthy) },
  {
    name: "ready",
    help: "Verdict of /readyz: 1 is good.",
    read: ({ snapshot }) => Number(snapshot?.ready.ok ?? false),
  },
  {
    name: "config_valid",
    help: "Whether the configuration, when last read, was valid: 1 or 0.",
    read: ({ isConfigValid }) => Number(isConfigValid),
  },
];

/** Counts what happens, and reads the gauges when it is asked for the exposition. */
export interface Metrics {
  readonly contentType: string;
  /** @param liveMs From the flip of a revision to this acknowledgement; null for all else. */
  observe(event: SyncEvent, liveMs: number | null): void;
  observeRequest(note: RequestNote): void;
  countMessage(level: LogLevel): void;
  /** The exposition text. */
  render(reading: Reading): Promise<string>;
  close(): void;
}

/** The library is loaded here, so that an agent without a listener does not carry it. */
export async function openMetrics(build: {
  readonly version: string;
  readonly runtime: string;
}): Promise<Metrics> {
  const prometheus = await import("prom-client");
  const registry = new prometheus.Registry();
  const make = makerOf(prometheus, registry);
  const { version, runtime } = build;
  make
    .gauge("build_info", "Version and runtime of the agent; always 1.", ["version", "runtime"])
    .set({ version, runtime }, 1);
  const gauges = GAUGES.map(({ name, help, label, read }) => {
    const gauge = make.gauge(name, help, label === undefined ? [] : [label]);
    return (reading: Reading): void => {
      const value = read(reading);
      if (value === null) return;
      if (label === undefined) return gauge.set(Number(value));
      gauge.reset();
      for (const [key, count] of Object.entries(value)) gauge.set({ [label]: key }, count);
    };
  });
  const counters = createCounters(make);
  const close = addProcessMetrics(make);
  return {
    contentType: registry.contentType,
    observe: (event, liveMs) => {
      countEvent(counters, event);
      if (liveMs !== null) counters.flipToLive.observe(liveMs / 1000);
    },
    observeRequest({ request, code, durationMs }) {
      // A status that no standard knows is no label of its own: the number of series stays bounded.
      const isKnown = !/^\d/.test(code) || code in STATUS_CODES;
      counters.requests.inc({ request, code: isKnown ? code : "other" });
      counters.requestDuration.observe({ request }, durationMs / 1000);
    },
    countMessage: (level) => counters.messages.inc({ level }),
    render(reading) {
      for (const update of gauges) update(reading);
      return registry.metrics();
    },
    close,
  };
}

type Make = ReturnType<typeof makerOf>;

/** Makes metrics, their names prefixed. `read` gives a value, or a total, at each scrape. */
function makerOf(prometheus: typeof import("prom-client"), registry: Registry) {
  const registers = [registry];
  return {
    counter(name: string, help: string, labelNames: readonly string[] = [], read = () => 0): Counter {
      let total = 0;
      return new prometheus.Counter({
        name: PREFIX + name,
        help,
        labelNames,
        registers,
        collect() {
          const now = read();
          if (now > total) this.inc(now - total);
          total = Math.max(total, now);
        },
      });
    },
    gauge(name: string, help: string, labelNames: readonly string[] = [], read?: () => number): Gauge {
      const collect = read && { collect: () => gauge.set(read()) };
      const gauge: Gauge = new prometheus.Gauge({
        name: PREFIX + name,
        help,
        labelNames,
        registers,
        ...collect,
      });
      return gauge;
    },
    histogram(name: string, help: string, buckets: number[], labelNames: readonly string[] = []): Histogram {
      return new prometheus.Histogram({ name: PREFIX + name, help, buckets, labelNames, registers });
    },
  };
}

type Counters = ReturnType<typeof createCounters>;

/** Series whose labels are known are there from the first scrape on, so that their first increase is seen. */
function createCounters({ counter, histogram }: Make) {
  const counters = {
    operations: counter("operations_total", "Operations by how they ended.", ["kind", "result"]),
    retries: counter("retries_total", "Attempts that failed and are made again.", ["kind"]),
    requests: counter("requests_total", "Requests to the inserter by status, or failure.", [
      "request",
      "code",
    ]),
    requestDuration: histogram(
      "request_duration_seconds",
      "Time of a request to the inserter.",
      REQUEST_BUCKETS_S,
      ["request"],
    ),
    flipToLive: histogram(
      "flip_to_live_seconds",
      "From the flip of a revision to the acknowledgement of a change that it brought.",
      LIVE_BUCKETS_S,
    ),
    drifted: counter("drifted_articles_total", "Articles that differed at the inserter and were repaired."),
    passes: counter("passes_total", "Reconcile passes by what brought them about.", ["trigger"]),
    dropped: counter("passes_dropped_total", "Passes given up for a newer revision."),
    passDuration: histogram("pass_duration_seconds", "Time of a reconcile pass.", PASS_BUCKETS_S),
    examined: counter("examined_files_total", "Files examined."),
    messages: counter("log_messages_total", "Log messages by level, those not written included.", ["level"]),
  };
  const { operations, retries, passes, requestDuration, messages } = counters;
  for (const kind of ["upsert", "delete"]) {
    retries.inc({ kind }, 0);
    for (const result of ["acknowledged", "refused", "undeletable"]) operations.inc({ kind, result }, 0);
  }
  for (const trigger of Object.keys(TRIGGERS)) passes.inc({ trigger }, 0);
  for (const request of Object.keys(REQUESTS)) requestDuration.zero({ request });
  for (const level of Object.keys(LEVELS)) messages.inc({ level }, 0);
  return counters;
}

function countEvent(counters: Counters, event: SyncEvent): void {
  const { operations, retries, drifted, dropped, passes, passDuration, examined } = counters;
  switch (event.kind) {
    case "article.upserted":
      return operations.inc({ kind: "upsert", result: "acknowledged" });
    case "article.deleted":
      return operations.inc({ kind: "delete", result: "acknowledged" });
    case "article.refused":
      return operations.inc({ kind: event.path === null ? "delete" : "upsert", result: "refused" });
    case "article.undeletable":
      return operations.inc({ kind: "delete", result: "undeletable" });
    case "article.retry":
      return retries.inc({ kind: event.operation });
    case "inserter.drifted":
      return drifted.inc(event.ids);
    case "pass.superseded":
      return dropped.inc();
    case "pass.done":
      passes.inc({ trigger: event.trigger });
      passDuration.observe(event.durationMs / 1000);
      return examined.inc(event.examined);
    default:
  }
}

/**
 * Metrics of the process itself. Not the library's own: under Deno's permissions, and in part under Deno
 * at all, those give zeros for what they cannot read, and a zero that means "unknown" wakes people up.
 */
function addProcessMetrics({ counter, gauge }: Make): () => void {
  counter("process_cpu_seconds_total", "User and system CPU time spent.", [], () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  gauge("process_resident_memory_bytes", "Resident memory.", [], () => process.memoryUsage().rss);
  gauge("process_heap_used_bytes", "Memory that JavaScript uses.", [], () => process.memoryUsage().heapUsed);
  gauge("process_start_time_seconds", "When the process started.").set(Date.now() / 1000 - process.uptime());
  let lagMsMax = 0;
  let dueMs = performance.now() + LAG_INTERVAL_MS;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    lagMsMax = Math.max(lagMsMax, nowMs - dueMs);
    dueMs = nowMs + LAG_INTERVAL_MS;
  }, LAG_INTERVAL_MS).unref();
  gauge("event_loop_lag_seconds", "Largest delay of the event loop since the last scrape.", [], () => {
    const lagSeconds = lagMsMax / 1000;
    lagMsMax = 0;
    return lagSeconds;
  });
  // Linux only, and not under Deno's permissions: no such metric, rather than a wrong one.
  if (countDescriptors() !== null)
    gauge("process_open_fds", "Open file descriptors.", [], () => countDescriptors() ?? 0);
  return () => clearInterval(timer);
}

function countDescriptors(): number | null {
  try {
    // The one that lists them is among them.
    return readdirSync("/proc/self/fd").length - 1;
  } catch {
    return null;
  }
}
