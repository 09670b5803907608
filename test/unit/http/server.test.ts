import type { IncomingMessage } from "node:http";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isForeignOrigin, isHostAllowed } from "../../../src/http/server.ts";

const hosts = suite("HTTP servers: Host and Origin");

const loopbackNames = [
  "localhost",
  "LOCALHOST",
  "localhost.",
  "blog.localhost",
  "127.0.0.1",
  "127.8.8.8",
  "[::1]",
];
const otherNames = [
  "evil.example",
  "127.0.0.1.evil.example",
  "localhost.evil.example",
  "0.0.0.0",
  "10.0.0.7",
  "[::]",
  "",
  "localhost@evil.example",
  "evil.example/localhost",
];

hosts("on loopback only loopback names count, with any port", () => {
  for (const host of ["127.0.0.1", "::1", "localhost"]) {
    for (const name of loopbackNames) {
      assert.ok(isHostAllowed(name, { host }), name);
      assert.ok(isHostAllowed(`${name}:8081`, { host }), name);
    }
    for (const name of otherNames) assert.not(isHostAllowed(name, { host }), name);
    assert.not(isHostAllowed("evil.example:8081", { host }));
  }
});

hosts("elsewhere every name counts, for probes name the pod and agents a service", () => {
  for (const host of ["0.0.0.0", "::", "10.0.0.7"]) {
    for (const name of [...loopbackNames, "10.0.0.7", "inserter.blog.svc:8081"]) {
      assert.ok(isHostAllowed(name, { host }), name);
    }
  }
});

hosts("where hosts are listed, other names count no more; addresses and those of loopback do", () => {
  const allowedHosts = ["inserter.example"];
  for (const name of [
    "inserter.example:443",
    "INSERTER.example.",
    "10.0.0.7:8081",
    "[fd00::7]",
    "localhost:1",
  ]) {
    assert.ok(isHostAllowed(name, { host: "0.0.0.0", allowedHosts }), name);
  }
  for (const name of [
    "evil.example",
    "inserter.example.evil.example",
    "10.0.0.7.evil.example",
    "example",
    "",
  ]) {
    assert.not(isHostAllowed(name, { host: "0.0.0.0", allowedHosts }), name);
  }
  for (const name of ["inserter.example", "localhost:8081"]) {
    assert.ok(isHostAllowed(name, { host: "127.0.0.1", allowedHosts }), name);
  }
  for (const name of ["evil.example", "10.0.0.7"]) {
    assert.not(isHostAllowed(name, { host: "127.0.0.1", allowedHosts }), name);
  }
});

hosts("a request without Host comes from no browser", () => {
  assert.ok(isHostAllowed(undefined, { host: "127.0.0.1" }));
});

hosts("an origin is foreign unless it is the host that was asked", () => {
  const isForeign = (headers: IncomingMessage["headers"]): boolean =>
    isForeignOrigin({ headers } as IncomingMessage);
  assert.not(isForeign({ host: "a.example:8081" }));
  assert.not(isForeign({ host: "a.example:8081", origin: "http://a.example:8081" }));
  assert.not(isForeign({ host: "a.example", origin: "https://a.example" }));
  for (const origin of ["null", "http://a.example", "http://b.example:8081", "file://", ""]) {
    assert.ok(isForeign({ host: "a.example:8081", origin }), origin);
  }
});

hosts.run();
