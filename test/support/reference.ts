/** The reference inserter on loopback, asked over real HTTP, every answer held against its own document. */
import { createHash } from "node:crypto";
import { Agent, type IncomingHttpHeaders, request } from "node:http";
import * as assert from "uvu/assert";
import { type Inserter, type InserterOptions, startInserter } from "../../src/inserter/reference/server.ts";
import { openSqliteStore } from "../../src/inserter/reference/sqlite/store.ts";
import type { ArticleStore, Upsert } from "../../src/inserter/reference/store.ts";
import type { Log } from "../../src/sync/ports.ts";

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The text as JSON, of whatever shape the test expects. */
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects by what it asserts.
  json(): any;
  /** The text as NDJSON. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  lines(): any[];
}

export interface Call {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** An inserter of a test, and what it logged. */
export interface Reference {
  readonly inserter: Inserter;
  readonly store: ArticleStore;
  readonly logged: { readonly level: string; readonly event: string; readonly message: string }[];
  /** @param path Appended to `http://host:port`. */
  call(method: string, path: string, call?: Call): Promise<Answer>;
  /** Posts a payload with its digest. */
  put(payload: object, version?: number, owner?: string): Promise<Answer>;
  inventory(): Promise<Answer>;
  close(): Promise<void>;
}

/**
 * Starts one on a SQLite file, by default in memory.
 *
 * @param options `replicas`: stores of the same articles, each with an inserter in front; every request goes to
 *   the next one.
 */
export async function startReference({
  db = ":memory:",
  replicas = [],
  ...options
}: Partial<InserterOptions> & {
  readonly db?: string;
  readonly replicas?: readonly ArticleStore[];
} = {}): Promise<Reference> {
  const logged: { level: string; event: string; message: string }[] = [];
  const log: Log = { emit: (level, event, message) => logged.push({ level, event, message }) };
  const store = options.store ?? openSqliteStore(db, log);
  const start = (of: ArticleStore) =>
    startInserter({ host: "127.0.0.1", port: 0, log, ...options, store: of });
  const inserter = await start(store);
  const all = [inserter, ...(await Promise.all(replicas.map(start)))];
  let requests = 0;
  const agent = new Agent({ keepAlive: true });
  const path = options.path ?? "/post";
  const [host] = options.allowedHosts ?? [];
  const headers = host === undefined ? {} : { host };
  const document = (await ask(inserter, agent, "GET", "/openapi.json", headers)).json();
  const call = async (method: string, target: string, { headers = {}, body }: Call = {}): Promise<Answer> => {
    const asked = all[requests++ % all.length] as Inserter;
    const answer = await ask(asked, agent, method, target, headers, body);
    checkDocumented(document.paths, path, method, target, answer);
    return answer;
  };
  return {
    inserter,
    store,
    logged,
    call,
    put: (payload, version, owner) => {
      const body = JSON.stringify(payload);
      const headers = {
        "content-type": "application/json",
        "sync-digest": sha256(body),
        ...(version === undefined ? {} : { "sync-version": String(version) }),
        ...(owner === undefined ? {} : { "sync-owner": Buffer.from(owner).toString("latin1") }),
      };
      return call("POST", path, { body, headers });
    },
    inventory: () => call("GET", path, { headers: { accept: "application/x-ndjson" } }),
    close: async () => {
      agent.destroy();
      for (const one of all) await one.close();
    },
  };
}

/** A payload as a write of the store, without going through HTTP. */
export function upsertOf(fields: Readonly<Record<string, unknown>> & { readonly id: string }): Upsert {
  const payload = JSON.stringify(fields);
  const { id } = fields;
  return { kind: "upsert", id, fields, payload, digest: sha256(payload), version: 1, owner: "me" };
}

export const sha256 = (text: string | Uint8Array): string => createHash("sha256").update(text).digest("hex");

export const ndjson = (...values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join("");

function ask(
  inserter: Inserter,
  agent: Agent,
  method: string,
  target: string,
  headers: Readonly<Record<string, string>> = {},
  body?: string | Uint8Array,
): Promise<Answer> {
  const { hostname, port } = new URL(inserter.url);
  const bytes = body === undefined ? null : Buffer.from(body);
  const length = bytes === null ? {} : { "content-length": String(bytes.length) };
  return new Promise((resolve, reject) => {
    const options = { agent, host: hostname, port, method, path: target, headers: { ...length, ...headers } };
    const asked = request(options, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        text,
        json: () => JSON.parse(text),
        lines: () =>
          text
            .trimEnd()
            .split("\n")
            .map((line) => JSON.parse(line)),
      });
    });
    asked.on("error", reject);
    asked.end(bytes ?? undefined);
  });
}

/** No request that the document knows is answered with a status or a type that it does not know. */
function checkDocumented(
  paths: Record<string, Record<string, { responses: Record<string, { content?: object }> }>>,
  path: string,
  method: string,
  target: string,
  answer: Answer,
): void {
  const asked = target.split("?")[0] ?? "";
  const key = paths[asked] !== undefined ? asked : asked.startsWith(`${path}/`) ? `${path}/{id}` : "";
  const operation = paths[key]?.[method.toLowerCase()];
  if (operation === undefined) return;
  const response = operation.responses[String(answer.status)];
  assert.ok(response, `${method} ${target} answered ${answer.status}, which the document does not know`);
  if (answer.text === "") return;
  const type = answer.headers["content-type"]?.split(";")[0] ?? "";
  assert.ok(Object.keys(response.content ?? {}).includes(type), `${method} ${target} answered with ${type}`);
}
