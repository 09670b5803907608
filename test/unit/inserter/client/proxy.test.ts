import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isLoopback } from "../../../../src/http/server.ts";
import { proxyFor } from "../../../../src/inserter/client/proxy.ts";

const test = suite("proxy");

function proxy(url: string, environment: Readonly<Record<string, string>>): string | null {
  return proxyFor(new URL(url), environment)?.href ?? null;
}

test("is chosen by the scheme of the inserter", () => {
  const environment = { HTTP_PROXY: "http://plain:1", HTTPS_PROXY: "http://secure:2" };
  assert.is(proxy("http://x.example/", environment), "http://plain:1/");
  assert.is(proxy("https://x.example/", environment), "http://secure:2/");
  assert.is(proxy("https://x.example/", { HTTP_PROXY: "http://plain:1" }), null);
  assert.is(proxy("https://x.example/", {}), null);
});

test("lower case wins, an empty value is none, the scheme may be left out", () => {
  assert.is(proxy("http://x.example/", { HTTP_PROXY: "http://a", http_proxy: "http://b" }), "http://b/");
  assert.is(proxy("http://x.example/", { HTTP_PROXY: "http://a", http_proxy: "" }), null);
  assert.is(proxy("http://x.example/", { HTTP_PROXY: "cache:3128" }), "http://cache:3128/");
  assert.is(proxy("http://x.example/", { HTTP_PROXY: "https://cache:3128" }), "https://cache:3128/");
});

test("is never used for this machine", () => {
  const environment = { HTTP_PROXY: "http://a" };
  for (const host of ["localhost", "127.0.0.1", "127.9.9.9", "[::1]", "a.localhost"]) {
    assert.is(proxy(`http://${host}:8081/post`, environment), null, host);
    assert.is(isLoopback(new URL(`http://${host}`).hostname), true, host);
  }
  for (const host of ["localhost.example", "128.0.0.1", "[::2]", "127.0.0.1.example"]) {
    assert.is(isLoopback(new URL(`http://${host}`).hostname), false, host);
  }
});

test("NO_PROXY takes names, addresses, networks and ports", () => {
  const direct = (host: string, exceptions: string): boolean =>
    proxy(`http://${host}/post`, { HTTP_PROXY: "http://a", NO_PROXY: exceptions }) === null;
  assert.ok(direct("x.example", "*"));
  assert.ok(direct("x.example", "y.example, X.Example"));
  assert.ok(direct("deep.x.example", "x.example"));
  assert.ok(direct("deep.x.example", ".x.example"));
  assert.ok(direct("deep.x.example", "*.x.example"));
  assert.ok(direct("inserter.blog.svc.cluster.local:8081", "10.0.0.0/8,.svc,.cluster.local"));
  assert.not.ok(direct("notx.example", "x.example"));
  assert.not.ok(direct("x.example.org", "x.example"));
  assert.ok(direct("10.1.2.3", "10.0.0.0/8"));
  assert.not.ok(direct("11.1.2.3", "10.0.0.0/8"));
  assert.not.ok(direct("10.1.2.3", "10.0.0.0/99"));
  assert.not.ok(direct("10.1.2.3", "10.0.0.0/x"));
  assert.ok(direct("10.1.2.3", "10.1.2.3"));
  assert.not.ok(direct("110.1.2.3", "10.1.2.3"));
  assert.ok(direct("[fd00::7]", "fd00::/8"));
  assert.ok(direct("[fd00::7]", "fd00::7"));
  assert.ok(direct("[fd00::7]:80", "[fd00::7]:80"));
  assert.ok(direct("x.example:8081", "x.example:8081"));
  assert.not.ok(direct("x.example:8082", "x.example:8081"));
  assert.ok(direct("x.example", "x.example:80"));
  assert.not.ok(direct("x.example", ""));
  assert.is(
    proxy("http://x.example/", { HTTP_PROXY: "http://a", NO_PROXY: "*", no_proxy: "y" }),
    "http://a/",
    "lower case wins",
  );
});

test.run();
