// In which list of its town a bead stands, and where in it. Statuses that a bead changes often share a list: moving costs two index writes. Pure.
import type { Bead, BeadStatus, BeadType } from '../contracts/bead.schema.ts';

/** Statuses of one list are told apart when it is read; a list never mixes what lives with what is over. */
const liveList = (type: BeadType, status: BeadStatus): string => {
  if (status === 'closed' || status === 'failed') return status;
  if (type === 'merge_request') return 'live';
  return status === 'in_progress' || status === 'in_review' ? 'active' : status;
};
export const listOf = (type: BeadType, status: BeadStatus, archived: boolean): string =>
  archived ? `archived#${liveList(type, status)}` : liveList(type, status);
/** ISO time. */
export const listedAtOf = (bead: Pick<Bead, 'statusAt' | 'createdAt'>): string => bead.statusAt ?? bead.createdAt;
