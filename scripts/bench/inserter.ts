/**
 * The inserter that is measured against: a process of its own, which answers after a set time, remembers
 * digests for its inventory, and tells when requests arrived. Started by {@link startInserter}.
 */
import { fork } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

export interface InserterOptions {
  /** Time from the end of a request to its answer, milliseconds. */
  readonly answerMs: number;
  /** Most operations a batch; 0 = none. */
  readonly batch: number;
  /** Whether it tells what it holds. */
  readonly inventory: boolean;
}

/** What arrived so far. Instants are nanoseconds of the machine's monotonic clock, as decimal digits. */
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
  /** From now on its inventory has another `ETag`, as if something had been changed and changed back. */
  touch(): void;
  /** When the next write request arrives, nanoseconds. Resolves `listening` once that is certain to be seen. */
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

interface Stored {
  readonly digest: string | null;
  readonly version: string;
}

function serve({ answerMs, batch, inventory }: InserterOptions): void {
  const stored = new Map<string, Stored>();
  const counts = { requests: 0, articles: 0, batches: 0, inventories: 0, firstAt: "0", lastAt: "0" };
  let announcing = false;
  let edition = 0;

  process.on("message", ({ ask }: Question) => {
    if (ask === "arrivals") process.send?.({ kind: "arrivals", ...counts });
    else if (ask === "touch") edition++;
    else {
      announcing = true;
      process.send?.({ kind: "announcing" });
    }
  });

  const arrived = (): void => {
    counts.lastAt = String(process.hrtime.bigint());
    if (counts.requests++ === 0) counts.firstAt = counts.lastAt;
    if (!announcing) return;
    announcing = false;
    process.send?.({ kind: "arrived", at: counts.lastAt });
  };

  const store = (id: string, { digest, version }: Stored): void => {
    edition++;
    stored.set(copied(id), { digest: digest && copied(digest), version: copied(version) });
  };

  const list = (known: string | undefined, response: ServerResponse): void => {
    const etag = `"${edition}"`;
    if (known === etag) {
      response.writeHead(304).end();
      return;
    }
    counts.inventories++;
    response.writeHead(200, { "content-type": "application/x-ndjson", etag });
    const lines = [...stored].map(
      ([id, { digest, version }]) =>
        `{"id":${JSON.stringify(id)},"digest":"${digest}","version":${version},"owner":"sync-agent"}\n`,
    );
    response.end(`{"inventory":1,"batch":${batch}}\n${lines.join("")}{"end":true,"count":${lines.length}}\n`);
  };

  const take = (request: IncomingMessage, body: Buffer): string => {
    if (request.url?.endsWith("/_batch") !== true) {
      counts.articles++;
      if (inventory) {
        const version = String(request.headers["sync-version"] ?? "0");
        store(idIn(body.toString("utf8")), { digest: String(request.headers["sync-digest"]), version });
      }
      return "";
    }
    counts.batches++;
    const answers: string[] = [];
    for (const line of body.toString("utf8").split("\n")) {
      if (line === "") continue;
      counts.articles++;
      const id = idIn(line);
      if (inventory) {
        const [, digest = null, version = "0"] =
          /"digest":"([0-9a-f]{64})","version":(\d+)[^}]*}$/.exec(line) ?? [];
        store(id, { digest, version });
      }
      answers.push(`{"id":${JSON.stringify(id)},"status":200}\n`);
    }
    return answers.join("");
  };

  const server = createServer((request, response) => {
    if (request.method === "GET") {
      if (inventory) list(request.headers["if-none-match"], response);
      else response.writeHead(404).end();
      return;
    }
    arrived();
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const body = pieces.length === 1 ? (pieces[0] ?? Buffer.alloc(0)) : Buffer.concat(pieces);
      if (batch === 0 && request.url?.endsWith("/_batch") === true) response.writeHead(404).end();
      else {
        const text = take(request, body);
        const answer = (): void => {
          if (text === "") response.writeHead(204).end();
          else response.writeHead(200, { "content-type": "application/x-ndjson" }).end(text);
        };
        if (answerMs > 0) setTimeout(answer, answerMs);
        else answer();
      }
    });
  });
  server.keepAliveTimeout = 0;
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    if (typeof address !== "object" || address === null) throw new Error("no port");
    process.send?.({ kind: "listening", url: `http://127.0.0.1:${address.port}/post` });
  });
}

/** Without the text it was cut from: V8 keeps that as long as a part of it, and a million bodies do not fit. */
function copied(part: string): string {
  return Buffer.from(part).toString();
}

/** In canonical JSON the key stands as it is; within a text its quotes would be escaped. */
function idIn(json: string): string {
  const start = json.indexOf('"id":"') + 6;
  return json.slice(start, json.indexOf('"', start));
}

if (import.meta.main) serve(JSON.parse(process.argv[2] ?? "{}"));
