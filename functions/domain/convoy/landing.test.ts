import { array, assert, boolean, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aConvoy, aRequest, anIssue, nowMs, otherRigId, planOf, rigId, said, timings, work } from '../../../test/rules/build.ts';
import type { Bead } from '../../contracts/bead.schema.ts';
import type { Landing } from '../../contracts/convoy.schema.ts';
import { isConvoy } from '../bead-writes.ts';
import { convoyRefineryId } from '../plan/names.ts';
import { featureBranchOf, isBranchOf, isFeatureBranch, memberBranch } from './branches.ts';
import { landingBackoffMs, maxLandingAttempts, planLandings } from './landing.ts';

const convoyWith = (memberIds: string[], landings: Landing[]): Parameters<typeof planLandings>[0]['convoy'] => {
  const made = aConvoy('hq-c001', memberIds);
  if (!isConvoy(made)) throw new Error('no convoy');
  return { ...made, details: { ...made.details, mergeMode: 'review-then-land', landings } };
};
const member = record({
  rig: constantFrom(rigId, otherRigId),
  status: constantFrom('open', 'closed', 'failed'),
  merged: boolean(),
});
const landingOf = (rig: string) =>
  record({
    state: constantFrom('waiting', 'landing', 'landed', 'failed'),
    attempts: integer({ min: 0, max: 5 }),
    request: constantFrom('open', 'closed', 'failed', 'missing'),
  }).map(({ state, attempts, request }) => ({
    landing: { rigId: rig, state, attempts, ...(attempts > 0 ? { mergeRequestId: `web-l${attempts}` } : {}) } as Landing,
    request,
  }));
const failure = { code: 'landing_conflict', message: 'a.ts' };

describe('planLandings', () => {
  it('never lands a rig before all of its members are closed, never makes a second request beside a live one, never more than five', () => {
    assert(
      property(array(member, { maxLength: 6 }), landingOf(rigId), (members, { landing, request }) => {
        const beads: Bead[] = members.map(({ rig, status, merged }, index) => ({
          ...anIssue(`web-m00${index}`, { rigId: rig, status, ...(status === 'failed' ? { failure } : {}) }),
          details: {
            type: 'issue',
            issueType: 'task',
            kind: 'work',
            commits: [],
            convoyId: 'hq-c001',
            ...(merged && status === 'closed' ? { awaitsLanding: true } : {}),
          } as Bead['details'],
        }));
        const live = aRequest(
          landing.mergeRequestId ?? 'web-none',
          { status: request === 'missing' ? 'open' : request, failure },
          { kind: 'landing' },
        );
        const plan = planLandings({
          convoy: convoyWith(
            beads.map((bead) => bead.beadId),
            [landing],
          ),
          members: beads,
          requests: request === 'missing' ? new Map() : new Map([[live.beadId, live]]),
          nowMs,
          timings,
        });
        const own = beads.filter((bead) => bead.rigId === rigId);
        if (plan.start.includes(rigId)) {
          expect(own.every((bead) => bead.status === 'closed')).toBe(true);
          expect(landing.state).toBe('waiting');
        }
        const now = plan.landings.find((each) => each.rigId === rigId);
        if (now?.state === 'waiting' && landing.state === 'landing') expect(now.attempts).toBeLessThan(maxLandingAttempts);
        if (landing.state === 'landed') expect(now?.state).toBe('landed');
      }),
    );
  });

  it('waits 30 s, then twice as long each time, at most 30 min', () => {
    expect([1, 2, 3, 4, 9].map((attempts) => landingBackoffMs(attempts, timings) / 1000)).toEqual([30, 60, 120, 240, 1800]);
  });
});

describe('branches of a convoy', () => {
  it('end in /head beside those of its members, so that none is a folder of another (L78)', () => {
    const feature = featureBranchOf('Suche & Finde: Ärger!', 'hq-c001');
    expect(feature).toBe('convoy/suche-finde-a-rger/hq-c001/head');
    const branch = memberBranch(feature, 'toast', 'web-1a2b');
    expect(branch).toBe('convoy/suche-finde-a-rger/hq-c001/toast-web-1a2b');
    expect([isFeatureBranch(feature), isFeatureBranch(branch), isFeatureBranch('main')]).toEqual([true, false, false]);
    expect([isBranchOf(branch, 'toast', 'web-1a2b'), isBranchOf(branch, 'maple', 'web-1a2b')]).toEqual([true, false]);
    expect(featureBranchOf('…', 'hq-c001')).toBe('convoy/batch/hq-c001/head');
  });
});

describe('refineries of convoys', () => {
  const review = (refineryId: string) => ({ token: 't', tip: 'a'.repeat(40), refineryId, tokenTaken: false });
  it('look after three convoys at a time beside the one of the rig (L33: one refinery per rig is a bottleneck)', () => {
    const ids = ['refinery-r-8d2k1m0p', ...[1, 2, 3, 4].map((number) => convoyRefineryId(`hq-c00${number}`))];
    const requests = ids.map((id, index) => aRequest(`web-r00${index}`, { status: 'in_progress' }, { review: review(id) }));
    const plan = planOf({ beads: requests, work: requests.map((request) => work('merge', request.beadId)) });
    expect(said(plan).filter((line) => line.includes('hook-refinery'))).toEqual(ids.slice(0, 4).map((id) => `A0 hook-refinery ${id}`));
  });
});
