import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { UsageError } from "../../../../src/errors.ts";
import { canMakeCertificates, issue, load, makeAuthority } from "../../../support/certificates.ts";
import { answer, reset } from "../../../support/scripted-server.ts";
import { never, opener, upsert } from "../../../support/sink.ts";

const test = suite("client: proxies");
const open = opener(test);

const host = "inserter.example";

/** A proxy that leads every request to one port of this machine, and notes what it was asked. */
async function startProxy(port: number, credentials: string | null = null) {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  const isLetIn = ({ method, url, headers }: IncomingMessage): boolean => {
    const { "proxy-authorization": given } = headers;
    asked.push(`${method} ${url} ${given ?? "-"}`);
    const wanted = credentials === null ? undefined : `Basic ${Buffer.from(credentials).toString("base64")}`;
    return given === wanted;
  };
  server.on("request", (incoming, response) => {
    if (!isLetIn(incoming)) {
      response.writeHead(407).end();
      return;
    }
    const { "proxy-authorization": _, ...headers } = incoming.headers;
    const { pathname } = new URL(incoming.url ?? "");
    const outgoing = request({ port, path: pathname, method: incoming.method, headers }, (answered) => {
      response.writeHead(answered.statusCode ?? 502);
      answered.pipe(response);
    });
    incoming.pipe(outgoing);
  });
  server.on("connect", (request, socket: Socket) => {
    if (!isLetIn(request)) {
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      return;
    }
    const target = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.pipe(target).pipe(socket);
    });
    for (const end of [socket, target]) {
      sockets.add(end);
      end.on("error", () => end.destroy());
      end.on("close", () => {
        socket.destroy();
        target.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address() as { port: number };
  return {
    asked,
    url: (user = "") => `http://${user}127.0.0.1:${address.port}`,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

test("goes through the proxy of the environment, with its credentials", async () => {
  const server = await open.server([answer(200)]);
  const proxy = await startProxy(server.port, "me:pass/word");
  const environment = { HTTP_PROXY: proxy.url("me:pass%2Fword@") };
  const { sink } = open.sink({ url: `http://${host}/post` }, { environment });
  for (const id of ["a", "b"]) {
    const reply = await sink.send(upsert(id), never);
    assert.is(reply.kind === "answer" && reply.status, 200);
  }
  const basic = `Basic ${Buffer.from("me:pass/word").toString("base64")}`;
  // In absolute form, as proxies for plain HTTP expect it: many let CONNECT through to port 443 alone.
  const target = `http://${host}/post`;
  assert.equal(proxy.asked, [`POST ${target} ${basic}`, `POST ${target} ${basic}`]);
  assert.is(server.requests[1]?.target, "/post");
  assert.is(server.requests[1]?.headers["host"], host);
  assert.is(server.requests[0]?.headers["proxy-authorization"], undefined);

  const refused = open.sink({ url: `http://${host}/post` }, { environment: { http_proxy: proxy.url() } });
  const denied = await refused.sink.send(upsert("a"), never);
  assert.is(denied.kind === "answer" && denied.status, 407);
  assert.is(server.requests.length, 2);
  await proxy.close();
});

test("a proxy that is not there: nothing was sent", async () => {
  const proxy = await startProxy(1);
  await proxy.close();
  const { sink } = open.sink({ url: `http://${host}/post` }, { environment: { HTTP_PROXY: proxy.url() } });
  const reply = await sink.send(upsert("a"), never);
  assert.equal(reply, {
    kind: "failure",
    why: "connect",
    message: `connection refused by ${host} (through the proxy ${proxy.url().slice(7)})`,
  });
});

test("loopback and NO_PROXY are reached directly", async () => {
  const server = await open.server([answer(200)]);
  const environment = { HTTP_PROXY: "http://127.0.0.1:1", HTTPS_PROXY: "http://127.0.0.1:1" };
  const { sink } = open.sink({ url: server.url }, { environment });
  const reply = await sink.send(upsert("a"), never);
  assert.is(reply.kind === "answer" && reply.status, 200);
});

test("a proxy that cannot be one is an error before anything is sent", () => {
  for (const proxy of ["socks5://proxy:1080", "http://:x", "%"]) {
    assert.throws(
      () => open.sink({ url: `http://${host}/post` }, { environment: { HTTP_PROXY: proxy } }),
      (error: Error) => error instanceof UsageError && /HTTP_PROXY/.test(error.message),
    );
  }
});

if (canMakeCertificates) {
  test("tunnels TLS, and knows what may have arrived", async () => {
    const folder = mkdtempSync(join(tmpdir(), "client-proxy-"));
    const authority = makeAuthority(folder, "authority");
    const tls = load(issue(folder, "server", authority, `DNS:${host}`));
    const server = await open.server([answer(200), answer(201), reset(), answer(202), reset()], {
      tls,
    });
    const proxy = await startProxy(server.port);
    const environment = { HTTPS_PROXY: proxy.url(), NO_PROXY: "other.example" };
    const settings = { url: `https://${host}/post`, tls: { ca: authority.cert, cert: null, key: null } };
    const { sink } = open.sink(settings, { environment });
    const sent = async (): Promise<unknown> => {
      const reply = await sink.send(upsert("a"), never);
      return reply.kind === "answer" ? reply.status : reply.why;
    };
    assert.is(await sent(), 200);
    assert.is(await sent(), 201);
    // The tunnel broke on a kept connection: once more, and then on a new one.
    assert.is(await sent(), 202);
    assert.equal(proxy.asked, [`CONNECT ${host}:443 -`, `CONNECT ${host}:443 -`]);

    const stern = await startProxy(server.port, "me:pass");
    const { sink: refused } = open.sink(settings, { environment: { HTTPS_PROXY: stern.url() } });
    assert.equal(await refused.send(upsert("a"), never), {
      kind: "failure",
      why: "connect",
      message: `no connection to ${host} (through the proxy ${stern.url().slice(7)}): it answered 407; check HTTPS_PROXY and HTTP_PROXY`,
    });
    await stern.close();

    const { sink: second } = open.sink(settings, { environment });
    const reply = await second.send(upsert("a"), never);
    assert.is(reply.kind === "failure" && reply.why, "broken");
    const { sink: stranger } = open.sink({ url: settings.url }, { environment });
    const distrust = await stranger.send(upsert("a"), never);
    assert.is(distrust.kind === "failure" && distrust.why, "connect");
    await proxy.close();
    rmSync(folder, { recursive: true, force: true });
  });
}

test.run();
