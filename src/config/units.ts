/** Longest duration: what a timer of the runtimes can carry (2^31 - 1 ms, a little under 25 days). */
export const DURATION_MS_MAX = 2_147_483_647;

const MS = new Map(Object.entries({ ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }));

const BYTES = new Map(
  Object.entries({ B: 1, KB: 1000, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }),
);

/**
 * A duration as configuration files write it.
 *
 * @param value `"250ms"`, `"5s"`, `"1.5m"`, `"1h"`, `"1d"`, or a number of milliseconds.
 * @returns Whole milliseconds, or null when it is no duration.
 */
export function parseDuration(value: unknown): number | null {
  return measure(value, MS);
}

/**
 * A size as configuration files write it.
 *
 * @param value `"512B"`, `"64KiB"`, `"1MiB"`, `"1MB"`, or a number of bytes.
 * @returns Whole bytes, or null when it is no size.
 */
export function parseSize(value: unknown): number | null {
  return measure(value, BYTES);
}

/** `90_000` → `"1m 30s"`; at most two units, as a person would say it. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  if (ms < 10_000 && ms % 1000 !== 0) return `${(ms / 1000).toFixed(1)}s`;
  const parts: string[] = [];
  let rest = Math.round(ms / 1000);
  for (const [unit, seconds] of [
    ["d", 86_400],
    ["h", 3600],
    ["m", 60],
    ["s", 1],
  ] as const) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0) parts.push(`${count}${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(" ");
}

function measure(value: unknown, perUnit: ReadonlyMap<string, number>): number | null {
  if (typeof value === "number") return Number.isFinite(value) && value >= 0 ? Math.round(value) : null;
  if (typeof value !== "string") return null;
  const [, amount, unit] = /^(\d+(?:\.\d+)?) ?([A-Za-z]+)$/.exec(value) ?? [];
  const factor = perUnit.get(unit ?? "");
  return amount === undefined || factor === undefined ? null : Math.round(Number(amount) * factor);
}
