/** The client of the inserter API as tests want it, and operations to send with it. */
import { createHash } from "node:crypto";
import type { InserterSettings } from "../../src/config/settings.ts";
import { createSink, type SinkOptions } from "../../src/inserter/client/client.ts";
import type { Log, Outgoing } from "../../src/sync/ports.ts";
import { type ScriptedServer, startScriptedServer } from "./scripted-server.ts";

/** Settings that have nothing special about them. */
export function inserterSettings(changes: Partial<InserterSettings>): InserterSettings {
  return {
    url: "http://127.0.0.1:9/post",
    basic: null,
    token: null,
    headers: {},
    tls: { ca: null, cert: null, key: null },
    allowedHosts: [],
    timeoutMs: 10_000,
    concurrency: 4,
    ratePerSecond: 0,
    batch: "auto",
    retry: { minMs: 200, maxMs: 60_000 },
    ...changes,
  };
}

/** A client and what it logged. */
export function makeSink(
  settings: Partial<InserterSettings>,
  options: Partial<Omit<SinkOptions, "settings" | "log">> = {},
) {
  const logged: { level: string; event: string; message: string }[] = [];
  const log: Log = { emit: (level, event, message) => logged.push({ level, event, message }) };
  const sink = createSink({
    settings: inserterSettings(settings),
    identity: { owner: "tester" },
    agentVersion: "9.8.7",
    environment: {},
    ...options,
    log,
  });
  return { sink, logged };
}

/** Opens clients and scripted servers, and closes them after each test, also one that failed. */
export function opener(test: { readonly after: { each(hook: () => Promise<void>): void } }) {
  const closers: (() => Promise<void>)[] = [];
  test.after.each(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  return {
    sink: (...args: Parameters<typeof makeSink>): ReturnType<typeof makeSink> => {
      const made = makeSink(...args);
      closers.push(() => made.sink.close());
      return made;
    },
    server: async (...args: Parameters<typeof startScriptedServer>): Promise<ScriptedServer> => {
      const server = await startScriptedServer(...args);
      closers.push(() => server.close());
      return server;
    },
  };
}

/** A signal that is never aborted. */
export const never: AbortSignal = new AbortController().signal;

/** An upsert of a payload. */
export function upsert(id: string, version = 1, extra: Readonly<Record<string, unknown>> = {}): Outgoing {
  const body = Buffer.from(JSON.stringify({ id, ...extra }));
  const digest = createHash("sha256").update(body).digest("hex");
  return { kind: "upsert", id, version, digest, body };
}

/** A delete. */
export function deletion(id: string, version = 1): Outgoing {
  return { kind: "delete", id, version, digest: null, body: null };
}
