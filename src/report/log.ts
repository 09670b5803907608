import picocolors from "picocolors";
import type { Redact } from "../messages/redact.ts";
import { visible, visibleJson } from "../messages/terminal.ts";
import type { Log, LogLevel } from "../sync/ports.ts";

/** Longest value of a field in a pretty line, UTF-16 code units. */
const VALUE_LENGTH_MAX = 120;

/** One event before it is written as a line. */
interface LogRecord {
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly event: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What a log is made of. */
export interface LogOptions {
  /** Records below this are dropped. */
  readonly level: LogLevel;
  /** `auto`: pretty on a terminal, JSON lines elsewhere. */
  readonly format: "auto" | "pretty" | "json";
  /** Whether `write` ends at a terminal. */
  readonly isTTY: boolean;
  /** Whether pretty lines have colours; see {@link wantsColour}. */
  readonly colour: boolean;
  /** Takes one line with its line feed. */
  readonly write: (line: string) => void;
  /** Applied to the message and to every text in the fields. */
  readonly redact: Redact;
  readonly nowMs: () => number;
}

const rank: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** A log that writes each record as one line: a JSON object, or a sentence for people. */
export function createLog(options: LogOptions): Log {
  const pretty = options.format === "pretty" || (options.format === "auto" && options.isTTY);
  return {
    emit(level, event, message, fields = {}) {
      if (rank[level] < rank[options.level]) return;
      const record: LogRecord = {
        timeMs: options.nowMs(),
        level,
        event,
        message: options.redact(message),
        fields: plainFields(fields, options.redact),
      };
      options.write(pretty ? prettyLine(record, options.colour) : jsonLine(record));
    },
  };
}

/**
 * Whether to colour what goes to a stream: on a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`;
 * elsewhere only with `FORCE_COLOR`.
 *
 * @see https://no-color.org
 */
export function wantsColour(env: Readonly<Record<string, string | undefined>>, isTTY: boolean): boolean {
  if (env["NO_COLOR"]) return false;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined && forced !== "") return forced !== "0";
  return isTTY && env["TERM"] !== "dumb";
}

/** Fields as JSON can carry them, redacted: an error becomes its message, a cycle `[circular]`. */
function plainFields(fields: Readonly<Record<string, unknown>>, redact: Redact): Record<string, unknown> {
  const seen = new Set<unknown>();
  const plain = (value: unknown): unknown => {
    if (typeof value === "string") return redact(value);
    if (typeof value === "bigint") return value.toString();
    if (value instanceof Error) return redact(value.message);
    if (typeof value !== "object" || value === null) return value;
    if (seen.has(value)) return "[circular]";
    seen.add(value);
    const copy = Array.isArray(value)
      ? value.map(plain)
      : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
    seen.delete(value);
    return copy;
  };
  return plain(fields) as Record<string, unknown>;
}

/**
 * One record as a JSON object on a line of its own: `time` (RFC 3339, UTC), `level`, `event`, `message`,
 * then its fields. A field cannot take the place of those four.
 */
function jsonLine({ timeMs, level, event, message, fields }: LogRecord): string {
  const head = { time: new Date(timeMs).toISOString(), level, event, message };
  return `${visibleJson(JSON.stringify({ ...head, ...fields, ...head }))}\n`;
}

/**
 * One record as a line for a person at a terminal: time of day, level, message, hint, then the
 * fields that the message does not contain already, dimmed. Nested fields appear in JSON lines only. Control
 * characters become visible escapes.
 */
function prettyLine(record: LogRecord, colour: boolean): string {
  const { bold, cyan, dim, red, yellow } = picocolors.createColors(colour);
  const paint: Readonly<Record<LogLevel, (text: string) => string>> = {
    debug: dim,
    info: cyan,
    warn: yellow,
    error: (text) => bold(red(text)),
  };
  const message = visible(record.message);
  const rest = Object.entries(record.fields)
    .filter(([name, value]) => name !== "hint" && !isNested(value))
    .map(([name, value]) => ({ name, text: shown(value) }))
    .filter(({ text }) => text !== "" && !message.includes(text))
    .map(({ name, text }) => `${visible(name)}=${text}`);
  const line = [dim(timeOfDay(record.timeMs)), paint[record.level](record.level.padEnd(5)), message];
  const { hint } = record.fields;
  if (typeof hint === "string" && hint !== "") line.push(dim(`- ${visible(hint)}`));
  if (rest.length > 0) line.push(dim(rest.join(" ")));
  return `${line.join(" ")}\n`;
}

function isNested(value: unknown): boolean {
  if (!Array.isArray(value)) return typeof value === "object" && value !== null;
  return value.some((item) => typeof item === "object" && item !== null);
}

function shown(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  const safe = visible(text);
  const short = safe.length > VALUE_LENGTH_MAX ? `${safe.slice(0, VALUE_LENGTH_MAX)}…` : safe;
  return /[\s"=]/.test(short) && typeof value === "string" ? JSON.stringify(short) : short;
}

/** Local time: the reader sits at this terminal. */
function timeOfDay(timeMs: number): string {
  const time = new Date(timeMs);
  return [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
}
