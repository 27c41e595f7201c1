// Merge requests for people: which need somebody, and one plain sentence each.
import type { z } from 'zod';
import type { BeadStatus } from '../contracts/bead.schema.ts';
import type { mergeViewSchema } from '../contracts/routes.ts';
import { isMergeRequest } from '../domain/bead-writes.ts';
import { mergeNeedsAttention, mergeSentence } from '../domain/merge-sentence.ts';
import type { Page, PageRequest, Ports } from '../ports.ts';
import { presentBead } from '../api/present.ts';
import { everyStatus } from './lists.ts';
import { mergedBeads } from './merged-pages.ts';

export type MergeView = z.infer<typeof mergeViewSchema>;

/** Newest change first, and within the page those that need attention first. Throws `BadCursor`. */
export const listMerges = async (
  ports: Ports,
  query: { readonly townId: string; readonly status?: BeadStatus | undefined },
  page: PageRequest,
): Promise<Page<MergeView>> => {
  const { townId } = query;
  const found = await mergedBeads(
    ports,
    { townId, type: 'merge_request', statuses: query.status === undefined ? everyStatus : [query.status] },
    page,
  );
  const requests = found.items.filter(isMergeRequest);
  const sources = await ports.store.getMany(
    'bead',
    requests.map((request) => ({ townId, beadId: request.details.sourceBeadId })),
  );
  const views = requests.map((request, index): MergeView => {
    const source = sources[index];
    return {
      request: presentBead(request),
      ...(source === undefined ? {} : { source: presentBead(source) }),
      needsAttention: mergeNeedsAttention(request),
      sentence: mergeSentence(request),
    };
  });
  const items = [...views.filter((view) => view.needsAttention), ...views.filter((view) => !view.needsAttention)];
  return found.cursor === undefined ? { items } : { items, cursor: found.cursor };
};
