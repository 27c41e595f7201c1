// Hours in which the town's runtime may run on a day (UTC): counted on the lease when a runtime ends, and while one runs from its start. Pure.
import type { RuntimeLease } from '../../contracts/runner.schema.ts';
import type { Town } from '../../contracts/town.schema.ts';
import { settingFor } from '../settings.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
const startOfDayMs = (atMs: number): number => Math.floor(atMs / dayMs) * dayMs;

/** What has run on the day of `nowMs`, the present runtime included, in ms. */
export const ranTodayMs = (lease: RuntimeLease | undefined, nowMs: number): number => {
  if (lease === undefined) return 0;
  const before = lease.ran?.day === dayOf(nowMs) ? lease.ran.ms : 0;
  const running =
    lease.state === 'absent' || lease.startedAtMs === undefined ? 0 : nowMs - Math.max(lease.startedAtMs, startOfDayMs(nowMs));
  return before + Math.max(0, running);
};
/** For the lease of a runtime that has just ended. */
export const ranNow = (lease: RuntimeLease, nowMs: number): NonNullable<RuntimeLease['ran']> => ({
  day: dayOf(nowMs),
  ms: ranTodayMs(lease, nowMs),
});

export interface HoursLeft {
  /** None left: until this time no runtime runs. */
  readonly untilMs?: number;
  /** When a runtime that runs now has used them up. Absent without a limit. */
  readonly endsAtMs?: number;
}
export const hoursLeft = (town: Town, lease: RuntimeLease | undefined, nowMs: number): HoursLeft => {
  const limitMs = settingFor('runtime.maxHoursPerDay', { town }) * hourMs;
  if (limitMs >= dayMs) return {};
  const leftMs = limitMs - ranTodayMs(lease, nowMs);
  return leftMs > 0 ? { endsAtMs: nowMs + leftMs } : { untilMs: startOfDayMs(nowMs) + dayMs };
};
