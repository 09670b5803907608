import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { limitConnections, listen } from "../../../src/http/server.ts";
import { waitFor } from "../../support/wait.ts";

interface Context {
  server: Server;
  port: number;
  /** Requests for `/slow` that wait for their answer. */
  waiting: ServerResponse[];
  sockets: Socket[];
}

const connections = suite<Context>("HTTP servers: connections");

connections.before.each(async (context) => {
  context.waiting = [];
  context.sockets = [];
  context.server = createServer((request, response) => {
    if (request.url === "/slow") context.waiting.push(response);
    else response.end("ok");
  });
  limitConnections(context.server, 3);
  const url = await listen(context.server, { host: "127.0.0.1", port: 0 }, "cannotListen");
  context.port = Number(new URL(url).port);
});
connections.after.each(({ server, sockets }) => {
  for (const socket of sockets) socket.destroy();
  server.closeAllConnections();
  server.close();
});

async function open({ port, sockets }: Context): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

/** Sends a request, and resolves with the beginning of its answer. */
async function ask(socket: Socket, path: string): Promise<string> {
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  const [data] = await once(socket, "data");
  return String(data).slice(0, 15);
}

const isClosed = (socket: Socket): boolean => {
  socket.resume();
  return socket.closed || socket.readableEnded;
};

connections("idle ones give way, the longest idle first", async (context) => {
  const first = await open(context);
  const second = await open(context);
  const third = await open(context);
  // Used since, so the second is idle longest.
  assert.is(await ask(first, "/"), "HTTP/1.1 200 OK");
  const probe = await open(context);
  assert.is(await ask(probe, "/"), "HTTP/1.1 200 OK");
  await waitFor(() => isClosed(second), "the longest idle to give way");
  assert.is(isClosed(first), false);
  assert.is(isClosed(third), false);
  assert.is(await ask(first, "/"), "HTTP/1.1 200 OK");
});

connections(
  "one with a request under way does not, nor one that sends half a request stay",
  async (context) => {
    const slow = await open(context);
    const answered = ask(slow, "/slow");
    await waitFor(() => context.waiting.length === 1, "the request");
    const half = await open(context);
    half.write("GET / HTTP/1.1\r\nHost: local");
    for (let n = 0; n < 5; n++) assert.is(await ask(await open(context), "/"), "HTTP/1.1 200 OK");
    await waitFor(() => isClosed(half), "the half request to give way");
    context.waiting[0]?.end("late");
    assert.is(await answered, "HTTP/1.1 200 OK");
  },
);

connections("where all are busy the newcomer is closed", async (context) => {
  const answered = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const socket = await open(context);
      return { socket, answer: ask(socket, "/slow") };
    }),
  );
  await waitFor(() => context.waiting.length === 3, "the requests");
  const late = await open(context);
  await waitFor(() => isClosed(late), "the newcomer to be closed");
  for (const response of context.waiting) response.end();
  for (const { answer } of answered) assert.is(await answer, "HTTP/1.1 200 OK");
});

connections.run();
