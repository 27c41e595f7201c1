// The merge requests of a town that are not over: each has a work item, or its issue in review leads to it.
import type { WorkItem } from '../contracts/work.schema.ts';
import { isMergeRequest, requestInReview } from '../domain/bead-writes.ts';
import type { MergeRequestBead } from '../domain/prompts/refinery.ts';
import { isFinal } from '../domain/transition.ts';
import type { Ports } from '../ports.ts';

export const requestsAtWork = async (
  { store }: Pick<Ports, 'store'>,
  townId: string,
  work: readonly WorkItem[],
): Promise<MergeRequestBead[]> => {
  const named = (kind: WorkItem['kind']): string[] => work.filter((item) => item.kind === kind).map(({ workId }) => workId);
  const beads = async (ids: readonly string[]) =>
    (
      await store.getMany(
        'bead',
        ids.map((beadId) => ({ townId, beadId })),
      )
    ).flatMap((bead) => bead ?? []);
  const led = (await beads(named('flight'))).flatMap((issue) => requestInReview(issue) ?? []);
  const requests = await beads([...new Set([...named('merge'), ...led])]);
  return requests.filter(isMergeRequest).filter(({ status }) => !isFinal(status));
};
