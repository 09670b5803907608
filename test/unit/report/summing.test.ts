import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SummingLog } from "../../../src/report/summing.ts";

const summing = suite("summing up repeated trouble");

function setUp() {
  const lines: string[] = [];
  const clock = { nowMs: 0 };
  const log = new SummingLog(
    {
      emit: (level, event, message, fields) =>
        lines.push(`${level} ${event}: ${message} ${fields?.["repeated"] ?? ""}`.trim()),
    },
    {
      nowMs: () => clock.nowMs,
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
    log.emit("warn", "inserter.trouble", `try ${second}`);
  }
  assert.equal(lines, [
    "warn inserter.trouble: try 0",
    "warn inserter.trouble: try 9 (9 times since it was last logged) 9",
  ]);
});

summing("lets the interval grow up to its limit", () => {
  const { lines, clock, log } = setUp();
  const times: number[] = [];
  for (let second = 0; second <= 200; second++) {
    clock.nowMs = second * 1000;
    const before = lines.length;
    log.emit("error", "inserter.trouble", "down");
    if (lines.length > before) times.push(second);
  }
  assert.equal(times, [0, 10, 30, 70, 110, 150, 190]);
});

summing("keeps troubles with different keys or events apart", () => {
  const { lines, log } = setUp();
  log.emit("warn", "article.refused", "a", { id: "a" });
  log.emit("warn", "article.refused", "b", { id: "b" });
  log.emit("warn", "article.rejected", "a", { id: "a" });
  log.emit("warn", "article.refused", "a again", { id: "a" });
  assert.equal(lines, ["warn article.refused: a", "warn article.refused: b", "warn article.rejected: a"]);
});

summing("writes what is unwritten at a recovery, before it, and begins anew after it", () => {
  const { lines, clock, log } = setUp();
  log.emit("warn", "inserter.trouble", "down");
  log.emit("warn", "inserter.trouble", "still down");
  clock.nowMs = 5000;
  log.emit("info", "inserter.recovered", "Inserter answers again");
  log.emit("warn", "inserter.trouble", "down again");
  assert.equal(lines, [
    "warn inserter.trouble: down",
    "warn inserter.trouble: still down",
    "info inserter.recovered: Inserter answers again",
    "warn inserter.trouble: down again",
  ]);
});

summing("writes a due summary with whatever is logged next, and forgets a trouble that ended", () => {
  const { lines, clock, log } = setUp();
  log.emit("warn", "inserter.trouble", "one");
  log.emit("warn", "inserter.trouble", "two");
  clock.nowMs = 11_000;
  log.emit("debug", "pass", "looking");
  clock.nowMs = 60_000;
  log.emit("debug", "pass", "looking");
  log.emit("warn", "inserter.trouble", "three");
  assert.equal(lines, [
    "warn inserter.trouble: one",
    "warn inserter.trouble: two",
    "debug pass: looking",
    "debug pass: looking",
    "warn inserter.trouble: three",
  ]);
});

summing("writes what is unwritten of an article before it is delivered, never after it", () => {
  const { lines, clock, log } = setUp();
  log.emit("warn", "article.retry", "a failed", { id: "a" });
  log.emit("warn", "article.rejected", "b is wrong", { id: "b" });
  log.emit("warn", "article.rejected", "b is still wrong", { id: "b" });
  log.emit("warn", "article.retry", "a failed again", { id: "a" });
  log.emit("warn", "article.retry", "a failed a third time", { id: "a" });
  log.emit("info", "article.upserted", "c", { id: "c" });
  log.emit("info", "article.upserted", "a", { id: "a" });
  clock.nowMs = 3_600_000;
  log.emit("info", "article.upserted", "b", { id: "b" });
  log.emit("info", "article.upserted", "a once more", { id: "a" });
  assert.equal(lines, [
    "warn article.retry: a failed",
    "warn article.rejected: b is wrong",
    "info article.upserted: c",
    "warn article.retry: a failed a third time (2 times since it was last logged) 2",
    "info article.upserted: a",
    "warn article.rejected: b is still wrong",
    "info article.upserted: b",
    "info article.upserted: a once more",
  ]);
});

summing("never holds back information, and has nothing left after a flush", () => {
  const { lines, log } = setUp();
  log.emit("info", "published", "a");
  log.emit("info", "published", "a");
  log.emit("warn", "x", "1");
  log.emit("warn", "x", "2");
  log.flush();
  log.flush();
  assert.equal(lines, ["info published: a", "info published: a", "warn x: 1", "warn x: 2"]);
});

summing("keeps the troubles of one article apart by what is wrong in it", () => {
  const { lines, log } = setUp();
  const problem = (line: number) => [{ code: "no-title", line, column: 1 }];
  log.emit("warn", "article.rejected", "one", { path: "a.md", problems: problem(1) });
  log.emit("warn", "article.rejected", "one again", { path: "a.md", problems: problem(1) });
  log.emit("warn", "article.rejected", "two", { path: "a.md", problems: problem(2) });
  log.emit("error", "config.invalid", "x", { fault: "x" });
  log.emit("error", "config.invalid", "y", { fault: "y" });
  log.emit("info", "config.reloaded", "read");
  log.emit("error", "config.invalid", "x", { fault: "x" });
  assert.equal(lines, [
    "warn article.rejected: one",
    "warn article.rejected: two",
    "error config.invalid: x",
    "error config.invalid: y",
    "info config.reloaded: read",
    "error config.invalid: x",
  ]);
});

summing(
  "writes some of many articles with the same trouble, and the rest as one line with their count",
  () => {
    const { lines, clock, log } = setUp();
    const start = (): void => {
      for (let n = 0; n < 48_209; n++) {
        const problems = [{ code: n % 1_000 === 7 ? "bad-date" : "missing-key", line: n, column: 1 }];
        log.emit("warn", "article.rejected", `${n}.md rejected`, { path: `${n}.md`, problems });
        if (n % 1_000 === 0) log.emit("warn", "article.refused", `${n} refused`, { id: `${n}`, status: 422 });
      }
      log.emit("info", "pass.done", "48209 files");
    };
    start();
    assert.is(lines.length, 10 + 10 + 10 + 3 + 1);
    assert.equal(lines.slice(-4).toSorted(), [
      "info pass.done: 48209 files",
      "warn article.refused: 48000 refused (and 38 more articles with the same trouble) 39",
      "warn article.rejected: 48007.md rejected (and 38 more articles with the same trouble) 39",
      "warn article.rejected: 48208.md rejected (and 48149 more articles with the same trouble) 48150",
    ]);
    clock.nowMs += 60_000;
    log.emit("warn", "article.rejected", "new.md rejected", {
      path: "new.md",
      problems: [{ code: "bad-date" }],
    });
    assert.is(lines.at(-1), "warn article.rejected: new.md rejected");
    log.flush();
    assert.is(lines.length, 35);
  },
);

summing("writes what is left of many when no pass ends either", () => {
  const { lines, clock, log } = setUp();
  for (let n = 0; n < 12; n++) log.emit("warn", "article.held", `${n}.md held`, { path: `${n}.md` });
  assert.is(lines.length, 10);
  clock.nowMs += 10_000;
  log.emit("info", "revision.seen", "later");
  assert.equal(lines.slice(10), [
    "warn article.held: 11.md held (and 1 more articles with the same trouble) 2",
    "info revision.seen: later",
  ]);
});

summing.run();
