import type { Redact } from "../messages/redact.ts";
import type { Log, LogLevel } from "../sync/ports.ts";
import { jsonLine } from "./json.ts";
import { prettyLine } from "./pretty.ts";

/** One happening as it goes to a log, before it is written down. */
export interface LogRecord {
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

/** Fields as JSON can carry them, redacted: an error becomes its message, what cannot be told is left out. */
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
