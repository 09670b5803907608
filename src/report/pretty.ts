import picocolors from "picocolors";
import { visible } from "../messages/terminal.ts";
import type { LogLevel } from "../sync/ports.ts";
import type { LogRecord } from "./log.ts";

const valueLengthMax = 120;

/**
 * One record as a line for a person at a terminal: time of day, level, message, hint, then the fields that
 * the message does not tell already, dimmed. What is nested is left to the JSON lines. Control characters become
 * visible escapes.
 */
export function prettyLine(record: LogRecord, colour: boolean): string {
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
  const short = safe.length > valueLengthMax ? `${safe.slice(0, valueLengthMax)}…` : safe;
  return /[\s"=]/.test(short) && typeof value === "string" ? JSON.stringify(short) : short;
}

/** Local time: whoever reads this line is sitting in front of it. */
function timeOfDay(timeMs: number): string {
  const time = new Date(timeMs);
  return [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
}
