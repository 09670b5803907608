import { visibleJson } from "../messages/terminal.ts";
import type { LogRecord } from "./log.ts";

/**
 * One record as a JSON object on a line of its own: `time` (RFC 3339, UTC), `level`, `event`, `message`,
 * then its fields. A field cannot take the place of those four.
 */
export function jsonLine({ timeMs, level, event, message, fields }: LogRecord): string {
  const head = { time: new Date(timeMs).toISOString(), level, event, message };
  return `${visibleJson(JSON.stringify({ ...head, ...fields, ...head }))}\n`;
}
