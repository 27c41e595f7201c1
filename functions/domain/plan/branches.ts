// H4: branches of merged and dead work are removed from the remote, all of a rig at once, while a runtime is up anyway. None is started for it.
import { z } from 'zod';
import type { WorkItem } from '../../contracts/work.schema.ts';
import { isIssue } from '../bead-writes.ts';
import { settingFor } from '../settings.ts';
import type { Findings } from './action.ts';
import { findings } from './action.ts';
import type { View } from './view.ts';

/** A sweep in two commands: what is there, then what goes. */
const sweepSchema = z.object({ step: z.enum(['list', 'delete']), commandId: z.string() });
export type BranchSweep = z.infer<typeof sweepSchema>;
/** The command that a sweep waits for; undefined before its first. */
export const sweepOf = (item: WorkItem): BranchSweep | undefined => {
  try {
    return sweepSchema.parse(JSON.parse(item.data ?? ''));
  } catch {
    // It has not begun, or was begun by another version: it begins.
    return undefined;
  }
};

const deletes = (view: View, rigId: string): boolean => {
  const rig = view.snapshot.rigs.find((each) => each.rigId === rigId);
  return rig !== undefined && settingFor('merge.deleteBranches', { town: view.snapshot.town, rig });
};

/** The rig whose branches are to be looked at because this bead is over; none while a sweep of it waits already. */
export const rigToSweep = (view: View, item: WorkItem): string | undefined => {
  const bead = view.bead(item.workId);
  const rigId = bead !== undefined && isIssue(bead) && bead.details.branch !== undefined ? bead.rigId : undefined;
  return rigId !== undefined && !view.hasWork('branches', rigId) && deletes(view, rigId) ? rigId : undefined;
};

export const branchRules = (view: View): Findings => {
  const found = findings();
  const { lease } = view.snapshot;
  const isUp = lease?.state === 'live';
  for (const item of view.work('branches')) {
    const about = { rule: 'H4', subject: item.workId, item } as const;
    if (!deletes(view, item.workId)) {
      found.actions.push({ ...about, kind: 'end-sweep', sentence: `Branches of ${item.workId} are kept.` });
      continue;
    }
    // Before a runtime that has nothing to do is stopped, it tidies up.
    const due = item.dueAtMs <= view.nowMs || (isUp && lease.idleSinceMs !== undefined);
    const asked = view.snapshot.commands.find(({ commandId }) => commandId === sweepOf(item)?.commandId);
    if (asked?.state === 'queued') found.waits.push(asked.deadlineAtMs);
    else if (isUp && due)
      found.actions.push({ ...about, kind: 'sweep-branches', sentence: `Branches of finished work leave ${item.workId}.` });
    else if (isUp) found.waits.push(item.dueAtMs);
    else if (due)
      found.actions.push({ ...about, kind: 'postpone-sweep', sentence: 'No runtime is up: branches are looked at another day.' });
  }
  return found;
};
