import { suite } from "uvu";
import * as assert from "uvu/assert";
import { retryAfterMs, toExcerpt } from "../../../../src/inserter/client/answer.ts";
import { createRedactor } from "../../../../src/messages/redact.ts";

const waiting = suite("Retry-After");

const nowMs = Date.UTC(2024, 0, 1, 12, 0, 0);

waiting("takes seconds", () => {
  assert.is(retryAfterMs({ "retry-after": "120" }, nowMs), 120_000);
  assert.is(retryAfterMs({ "retry-after": " 0 " }, nowMs), 0);
  assert.is(retryAfterMs({ "retry-after": "9".repeat(40) }, nowMs), Number.MAX_SAFE_INTEGER);
});

waiting("takes a date in any of its three forms", () => {
  for (const date of [
    "Mon, 01 Jan 2024 12:00:30 GMT",
    "Monday, 01-Jan-24 12:00:30 GMT",
    "Mon Jan  1 12:00:30 2024",
  ]) {
    assert.is(retryAfterMs({ "retry-after": date }, nowMs), 30_000, date);
  }
});

waiting("measures a date by the clock of who gave it", () => {
  const headers = { "retry-after": "Mon, 01 Jan 2024 12:00:30 GMT", date: "Mon, 01 Jan 2024 12:00:20 GMT" };
  assert.is(retryAfterMs(headers, nowMs), 10_000);
  assert.is(retryAfterMs({ ...headers, date: "yesterday" }, nowMs), 30_000);
  assert.is(retryAfterMs({ ...headers, date: "Mon, 01 Jan 2024 13:00:00 GMT" }, nowMs), 0);
});

waiting("ignores what is neither", () => {
  for (const value of [
    "",
    "soon",
    "-5",
    "1.5",
    "1e3",
    "2024-01-01",
    "Mon, 99 Foo 2024 12:00:30 GMT",
    "5 GMT",
  ]) {
    assert.is(retryAfterMs({ "retry-after": value }, nowMs), null, value);
  }
  assert.is(retryAfterMs({}, nowMs), null);
});

const excerpts = suite("excerpt");

function excerpt(text: string, more = false, secrets: readonly string[] = ["hunter2hunter2"]): string {
  return toExcerpt(
    text,
    more,
    createRedactor(() => secrets),
  );
}

excerpts("is one line of visible text", () => {
  assert.is(excerpt("  a\r\n\tb \u0000\u001b[2Jc\u009b \n"), "a b [2Jc");
  assert.is(excerpt("\ud800 lone"), "\ufffd lone");
});

excerpts("has at most 1 KiB", () => {
  assert.is(excerpt("x".repeat(5_000)).length, 1_024);
});

excerpts("has no secret, nor a part of one that the cut left", () => {
  assert.is(excerpt("is hunter2hunter2!"), "is [redacted]!");
  assert.is(excerpt("is hunter2hu", true), "is");
  assert.is(excerpt("is hunter2hu", false), "is hunter2hu");
  assert.is(excerpt("is h", true), "is");
  assert.is(excerpt("is hunter2hunter2 h", true), "is [redacted]");
});

waiting.run();
excerpts.run();
