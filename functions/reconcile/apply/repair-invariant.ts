// A violated invariant: looked at again, then counted, told and set right once. What only looked so, because it was read in between, is left.
import { putWork, workItem, writesOf } from '../../domain/bead-writes.ts';
import { isBlocking } from '../../domain/dependencies.ts';
import { markWrite, needsMark } from '../../domain/edges.ts';
import { violationsIn } from '../../domain/invariants.ts';
import type { Violation } from '../../domain/invariants.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import { isFinal, revised } from '../../domain/transition.ts';
import { beadOf, commit, escalationWrites, isoOf, momentIn, onceMark, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';
import { loadSnapshot } from '../snapshot.ts';
import { settleReview } from './beads.ts';
import { loseAgent } from './lose-agent.ts';

const beadIn = ({ repair }: Violation): string | undefined => ('beadId' in repair ? repair.beadId : undefined);

/** Changes when the subject has changed, so that a violation is told and repaired once. */
const roundOf = async (ctx: PassContext, violation: Violation): Promise<string> => {
  const { repair } = violation;
  if (repair.by === 'lose-agent') return String(repair.epoch);
  const beadId = beadIn(violation);
  const bead = beadId === undefined ? undefined : await beadOf(ctx, beadId);
  return bead === undefined ? isoOf(ctx).slice(0, 10) : String(bead.version);
};

/** The number of open blockers from the edges; a convoy is counted by its own rule. */
const recount = async (ctx: PassContext, beadId: string): Promise<Applied> => {
  const before = await beadOf(ctx, beadId);
  if (before === undefined || isFinal(before.status)) return 'lost';
  const moment = momentIn(ctx);
  if (before.type === 'convoy') return commit(ctx, [putWork(workItem(ctx.townId, 'convoy', beadId, moment.nowMs, moment.stamp))]);
  const edges = await ctx.ports.store.dependenciesOf(ctx.townId, beadId);
  const openBlockers = edges.filter((edge) => isBlocking(edge.type) && !edge.resolved).length;
  if (openBlockers === before.openBlockers) return 'lost';
  const after = revised(before, { openBlockers }, isoOf(ctx));
  const event = ruleEvent(ctx, 'I6', 'fields_updated', { beadId, data: { changed: ['openBlockers'], openBlockers } });
  return commit(ctx, writesOf([{ before, after }], event, moment));
};

/** Whoever waits for it is told when it ends. One that has ended meanwhile tells now. */
const markAwaited = async (ctx: PassContext, beadId: string): Promise<Applied> => {
  const before = await beadOf(ctx, beadId);
  if (before === undefined) return 'lost';
  const moment = momentIn(ctx);
  if (isFinal(before.status)) return commit(ctx, [putWork(workItem(ctx.townId, 'release', beadId, moment.nowMs, moment.stamp))]);
  return needsMark(before) ? commit(ctx, [markWrite(before)]) : 'lost';
};

const setRight = async (ctx: PassContext, { invariant, subject, sentence, repair }: Violation): Promise<void> => {
  switch (repair.by) {
    case 'lose-agent':
      await loseAgent(ctx, {
        rule: 'A1',
        kind: 'lose-agent',
        subject,
        sentence,
        agentId: repair.agentId,
        epoch: repair.epoch,
        blame: 'infrastructure',
        reason: sentence,
      });
      return;
    case 'settle-review':
      await settleReview(ctx, { rule: 'B5', kind: 'settle-review', subject, sentence, beadId: repair.beadId });
      return;
    case 'recount':
      await recount(ctx, repair.beadId);
      return;
    case 'mark':
      await markAwaited(ctx, repair.beadId);
      return;
    case 'person':
      await commit(
        ctx,
        await escalationWrites(ctx, {
          rule: `I${invariant}`,
          mark: `I${invariant}#told#${subject}#${isoOf(ctx).slice(0, 10)}`,
          severity: 'high',
          category: 'lifecycle',
          title: `Something that must not be: ${sentence}`,
          body: `Invariant ${invariant} does not hold: ${sentence} Look at it in the town's audit and debug pages.`,
        }),
      );
      return;
    default:
      repair satisfies never;
  }
};

/** Tells and repairs a violation that has just been seen again. `lost`: that was done before. */
export const repairViolation = async (ctx: PassContext, violation: Violation): Promise<Applied> => {
  const { invariant, subject, sentence, repair } = violation;
  const mark = `I${invariant}#${subject}#${await roundOf(ctx, violation)}`;
  if ((await ctx.ports.store.get('once', { townId: ctx.townId, mark })) !== undefined) return 'lost';
  await setRight(ctx, violation);
  const beadId = beadIn(violation);
  const event = ruleEvent(ctx, `I${invariant}`, 'invariant_violated', {
    ...(beadId === undefined ? {} : { beadId }),
    ...(repair.by === 'lose-agent' ? { agentId: repair.agentId } : {}),
    new: sentence.slice(0, 2000),
    data: { invariant, subject, repair: repair.by },
  });
  const told = await commit(ctx, [
    { put: 'once', item: onceMark(ctx, mark), when: { absent: true } },
    { put: 'event', item: event, when: 'none' },
  ]);
  if (told === 'done') ctx.ports.metrics.record({ InvariantViolations: 1 }, { townId: ctx.townId, invariant, subject });
  return told;
};

export const repairInvariant = async (ctx: PassContext, { violation }: ActionOf<'repair-invariant'>): Promise<Applied> => {
  const snapshot = await loadSnapshot(ctx.ports, ctx.townId);
  if (snapshot === undefined) return 'lost';
  const still = violationsIn(snapshot, new Set()).find(
    (each) => each.invariant === violation.invariant && each.subject === violation.subject,
  );
  return still === undefined ? 'lost' : repairViolation(ctx, still);
};
