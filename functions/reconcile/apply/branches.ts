// Applies H4: asks the runner which branches there are, decides, asks it to remove what may go. Each step is one transaction; a lost answer waits a day.
import type { Bead } from '../../contracts/bead.schema.ts';
import type { Command, CommandPayload } from '../../contracts/runner.schema.ts';
import type { Rig } from '../../contracts/town.schema.ts';
import type { WorkItem } from '../../contracts/work.schema.ts';
import { isIssue, putWork, workItem } from '../../domain/bead-writes.ts';
import { beadOfBranch, reasonToKeep } from '../../domain/branches.ts';
import type { RemoteBranch } from '../../domain/branches.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import { sweepOf } from '../../domain/plan/branches.ts';
import type { BranchSweep } from '../../domain/plan/branches.ts';
import type { Write } from '../../ports.ts';
import { commit, isoOf, momentIn, ruleEvent } from '../context.ts';
import { withoutPullRequest } from './branches-in-pull-requests.ts';
import type { Applied, PassContext } from '../context.ts';

const dayMs = 24 * 60 * 60_000;
const removedAtOnce = 50;
const branchesListed = 200;

const mine = (item: WorkItem): Write => ({
  remove: 'work',
  key: { townId: item.townId, kind: item.kind, workId: item.workId },
  when: { equals: { stamp: item.stamp } },
});
const later = (ctx: PassContext, item: WorkItem, dueAtMs: number, sweep?: BranchSweep): Write => ({
  put: 'work',
  item: {
    ...workItem(ctx.townId, 'branches', item.workId, dueAtMs, ctx.ports.ids.ulid()),
    ...(sweep === undefined ? {} : { data: JSON.stringify(sweep) }),
  },
  when: { equals: { stamp: item.stamp } },
});

export const endSweep = (ctx: PassContext, { item }: ActionOf<'end-sweep'>): Promise<Applied> => commit(ctx, [mine(item)]);
export const postponeSweep = (ctx: PassContext, { item }: ActionOf<'postpone-sweep'>): Promise<Applied> =>
  commit(ctx, [later(ctx, item, ctx.ports.clock.nowMs() + dayMs)]);

const ask = (ctx: PassContext, item: WorkItem, step: BranchSweep['step'], payload: CommandPayload): Promise<Applied> => {
  const { nowMs, stamp } = momentIn(ctx);
  const commandId = `branches-${item.workId}-${stamp}`;
  const deadlineAtMs = nowMs + ctx.ports.deployment.timings.commandDeadlineMs;
  const at = isoOf(ctx);
  const command: Command = {
    townId: ctx.townId,
    commandId,
    payload,
    state: 'queued',
    deadlineAtMs,
    tokenTaken: false,
    version: 1,
    createdAt: at,
    updatedAt: at,
  };
  return commit(ctx, [
    later(ctx, item, nowMs, { step, commandId }),
    { put: 'command', item: command, when: { absent: true } },
    putWork(workItem(ctx.townId, 'command', commandId, deadlineAtMs, stamp)),
  ]);
};

const byId = async (ctx: PassContext, ids: readonly (string | undefined)[]): Promise<Map<string, Bead>> => {
  const unique = [...new Set(ids.filter((id): id is string => id !== undefined))];
  const beads = await ctx.ports.store.getMany(
    'bead',
    unique.map((beadId) => ({ townId: ctx.townId, beadId })),
  );
  return new Map(beads.flatMap((bead) => (bead === undefined ? [] : [[bead.beadId, bead] as const])));
};

/** Branches that may go, by what is stored about their beads at this moment. */
const removable = async (ctx: PassContext, branches: readonly RemoteBranch[]): Promise<RemoteBranch[]> => {
  const beads = await byId(
    ctx,
    branches.map((branch) => beadOfBranch(branch.name)),
  );
  const requestOf = (bead: Bead | undefined): string | undefined =>
    bead !== undefined && isIssue(bead) ? bead.details.latestMergeRequestId : undefined;
  const requests = await byId(ctx, [...beads.values()].map(requestOf));
  return branches.filter((branch) => {
    const bead = beads.get(beadOfBranch(branch.name) ?? '');
    return reasonToKeep(branch, { bead, request: requests.get(requestOf(bead) ?? '') }) === undefined;
  });
};

/** The answer of the command that the sweep waits for. */
const takeAnswer = async (ctx: PassContext, item: WorkItem, command: Command, rig: Rig): Promise<Applied> => {
  const { townId, commandId, result } = command;
  const answered: Write = { remove: 'command', key: { townId, commandId }, when: { equals: { version: command.version } } };
  if (result?.kind === 'list-branches') {
    const over = (await removable(ctx, result.branches)).slice(0, removedAtOnce);
    const free = await withoutPullRequest(ctx, rig, over);
    if (free === undefined) return commit(ctx, [later(ctx, item, ctx.ports.clock.nowMs() + dayMs), answered]);
    const found = free.map(({ name, sha }) => ({ name, sha }));
    if (found.length === 0) return commit(ctx, [mine(item), answered]);
    return ask(ctx, item, 'delete', { kind: 'delete-branches', rigId: item.workId, defaultBranch: rig.defaultBranch, branches: found });
  }
  if (result?.kind === 'delete-branches') {
    const { deleted, kept } = result;
    const event = ruleEvent(ctx, 'H4', 'branches_removed', {
      rigId: item.workId,
      data: { deleted: deleted.slice(0, removedAtOnce), kept: kept.length },
    });
    return commit(ctx, [mine(item), answered, ...(deleted.length === 0 ? [] : [{ put: 'event', item: event, when: 'none' } as const])]);
  }
  return commit(ctx, [later(ctx, item, ctx.ports.clock.nowMs() + dayMs), answered]);
};

export const sweepBranches = async (ctx: PassContext, { item }: ActionOf<'sweep-branches'>): Promise<Applied> => {
  const { townId } = ctx;
  const rig = await ctx.ports.store.get('rig', { townId, rigId: item.workId });
  if (rig === undefined) return commit(ctx, [mine(item)]);
  const sweep = sweepOf(item);
  const { defaultBranch } = rig;
  const list: CommandPayload = { kind: 'list-branches', rigId: rig.rigId, defaultBranch, limit: branchesListed };
  if (sweep === undefined) return ask(ctx, item, 'list', list);
  const command = await ctx.ports.store.get('command', { townId, commandId: sweep.commandId });
  if (command === undefined) return ask(ctx, item, 'list', list);
  return command.state === 'queued' ? 'lost' : takeAnswer(ctx, item, command, rig);
};
