// What was spent, as people and the Mayor ask for it; and what a person decides about a convoy near its budget.
import type { z } from 'zod';
import type { Bead } from '../contracts/bead.schema.ts';
import type { Principal } from '../contracts/primitives.schema.ts';
import type { routes } from '../contracts/routes.ts';
import type { LifeCost, Tally, UsageGrouping, UsageView } from '../contracts/usage.schema.ts';
import { isConvoy, workItem, writesOf } from '../domain/bead-writes.ts';
import { newEvent } from '../domain/new-bead.ts';
import { budgetMicroUsdOf, dollars, microUsdOf } from '../domain/spending/budgets.ts';
import { rolledUp, together } from '../domain/spending/roll-up.ts';
import { convoyIdOf, dayOf } from '../domain/spending/usage.ts';
import { isFinal, revised } from '../domain/transition.ts';
import type { Ports, Write } from '../ports.ts';
import { conflict, invalid, notFound } from '../api/problems.ts';
import { isoNow, momentOf, transact } from './transact.ts';

const dayMs = 86_400_000;
const mostDays = 92;
const daysAtOnce = 8;

/** UTC days from the first to the last, as `yyyymmdd`. */
const daysBetween = (from: string, to: string): string[] => {
  const first = Date.parse(from);
  const count = (Date.parse(to) - first) / dayMs + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => dayOf(first + index * dayMs));
};

/** Throws 400 for days in the wrong order, or too many. */
export const usageOf = async (
  ports: Pick<Ports, 'store' | 'clock'>,
  townId: string,
  query: { readonly by: UsageGrouping; readonly from?: string | undefined; readonly to?: string | undefined },
): Promise<UsageView> => {
  const today = new Date(ports.clock.nowMs()).toISOString().slice(0, 10);
  const to = query.to ?? query.from ?? today;
  const from = query.from ?? to;
  const days = daysBetween(from, to);
  if (days.length === 0) throw invalid(`"from" (${from}) is after "to" (${to}).`, [{ path: 'from', message: 'must not be after "to"' }]);
  if (days.length > mostDays)
    throw invalid(`${days.length} days were asked for; at most ${mostDays} are possible at once.`, [
      { path: 'from', message: `at most ${mostDays} days` },
    ]);
  const tallies: Tally[] = [];
  for (let start = 0; start < days.length; start += daysAtOnce) {
    const read = await Promise.all(days.slice(start, start + daysAtOnce).map((day) => ports.store.talliesOf(townId, day)));
    tallies.push(...read.flat());
  }
  return { by: query.by, from, to, ...rolledUp(tallies, query.by) };
};

/** What a bead or convoy has cost so far. */
export const lifeCostOf = async (ports: Pick<Ports, 'store'>, bead: Bead): Promise<LifeCost> => {
  const { townId, beadId } = bead;
  const scope = `${isConvoy(bead) ? 'convoy' : 'bead'}#${beadId}`;
  const convoyId = convoyIdOf(bead);
  const [tally, town, rig, convoy] = await Promise.all([
    ports.store.get('tally', { townId, period: 'life', scope }),
    ports.store.get('town', { townId }),
    bead.rigId === undefined ? undefined : ports.store.get('rig', { townId, rigId: bead.rigId }),
    convoyId === undefined ? undefined : ports.store.get('bead', { townId, beadId: convoyId }),
  ]);
  const budgetMicroUsd = budgetMicroUsdOf(bead, { town, rig, convoy });
  return { ...together(tally === undefined ? [] : [tally]), ...(budgetMicroUsd === undefined ? {} : { budgetMicroUsd }) };
};

export type BudgetChoice = z.output<(typeof routes.decideBudget)['body']>;
const sentenceOf = (choice: BudgetChoice): string => {
  if (choice.choice === 'raise') return `Its budget is ${dollars(microUsdOf(choice.budgetUsd))} now.`;
  return choice.choice === 'continue' ? 'It goes on to the end of its budget.' : 'Nothing more of it is given out.';
};
const decided = (convoy: Bead, choice: BudgetChoice): Partial<Bead> => {
  if (choice.choice === 'stop') return { held: true };
  if (!isConvoy(convoy)) return {};
  const details =
    choice.choice === 'raise'
      ? { ...convoy.details, settings: { ...convoy.details.settings, 'budget.convoyUsd': choice.budgetUsd } }
      : { ...convoy.details, budgetContinued: true };
  return { details, held: false };
};

/** Passes see it at once: ready beads of the convoy are given out, or not. Throws 404, and 409 for a convoy that is over. */
export const decideBudget = (
  ports: Ports,
  { townId, convoyId, actor, choice }: { townId: string; convoyId: string; actor: Principal; choice: BudgetChoice },
): Promise<void> =>
  transact(ports, 'The convoy', async () => {
    const convoy = await ports.store.get('bead', { townId, beadId: convoyId });
    if (convoy === undefined || !isConvoy(convoy)) throw notFound(`There is no convoy ${convoyId} in this town.`);
    if (isFinal(convoy.status)) throw conflict(`${convoyId} is ${convoy.status}, and that is final.`);
    const moment = momentOf(ports);
    const after = revised(convoy, decided(convoy, choice), isoNow(ports));
    const event = newEvent(
      { townId, eventId: ports.ids.ulid(), type: 'fields_updated', actor, at: isoNow(ports) },
      { beadId: convoyId, convoyId, new: sentenceOf(choice), data: { field: 'budget', choice: choice.choice } },
    );
    // A convoy that was let go on or stopped is counted once more, so that its queues are looked at.
    const look: Write = { put: 'work', item: workItem(townId, 'convoy', convoyId, moment.nowMs, moment.stamp), when: 'none' };
    return { writes: writesOf([{ before: convoy, after }], event, moment, [look]), result: undefined };
  });
