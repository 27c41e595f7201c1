// Applies B7: says once how far a budget is used, to the Mayor and to people, with what they can do about it.
import type { Bead } from '../../contracts/bead.schema.ts';
import type { WorkItem } from '../../contracts/work.schema.ts';
import { isConvoy, workItem } from '../../domain/bead-writes.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import { isTold, toldIn } from '../../domain/plan/budgets.ts';
import { isOfDay, standingSentence } from '../../domain/spending/budgets.ts';
import { dayEndMs, dayOf } from '../../domain/spending/usage.ts';
import { isFinal } from '../../domain/transition.ts';
import type { Write } from '../../ports.ts';
import { beadOf, commit, escalationWrites, momentIn, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';

const listedBeads = 50;
/** The members that are not done, one line each. */
const openMembers = async (ctx: PassContext, convoy: Bead): Promise<string> => {
  if (!isConvoy(convoy)) return '';
  const { townId } = ctx;
  const members = await ctx.ports.store.getMany(
    'bead',
    convoy.details.memberIds.map((beadId) => ({ townId, beadId })),
  );
  const open = members.flatMap((bead) =>
    bead === undefined || isFinal(bead.status) ? [] : [`- ${bead.beadId} (${bead.status}): ${bead.title}`],
  );
  const more = open.length > listedBeads ? `\n- and ${open.length - listedBeads} more` : '';
  return open.length === 0 ? '' : `\n\nStill open:\n${open.slice(0, listedBeads).join('\n')}${more}`;
};

const choices = (about: Bead | undefined): string => {
  if (about === undefined) return 'Raise the budget in the settings of the town, or let it rest until then.';
  return isConvoy(about)
    ? 'Choose: raise its budget, let it continue to the end of its budget, or stop it.'
    : 'Raise the budget of the bead, or close it.';
};

const toldWrite = (ctx: PassContext, stored: WorkItem | undefined, key: Pick<WorkItem, 'kind' | 'workId'>, data: string): Write => {
  const moment = momentIn(ctx);
  if (stored === undefined)
    return {
      put: 'work',
      item: { ...workItem(ctx.townId, key.kind, key.workId, dayEndMs(moment.nowMs), moment.stamp), data },
      when: { absent: true },
    };
  // A report may have added to it meanwhile: then the next pass says what is so now.
  return {
    put: 'work',
    item: { ...stored, data, stamp: moment.stamp },
    when: { equals: { stamp: stored.stamp, costMicroUsd: stored.costMicroUsd } },
  };
};

export const tellBudget = async (ctx: PassContext, { standing, item }: ActionOf<'tell-budget'>): Promise<Applied> => {
  const { scope, level, limit, spent } = standing;
  const stored = await ctx.ports.store.get('work', { townId: ctx.townId, ...item });
  const told = toldIn(stored);
  if ((item.kind === 'budget' && stored === undefined) || level === 'within' || isTold(told, standing)) return 'lost';
  const about = item.kind === 'budget' ? await beadOf(ctx, item.workId) : undefined;
  const period = item.kind === 'budget' ? 'life' : dayOf(ctx.ports.clock.nowMs());
  const sentence = standingSentence(standing);
  const members = about === undefined ? '' : await openMembers(ctx, about);
  const escalation = await escalationWrites(ctx, {
    rule: 'B7',
    mark: `B7#${scope}#${period}#${level}#${limit}`,
    severity: level === 'warned' ? 'medium' : 'high',
    category: 'budget',
    about,
    cause: { of: 'budget', scope, level, ...(isOfDay(scope) ? { day: period } : {}) },
    title: sentence,
    body: level === 'warned' ? `${sentence}${members}` : `${sentence} ${choices(about)}${members}`,
  });
  const event = ruleEvent(ctx, 'B7', level === 'warned' ? 'budget_warned' : 'budget_stopped', {
    new: sentence,
    data: { scope, level, spent, limit },
    ...(about === undefined ? {} : { beadId: about.beadId }),
    ...(about?.rigId === undefined ? {} : { rigId: about.rigId }),
  });
  return commit(ctx, [
    ...escalation,
    toldWrite(ctx, stored, item, JSON.stringify({ ...told, [scope]: { level, limit } })),
    { put: 'event', item: event, when: 'none' },
  ]);
};
