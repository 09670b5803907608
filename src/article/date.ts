/** Dates as authors write them, to an instant. */

/** A reading of a date: an instant, or why it is none. */
export type DateReading =
  | { readonly kind: "instant"; readonly ms: number }
  /** Not written like a date at all. */
  | { readonly kind: "unreadable" }
  /** Written like one, but not in the calendar: month 13, 30 February, 25 o'clock. */
  | { readonly kind: "nonexistent" };

/** From local wall clock time, as if it were UTC, to the instant; both in milliseconds since the epoch. */
export type Zone = (localMs: number) => number;

const DAY = /(?<year>\d{4})(?:(?<separator>[-/])(?<month>\d{1,2})\k<separator>(?<day>\d{1,2}))/;
const TIME = /(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,](?<fraction>\d+))?)?/;
const ZONE = /(?<zone>[Zz]|[+-]\d{2}(?::?\d{2})?)/;
/** `2020-08-07`, `2020/8/7`, `2020-08-07T09:30`, `2020-08-07 09:30:00.5 +0900`. */
const EXTENDED = new RegExp(`^${DAY.source}(?:(?:[Tt]|[ \\t]+)${TIME.source}[ \\t]*${ZONE.source}?)?$`);
/** ISO 8601 without separators: `20200807`, `20200807T093000Z`. */
const BASIC = new RegExp(
  "^(?<year>\\d{4})(?<month>\\d{2})(?<day>\\d{2})" +
    `(?:[Tt](?<hour>\\d{2})(?<minute>\\d{2})(?:(?<second>\\d{2})(?:[.,](?<fraction>\\d+))?)?${ZONE.source}?)?$`,
);

const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");

const DAY_MS = 86_400_000;
const FIRST_MS = Date.parse("0001-01-01T00:00:00Z");
const LAST_MS = Date.parse("9999-12-31T23:59:59.999Z");

/**
 * Reads `2020/08/07`, `2020-08-07` or ISO 8601 with or without time and zone.
 *
 * @param zone What to make of a date without a zone.
 * @param isLoose Also in words, as `Jul 08 2022` and `8 July 2022 09:30 +0900`, and without a day: `2022-07`.
 */
export function readDate(text: string, zone: Zone, isLoose = false): DateReading {
  const plain = isLoose ? inDigits(text.trim()) : text.trim();
  const parts = (EXTENDED.exec(plain) ?? BASIC.exec(plain))?.groups;
  if (parts === undefined) return { kind: "unreadable" };
  const number = (name: string): number => Number(parts[name] ?? 0);
  const [year, month, day] = [number("year"), number("month"), number("day")];
  const [hour, minute, second] = [number("hour"), number("minute"), number("second")];
  const millisecond = Number((parts["fraction"] ?? "").slice(0, 3).padEnd(3, "0"));
  const local = new Date(0);
  local.setUTCFullYear(year, month - 1, day);
  const exists = local.getUTCMonth() === month - 1 && local.getUTCDate() === day;
  if (!exists || hour > 23 || minute > 59 || second > 59) return { kind: "nonexistent" };
  local.setUTCHours(hour, minute, second, millisecond);
  const offset = parts["zone"] === undefined ? undefined : offsetMs(parts["zone"]);
  if (offset === null) return { kind: "nonexistent" };
  const ms = offset === undefined ? zone(local.getTime()) : local.getTime() - offset;
  return inRange(ms) ? { kind: "instant", ms } : { kind: "nonexistent" };
}

/** A date in words, with its month as a number; any other text as it is. */
function inDigits(text: string): string {
  if (text.length > 60) return text;
  const words = text.replace(/^[A-Za-z]{3,9},?[ \t]+(?=\d|[A-Za-z]{3})/, (day) =>
    /^(?:sun|mon|tue|wed|thu|fri|sat)/i.test(day) ? "" : day,
  );
  const [, month = "", day = "", year = "", rest = ""] =
    /^([A-Za-z]{3,9})\.?[ \t]+(\d{1,2})(?:st|nd|rd|th)?,?[ \t]+(\d{4})(.*)$/.exec(words) ?? [];
  const [, day2 = "", month2 = "", year2 = "", rest2 = ""] =
    /^(\d{1,2})(?:st|nd|rd|th)?[ \t-]+([A-Za-z]{3,9})\.?,?[ \t-]+(\d{4})(.*)$/.exec(words) ?? [];
  const number = MONTHS.indexOf((month || month2).slice(0, 3).toLowerCase()) + 1;
  if (number > 0)
    return `${year || year2}-${number}-${day || day2}${(rest || rest2).replace(/[ \t]*(?:GMT|UTC)$/, "Z")}`;
  if (/^\d{4}[-/]\d{1,2}$/.test(text)) return `${text}${text.charAt(4)}01`;
  // JavaScript's own: `2024-05-01T00:00:00.000+0000`, `2024-05-01T9:00`, `2024.05.01`.
  return text
    .replace(/^(\d{4})\.(\d{1,2})\.(\d{1,2})(?!\d)/, "$1-$2-$3")
    .replace(/^(.*\d)[ \t]*(?:UTC|GMT)$/, "$1Z");
}

/** Whether an instant can be written as RFC 3339 with a four-digit year. NaN cannot. */
export function inRange(ms: number): boolean {
  return ms >= FIRST_MS && ms <= LAST_MS;
}

/** Offset east of UTC; null if no clock can have it. */
function offsetMs(zone: string): number | null {
  const digits = zone.slice(1).replace(":", "").padEnd(4, "0");
  const hours = Number(digits.slice(0, 2));
  const minutes = Number(digits.slice(2));
  if (hours > 23 || minutes > 59) return null;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/**
 * The zone of an IANA name. A local time that a clock change repeats is its first occurrence; one that it
 * skips is read with the offset before the change, so that midnight of a day exists in every zone.
 *
 * @throws {RangeError} If the runtime knows no such zone.
 */
export function zoneOf(timezone: string): Zone {
  const utc: Zone = (localMs) => localMs;
  // Not looked up, as most ask for it: the first look loads the runtime's tables of zones, for 15 to 40 ms.
  if (timezone === "UTC") return utc;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: timezone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    era: "short",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  if (format.resolvedOptions().timeZone === "UTC") return utc;
  const offsetAt = (ms: number): number => {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    const number = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
    const local = new Date(0);
    const year = parts.get("era") === "AD" ? number("year") : 1 - number("year");
    local.setUTCFullYear(year, number("month") - 1, number("day"));
    local.setUTCHours(number("hour"), number("minute"), number("second"));
    return local.getTime() - Math.floor(ms / 1000) * 1000;
  };
  return (localMs) => {
    const before = offsetAt(localMs - DAY_MS);
    const after = offsetAt(localMs + DAY_MS);
    const fits = [before, after].map((o) => localMs - o).filter((ms) => offsetAt(ms) === localMs - ms);
    return fits.length > 0 ? Math.min(...fits) : localMs - before;
  };
}
