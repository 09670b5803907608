/**
 * An inserter as somebody might write it in an afternoon, with just the capabilities that a test wants,
 * and answers that a test can bend. On the scripted server, so that its requests are kept.
 */
import { createHash } from "node:crypto";
import {
  answer,
  type Play,
  type ReceivedRequest,
  type ScriptedServer,
  startScriptedServer,
} from "./scripted-server.ts";

export interface ModestOptions {
  /** What it can besides POST. */
  readonly can?: readonly ("delete" | "inventory" | "batch")[];
  /** Asked first; null lets the inserter do its job. */
  bend?: (request: ReceivedRequest) => Play | null;
  readonly port?: number;
}

export interface ModestInserter {
  readonly server: ScriptedServer;
  readonly url: string;
  /** Bodies by id. */
  readonly articles: Map<string, string>;
  readonly owners: Map<string, string>;
  readonly options: ModestOptions;
  close(): Promise<void>;
}

/** Starts one on loopback. */
export async function startModestInserter(options: ModestOptions = {}): Promise<ModestInserter> {
  const articles = new Map<string, string>();
  const owners = new Map<string, string>();
  const can = new Set(options.can ?? ["delete"]);
  const serve = (request: ReceivedRequest): Play => {
    const { method, target, headers } = request;
    const owner = headers["sync-owner"] ?? "";
    if (method === "POST" && target === "/post") {
      const body = request.body.toString();
      const { id } = JSON.parse(body);
      articles.set(id, body);
      owners.set(id, owner);
      return answer(201);
    }
    if (method === "POST" && target === "/post/_batch" && can.has("batch")) {
      const lines = request.body
        .toString()
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      const answers = lines.map((line) => {
        const id = line.delete ?? line.upsert.id;
        if (line.delete === undefined) articles.set(id, JSON.stringify(line.upsert));
        else articles.delete(id);
        owners.set(id, line.owner);
        return JSON.stringify({ id, status: 200 });
      });
      return answer(200, `${answers.join("\n")}\n`, { "content-type": "application/x-ndjson" });
    }
    if (method === "DELETE" && target.startsWith("/post/") && can.has("delete")) {
      return answer(articles.delete(decodeURIComponent(target.slice(6))) ? 204 : 404);
    }
    if (method === "GET" && target === "/post" && can.has("inventory")) {
      const lines = [...articles].map(([id, body]) =>
        JSON.stringify({ id, digest: sha256(body), version: 1, owner: owners.get(id) }),
      );
      const head = JSON.stringify({ inventory: 1, batch: can.has("batch") ? 50 : 0 });
      const end = JSON.stringify({ end: true, count: lines.length });
      return answer(200, `${[head, ...lines, end].join("\n")}\n`, { "content-type": "application/x-ndjson" });
    }
    return answer(method === "GET" ? 404 : 405);
  };
  const server = await startScriptedServer((request) => options.bend?.(request) ?? serve(request), {
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  return { server, url: server.url, articles, owners, options, close: () => server.close() };
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
