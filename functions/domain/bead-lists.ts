// In which list of its town a bead stands, and where in it. Statuses between which a bead changes often share a list:
// coming and going costs an index write each. Pure.
import type { Bead, BeadStatus, BeadType } from '../contracts/bead.schema.ts';

/** Statuses of one list are told apart when it is read; a list never mixes what lives with what is over. */
const liveList = (type: BeadType, status: BeadStatus): string => {
  if (status === 'closed' || status === 'failed') return status;
  if (type === 'merge_request') return 'live';
  return status === 'in_progress' || status === 'in_review' ? 'active' : status;
};
export const listOf = (type: BeadType, status: BeadStatus, archived: boolean): string =>
  archived ? `archived#${liveList(type, status)}` : liveList(type, status);
/** ISO time of when the bead came into its list: it keeps its place as long as it stays there. */
export const listedAtOf = (bead: Pick<Bead, 'type' | 'status' | 'statusAt' | 'startedAt' | 'createdAt'>): string => {
  switch (liveList(bead.type, bead.status)) {
    case 'live':
      return bead.createdAt;
    case 'active':
      return bead.startedAt ?? bead.createdAt;
    default:
      return bead.statusAt ?? bead.createdAt;
  }
};
