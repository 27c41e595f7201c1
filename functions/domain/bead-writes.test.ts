import { expect, it } from 'vitest';
import { anIssue, townId } from '../../test/rules/build.ts';
import type { Write } from '../ports.ts';
import { withoutDoubles } from './bead-writes.ts';

const bead = anIssue('web-a001', { version: 1 });
const key = { townId, beadId: 'web-a001' };
const put: Write = { put: 'bead', item: bead, when: { equals: { version: 1 } } };
const status: Write = { check: 'bead', key, when: { equals: { status: 'open' } } };
const version: Write = { check: 'bead', key, when: { equals: { version: 1 } } };

it('never lets a check take the place of what is written, whichever comes first', () => {
  expect(withoutDoubles([put, status])).toEqual([put]);
  expect(withoutDoubles([status, put])).toEqual([put]);
});
it('asks for everything that two checks on one item ask for', () => {
  expect(withoutDoubles([status, version])).toEqual([{ check: 'bead', key, when: { equals: { status: 'open', version: 1 } } }]);
});
