// Rules about convoys: C1 progress (with it C2 landing and C3 stuck), C4 batches that were never finished.
import { isFinal } from '../transition.ts';
import type { Findings } from './action.ts';
import { findings } from './action.ts';
import type { View } from './view.ts';

export const convoyRules = (view: View): Findings => {
  const found = findings();
  for (const item of view.work('batch')) {
    if (item.dueAtMs > view.nowMs) found.waits.push(item.dueAtMs);
    else
      found.actions.push({
        rule: 'C4',
        kind: 'remove-batch',
        subject: item.workId,
        item,
        sentence: `The batch ${item.workId} was never finished: what there is of it is removed.`,
      });
  }
  for (const item of view.work('import'))
    found.actions.push({
      rule: 'C4',
      kind: 'release-import',
      subject: item.workId,
      item,
      sentence: `Beads of the import ${item.workId} are released to be worked.`,
    });
  for (const item of view.work('convoy')) {
    const convoy = view.bead(item.workId);
    if (convoy === undefined || isFinal(convoy.status) || view.hasWork('batch', item.workId)) continue;
    if (item.dueAtMs > view.nowMs) {
      found.waits.push(item.dueAtMs);
      continue;
    }
    found.actions.push({
      rule: 'C1',
      kind: 'count-convoy',
      subject: item.workId,
      item,
      sentence: `The members of ${item.workId} are counted.`,
    });
  }
  return found;
};
