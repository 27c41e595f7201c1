import { describe, expect, it } from 'vitest';
import { printed, printedJson } from './print.ts';

const beads = {
  beads: [
    { id: 'web-1a2b', title: 'Repair it', status: 'open' },
    { id: 'web-2b3c', title: 'Then this', status: 'open', open_blockers: 1 },
  ],
};
const text = `2 beads, newest change first.\n${JSON.stringify(beads)}`;
const waits = (row: Readonly<Record<string, unknown>>): boolean => row['open_blockers'] !== undefined;

describe('the answer of a tool in a shell', () => {
  it('is its sentence and short lines', () => {
    expect(printed({ text })).toBe(
      '2 beads, newest change first.\nbeads:\n  - web-1a2b  Repair it  status: open\n  - web-2b3c  Then this  status: open  open_blockers: 1',
    );
  });
  it('shows longer texts below their names, and nothing for what is empty', () => {
    const data = {
      id: 'web-1a2b',
      body: 'one\ntwo\n',
      labels: ['a', 'b'],
      waits_for: [],
      failure: null,
      pushed: { commit: 'abc', ahead_by: 1 },
    };
    expect(printed({ text: `It is open.\n${JSON.stringify(data)}` })).toBe(
      'It is open.\nid: web-1a2b\nbody:\n  one\n  two\nlabels: a, b\npushed:\n  commit: abc\n  ahead_by: 1',
    );
  });
  it('is what was asked for, when only some rows are meant', () => {
    expect(printed({ text, only: waits })).toBe(
      '1 of: 2 beads, newest change first.\nbeads:\n  - web-2b3c  Then this  status: open  open_blockers: 1',
    );
    expect(JSON.parse(printedJson([{ text, only: waits }]))).toEqual({ beads: beads.beads.slice(1) });
  });
  it('is its JSON alone, a list of several, and a text when it has none', () => {
    expect(JSON.parse(printedJson([{ text }]))).toEqual(beads);
    expect(JSON.parse(printedJson([{ text }, { text: 'ok' }]))).toEqual([beads, { text: 'ok' }]);
    expect(printed({ text: 'ok' })).toBe('ok');
  });
});
