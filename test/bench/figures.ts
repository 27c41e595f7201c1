// Small statistics of the benchmark.
export interface Spread {
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** Nearest-rank percentiles, rounded to whole units. */
export const spreadOf = (values: readonly number[]): Spread => {
  const sorted = values.toSorted((one, other) => one - other);
  const rank = (share: number): number => Math.round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0);
  return { n: sorted.length, p50: rank(0.5), p95: rank(0.95), max: rank(1) };
};
export const megabytes = (bytes: number): number => Math.round(bytes / 1024 / 1024);
