import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { aRequest, anIssue, iso, nowMs, townId } from '../../test/rules/build.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import type { Write } from '../ports.ts';
import { isIssue, isMergeRequest, movesByItself, requestInReview, withoutDoubles, writesOf } from './bead-writes.ts';
import type { BeadChange } from './bead-writes.ts';
import { overtakenBy } from './plan/merges.ts';
import { isFinal, revised, transition } from './transition.ts';

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

type Step =
  | { readonly act: 'issue' | 'request' | 'both'; readonly to: Bead['status'] }
  | { readonly act: 'hold' | 'free' | 'block' | 'pass' };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    act: fc.constantFrom('issue' as const, 'request' as const, 'both' as const),
    to: fc.constantFrom<Bead['status'][]>('open', 'in_progress', 'in_review', 'closed', 'failed'),
  }),
  fc.record({ act: fc.constantFrom('hold' as const, 'free' as const, 'block' as const, 'pass' as const) }),
);

/** An issue and its requests, changed by `writesOf` alone, with the work items that are left of it. */
const life = () => {
  const beads = new Map<string, Bead>([['web-a001', anIssue('web-a001')]]);
  const work = new Set<string>();
  const issue = () => [...beads.values()].filter(isIssue)[0] ?? anIssue('none');
  const requests = (): Bead[] => [...beads.values()].filter(isMergeRequest);
  const change = (changes: readonly BeadChange[]): void => {
    for (const write of writesOf(changes, undefined, { nowMs, stamp: 's' })) {
      if ('put' in write && write.put === 'bead') beads.set(write.item.beadId, write.item);
      if ('put' in write && write.put === 'work') work.add(`${write.item.kind} ${write.item.workId}`);
      if ('remove' in write && write.remove === 'work') work.delete(`${write.key.kind} ${write.key.workId}`);
    }
  };
  const moved = (before: Bead, to: Bead['status']): BeadChange[] => {
    const result = transition(before, to === 'failed' ? { status: to, failure: { code: 'x', message: 'x' } } : { status: to }, iso());
    return result.ok && result.changed ? [{ before, after: result.bead }] : [];
  };
  /** gt_done: the request is made when the issue comes into review. */
  const movedIssue = (to: Bead['status']): BeadChange[] =>
    moved(issue(), to).flatMap((one): BeadChange[] => {
      if (to !== 'in_review' || !isIssue(one.after)) return [one];
      const request = aRequest(`web-m${beads.size}`, {}, { sourceBeadId: 'web-a001' });
      const details = { ...one.after.details, latestMergeRequestId: request.beadId };
      return [{ before: issue(), after: { ...one.after, details } }, { after: request }];
    });
  const newest = () => requests().at(-1);
  const patched = (patch: Partial<Bead>): BeadChange[] => {
    const before = newest();
    return before === undefined || isFinal(before.status) ? [] : [{ before, after: revised(before, patch, iso()) }];
  };
  const carryOut = (taken: Step): void => {
    const request = newest();
    const movedRequest = 'to' in taken && request !== undefined ? moved(request, taken.to) : [];
    if (taken.act === 'issue') change(movedIssue(taken.to));
    else if (taken.act === 'request') change(movedRequest);
    else if (taken.act === 'both') change([...movedIssue(taken.to), ...movedRequest]);
    else if (taken.act === 'block') change(patched({ openBlockers: 1 }));
    else if (taken.act !== 'pass') change(patched({ held: taken.act === 'hold', openBlockers: 0 }));
    else
      // W1 drops what has nothing to do.
      for (const each of requests().filter(isMergeRequest))
        if (!movesByItself(each) && (isFinal(each.status) || overtakenBy(each, issue()) === undefined)) work.delete(`merge ${each.beadId}`);
  };
  return { carryOut, requests, issue, work };
};

it('leaves every request that has something to do with a work item, or with an issue in review that leads to it', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 4, maxLength: 30 }), (steps) => {
      const { carryOut, requests, issue, work } = life();
      for (const taken of steps) {
        carryOut(taken);
        for (const request of requests().filter(isMergeRequest)) {
          if (isFinal(request.status)) continue;
          const led = work.has('flight web-a001') && requestInReview(issue()) === request.beadId;
          const mustBeFound = movesByItself(request) || overtakenBy(request, issue()) !== undefined;
          if (mustBeFound) expect([led, work.has(`merge ${request.beadId}`)]).toContain(true);
        }
      }
    }),
    { numRuns: 500 },
  );
});
it('needs no work item of its own for a request on the plain way, from gt_done to the merge', () => {
  const { carryOut, work } = life();
  const kinds = (): string[] => [...work].map((each) => each.split(' ')[0] ?? '').toSorted();
  for (const to of ['in_progress', 'in_review'] as const) carryOut({ act: 'issue', to });
  expect(kinds()).toEqual(['flight']);
  carryOut({ act: 'request', to: 'in_progress' });
  carryOut({ act: 'both', to: 'closed' });
  expect(kinds()).toEqual([]);
});
