import { STATUS_CODES } from "node:http";
import type { StatusSnapshot } from "../status.ts";
import type { LogLevel } from "../sync/ports.ts";
import type { DeliveryNote } from "./journal.ts";
import { processMetrics } from "./process-metrics.ts";
import type { RequestNote } from "./watchdog.ts";

/** What Prometheus reads; counted as it happens, the rest filled in when it is asked for. */
export interface Metrics {
  readonly contentType: string;
  /** Counts what the log tells. `delivery`: the one that this event was, if it was one. */
  observe(
    level: LogLevel,
    event: string,
    fields: Readonly<Record<string, unknown>>,
    delivery: DeliveryNote | null,
  ): void;
  observeRequest(note: RequestNote): void;
  /**
   * The exposition text. Where no agent is attached, what is told of it stays as it was.
   *
   * @param isHealthy Verdict of `/healthz`.
   * @param lastTurnMs When the loop last looked at the repository; null before.
   */
  render(snapshot: StatusSnapshot | null, isHealthy: boolean, lastTurnMs: number | null): Promise<string>;
  close(): void;
}

const PREFIX = "sync_agent_";
const KINDS = ["upsert", "delete"];
const RESULTS = ["acknowledged", "refused", "undeletable"];
const TRIGGERS = ["start", "watch", "poll", "again", "drift", "resync", "schedule", "reload", "approval"];
const REQUESTS = ["upsert", "delete", "batch", "inventory"];
const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

const REQUEST_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const PASS_BUCKETS_S = [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300, 1_800];
/** From what nobody notices to what somebody asks about. */
const LIVE_BUCKETS_S = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600];

