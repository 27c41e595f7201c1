// Beads of an unfinished batch are not there yet: the batch's work item hides them from every read until it is removed.
import type { Bead } from '../contracts/bead.schema.ts';
import { isIssue } from '../domain/bead-writes.ts';
import type { Ports } from '../ports.ts';

const convoyIdOf = (bead: Bead): string | undefined => (isIssue(bead) ? bead.details.convoyId : undefined);

/** Whether the bead belongs to a batch that is still being created. */
export const isHidden = async (ports: Pick<Ports, 'store'>, bead: Bead): Promise<boolean> => {
  const convoyId = convoyIdOf(bead);
  return convoyId !== undefined && (await ports.store.get('work', { townId: bead.townId, kind: 'batch', workId: convoyId })) !== undefined;
};

/** The beads without those of unfinished batches, in the same order. */
export const visibleOf = async (ports: Pick<Ports, 'store'>, townId: string, beads: readonly Bead[]): Promise<Bead[]> => {
  const convoyIds = [...new Set(beads.flatMap((bead) => convoyIdOf(bead) ?? []))];
  if (convoyIds.length === 0) return [...beads];
  const batches = await ports.store.getMany(
    'work',
    convoyIds.map((workId) => ({ townId, kind: 'batch' as const, workId })),
  );
  const pending = new Set(batches.flatMap((batch) => batch?.workId ?? []));
  return beads.filter((bead) => !pending.has(convoyIdOf(bead) ?? ''));
};
