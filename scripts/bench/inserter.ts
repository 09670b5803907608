/**
 * The inserter of the measurements: a process of its own, which answers after a set time, stores digests
 * for its inventory, and reports when requests arrived. Started by {@link startInserter}.
 */
import { fork } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const NDJSON = "application/x-ndjson";

export interface InserterOptions {
  /** Time from the end of a request to its answer, milliseconds. */
  readonly answerMs: number;
  /** Most operations a batch; 0 = none. */
  readonly batch: number;
  /** Whether it lists what it holds. */
  readonly inventory: boolean;
}

/** What has arrived. Instants are nanoseconds of the machine's monotonic clock, as decimal digits. */
export interface Arrivals {
  readonly requests: number;
  readonly articles: number;
  readonly batches: number;
  /** Times that all was listed. */
  readonly inventories: number;
  readonly firstAt: string;
  readonly lastAt: string;
}

type Question = { readonly ask: "arrivals" | "announce" | "touch" };

/** An inserter in another process. */
export interface InserterProcess {
  readonly url: string;
  readonly pid: number;
  arrivals(): Promise<Arrivals>;
  /** Changes the `ETag` of its inventory, as if an article had been changed and changed back. */
  touch(): void;
  /** When the next write request arrives, nanoseconds. Resolves once the inserter is ready to see it. */
  nextArrival(): Promise<{ readonly at: Promise<bigint> }>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startInserter(options: InserterOptions): Promise<InserterProcess> {
  const child = fork(import.meta.filename, [JSON.stringify(options)], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const heard = (kind: string): Promise<Record<string, unknown>> =>
    new Promise((resolve) => {
      const listen = (message: Record<string, unknown>): void => {
        if (message["kind"] !== kind) return;
        child.off("message", listen);
        resolve(message);
      };
      child.on("message", listen);
    });
  const { url } = await heard("listening");
  const ask = (question: Question): void => void child.send(question);
  return {
    url: String(url),
    pid: child.pid ?? 0,
    async arrivals() {
      const answer = heard("arrivals");
      ask({ ask: "arrivals" });
      return (await answer) as unknown as Arrivals;
    },
    touch: () => ask({ ask: "touch" }),
    async nextArrival() {
      const ready = heard("announcing");
      const arrived = heard("arrived");
      ask({ ask: "announce" });
      await ready;
      return { at: arrived.then(({ at }) => BigInt(String(at))) };
    },
    async [Symbol.asyncDispose]() {
      const ended = new Promise((done) => child.once("exit", done));
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** What arrived, and what an inventory lists of it. */
class Received {
  readonly counts = { requests: 0, articles: 0, batches: 0, inventories: 0, firstAt: "0", lastAt: "0" };
  readonly #stored = new Map<string, { readonly digest: string | null; readonly version: string }>();
  readonly #options: InserterOptions;
  #edition = 0;

  constructor(options: InserterOptions) {
    this.#options = options;
  }

  touch(): void {
    this.#edition++;
  }

  /** Counts a write request. @returns When it arrived. */
  request(): string {
    const { counts } = this;
    counts.lastAt = String(process.hrtime.bigint());
    if (counts.requests++ === 0) counts.firstAt = counts.lastAt;
    return counts.lastAt;
  }

  article({ headers }: IncomingMessage, body: string): void {
    this.counts.articles++;
    const { "sync-digest": digest, "sync-version": version } = headers;
    this.#store(idIn(body), String(digest), String(version ?? "0"));
  }

  /** @returns The lines of the answer. */
  batch(body: string): string {
    this.counts.batches++;
    const answers: string[] = [];
    for (const line of body.split("\n")) {
      if (line === "") continue;
      this.counts.articles++;
      const id = idIn(line);
      const [, digest = null, version = "0"] =
        /"digest":"([0-9a-f]{64})","version":(\d+)[^}]*}$/.exec(line) ?? [];
      this.#store(id, digest, version);
      answers.push(`{"id":${JSON.stringify(id)},"status":200}\n`);
    }
    return answers.join("");
  }

  /** Answers with the inventory, or that it is as the client knows it. */
  list(known: string | undefined, response: ServerResponse): void {
    const etag = `"${this.#edition}"`;
    if (known === etag) {
      response.writeHead(304).end();
      return;
    }
    this.counts.inventories++;
    response.writeHead(200, { "content-type": NDJSON, etag });
    const lines = [...this.#stored].map(
      ([id, { digest, version }]) =>
        `{"id":${JSON.stringify(id)},"digest":"${digest}","version":${version},"owner":"sync-agent"}\n`,
    );
    const head = `{"inventory":1,"batch":${this.#options.batch}}\n`;
    response.end(`${head}${lines.join("")}{"end":true,"count":${lines.length}}\n`);
  }

  #store(id: string, digest: string | null, version: string): void {
    if (!this.#options.inventory) return;
    this.#edition++;
    this.#stored.set(copied(id), { digest: digest && copied(digest), version: copied(version) });
  }
}

function serve(options: InserterOptions): void {
  const { answerMs, batch, inventory } = options;
  const received = new Received(options);
  let announcing = false;

  process.on("message", ({ ask }: Question) => {
    if (ask === "arrivals") process.send?.({ kind: "arrivals", ...received.counts });
    else if (ask === "touch") received.touch();
    else {
      announcing = true;
      process.send?.({ kind: "announcing" });
    }
  });

  const server = createServer((request, response) => {
    if (request.method === "GET") {
      if (inventory) received.list(request.headers["if-none-match"], response);
      else response.writeHead(404).end();
      return;
    }
    const at = received.request();
    if (announcing) process.send?.({ kind: "arrived", at });
    announcing = false;
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const isBatch = request.url?.endsWith("/_batch") === true;
      if (isBatch && batch === 0) return void response.writeHead(404).end();
      const body = Buffer.concat(pieces).toString("utf8");
      const lines = isBatch ? received.batch(body) : "";
      if (!isBatch) received.article(request, body);
      const answer = (): void => {
        if (isBatch) response.writeHead(200, { "content-type": NDJSON }).end(lines);
        else response.writeHead(204).end();
      };
      if (answerMs > 0) setTimeout(answer, answerMs);
      else answer();
    });
  });
  server.keepAliveTimeout = 0;
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo;
    process.send?.({ kind: "listening", url: `http://127.0.0.1:${port}/post` });
  });
}

/** A copy: V8 keeps a whole text as long as a part of it, and a million bodies do not fit into memory. */
function copied(part: string): string {
  return Buffer.from(part).toString();
}

/** The id in canonical JSON: in a text the quotes around the key would be escaped. */
function idIn(json: string): string {
  const start = json.indexOf('"id":"') + 6;
  return json.slice(start, json.indexOf('"', start));
}

if (import.meta.main) serve(JSON.parse(process.argv[2] ?? "{}"));
