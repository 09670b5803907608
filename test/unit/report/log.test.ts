import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createRedactor } from "../../../src/messages/redact.ts";
import { createLog, type LogOptions, wantsColour } from "../../../src/report/log.ts";

const logging = suite("log");

function setUp(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const log = createLog({
    level: "info",
    format: "json",
    isTTY: false,
    colour: false,
    write: (line) => lines.push(line),
    redact: createRedactor(() => ["hunter2"]),
    nowMs: () => Date.UTC(2024, 0, 2, 3, 4, 5, 678),
    ...options,
  });
  return { lines, log };
}

logging("writes one JSON object a line", () => {
  const { lines, log } = setUp();
  log.emit("info", "revision", "Following HEAD", { revision: "abc", count: 3 });
  assert.equal(lines, [
    '{"time":"2024-01-02T03:04:05.678Z","level":"info","event":"revision","message":"Following HEAD","revision":"abc","count":3}\n',
  ]);
});

logging("drops what is below the level", () => {
  const { lines, log } = setUp({ level: "warn" });
  log.emit("debug", "a", "");
  log.emit("info", "b", "");
  log.emit("warn", "c", "");
  log.emit("error", "d", "");
  assert.equal(
    lines.map((line) => JSON.parse(line).event),
    ["c", "d"],
  );
});

logging("keeps fields from taking the place of time, level, event and message", () => {
  const { lines, log } = setUp();
  log.emit("info", "real", "real", { event: "false", message: "false", time: 0, level: "x", other: 1 });
  const record = JSON.parse(lines[0] ?? "");
  assert.is(record.event, "real");
  assert.is(record.message, "real");
  assert.is(record.level, "info");
  assert.is(record.other, 1);
});

logging("redacts message and fields, however deep", () => {
  for (const format of ["json", "pretty"] as const) {
    const { lines, log } = setUp({ format });
    log.emit("error", "refused", "said hunter2", {
      answer: "hunter2",
      nested: { list: ["http://me:pw@host/", { deep: "hunter2" }] },
      error: new Error("hunter2"),
    });
    assert.not.match(lines.join(""), /hunter2|me:pw/);
  }
});

logging("survives what JSON cannot carry", () => {
  const { lines, log } = setUp();
  const ring: Record<string, unknown> = {};
  ring["self"] = ring;
  log.emit("info", "odd", "odd", { ring, big: 10n, none: undefined, call: () => 1, half: "\ud800" });
  const record = JSON.parse(lines[0] ?? "");
  assert.equal(record.ring, { self: "[circular]" });
  assert.is(record.big, "10");
});

logging("stays on one line and moves no cursor, in both formats", () => {
  for (const format of ["json", "pretty"] as const) {
    const { lines, log } = setUp({ format });
    log.emit("warn", "rejected", "bad\nname \u001b[2J\u009b1m \u202e", { path: "a\rb\u0007" });
    assert.is(lines.length, 1);
    assert.match(lines[0] ?? "", /^[^\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]*\n$/);
  }
});

logging("pretty: says each thing once, quotes what has blanks", () => {
  const { lines, log } = setUp({ format: "auto", isTTY: true });
  log.emit("warn", "rejected", "Rejected posts/a.md", {
    path: "posts/a.md",
    why: "no title",
    hint: "Add one.",
  });
  assert.match(lines[0] ?? "", /^\d\d:\d\d:\d\d warn {2}Rejected posts\/a\.md - Add one\. why="no title"\n$/);
});

logging("pretty: leaves what is nested to the JSON lines", () => {
  const { lines, log } = setUp({ format: "pretty" });
  log.emit("warn", "x", "x happened", {
    ids: ["a", "b"],
    problems: [{ code: "c" }],
    map: { deep: 1 },
    none: [],
  });
  assert.match(lines[0] ?? "", /x happened ids=\["a","b"\] none=\[\]\n$/);
});

logging("auto means JSON where there is no terminal", () => {
  const { lines, log } = setUp({ format: "auto", isTTY: false });
  log.emit("info", "a", "b");
  assert.is(JSON.parse(lines[0] ?? "").event, "a");
});

logging("colours only on request", () => {
  const { lines, log } = setUp({ format: "pretty", colour: true });
  log.emit("error", "a", "b");
  assert.match(lines[0] ?? "", /\u001b\[31m/);
  assert.is(wantsColour({}, true), true);
  assert.is(wantsColour({}, false), false);
  assert.is(wantsColour({ NO_COLOR: "1" }, true), false);
  assert.is(wantsColour({ NO_COLOR: "" }, true), true);
  assert.is(wantsColour({ TERM: "dumb" }, true), false);
  assert.is(wantsColour({ FORCE_COLOR: "1" }, false), true);
  assert.is(wantsColour({ NO_COLOR: "1", FORCE_COLOR: "1" }, false), false);
});

logging.run();
