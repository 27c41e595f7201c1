import { describe, expect, it } from 'vitest';
import { drawersOf, withDrawerOnTop, withoutDrawer } from './drawer-address.ts';

describe('the drawers of an address', () => {
  it('are a stack in the order of the address, over both kinds', () => {
    expect(drawersOf('?bead=shop-1aa1&agent=toast&bead=shop-2bb2')).toEqual([
      { kind: 'bead', id: 'shop-1aa1' },
      { kind: 'agent', id: 'toast' },
      { kind: 'bead', id: 'shop-2bb2' },
    ]);
  });
  it('grow at the top and keep the other parameters', () => {
    expect(withDrawerOnTop('?rig=r-1&bead=shop-1aa1', { kind: 'agent', id: 'toast' })).toBe('?rig=r-1&bead=shop-1aa1&agent=toast');
  });
  it('come back to an open drawer by closing what lies on it', () => {
    expect(withDrawerOnTop('?bead=shop-1aa1&agent=toast&bead=shop-2bb2', { kind: 'agent', id: 'toast' })).toBe(
      '?bead=shop-1aa1&agent=toast',
    );
  });
  it('close with everything above', () => {
    expect(withoutDrawer('?bead=shop-1aa1&agent=toast', 'bead:shop-1aa1')).toBe('');
    expect(withoutDrawer('?bead=shop-1aa1&agent=toast', 'agent:toast')).toBe('?bead=shop-1aa1');
    expect(withoutDrawer('?bead=shop-1aa1', 'agent:nobody')).toBe('?bead=shop-1aa1');
  });
});
