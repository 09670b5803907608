import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readDate, zoneOf } from "../../../src/article/date.ts";

const dates = suite("dates");

/** RFC 3339, or why there is none. */
function read(text: string, timezone = "UTC"): string {
  const reading = readDate(text, zoneOf(timezone));
  return reading.kind === "instant" ? new Date(reading.ms).toISOString() : reading.kind;
}

dates("are read with slashes, hyphens or nothing between", () => {
  for (const text of ["2020/08/07", "2020-08-07", "2020/8/7", "2020-8-7", "20200807", " 2020-08-07\t"])
    assert.is(read(text), "2020-08-07T00:00:00.000Z", text);
});

dates("have times and zones as ISO 8601 and its relatives write them", () => {
  const same = [
    "2020-08-07T09:30:00+09:00",
    "2020-08-07T09:30:00+0900",
    "2020-08-07T09:30:00+09",
    "2020-08-07 09:30:00 +0900",
    "2020/08/07 9:30 +09:00",
    "2020-08-07T00:30Z",
    "2020-08-07t00:30:00z",
    "2020-08-06T19:30:00-05:00",
    "20200807T093000+0900",
    "20200807T0030Z",
    "2020-08-07T00:30",
    "2020-08-07 00:30:00",
  ];
  for (const text of same) assert.is(read(text), "2020-08-07T00:30:00.000Z", text);
  assert.is(read("2020-08-07T09:30:00.5Z"), "2020-08-07T09:30:00.500Z");
  assert.is(read("2020-08-07T09:30:00,1239Z"), "2020-08-07T09:30:00.123Z");
  assert.is(read("2020-08-07T09:30:00.12345678901234567890Z"), "2020-08-07T09:30:00.123Z");
});

dates("that do not exist differ from what is no date", () => {
  const nonexistent = [
    "2024-13-45",
    "2024-00-01",
    "2023-02-29",
    "2024-04-31",
    "2020-08-07T24:00:00Z",
    "2020-08-07T09:60:00Z",
    "2020-08-07T09:30:60Z",
    "2020-08-07T09:30:00+24:00",
    "2020-08-07T09:30:00+09:60",
    "0000-01-01",
    "0001-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-01:00",
    "20241345",
  ];
  for (const text of nonexistent) assert.is(read(text), "nonexistent", text);
  const unreadable = [
    "",
    "tomorrow",
    "2020",
    "2020-08",
    "7.8.2020",
    "2020-08/07",
    "Aug 7 2020",
    "2020年8月7日",
    "2020-08-07T",
    "2020-08-07T09",
    "2020-08-07 JST",
    "2020-08-07 09:30 JST",
    "2020-08-07Z",
    "12020-08-07",
    "1596758400000",
  ];
  for (const text of unreadable) assert.is(read(text), "unreadable", text);
});

dates("know leap years and the first and last year", () => {
  assert.is(read("2024-02-29"), "2024-02-29T00:00:00.000Z");
  assert.is(read("2000-02-29"), "2000-02-29T00:00:00.000Z");
  assert.is(read("1900-02-29"), "nonexistent");
  assert.is(read("0001-01-01"), "0001-01-01T00:00:00.000Z");
  assert.is(read("0099-03-01"), "0099-03-01T00:00:00.000Z");
  assert.is(read("9999-12-31T23:59:59Z"), "9999-12-31T23:59:59.000Z");
});

dates("without a zone are local to the one configured", () => {
  assert.is(read("2020-08-07", "Asia/Tokyo"), "2020-08-06T15:00:00.000Z");
  assert.is(read("2020-08-07T12:00", "America/New_York"), "2020-08-07T16:00:00.000Z");
  assert.is(read("2020-01-07T12:00:00.250", "America/New_York"), "2020-01-07T17:00:00.250Z");
  assert.is(read("2020-08-07T12:00Z", "America/New_York"), "2020-08-07T12:00:00.000Z");
  assert.is(read("2020-08-07", "Asia/Kathmandu"), "2020-08-06T18:15:00.000Z");
  assert.is(read("1800-01-01", "Europe/Berlin"), "1799-12-31T23:06:32.000Z");
});

dates("around clock changes are unambiguous", () => {
  // 2021-11-07 01:30 happened twice in New York: the first time at -04:00.
  assert.is(read("2021-11-07T01:30", "America/New_York"), "2021-11-07T05:30:00.000Z");
  assert.is(read("2021-11-07T02:30", "America/New_York"), "2021-11-07T07:30:00.000Z");
  // 2021-03-14 02:30 did not happen there: as if the clock had not been changed yet.
  assert.is(read("2021-03-14T02:30", "America/New_York"), "2021-03-14T07:30:00.000Z");
  assert.is(read("2021-03-14T01:59", "America/New_York"), "2021-03-14T06:59:00.000Z");
  assert.is(read("2021-03-14T03:00", "America/New_York"), "2021-03-14T07:00:00.000Z");
  // There was no midnight in Sao Paulo on that day; the day still begins.
  assert.is(read("2017-10-15", "America/Sao_Paulo"), "2017-10-15T03:00:00.000Z");
  // Lord Howe Island moves by half an hour.
  assert.is(read("2021-04-04T01:45", "Australia/Lord_Howe"), "2021-04-03T14:45:00.000Z");
  // Samoa skipped the whole of 30 December 2011.
  assert.is(read("2011-12-31", "Pacific/Apia"), "2011-12-30T10:00:00.000Z");
});

dates("refuse an unknown zone", () => {
  assert.throws(() => zoneOf("Mars/Olympus_Mons"), RangeError);
});

dates.run();
