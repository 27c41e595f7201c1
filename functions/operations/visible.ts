// Beads of an unfinished batch or import are not there yet: its work item hides them from every read until it is removed.
import type { Bead } from '../contracts/bead.schema.ts';
import { isIssue } from '../domain/bead-writes.ts';
import type { Ports } from '../ports.ts';
import { importWorkId } from './foreign-lines.ts';

/** Work items of kind `batch` that would hide the bead. */
const hidersOf = (bead: Bead): string[] => {
  if (!isIssue(bead)) return [];
  const { convoyId, foreign, step } = bead.details;
  if (step !== undefined) return [step.moleculeId];
  return [...(convoyId === undefined ? [] : [convoyId]), ...(foreign === undefined ? [] : [importWorkId(foreign.importId)])];
};

const pendingOf = async (ports: Pick<Ports, 'store'>, townId: string, workIds: readonly string[]): Promise<Set<string>> => {
  if (workIds.length === 0) return new Set();
  const batches = await ports.store.getMany(
    'work',
    workIds.map((workId) => ({ townId, kind: 'batch' as const, workId })),
  );
  return new Set(batches.flatMap((batch) => batch?.workId ?? []));
};

/** Whether the bead is being removed, or belongs to a batch that is still being created. */
export const isHidden = async (ports: Pick<Ports, 'store'>, bead: Bead): Promise<boolean> =>
  bead.deletingAt !== undefined || (await pendingOf(ports, bead.townId, hidersOf(bead))).size > 0;

/** The beads without those of unfinished batches and those that are being removed, in the same order. */
export const visibleOf = async (ports: Pick<Ports, 'store'>, townId: string, found: readonly Bead[]): Promise<Bead[]> => {
  const beads = found.filter((bead) => bead.deletingAt === undefined);
  const pending = await pendingOf(ports, townId, [...new Set(beads.flatMap(hidersOf))]);
  return pending.size === 0 ? beads : beads.filter((bead) => !hidersOf(bead).some((workId) => pending.has(workId)));
};
