// Times for people: relative in the text, exact on hover. Input is ISO 8601 or milliseconds since the epoch.
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** `now`, `12 s`, `5 min`, `3 h`, `2 d`, then a date. A clock that is a little ahead reads `now`. */
export const ago = (atMs: number, nowMs: number): string => {
  const gapMs = nowMs - atMs;
  if (gapMs < 5000) return 'now';
  if (gapMs < minuteMs) return `${Math.floor(gapMs / 1000)} s ago`;
  if (gapMs < hourMs) return `${Math.floor(gapMs / minuteMs)} min ago`;
  if (gapMs < dayMs) return `${Math.floor(gapMs / hourMs)} h ago`;
  if (gapMs < 7 * dayMs) return `${Math.floor(gapMs / dayMs)} d ago`;
  return new Date(atMs).toLocaleDateString(undefined, { year: 'numeric', month: 'short', day: 'numeric' });
};

/** `0.8 s`, `42 s`, `3 min 5 s`, `2 h 10 min`. */
export const lasting = (ms: number): string => {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < minuteMs) return `${Math.round(ms / 1000)} s`;
  if (ms < hourMs) return `${Math.floor(ms / minuteMs)} min ${Math.round((ms % minuteMs) / 1000)} s`;
  return `${Math.floor(ms / hourMs)} h ${Math.round((ms % hourMs) / minuteMs)} min`;
};

export const exactly = (atMs: number): string => new Date(atMs).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
