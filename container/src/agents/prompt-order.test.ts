import { describe, expect, it } from 'vitest';
import type { Prompt } from '../../../functions/contracts/runner.schema.ts';
import { goesInNow, goingWith } from './prompt-order.ts';

const prompt = (promptId: string, more: Partial<Prompt> = {}): Prompt => ({ promptId, text: promptId, ...more });
const idle = prompt('n1', { mode: 'wait-idle' });
const now = prompt('n2', { mode: 'immediate' });
const queued = prompt('n3', { mode: 'queue' });
const own = prompt('start');

describe('a nudge', () => {
  it('that waits goes in when the turn has ended, an immediate one in the middle of it', () => {
    expect([goesInNow(idle, true), goesInNow(idle, false)]).toEqual([false, true]);
    expect([goesInNow(now, true), goesInNow(now, false)]).toEqual([true, true]);
  });
  it('that is queued never goes in by itself, but with the next prompt', () => {
    expect([goesInNow(queued, true), goesInNow(queued, false)]).toEqual([false, false]);
    expect(goingWith(own, [own, queued]).map(({ promptId }) => promptId)).toEqual(['start', 'n3']);
    expect(goingWith(idle, [idle, now, queued]).map(({ promptId }) => promptId)).toEqual(['n1', 'n3']);
  });
  it('goes in with the others of its mode as one message', () => {
    const mails = ['mail-1', 'mail-2', 'mail-3'].map((promptId) => prompt(promptId, { mode: 'immediate' }));
    expect(goingWith(prompt('mail-1', { mode: 'immediate' }), [idle, ...mails])).toEqual(mails);
  });
});

it('lets a person’s next message wait for the answer to the one before', () => {
  expect(goesInNow(prompt('m', { threadUserId: 'ada' }), true)).toBe(false);
  expect(goesInNow(own, true)).toBe(true);
});
