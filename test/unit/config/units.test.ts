import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatDuration, parseDuration, parseSize } from "../../../src/config/units.ts";

const units = suite("units");

units("reads durations", () => {
  const cases: [unknown, number | null][] = [
    ["250ms", 250],
    ["5s", 5000],
    ["1.5s", 1500],
    ["10 s", 10_000],
    ["1m", 60_000],
    ["1h", 3_600_000],
    ["2d", 172_800_000],
    ["0s", 0],
    [250, 250],
    [0, 0],
    [0.4, 0],
    ["5", null],
    ["5 sec", null],
    ["5S", null],
    ["-5s", null],
    ["5s ", null],
    ["1h30m", null],
    ["", null],
    [-1, null],
    [Number.NaN, null],
    [Number.POSITIVE_INFINITY, null],
    [null, null],
    [true, null],
  ];
  for (const [value, ms] of cases) assert.is(parseDuration(value), ms, JSON.stringify(value));
});

units("reads sizes", () => {
  const cases: [unknown, number | null][] = [
    ["512B", 512],
    ["1KiB", 1024],
    ["1.5MiB", 1_572_864],
    ["1MB", 1_000_000],
    ["1GiB", 1_073_741_824],
    [1024, 1024],
    ["1mb", null],
    ["1M", null],
    ["toString", null],
    ["1constructor", null],
  ];
  for (const [value, bytes] of cases) assert.is(parseSize(value), bytes, JSON.stringify(value));
});

units("says durations as people do", () => {
  for (const [ms, said] of [
    [0, "0ms"],
    [250, "250ms"],
    [1000, "1s"],
    [1500, "1.5s"],
    [59_000, "59s"],
    [90_000, "1m 30s"],
    [3_600_000, "1h"],
    [3_605_000, "1h"],
    [90_061_000, "1d 1h"],
  ] as const) {
    assert.is(formatDuration(ms), said);
  }
});

units.run();
