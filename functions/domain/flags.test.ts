import { assert, property, stringMatching } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOn } from './flags.ts';

const subject = { townId: 't-4f9k2m1q', userId: 'ada', isAdmin: false };
const towns = Array.from({ length: 1000 }, (_, index) => ({ ...subject, townId: `t-${index.toString(36).padStart(6, '0')}` }));
const on = (percent: number) => towns.filter((town) => isOn('flags.convoys', { to: 'percent', percent }, town));

describe('a feature', () => {
  it('that is off is off for everybody, whoever else is named (kill switch)', () => {
    expect(isOn('flags.convoys', { to: 'off', allow: ['ada'], percent: 100 }, { ...subject, isAdmin: true })).toBe(false);
  });
  it('can be for admins, for people on a list, or for all', () => {
    expect(isOn('flags.convoys', { to: 'admins' }, subject)).toBe(false);
    expect(isOn('flags.convoys', { to: 'admins' }, { ...subject, isAdmin: true })).toBe(true);
    expect(isOn('flags.convoys', { to: 'allowlist', allow: ['bob'] }, subject)).toBe(false);
    expect(isOn('flags.convoys', { to: 'allowlist', allow: ['bob', 'ada'] }, subject)).toBe(true);
    expect(isOn('flags.convoys', { to: 'all' }, subject)).toBe(true);
  });
  it('for a percentage of towns is about that share, nobody at 0, everybody at 100', () => {
    expect(on(0)).toEqual([]);
    expect(on(100)).toHaveLength(1000);
    expect(on(30).length).toBeGreaterThan(240);
    expect(on(30).length).toBeLessThan(360);
  });
  it('keeps the towns that have it when the percentage grows', () => {
    assert(
      property(stringMatching(/^t-[a-z0-9]{8}$/), (townId) => {
        const steps = [0, 10, 50, 90, 100].map((percent) => isOn('flags.multiRig', { to: 'percent', percent }, { ...subject, townId }));
        expect(steps).toEqual(steps.toSorted((one, other) => Number(one) - Number(other)));
      }),
    );
  });
});
