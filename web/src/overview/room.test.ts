import { describe, expect, it } from 'vitest';
import { roomOf } from './room.ts';

describe('the room for a message', () => {
  it('is counted when little is left, and what is too much is said', () => {
    expect(roomOf('a'.repeat(700), 1000)).toEqual({ isOver: false, sentence: '' });
    expect(roomOf('a'.repeat(900), 1000)).toEqual({ isOver: false, sentence: 'About 100 characters left.' });
    expect(roomOf('a'.repeat(1000), 1000).isOver).toBe(false);
    expect(roomOf('a'.repeat(2001), 1000).sentence).toMatch(/^About 1,001 characters too long/);
  });
  it('counts bytes, as the limit does', () => expect(roomOf('€'.repeat(334), 1000).isOver).toBe(true));
});
