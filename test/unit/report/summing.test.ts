import { suite } from "uvu";
import * as assert from "uvu/assert";
import { sumTrouble } from "../../../src/report/summing.ts";

const summing = suite("summing up repeated trouble");

function setUp() {
  const lines: string[] = [];
  const clock = { nowMs: 0 };
  const log = sumTrouble(
    {
      emit: (level, event, message, fields) =>
        lines.push(`${level} ${event}: ${message} ${fields?.["repeated"] ?? ""}`.trim()),
    },
    {
      nowMs: () => clock.nowMs,
      keyOf: (event, fields) => (event === "retry" ? "" : String(fields["id"] ?? "")),
      recoveries: { "inserter-back": ["delivery-failed"], delivered: ["retry", "rejected"] },
      quietMs: 10_000,
      quietMsMax: 40_000,
    },
  );
  return { lines, clock, log };
}

summing("writes the first at once and the rest as one line with their count", () => {
  const { lines, clock, log } = setUp();
  for (let second = 0; second <= 10; second++) {
    clock.nowMs = second * 1000;
    log.emit("warn", "delivery-failed", `try ${second}`);
  }
  assert.equal(lines, [
    "warn delivery-failed: try 0",
    "warn delivery-failed: try 9 (9 times since it was last logged) 9",
  ]);
});

summing("lets the interval grow up to its limit", () => {
  const { lines, clock, log } = setUp();
  const times: number[] = [];
  for (let second = 0; second <= 200; second++) {
    clock.nowMs = second * 1000;
    const before = lines.length;
    log.emit("error", "delivery-failed", "down");
    if (lines.length > before) times.push(second);
  }
  assert.equal(times, [0, 10, 30, 70, 110, 150, 190]);
});

summing("keeps troubles with different keys or events apart", () => {
  const { lines, log } = setUp();
  log.emit("warn", "refused", "a", { id: "a" });
  log.emit("warn", "refused", "b", { id: "b" });
  log.emit("warn", "rejected", "a", { id: "a" });
  log.emit("warn", "refused", "a again", { id: "a" });
  assert.equal(lines, ["warn refused: a", "warn refused: b", "warn rejected: a"]);
});

summing("writes what is owed at a recovery, before it, and begins anew after it", () => {
  const { lines, clock, log } = setUp();
  log.emit("warn", "delivery-failed", "down");
  log.emit("warn", "delivery-failed", "still down");
  clock.nowMs = 5000;
  log.emit("info", "inserter-back", "Inserter answers again");
  log.emit("warn", "delivery-failed", "down again");
  assert.equal(lines, [
    "warn delivery-failed: down",
    "warn delivery-failed: still down",
    "info inserter-back: Inserter answers again",
    "warn delivery-failed: down again",
  ]);
});

summing("writes a due summary with whatever is logged next, and forgets a trouble that ended", () => {
  const { lines, clock, log } = setUp();
  log.emit("warn", "delivery-failed", "one");
  log.emit("warn", "delivery-failed", "two");
  clock.nowMs = 11_000;
  log.emit("debug", "pass", "looking");
  clock.nowMs = 60_000;
  log.emit("debug", "pass", "looking");
  log.emit("warn", "delivery-failed", "three");
  assert.equal(lines, [
    "warn delivery-failed: one",
    "warn delivery-failed: two",
    "debug pass: looking",
    "debug pass: looking",
    "warn delivery-failed: three",
  ]);
});

summing("writes what is owed of an article before it is delivered, never after it", () => {
  const { lines, clock, log } = setUp();
  log.emit("warn", "retry", "a failed", { id: "a" });
  log.emit("warn", "rejected", "b is wrong", { id: "b" });
  log.emit("warn", "rejected", "b is still wrong", { id: "b" });
  log.emit("warn", "retry", "a failed again", { id: "a" });
  log.emit("warn", "retry", "a failed a third time", { id: "a" });
  log.emit("info", "delivered", "c", { id: "c" });
  log.emit("info", "delivered", "a", { id: "a" });
  clock.nowMs = 3_600_000;
  log.emit("info", "delivered", "b", { id: "b" });
  log.emit("info", "delivered", "a once more", { id: "a" });
  assert.equal(lines, [
    "warn retry: a failed",
    "warn rejected: b is wrong",
    "info delivered: c",
    "warn retry: a failed a third time (2 times since it was last logged) 2",
    "info delivered: a",
    "warn rejected: b is still wrong",
    "info delivered: b",
    "info delivered: a once more",
  ]);
});

summing("never holds back information, and owes nothing after a flush", () => {
  const { lines, log } = setUp();
  log.emit("info", "published", "a");
  log.emit("info", "published", "a");
  log.emit("warn", "x", "1");
  log.emit("warn", "x", "2");
  log.flush();
  log.flush();
  assert.equal(lines, ["info published: a", "info published: a", "warn x: 1", "warn x: 2"]);
});

summing.run();
