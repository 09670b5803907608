import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openLog } from "../../../src/wiring/logging.ts";
import { testIo } from "../../support/io.ts";

const test = suite("the log of a command");

const YEARS_MS = 20 * 31_557_600_000;
const HOUR_MS = 3_600_000;

test("does not keep quiet for years about what is repeated, though the clock was ahead and is set right", () => {
  const [wall, elapsed] = [Date.now, performance.now];
  try {
    const io = testIo("/");
    const log = openLog(io, { level: "info", format: "json" }, { worktree: false });
    Date.now = () => YEARS_MS + wall();
    log.emit("warn", "inserter.waiting", "It does not answer");
    Date.now = wall;
    performance.now = () => elapsed.call(performance) + HOUR_MS;
    log.emit("warn", "inserter.waiting", "It does not answer");
    const lines = io.written.stderr.trim().split("\n");
    assert.is(lines.length, 2);
    assert.is(new Date(JSON.parse(lines[1] ?? "").time).getUTCFullYear(), new Date().getUTCFullYear());
  } finally {
    Object.assign(Date, { now: wall });
    Object.assign(performance, { now: elapsed });
  }
});

test.run();
