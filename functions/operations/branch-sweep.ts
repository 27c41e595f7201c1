// Asks for the branches of a rig to be looked at because work of it is over (H4): once for all that end until then. Writes nothing itself.
import type { MergeRequestDetails } from '../contracts/merge-request.schema.ts';
import { putWork, workItem } from '../domain/bead-writes.ts';
import type { Moment } from '../domain/bead-writes.ts';
import { settingFor } from '../domain/settings.ts';
import type { Ports, Write } from '../ports.ts';

interface Merged {
  readonly townId: string;
  readonly rigId: string;
  readonly details: Pick<MergeRequestDetails, 'kind'>;
}
/** For the transaction that merges a request. A landing's branches are its members', which its convoy looks after. */
export const sweepAfterMerge = async (
  { store, deployment }: Pick<Ports, 'store' | 'deployment'>,
  { townId, rigId, details }: Merged,
  moment: Moment,
): Promise<Write[]> => {
  if (details.kind === 'landing' || (await store.get('work', { townId, kind: 'branches', workId: rigId })) !== undefined) return [];
  const [town, rig] = await Promise.all([store.get('town', { townId }), store.get('rig', { townId, rigId })]);
  if (town === undefined || rig === undefined || !settingFor('merge.deleteBranches', { town, rig })) return [];
  return [putWork(workItem(townId, 'branches', rigId, moment.nowMs + deployment.timings.branchSweepMs, moment.stamp))];
};
