import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { StatusListener } from "../../../src/wiring/status-listener.ts";

const moving = suite("status listener that moves");

function recorded() {
  const lines: { level: string; event: string; message: string; url: string }[] = [];
  return {
    lines,
    log: {
      emit(level: string, event: string, message: string, fields: Readonly<Record<string, unknown>> = {}) {
        lines.push({ level, event, message, url: String(fields["url"]) });
      },
    },
  };
}

/** A port that nothing listens on just now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const isServed = (url: string): Promise<boolean> =>
  fetch(`${url}healthz`).then(
    ({ ok }) => ok,
    () => false,
  );

moving("serves where the configuration wants it, moves with it, and ends with it", async () => {
  const { lines, log } = recorded();
  const listener = new StatusListener();
  try {
    await listener.serve(null, log);
    const first = { host: "127.0.0.1", port: await freePort() };
    await listener.serve(first, log);
    await listener.serve(first, log);
    assert.is(lines.length, 1, "said once");
    const second = { host: "127.0.0.1", port: await freePort() };
    await listener.serve(second, log);
    const [before = "", after = ""] = lines.map(({ url }) => url);
    assert.equal([await isServed(before), await isServed(after)], [false, true]);
    await listener.serve(null, log);
    assert.is(await isServed(after), false);
    await listener.serve(first, log);
    assert.is(await isServed(before), true);
  } finally {
    await listener.close();
  }
});

moving("names that may be asked for follow the configuration, without a move", async () => {
  const { lines, log } = recorded();
  const listener = new StatusListener();
  const address = { host: "127.0.0.1", port: await freePort() };
  const statusFor = (host: string): Promise<number> =>
    new Promise((resolve, reject) => {
      request({ ...address, headers: { host } }, (answer) => resolve(answer.resume().statusCode ?? 0))
        .once("error", reject)
        .end();
    });
  try {
    await listener.serve(address, log);
    assert.is(await statusFor("blog.example"), 403);
    await listener.serve({ ...address, allowedHosts: ["blog.example"] }, log);
    assert.is.not(await statusFor("blog.example"), 403);
    await listener.serve(address, log);
    assert.is(await statusFor("blog.example"), 403);
    assert.is(lines.length, 1);
  } finally {
    await listener.close();
  }
});

moving("an address that is taken ends a start, but not a daemon that runs", async () => {
  const { lines, log } = recorded();
  const holder = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => holder.once("listening", resolve));
  const taken = { host: "127.0.0.1", port: (holder.address() as AddressInfo).port };
  const listener = new StatusListener();
  try {
    await listener.serve(taken, log).then(
      () => assert.unreachable(),
      (error) => assert.match(error.message, `Cannot serve the status on 127.0.0.1:${taken.port}`),
    );
    await listener.serve({ host: "127.0.0.1", port: 0 }, log);
    await listener.serve(taken, log);
    const trouble = lines.find(({ event }) => event === "status.unavailable");
    assert.match(trouble?.message ?? "", "it stays where it was");
    assert.is(await isServed(lines[0]?.url ?? ""), true);
  } finally {
    await listener.close();
    await new Promise((resolve) => holder.close(resolve));
  }
});

moving.run();
