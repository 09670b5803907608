import { readdirSync } from "node:fs";

interface Settable {
  set(value: number): void;
}

interface Countable {
  inc(value: number): void;
}

/** How often the event loop is asked whether it is late, milliseconds. */
const LAG_INTERVAL_MS = 1_000;

/**
 * Metrics of the process itself. Not the library's own: under Deno's permissions, and in part under Deno
 * at all, those give zeros for what they cannot read, and a zero that means "unknown" wakes people up.
 *
 * @param make Makes a metric of a name without its prefix, and a help text.
 */
export function processMetrics(make: {
  gauge(name: string, help: string): Settable;
  counter(name: string, help: string): Countable;
}): { fill(): void; close(): void } {
  const cpu = make.counter("process_cpu_seconds_total", "User and system CPU time spent.");
  const resident = make.gauge("process_resident_memory_bytes", "Resident memory.");
  const heap = make.gauge("process_heap_used_bytes", "Memory that JavaScript uses.");
  const start = make.gauge("process_start_time_seconds", "When the process started.");
  const lag = make.gauge(
    "event_loop_lag_seconds",
    "Latest that the event loop was with a timer since it was last asked for.",
  );
  // Linux only, and not under Deno's permissions: no such metric, rather than a wrong one.
  const descriptors =
    countDescriptors() === null ? null : make.gauge("process_open_fds", "Open file descriptors.");

  start.set(Date.now() / 1000 - process.uptime());
  let cpuSeconds = 0;
  let lagMsMax = 0;
  let dueMs = performance.now() + LAG_INTERVAL_MS;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    lagMsMax = Math.max(lagMsMax, nowMs - dueMs);
    dueMs = nowMs + LAG_INTERVAL_MS;
  }, LAG_INTERVAL_MS);
  timer.unref();

  return {
    fill() {
      const { user, system } = process.cpuUsage();
      const nowSeconds = (user + system) / 1e6;
      cpu.inc(Math.max(0, nowSeconds - cpuSeconds));
      cpuSeconds = Math.max(cpuSeconds, nowSeconds);
      const memory = process.memoryUsage();
      resident.set(memory.rss);
      heap.set(memory.heapUsed);
      lag.set(Math.max(0, lagMsMax) / 1000);
      lagMsMax = 0;
      const open = countDescriptors();
      if (open !== null) descriptors?.set(open);
    },
    close: () => clearInterval(timer),
  };
}

function countDescriptors(): number | null {
  try {
    // The one that lists them is among them.
    return readdirSync("/proc/self/fd").length - 1;
  } catch {
    return null;
  }
}
