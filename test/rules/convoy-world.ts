// A convoy in the memory store, and what its agents and merges would do to it, step by step.
import type { Bead } from '../../functions/contracts/bead.schema.ts';
import type { ConvoyDetails, Landing } from '../../functions/contracts/convoy.schema.ts';
import { routes } from '../../functions/contracts/routes.ts';
import { isConvoy, isIssue, isMergeRequest, writesOf } from '../../functions/domain/bead-writes.ts';
import type { BeadChange } from '../../functions/domain/bead-writes.ts';
import { landed } from '../../functions/domain/merge/landed.ts';
import { transition } from '../../functions/domain/transition.ts';
import { slingBatch } from '../../functions/operations/sling-batch.ts';
import type { ConvoyView } from '../../functions/operations/convoys.ts';
import { reconcileTown } from '../../functions/reconcile/reconcile.ts';
import { fakePorts } from '../fakes/ports.ts';
import type { FakePorts } from '../fakes/ports.ts';
import { aRequest, aRig, aTown, otherRigId, rigId, sha, townId } from './build.ts';

export interface World {
  readonly ports: FakePorts;
  readonly sling: (body: object) => Promise<ConvoyView>;
  readonly pass: () => Promise<void>;
  readonly bead: (beadId: string) => Promise<Bead>;
  readonly convoy: (beadId: string) => Promise<Bead & { details: ConvoyDetails }>;
  readonly landing: (convoyId: string, rig?: string) => Promise<Landing>;
  /** The member's work is merged into its target. */
  readonly merged: (beadId: string) => Promise<void>;
  readonly failed: (beadId: string, code?: string, message?: string) => Promise<void>;
  readonly escalations: () => Promise<string[]>;
}
const moved = (bead: Bead, target: Parameters<typeof transition>[1], at: string): Bead => {
  const result = transition(bead, target, at);
  if (!result.ok) throw new Error(result.message);
  return result.bead;
};

export const convoyWorld = async (): Promise<World> => {
  const ports = fakePorts();
  await ports.store.commit([
    { put: 'town', item: aTown(), when: 'none' },
    { put: 'rig', item: aRig(), when: 'none' },
    { put: 'rig', item: { ...aRig(otherRigId), prefix: 'api' }, when: 'none' },
  ]);
  const at = (): string => new Date(ports.clock.nowMs()).toISOString();
  const bead = async (beadId: string): Promise<Bead> => {
    const found = await ports.store.get('bead', { townId, beadId });
    if (found === undefined) throw new Error(`there is no ${beadId}`);
    return found;
  };
  const write = async (changes: readonly BeadChange[]): Promise<void> => {
    const outcome = await ports.store.commit(writesOf(changes, undefined, { nowMs: ports.clock.nowMs(), stamp: ports.ids.ulid() }));
    if (!outcome.ok) throw new Error(`could not write ${changes.map((change) => change.after.beadId).join()}`);
  };
  const convoy: World['convoy'] = async (beadId) => {
    const found = await bead(beadId);
    if (!isConvoy(found)) throw new Error(`${beadId} is no convoy`);
    return found;
  };
  const mergedMember = async (source: Bead): Promise<void> => {
    if (!isIssue(source)) throw new Error(`${source.beadId} is no issue`);
    const requestId = `${source.beadId}m`;
    const review = moved(source, { status: 'in_review' }, at());
    const inReview: Bead = { ...review, details: { ...source.details, latestMergeRequestId: requestId } };
    const made = aRequest(
      requestId,
      { rigId: source.rigId ?? rigId },
      {
        sourceBeadId: source.beadId,
        targetBranch: source.details.targetBranch ?? 'main',
        ...(source.details.convoyId === undefined ? {} : { convoyId: source.details.convoyId }),
      },
    );
    await write([{ before: source, after: inReview }, { after: made }]);
    if (!isMergeRequest(made)) throw new Error('no request');
    if (!isIssue(inReview)) throw new Error('no issue');
    const { changes } = landed(made, inReview, sha('b'), at());
    await write(changes);
  };
  return {
    ports,
    bead,
    convoy,
    sling: (body) =>
      slingBatch(ports, {
        townId,
        userId: 'ada',
        actor: 'user:ada',
        input: routes.slingBatch.body.parse({ title: 'Search all', rigId, ...body }),
      }),
    pass: async () => {
      // Several at once: what one makes the next one sees.
      for (let number = 0; number < 4; number += 1) {
        const { failed } = await reconcileTown(ports, townId);
        if (failed > 0) throw new Error(JSON.stringify(ports.logged.at(-1)));
      }
    },
    landing: async (convoyId, rig = rigId) => {
      const found = (await convoy(convoyId)).details.landings?.find((landing) => landing.rigId === rig);
      if (found === undefined) throw new Error(`no landing of ${rig}`);
      return found;
    },
    merged: async (beadId) => {
      const found = await bead(beadId);
      if (!isMergeRequest(found)) return mergedMember(found);
      const { changes } = landed(found, undefined, sha('c'), at());
      return write(changes);
    },
    failed: async (beadId, code = 'given_up', message = 'it broke') => {
      const found = await bead(beadId);
      await write([{ before: found, after: moved(found, { status: 'failed', failure: { code, message } }, at()) }]);
    },
    escalations: async () =>
      (await ports.store.beadsBy({ townId, type: 'escalation', status: 'open' }, { limit: 50 })).items.map((each) => each.title),
  };
};
