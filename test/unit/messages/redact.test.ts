import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createRedactor } from "../../../src/messages/redact.ts";

const redacting = suite("redacting");

redacting("strikes out known secrets wherever they stand", () => {
  const redact = createRedactor(() => ["tok-en1"]);
  assert.is(redact("Bearer tok-en1, again tok-en1."), "Bearer [redacted], again [redacted].");
});

redacting("finds them percent-encoded, and without the line feed their file ends with", () => {
  const redact = createRedactor(() => ["p/ss wörd\n"]);
  assert.is(redact("?key=p%2Fss%20w%C3%B6rd"), "?key=[redacted]");
  assert.is(redact("it was p/ss wörd"), "it was [redacted]");
});

redacting("strikes the longer of two secrets first", () => {
  const redact = createRedactor(() => ["abcd", "abcdefgh"]);
  assert.is(redact("abcdefgh abcd"), "[redacted] [redacted]");
});

redacting("asks for the secrets each time", () => {
  const secrets = ["first"];
  const redact = createRedactor(() => secrets);
  secrets[0] = "second";
  assert.is(redact("first second"), "first [redacted]");
});

redacting("strikes out credentials of any URL", () => {
  const redact = createRedactor(() => []);
  assert.is(redact("POST http://user:pa@ss@host:1/post failed"), "POST http://[redacted]@host:1/post failed");
  assert.is(redact("http://host/a@b //cdn/x@y"), "http://host/a@b //cdn/x@y");
});

redacting("finds them as other programs escape them", () => {
  const secret = "tök+en/<1>&\"'=\\ 漢😀";
  const redact = createRedactor(() => [secret]);
  const json = JSON.stringify(secret).slice(1, -1);
  const ascii = json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const html = secret.replace(/[^\w]/gu, (character) => `&#${character.codePointAt(0)};`);
  for (const escaped of [
    secret,
    json,
    JSON.stringify(json).slice(1, -1),
    json.replaceAll("/", "\\/"),
    ascii,
    ascii.toUpperCase().replaceAll("\\U", "\\u").replace("T\\u00F6K+EN", "t\\u00F6k+en"),
    json.replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`),
    html,
    html.replaceAll("&#", "&amp;#"),
    secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;"),
    secret.replaceAll("&", "&amp;").replaceAll("'", "&#x27;").replaceAll("/", "&#x2F;"),
    encodeURIComponent(secret),
    encodeURIComponent(secret).toLowerCase(),
    encodeURIComponent(encodeURIComponent(secret)),
    new URLSearchParams({ secret }).toString().slice("secret=".length),
    encodeURI(secret),
  ]) {
    assert.is(redact(`it was ${escaped}!`), "it was [redacted]!");
  }
});

redacting("finds them in base64, wherever they stand in what is encoded", () => {
  for (const secret of ["tok-en1>?~", "ÿþýü", "a".repeat(40)]) {
    const redact = createRedactor(() => [secret]);
    for (const before of ["", "u", "u:", "user:", "me@here:"]) {
      for (const after of ["", "x", "xx", "xxx"]) {
        for (const encoding of ["base64", "base64url"] as const) {
          const encoded = Buffer.from(`${before}${secret}${after}`).toString(encoding);
          const shown = redact(`<${encoded}>`);
          assert.match(shown, "[redacted]");
          // What is left are the neighbours, and at most a few bits of the first and the last byte.
          const rest = shown.replace("[redacted]", "").length - 2;
          assert.ok(rest <= ((before.length + after.length) * 4) / 3 + 4, `${encoded} ${shown}`);
          assert.is(redact(encodeURIComponent(encoded)).includes("[redacted]"), true);
        }
      }
    }
  }
});

redacting("of a text that was cut, the first part of a secret goes too, escaped or not", () => {
  const redact = createRedactor(() => ["p/ss+word/1"]);
  const base64 = Buffer.from("p/ss+word/1").toString("base64");
  for (const escaped of [
    "p/ss+word/1",
    "p%2Fss%2Bword%2F1",
    "p\\/ss\\u002bword",
    "p&#x2F;ss&#43;word",
    base64,
  ]) {
    for (let length = 1; length < escaped.length; length++) {
      const part = escaped.slice(0, length);
      assert.match(redact(`it was ${part}`, true), /^it was (\[redacted\])?$/, part);
    }
  }
  assert.is(redact("100 per cent", true), "100 per cent");
});

redacting("a text of escapes without end is read once", () => {
  const redact = createRedactor(() => ["/\\%&secret"]);
  for (const hostile of ["\\", "%25", "&amp;", "/\\%&", "&#0", "%"]) {
    const text = hostile.repeat(200_000);
    assert.is(redact(text), text);
  }
});

redacting("leaves texts alone when a secret is empty or tiny", () => {
  const redact = createRedactor(() => ["", "a", "  \n"]);
  assert.is(redact("banana"), "banana");
});

redacting.run();
