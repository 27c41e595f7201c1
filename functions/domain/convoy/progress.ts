// How far a convoy is. Closed members count, failed ones never do: a convoy with failed members does not land by itself. Pure.
import type { Bead } from '../../contracts/bead.schema.ts';
import type { ConvoyDetails } from '../../contracts/convoy.schema.ts';
import { isFinal } from '../transition.ts';

export interface Count {
  /** Members that the convoy needs: those that it lands without are not among them. */
  readonly total: number;
  readonly closed: number;
  readonly failed: readonly Bead[];
  /** Neither closed nor failed. */
  readonly unfinished: readonly Bead[];
}

export const neededIds = ({ memberIds, leftOutIds = [] }: Pick<ConvoyDetails, 'memberIds' | 'leftOutIds'>): string[] => {
  const leftOut = new Set(leftOutIds);
  return memberIds.filter((beadId) => !leftOut.has(beadId));
};

export const countMembers = (details: Pick<ConvoyDetails, 'memberIds' | 'leftOutIds'>, members: readonly Bead[]): Count => {
  const needed = new Set(neededIds(details));
  const counted = members.filter((bead) => needed.has(bead.beadId));
  return {
    total: needed.size,
    closed: counted.filter((bead) => bead.status === 'closed').length,
    failed: counted.filter((bead) => bead.status === 'failed'),
    unfinished: counted.filter((bead) => !isFinal(bead.status)),
  };
};

/** Nothing of it runs or can start by itself: every bead that is left waits for another one. */
export const onlyWaits = ({ unfinished, failed }: Count): boolean =>
  failed.length === 0 && unfinished.length > 0 && unfinished.every((bead) => bead.status === 'open' && bead.openBlockers > 0);
