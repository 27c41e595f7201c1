// Money and time as people read them.

const microUsdPerUsd = 1_000_000;
const msPerMinute = 60_000;
const minutesPerHour = 60;

/** Cents where there is at least one; smaller sums to the hundredth of a cent. */
export const dollarsOf = (microUsd: number): string => {
  const usd = microUsd / microUsdPerUsd;
  return `$${usd === 0 || usd >= 0.01 ? usd.toFixed(2) : usd.toFixed(4)}`;
};
/** `2 h 5 min`, `12 min`, or seconds below a minute. */
export const hoursOf = (ms: number): string => {
  if (ms < msPerMinute) return `${Math.round(ms / 1000)} s`;
  const minutes = Math.round(ms / msPerMinute);
  const hours = Math.floor(minutes / minutesPerHour);
  return hours === 0 ? `${minutes} min` : `${hours} h ${minutes % minutesPerHour} min`;
};
