/** Figures of a series of samples. */

/** The middle one; NaN of none. */
export function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN;
}

/** Slope of the line that fits best, bytes an hour; 0 of fewer than two samples. */
export function growthPerHour(samples: readonly { readonly atMs: number; readonly bytes: number }[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const atMs = mean(samples.map((one) => one.atMs));
  const bytes = mean(samples.map((one) => one.bytes));
  let [covariance, variance] = [0, 0];
  for (const one of samples) {
    covariance += (one.atMs - atMs) * (one.bytes - bytes);
    variance += (one.atMs - atMs) ** 2;
  }
  return variance === 0 ? 0 : (covariance / variance) * 3_600_000;
}
