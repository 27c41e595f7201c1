// Titles of beads that are at hand, for texts that carry only ids: from reads that the town's pages share, never one per id.
import { createMemo } from 'solid-js';
import { useRead } from '../api/read.ts';
import { useTown } from '../live/town-live.tsx';

/** Undefined for a bead that is not at hand. A merge request has the title of the work that it merges. */
export type TitleOf = (beadId: string | undefined) => string | undefined;

export const useTitles = (): TitleOf => {
  const { feed, townId } = useTown();
  const issues = useRead('listBeads', () => ({ params: { townId }, query: { type: 'issue', limit: 100 } }));
  const merges = useRead('listMerges', () => ({ params: { townId }, query: { limit: 50 } }));
  const snapshot = useRead('snapshot', () => ({ params: { townId } }));
  const titles = createMemo(() => {
    const found = new Map<string, string>();
    // The newest source of a title comes last.
    for (const event of feed.events() ?? [])
      if (event.type === 'created' && event.beadId !== undefined && event.new !== undefined) found.set(event.beadId, event.new);
    for (const { agent, hookTitle } of snapshot.data()?.agents ?? [])
      if (agent.hookBeadId !== undefined && hookTitle !== undefined) found.set(agent.hookBeadId, hookTitle);
    for (const { request, source } of merges.data()?.items ?? []) {
      found.set(request.beadId, source?.title ?? request.title);
      if (source !== undefined) found.set(source.beadId, source.title);
    }
    const beads = [issues.data()?.items, snapshot.data()?.convoys, snapshot.data()?.escalations].flatMap((list) => list ?? []);
    for (const bead of beads) found.set(bead.beadId, bead.title);
    return found;
  });
  return (beadId) => (beadId === undefined ? undefined : titles().get(beadId));
};
