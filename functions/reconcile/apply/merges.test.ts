// What the merge rules leave behind when they stop trying.
import { expect, it } from 'vitest';
import { fakePorts } from '../../../test/fakes/ports.ts';
import { aRequest, aRig, aTown, anIssue, nowMs, townId } from '../../../test/rules/build.ts';
import { applyAction } from './apply.ts';
import { maxFailedAttempts } from './merges.ts';

it('leaves the reason on the bead that is held when executions keep ending without a result', async () => {
  const ports = fakePorts();
  ports.clock.set(nowMs);
  const request = aRequest('web-m001', { status: 'in_progress' }, { failedAttempts: maxFailedAttempts - 1 });
  await ports.store.commit([
    { put: 'town', item: aTown(), when: 'none' },
    { put: 'rig', item: aRig(), when: 'none' },
    { put: 'bead', item: request, when: 'none' },
    { put: 'bead', item: anIssue('web-src1', { status: 'in_review' }, { latestMergeRequestId: 'web-m001' }), when: 'none' },
  ]);
  const action = { rule: 'M2', kind: 'check-merge', subject: 'web-m001', sentence: '', beadId: 'web-m001' } as const;
  expect(await applyAction({ ports, townId }, action)).toBe('done');
  const why = `${maxFailedAttempts} executions ended without a result; the last: no execution holds it`;
  expect(await ports.store.get('bead', { townId, beadId: 'web-m001' })).toMatchObject({ status: 'failed', failure: { message: why } });
  expect(await ports.store.get('bead', { townId, beadId: 'web-src1' })).toMatchObject({
    status: 'open',
    held: true,
    details: { lastError: `web-m001 failed: ${why}` },
  });
});
