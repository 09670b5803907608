/**
 * A bad network in one process: an HTTP proxy on loopback between the agent and its inserter that loses,
 * delays, cuts and repeats what passes, by a plan that a seed can repeat.
 */
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What happens to one request. */
export type Fault =
  /** Nothing. */
  | "pass"
  /** It never arrives, and the connection breaks. */
  | "lose-request"
  /** It arrives, and the connection breaks before its answer. */
  | "lose-answer"
  /** It arrives, and the connection breaks in the middle of its answer. */
  | "cut-answer"
  /** The connection breaks at once, and it arrives later: after what was sent meanwhile. */
  | "late"
  /** It arrives a moment later. */
  | "delay"
  /** It arrives twice, at once and a moment later. */
  | "twice"
  /** It never arrives, and is answered by a 502. */
  | "bad-gateway";

/** Every way in which a network is bad. */
export const FAULTS = [
  "lose-request",
  "lose-answer",
  "cut-answer",
  "late",
  "delay",
  "twice",
  "bad-gateway",
] as const satisfies readonly Fault[];

/** What a plan may decide by. `index` counts requests from 0. */
export interface Passing {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  readonly index: number;
}

/** Decides what happens to a request. */
export type FaultPlan = (passing: Passing) => Fault;

export interface FaultyProxy {
  /** Where it stands in for the inserter: the same path on another port. */
  readonly url: string;
  /** Requests that came. */
  readonly requests: number;
  /** How many had which fault. */
  readonly faults: ReadonlyMap<Fault, number>;
  /** Takes effect with the next request. */
  plan: FaultPlan;
  /** Ends it when what is still under way has arrived. */
  close(): Promise<void>;
}

/** Longest that `late`, `delay` and `twice` keep a request, milliseconds. */
const KEPT_MS_MAX = 300;

/** A generator of draws from [0, 1) that its seed, an integer, repeats. @see mulberry32, T. Ettinger, 2017 */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Breaks requests with this probability, each time in one of these ways. */
export function randomFaults(
  random: () => number,
  probability: number,
  among: readonly Fault[] = FAULTS,
): FaultPlan {
  return () => (random() < probability ? (among[Math.floor(random() * among.length)] ?? "pass") : "pass");
}

/** Lets everything pass. */
export const fairWeather: FaultPlan = () => "pass";

/**
 * Starts one on a free port of loopback.
 *
 * @param target URL of the inserter. One that is down breaks the connections to the proxy too.
 * @param random Draws how long a request is kept.
 */
export async function startFaultyProxy(
  target: string,
  plan: FaultPlan = fairWeather,
  random: () => number = seeded(1),
): Promise<FaultyProxy> {
  const { hostname, port, pathname } = new URL(target);
  const agent = new Agent({ keepAlive: true });
  const faults = new Map<Fault, number>();
  const underWay = new Set<Promise<unknown>>();
  let requests = 0;

  const forward = ({ method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> => {
    const answer = new Promise<Answer>((resolve, reject) => {
      const outgoing = request({ host: hostname, port, method, path: url, headers, agent }, (incoming) => {
        read(incoming).then((bytes) => {
          resolve({ status: incoming.statusCode ?? 502, headers: incoming.rawHeaders, body: bytes });
        }, reject);
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
    const settled = answer.catch(() => {}).finally(() => underWay.delete(settled));
    underWay.add(settled);
    return answer;
  };
  const forwardLater = (incoming: IncomingMessage, body: Buffer): void => {
    const later = sleep(random() * KEPT_MS_MAX)
      .then(() => forward(incoming, body))
      .catch(() => {})
      .finally(() => underWay.delete(later));
    underWay.add(later);
  };

  const serve = async (fault: Fault, incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await read(incoming);
    switch (fault) {
      case "lose-request":
        return breakOff(incoming.socket);
      case "late":
        forwardLater(incoming, body);
        return breakOff(incoming.socket);
      case "bad-gateway":
        response.writeHead(502).end();
        return;
      case "delay":
        await sleep(random() * KEPT_MS_MAX);
        break;
      case "twice":
        forwardLater(incoming, body);
    }
    const answer = await forward(incoming, body);
    if (fault === "lose-answer") return breakOff(incoming.socket);
    if (fault !== "cut-answer") {
      response.writeHead(answer.status, answer.headers).end(answer.body);
      return;
    }
    // At least one byte short, so that even an empty answer is seen to break.
    incoming.socket.write(
      `HTTP/1.1 ${answer.status} Cut\r\ncontent-length: ${answer.body.length + 1}\r\n\r\n`,
    );
    incoming.socket.write(answer.body.subarray(0, answer.body.length >> 1), () => breakOff(incoming.socket));
  };

  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    const { method = "", url = "" } = incoming;
    const fault = proxy.plan({ method, target: url, index: requests++ });
    faults.set(fault, (faults.get(fault) ?? 0) + 1);
    serve(fault, incoming, response).catch(() => breakOff(incoming.socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port: ownPort } = server.address() as { port: number };
  const proxy: FaultyProxy = {
    url: `http://127.0.0.1:${ownPort}${pathname}`,
    plan,
    faults,
    get requests() {
      return requests;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await Promise.all(underWay);
      agent.destroy();
    },
  };
  return proxy;
}

interface Answer {
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: Buffer;
}

async function read(stream: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

function breakOff(socket: Socket): void {
  if (!socket.destroyed) socket.resetAndDestroy();
}
