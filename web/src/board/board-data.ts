// The beads of the board: all columns in one read, so that a bead that moves is never seen twice or not at all.
import { createSignal } from 'solid-js';
import type { Bead, BeadStatus } from '../../../functions/contracts/bead.schema.ts';
import { call } from '../api/client.ts';
import { useObserved } from '../api/read.ts';
import type { Read } from '../api/read.ts';
import { statuses } from '../words/status.ts';

export interface Column {
  readonly status: BeadStatus;
  readonly beads: readonly Bead[];
  readonly hasMore: boolean;
}
const pageSize = 60;

const readColumn = async (
  townId: string,
  rigId: string | undefined,
  status: BeadStatus,
  pages: number,
  signal: AbortSignal,
): Promise<Column> => {
  const beads: Bead[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < pages; page += 1) {
    const answer = await call(
      'listBeads',
      {
        params: { townId },
        query: {
          type: 'issue',
          status,
          limit: pageSize,
          ...(rigId === undefined ? {} : { rigId }),
          ...(cursor === undefined ? {} : { cursor }),
        },
      },
      { signal },
    );
    beads.push(...answer.items);
    cursor = answer.cursor;
    if (cursor === undefined) break;
  }
  return { status, beads, hasMore: cursor !== undefined };
};

/** A bead that moved between two of the reads is shown where it was seen with its newest version. */
const onceEach = (columns: readonly Column[]): readonly Column[] => {
  const newest = new Map<string, Bead>();
  for (const bead of columns.flatMap((column) => column.beads)) {
    const known = newest.get(bead.beadId);
    if (known === undefined || known.version < bead.version) newest.set(bead.beadId, bead);
  }
  return columns.map((column) => ({ ...column, beads: column.beads.filter((bead) => newest.get(bead.beadId) === bead) }));
};

export interface BoardData {
  readonly columns: Read<readonly Column[]>;
  readonly showMore: (status: BeadStatus) => void;
}
export const useBoard = (townId: string, rigId: () => string | undefined): BoardData => {
  const [pages, setPages] = createSignal<Readonly<Partial<Record<BeadStatus, number>>>>({});
  const columns = useObserved<readonly Column[]>(() => {
    const wanted = pages();
    const rig = rigId();
    return {
      queryKey: ['listBeads', { townId }, { board: rig ?? 'all', wanted }],
      queryFn: async ({ signal }) =>
        onceEach(await Promise.all(statuses.map((status) => readColumn(townId, rig, status, wanted[status] ?? 1, signal)))),
    };
  });
  return { columns, showMore: (status) => setPages((now) => ({ ...now, [status]: (now[status] ?? 1) + 1 })) };
};
