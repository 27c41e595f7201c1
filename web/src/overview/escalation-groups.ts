// Escalations of the same kind as one. Pure.
import type { Bead } from '../../../functions/contracts/bead.schema.ts';
import { beadIds } from '../words/bead-ids.ts';

export interface EscalationGroup {
  /** The newest one, which stands for all. */
  readonly first: Bead;
  readonly others: readonly Bead[];
}

/** The title without what it is about: ids, and what is between quotation marks. */
const kindOf = (bead: Bead): string => {
  const source = bead.details.type === 'escalation' ? bead.details.source : '';
  return `${source} ${bead.title.replaceAll(beadIds, '…').replaceAll(/"[^"]*"|“[^”]*”/g, '…')}`;
};
/** In the order of their newest ones. */
export const escalationGroups = (escalations: readonly Bead[]): readonly EscalationGroup[] => {
  const newestFirst = escalations
    .filter((bead) => bead.status !== 'closed' && bead.status !== 'failed')
    .toSorted((left, right) => (left.createdAt < right.createdAt ? 1 : -1));
  return [...Map.groupBy(newestFirst, kindOf).values()].flatMap(([first, ...others]) => (first === undefined ? [] : [{ first, others }]));
};
/** What an escalation is about, else the escalation itself. */
export const aboutOf = (bead: Bead): string =>
  bead.details.type === 'escalation' ? (bead.details.aboutBeadId ?? bead.beadId) : bead.beadId;
