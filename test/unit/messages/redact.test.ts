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

redacting("leaves texts alone when a secret is empty or tiny", () => {
  const redact = createRedactor(() => ["", "a", "  \n"]);
  assert.is(redact("banana"), "banana");
});

redacting.run();
