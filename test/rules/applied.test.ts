// Plans that are applied on the memory store: what was done is not planned again.
import { array, assert, asyncProperty, boolean, constantFrom, integer, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plan } from '../../functions/domain/plan/plan.ts';
import { slingBatch } from '../../functions/operations/sling-batch.ts';
import { reconcileTown } from '../../functions/reconcile/reconcile.ts';
import { loadSnapshot } from '../../functions/reconcile/snapshot.ts';
import { fakePorts } from '../fakes/ports.ts';
import { aRig, aTown, otherRigId, rigId, timings, townId } from './build.ts';

const rigOf = constantFrom(rigId, otherRigId);
/** Whether these are done is asked again until it is so. */
const asked: readonly string[] = ['confirm-stopped', 'check-runtime', 'check-merge', 'check-train'];

describe('a plan that was applied', () => {
  it('is not planned again', async () => {
    await assert(
      asyncProperty(
        array(record({ waitsForFirst: boolean(), rigId: rigOf }), { minLength: 1, maxLength: 6 }),
        integer({ min: 1, max: 3 }),
        async (drawn, maxPolecatsPerRig) => {
          const ports = fakePorts();
          await ports.store.commit([
            { put: 'town', item: aTown({ maxPolecatsPerRig }), when: 'none' },
            { put: 'rig', item: aRig(), when: 'none' },
            { put: 'rig', item: aRig(otherRigId), when: 'none' },
          ]);
          const tasks = drawn.map((each, index) => ({
            title: `Task ${index}`,
            body: '',
            rigId: each.rigId,
            priority: 'medium' as const,
            dependsOn: each.waitsForFirst && index > 0 ? [0] : [],
          }));
          await slingBatch(ports, {
            townId,
            userId: 'ada',
            actor: 'user:ada',
            input: { title: 'A batch', mergeMode: 'review-and-merge', parallel: true, staged: false, tasks },
          });
          const seen = new Set<string>();
          for (let pass = 0; pass < 4; pass += 1) {
            const snapshot = await loadSnapshot(ports, townId);
            const actions =
              snapshot === undefined
                ? []
                : plan(snapshot, ports.clock.nowMs(), timings).actions.filter((action) => !asked.includes(action.kind));
            for (const action of actions) {
              const name = `${action.kind} ${action.subject}`;
              expect(seen).not.toContain(name);
              seen.add(name);
            }
            if (actions.length === 0) return;
            await reconcileTown(ports, townId);
          }
          throw new Error('four passes were not enough to have nothing left to do');
        },
      ),
      { numRuns: 25 },
    );
  });
});
