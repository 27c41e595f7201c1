import { describe, expect, it } from 'vitest';
import { misdirected, namedBeads } from './misdirected.ts';

const toast = { name: 'Toast', beadId: 'web-a001' };
const known = (beadId: string): boolean => ['web-a001', 'web-b002'].includes(beadId);
const why = (text: string) => misdirected(text, toast, known);

describe('words to a worker that are meant for the Mayor (L31)', () => {
  it.each([
    ['Mayor, how is it going?', 'addressed to the Mayor'],
    ['hey mayor — stop that', 'addressed to the Mayor'],
    ['Please start a convoy for the API', '“convoy” is the Mayor’s'],
    ['Sling something for the docs too', '“sling” is the Mayor’s'],
    ['Could you also create a new task for the footer?', '“a new task”'],
    ['What are the other agents doing?', '“other agents”'],
    ['When web-b002 is done, tell me.', 'it is about web-b002, and Toast works on web-a001'],
  ])('are found: %s', (text, reason) => {
    expect(why(text)?.replaceAll("'", '’')).toContain(reason);
  });
  it.each([
    'Use the helper in src/dates.ts instead.',
    'Please fix the failing test first and then push.',
    'web-a001 wants the button on the left; the step web-a001.2 too.',
    'Set the timeout to node-24 defaults, see utf-8.',
    'Create a file named index.ts and keep the rest.',
  ])('are not: %s', (text) => {
    expect(why(text)).toBeUndefined();
  });
  it('go by beads of the town only, not by what looks like an id', () => {
    expect(namedBeads('web-b002, utf-8xx and web-b002 again', 'web-a001')).toEqual(['web-b002', 'utf-8xx']);
    expect(why('encode it as utf-8xx')).toBeUndefined();
  });
});
