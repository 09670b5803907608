import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseEndpoint, parseHostName, parseListen } from "../../../src/config/endpoint.ts";

const endpoint = suite("endpoint");

endpoint("takes http and https, and embedded", () => {
  assert.equal(parseEndpoint("http://localhost:8081/post"), {
    url: "http://localhost:8081/post",
    basic: null,
  });
  assert.equal(parseEndpoint("HTTPS://Example.org/a/b"), { url: "https://example.org/a/b", basic: null });
  assert.equal(parseEndpoint("embedded"), { url: "embedded", basic: null });
});

endpoint("drops trailing slashes, because ids are appended", () => {
  assert.equal(parseEndpoint("http://h/post//"), { url: "http://h/post", basic: null });
  assert.equal(parseEndpoint("http://h:80"), { url: "http://h", basic: null });
});

endpoint("keeps credentials apart, decoded", () => {
  assert.equal(parseEndpoint("http://me:p%40ss%2F@h/post"), { url: "http://h/post", basic: "me:p@ss/" });
  assert.equal(parseEndpoint("http://me@h/post"), { url: "http://h/post", basic: "me:" });
  assert.equal(parseEndpoint("http://me:100%25%@h/"), { url: "http://h", basic: "me:100%25%" });
});

endpoint("refuses what it cannot post to", () => {
  for (const text of [
    "",
    "localhost:8081",
    "ftp://h/",
    "http:foo",
    "http://",
    "/post",
    "Embedded",
    "http://me:pw@ho st/",
    "http://me:pw@h/?q",
    "http://me:pw@h/#x",
  ]) {
    assert.is(parseEndpoint(text), null, text);
  }
});

endpoint("reads addresses to listen on", () => {
  assert.equal(parseListen("0.0.0.0:9300"), { host: "0.0.0.0", port: 9300 });
  assert.equal(parseListen("localhost:0"), { host: "localhost", port: 0 });
  assert.equal(parseListen("[::1]:80"), { host: "::1", port: 80 });
  assert.equal(parseListen(":9300"), { host: "0.0.0.0", port: 9300 });
  for (const text of [
    "",
    "9300",
    "host",
    "host:",
    "host:65536",
    "host:-1",
    "::1:80",
    "a b:1",
    "http://h:1",
    "h:1/",
  ]) {
    assert.is(parseListen(text), null, text);
  }
});

endpoint("reads names for Host as a browser sends them", () => {
  assert.is(parseHostName("BLOG.example."), "blog.example");
  assert.is(parseHostName("ブログ.example"), "xn--qckyd1c.example");
  assert.is(parseHostName("[FD00::0007]"), "[fd00::7]");
  for (const text of [
    "",
    "*",
    "*.example",
    "http://blog.example",
    "blog.example/x",
    "a b",
    "a@b",
    "[::1]:80",
    "10.0.0.7:80",
  ]) {
    assert.is(parseHostName(text), null, text);
  }
});

endpoint.run();
