// Applies G1: a molecule, its issue and its step beads agree again.
import { writesOf } from '../../domain/bead-writes.ts';
import { isMolecule } from '../../domain/molecules/molecule.ts';
import { settled } from '../../domain/molecules/settle.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import type { Write } from '../../ports.ts';
import { beadOf, commit, isoOf, momentIn, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';

/** Each writes its bead and two work items. */
const stepBeadsPerCommit = 20;

export const settleMolecule = async (ctx: PassContext, { item }: ActionOf<'settle-molecule'>): Promise<Applied> => {
  const { townId } = ctx;
  const looked: Write = {
    remove: 'work',
    key: { townId, kind: 'molecule', workId: item.workId },
    when: { equals: { stamp: item.stamp } },
  };
  const molecule = await beadOf(ctx, item.workId);
  if (molecule === undefined || !isMolecule(molecule)) return commit(ctx, [looked]);
  const { issueId, steps } = molecule.details;
  const [issue, beads] = await Promise.all([
    issueId === undefined ? undefined : beadOf(ctx, issueId),
    ctx.ports.store.getMany(
      'bead',
      steps.flatMap(({ beadId }) => (beadId === undefined ? [] : [{ townId, beadId }])),
    ),
  ]);
  const stepBeads = beads.flatMap((bead) => bead ?? []);
  const { changes, more } = settled({ molecule, issue, stepBeads }, stepBeadsPerCommit, isoOf(ctx));
  if (changes.length === 0) return commit(ctx, [looked]);
  const moment = momentIn(ctx);
  const again: Write = {
    put: 'work',
    item: { ...item, dueAtMs: moment.nowMs, stamp: moment.stamp },
    when: { equals: { stamp: item.stamp } },
  };
  const after = changes.find((change) => change.after.beadId === molecule.beadId)?.after ?? molecule;
  const event = ruleEvent(ctx, 'G1', 'molecule_advanced', {
    beadId: issueId ?? molecule.beadId,
    old: molecule.status,
    new: after.status,
    data: { molecule: molecule.beadId, beads: changes.map((change) => change.after.beadId) },
  });
  return commit(ctx, writesOf(changes, event, moment, [more ? again : looked]));
};
