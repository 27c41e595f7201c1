// How beads and convoys are shown to the Mayor: short rows, and a sentence that says what to do next.
import type { Bead } from '../contracts/bead.schema.ts';
import { isIssue } from '../domain/bead-writes.ts';
import { counted } from '../domain/words.ts';
import type { ConvoyView } from '../operations/convoys.ts';

export const beadRow = (bead: Bead): Record<string, unknown> => ({
  id: bead.beadId,
  title: bead.title,
  status: bead.status,
  rig_id: bead.rigId,
  ...(bead.assigneeAgentId === undefined ? {} : { agent: bead.assigneeAgentId }),
  ...(isIssue(bead) && bead.details.convoyId !== undefined ? { convoy: bead.details.convoyId } : {}),
  ...(bead.openBlockers > 0 ? { open_blockers: bead.openBlockers } : {}),
  ...(bead.held ? { held: true } : {}),
  ...(bead.failure === undefined ? {} : { failure: bead.failure.message }),
});

export const convoyData = (view: ConvoyView): Record<string, unknown> => ({
  id: view.convoy.beadId,
  title: view.convoy.title,
  status: view.convoy.status,
  ...(view.convoy.details.type === 'convoy' ? { merge_mode: view.convoy.details.mergeMode } : {}),
  ...(view.convoy.details.type === 'convoy' && view.convoy.details.staged ? { staged: true } : {}),
  ...(view.estimate === undefined ? {} : { estimate: { usd: view.estimate.costMicroUsd / 1_000_000, how: view.estimate.sentence } }),
  progress: view.progress,
  waves: view.waves,
  beads: view.members.map((member) => ({
    ...beadRow(member.bead),
    ...(member.dependsOn.length === 0 ? {} : { depends_on: member.dependsOn }),
  })),
});

export const slungSentence = (view: ConvoyView): string => {
  const { beadId, details } = view.convoy;
  const size = counted(view.progress.total, 'bead');
  return details.type === 'convoy' && details.staged
    ? `Convoy ${beadId} is a plan of ${size}: nothing starts yet.${view.estimate === undefined ? '' : ` ${view.estimate.sentence}`} Show it to the person; gt_convoy_start starts it when they agree.`
    : `Convoy ${beadId} with ${size} is on its way. Do not wait for it: tell the person what you started.`;
};

export const convoyRow = ({ beadId, title, status, details }: Bead): Record<string, unknown> => ({
  id: beadId,
  title,
  status,
  ...(details.type === 'convoy'
    ? {
        closed: details.closedBeads,
        failed: details.failedBeads,
        total: details.totalBeads,
        staged: details.staged,
        merge_mode: details.mergeMode,
      }
    : {}),
});