/** The library is loaded here, so that an agent without a listener does not carry it. */
export async function openMetrics(build: {
  readonly version: string;
  readonly runtime: string;
}): Promise<Metrics> {
  const { Counter, Gauge, Histogram, Registry } = await import("prom-client");
  const registry = new Registry();
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Counter<Label>({ name: PREFIX + name, help, labelNames, registers });
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Gauge<Label>({ name: PREFIX + name, help, labelNames, registers });
  const histogram = <Label extends string>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: readonly Label[] = [],
  ) => new Histogram<Label>({ name: PREFIX + name, help, buckets, labelNames, registers });

  const buildInfo = gauge("build_info", "Version and runtime of the agent; always 1.", [
    "version",
    "runtime",
  ]);
  const revisionInfo = gauge("revision_info", "Revision that the repository is at; always 1.", ["revision"]);
  const inStep = gauge("in_step", "Whether the inserter holds what the repository wants: 1 or 0.");
  const outOfStep = gauge(
    "out_of_step_seconds",
    "For how long it has been out of step; 0 when it is in step.",
  );
  const lastTurn = gauge("last_turn_timestamp_seconds", "When the loop last looked at the repository.");
  const lastReconcile = gauge("last_reconcile_timestamp_seconds", "When a reconcile pass last succeeded.");
  const articles = gauge("articles", "Articles by state.", ["state"]);
  const inFlight = gauge("requests_in_flight", "Requests to the inserter that are on their way.");
  const brake = gauge("brake_deletes", "Deletes that the brake holds back; 0 when it is not on.");
  const usable = gauge(
    "inserter_usable",
    "Whether the inserter takes what it is sent, as far as is known: 1 or 0.",
  );
  const writable = gauge("state_writable", "Whether the state can be written: 1 or 0.");
  const healthy = gauge("healthy", "Verdict of /healthz: 1 is good.");
  const ready = gauge("ready", "Verdict of /readyz: 1 is good.");
  const configValid = gauge("config_valid", "Whether the configuration, when last read, was valid: 1 or 0.");

  const operations = counter("operations_total", "Operations by how they ended.", ["kind", "result"]);
  const retries = counter("retries_total", "Tries that failed and are made again.", ["kind"]);
  const requests = counter("requests_total", "Requests to the inserter by status, or failure.", [
    "request",
    "code",
  ]);
  const requestDuration = histogram(
    "request_duration_seconds",
    "Time of a request to the inserter.",
    REQUEST_BUCKETS_S,
    ["request"],
  );
  const flipToLive = histogram(
    "flip_to_live_seconds",
    "From the flip of a revision to the acknowledgement of a change that it brought.",
    LIVE_BUCKETS_S,
  );
  const drifted = counter(
    "drifted_articles_total",
    "Articles that differed at the inserter and were repaired.",
  );
  const passes = counter("passes_total", "Reconcile passes by what brought them about.", ["trigger"]);
  const dropped = counter("passes_dropped_total", "Passes given up for a newer revision.");
  const passDuration = histogram("pass_duration_seconds", "Time of a reconcile pass.", PASS_BUCKETS_S);
  const examined = counter("examined_files_total", "Files examined.");
  const messages = counter("log_messages_total", "Log messages by level, those not written included.", [
    "level",
  ]);

  buildInfo.set({ version: build.version, runtime: build.runtime }, 1);
  configValid.set(1);
  for (const kind of KINDS) {
    retries.inc({ kind }, 0);
    for (const result of RESULTS) operations.inc({ kind, result }, 0);
  }
  for (const trigger of TRIGGERS) passes.inc({ trigger }, 0);
  for (const request of REQUESTS) requestDuration.zero({ request });
  for (const level of LEVELS) messages.inc({ level }, 0);
  const measured = processMetrics({ gauge, counter });

  const onEvent: Readonly<Record<string, (fields: Readonly<Record<string, unknown>>) => void>> = {
    "article.upserted": () => operations.inc({ kind: "upsert", result: "acknowledged" }),
    "article.deleted": () => operations.inc({ kind: "delete", result: "acknowledged" }),
    "article.refused": ({ kind }) => operations.inc({ kind: known(KINDS, kind), result: "refused" }),
    "article.undeletable": () => operations.inc({ kind: "delete", result: "undeletable" }),
    "article.retry": ({ kind }) => retries.inc({ kind: known(KINDS, kind) }),
    "inserter.drifted": ({ ids }) => drifted.inc(Number(ids)),
    "pass.superseded": () => dropped.inc(),
    "config.reloaded": () => configValid.set(1),
    "config.invalid": () => configValid.set(0),
    "pass.done": (fields) => {
      passes.inc({ trigger: known(TRIGGERS, fields["trigger"]) });
      passDuration.observe(Number(fields["durationMs"]) / 1000);
      examined.inc(Number(fields["examined"]));
    },
  };

  const fill = (snapshot: StatusSnapshot): void => {
    revisionInfo.reset();
    if (snapshot.revision !== null) revisionInfo.set({ revision: snapshot.revision.id }, 1);
    inStep.set(Number(snapshot.inStep));
    outOfStep.set(snapshot.outOfStepMs / 1000);
    if (snapshot.lastPass !== null) lastReconcile.set(Date.parse(snapshot.lastPass.at) / 1000);
    if (snapshot.articles === null) articles.reset();
    else
      for (const [state, count] of Object.entries(snapshot.articles.counts)) articles.set({ state }, count);
    inFlight.set(snapshot.inFlight);
    brake.set(snapshot.brake?.deletes ?? 0);
    usable.set(Number(snapshot.endpoint === null && snapshot.phase !== "waiting-for-inserter"));
    writable.set(Number(snapshot.stateTrouble === null));
    ready.set(Number(snapshot.ready.ok));
  };

  return {
    contentType: registry.contentType,
    observe(level, event, fields, delivery) {
      messages.inc({ level });
      onEvent[event]?.(fields);
      if (delivery !== null && delivery.liveMs !== null) flipToLive.observe(delivery.liveMs / 1000);
    },
    observeRequest({ request, code, durationMs }) {
      const isStatus = /^\d/.test(code);
      requests.inc({ request, code: isStatus && !(code in STATUS_CODES) ? "other" : code });
      requestDuration.observe({ request }, durationMs / 1000);
    },
    async render(snapshot, isHealthy, lastTurnMs) {
      if (snapshot !== null) fill(snapshot);
      else ready.set(0);
      healthy.set(Number(isHealthy));
      if (lastTurnMs !== null) lastTurn.set(lastTurnMs / 1000);
      measured.fill();
      return registry.metrics();
    },
    close: measured.close,
  };
}

/** A label's value, never one that was not foreseen: the number of series stays bounded. */
function known(values: readonly string[], value: unknown): string {
  return values.find((one) => one === value) ?? "other";
}
