// Titles of recent beads, for lists that carry only ids.
import { createMemo } from 'solid-js';
import { useRead } from '../api/read.ts';

export const useTitles = (townId: string): ((beadId: string | undefined) => string | undefined) => {
  const issues = useRead('listBeads', () => ({ params: { townId }, query: { type: 'issue', limit: 100 } }));
  const snapshot = useRead('snapshot', () => ({ params: { townId } }));
  const titles = createMemo(
    () =>
      new Map(
        [...(issues.data()?.items ?? []), ...(snapshot.data()?.convoys ?? []), ...(snapshot.data()?.escalations ?? [])].map((bead) => [
          bead.beadId,
          bead.title,
        ]),
      ),
  );
  return (beadId) => (beadId === undefined ? undefined : titles().get(beadId));
};
