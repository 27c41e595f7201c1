import { describe, expect, it } from 'vitest';
import type { TownEvent } from '../../../functions/contracts/event.schema.ts';
import { merged } from './feed.ts';
import { timeOfUlid, ulidAt } from './ulid-time.ts';

const event = (eventId: string): TownEvent => ({
  townId: 't-4f9k2m1q',
  eventId,
  type: 'comment',
  actor: 'user:ada',
  data: {},
  at: '2026-11-21T10:00:00.000Z',
});

describe('the feed', () => {
  it('shows each event once, newest first, however often and in whatever order it is read', () => {
    const known = [event('01C'), event('01A')];
    expect(merged(known, [event('01B'), event('01C'), event('01D')]).map(({ eventId }) => eventId)).toEqual(['01D', '01C', '01B', '01A']);
  });
  it('keeps the same list when nothing is new, so that nothing is drawn again', () => {
    const known = [event('01C'), event('01A')];
    expect(merged(known, [event('01A')])).toBe(known);
  });
});
describe('a cursor made from a time', () => {
  it('has that time, and sorts before every id of the same moment', () => {
    const ms = Date.UTC(2026, 10, 21, 10, 30, 15, 123);
    expect(timeOfUlid(ulidAt(ms))).toBe(ms);
    expect(ulidAt(ms) <= `${ulidAt(ms).slice(0, 10)}0000000000000001`).toBe(true);
    expect(ulidAt(ms - 1) < ulidAt(ms)).toBe(true);
    expect(ulidAt(ms)).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
  });
});
