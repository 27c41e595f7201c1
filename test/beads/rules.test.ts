// Lines of the rules that have no better place: which steps a status may take, and lessons of earlier systems about beads.
import { describe, expect, it } from 'vitest';
import type { Bead, BeadStatus } from '../../functions/contracts/bead.schema.ts';
import { isReady, readyEntryOf } from '../../functions/domain/bead-writes.ts';
import { allowedFrom, transition } from '../../functions/domain/transition.ts';
import type { Target } from '../../functions/domain/transition.ts';
import { applyAction } from '../../functions/reconcile/apply/apply.ts';
import { aRequest, anIssue, iso, ofKind, planOf, queued, townId } from '../rules/build.ts';
import { fakePorts } from '../fakes/ports.ts';
import { bodyOf } from '../api/call.ts';
import { beadTown } from './bead-town.ts';

const statuses: readonly BeadStatus[] = ['open', 'in_progress', 'in_review', 'closed', 'failed'];
const targetOf = (status: BeadStatus): Target =>
  status === 'failed' ? { status, failure: { code: 'given_up', message: 'not wanted' } } : { status };
const steps = (bead: (status: BeadStatus) => Bead): string[] =>
  statuses.flatMap((from) =>
    statuses.flatMap((to) => {
      const result = transition(bead(from), targetOf(to), iso(1000));
      return result.ok && result.changed ? [`${from} → ${to}`] : [];
    }),
  );

describe('one function makes every status change', () => {
  it('an issue goes open → in_progress → in_review → closed, back to open, and from any live status to failed', () => {
    expect(steps((status) => anIssue('web-a001', { status }))).toEqual([
      'open → in_progress',
      'open → closed',
      'open → failed',
      'in_progress → open',
      'in_progress → in_review',
      'in_progress → closed',
      'in_progress → failed',
      'in_review → open',
      'in_review → closed',
      'in_review → failed',
    ]);
  });
  it('a merge request goes between open and in_progress until it is closed or failed', () => {
    expect(steps((status) => aRequest('web-m001', { status }))).toEqual([
      'open → in_progress',
      'open → closed',
      'open → failed',
      'in_progress → open',
      'in_progress → closed',
      'in_progress → failed',
    ]);
  });
  it('closed and failed are final (L83), the same status again changes nothing, an unknown step names the allowed ones', () => {
    for (const status of statuses) {
      const bead = anIssue('web-a001', { status });
      expect(transition(bead, targetOf(status), iso())).toEqual({ ok: true, changed: false, bead });
      for (const to of statuses.filter((other) => other !== status && !allowedFrom(bead).includes(other)))
        expect(transition(bead, targetOf(to), iso())).toMatchObject({ ok: false, allowed: allowedFrom(bead) });
    }
    expect([allowedFrom(anIssue('web-a001', { status: 'closed' })), allowedFrom(anIssue('web-a001', { status: 'failed' }))]).toEqual([
      [],
      [],
    ]);
  });
  it('a failed bead has its reason (L23: a structured reason is a required argument)', () => {
    const failed = transition(anIssue('web-a001'), targetOf('failed'), iso());
    expect(failed.ok && failed.bead.failure).toEqual({ code: 'given_up', message: 'not wanted' });
  });
  it('leaving work drops the assignee', () => {
    const open = transition(anIssue('web-a001', { status: 'in_progress', assigneeAgentId: 'toast' }), { status: 'open' }, iso());
    expect(open.ok && 'assigneeAgentId' in open.bead).toBe(false);
  });
});

describe('a bead closes from in_review only, through its newest merge request (L61)', () => {
  const settle = async (status: BeadStatus, latestMergeRequestId: string) => {
    const ports = fakePorts();
    const source = anIssue('web-src1', { status }, { latestMergeRequestId });
    await ports.store.commit([
      { put: 'bead', item: source, when: 'none' },
      { put: 'bead', item: aRequest('web-m001', { status: 'closed' }), when: 'none' },
      { put: 'bead', item: aRequest('web-m002'), when: 'none' },
    ]);
    const action = { rule: 'B5', kind: 'settle-review', subject: 'web-src1', beadId: 'web-src1', sentence: '' } as const;
    const applied = await applyAction({ ports, townId }, action);
    return [applied, (await ports.store.get('bead', { townId, beadId: 'web-src1' }))?.status];
  };
  it('follows the newest one when that has merged', async () => {
    expect(await settle('in_review', 'web-m001')).toEqual(['done', 'closed']);
  });
  it('does not follow an older one, and does not close what is open again', async () => {
    expect(await settle('in_review', 'web-m002')).toEqual(['lost', 'in_review']);
    expect(await settle('open', 'web-m001')).toEqual(['lost', 'open']);
    expect(await settle('in_progress', 'web-m001')).toEqual(['lost', 'in_progress']);
  });
  it('cannot be closed by hand while it is in review', async () => {
    const town = await beadTown();
    const { beadId } = await town.sling('Reviewed');
    await town.force(beadId, { status: 'in_review' });
    expect(await town.close(beadId)).toMatchObject({ status: 409, body: { allowed: ['open', 'failed'] } });
  });
});

describe('what is first in a queue never keeps the rest back, and no stand-in for a rig leaks out (L60)', () => {
  it('gives out the first bead that can go, past those that back off, are held, or have no rig', () => {
    const waits = anIssue('web-a001', { priority: 'critical' }, { notBefore: iso(60_000) });
    const stale = { ...anIssue('web-a002', { priority: 'high' }) };
    const goes = anIssue('web-a003');
    const planned = planOf({ ...queued([waits, stale, goes]), beads: [waits, { ...stale, held: true }, goes] });
    expect(ofKind(planned, 'dispatch').map((action) => action.beadId)).toEqual(['web-a003']);
    expect(ofKind(planned, 'drop-ready').map((action) => action.beadId)).toEqual(['web-a002']);
  });
  it('has no queue for a bead without a rig', () => {
    const { rigId: _none, ...homeless } = anIssue('web-a001');
    expect([isReady(homeless), readyEntryOf(homeless)]).toEqual([false, undefined]);
  });
});

it('every bead that follows from a request carries the person who asked', async () => {
  const town = await beadTown();
  const old = await town.sling('Hard');
  await town.fail(old.beadId);
  expect(bodyOf('retryBead', await town.on('retryBead', old.beadId, { body: {} })).requestedBy).toBe('ada');
});
