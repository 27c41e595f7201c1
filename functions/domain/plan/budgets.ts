// B7: budgets. At 80 % one warning; at 100 % nothing more is given out until the day is over or the budget is raised; a convoy asks at 90 %.
import { z } from 'zod';
import type { Bead } from '../../contracts/bead.schema.ts';
import type { Rig, Town } from '../../contracts/town.schema.ts';
import type { WorkItem } from '../../contracts/work.schema.ts';
import { isConvoy } from '../bead-writes.ts';
import { beadLevel, budgetMicroUsdOf, dayStandings, isFurther, standingSentence, toldWorkId, isOfDay } from '../spending/budgets.ts';
import type { Level, Standing } from '../spending/budgets.ts';
import { convoyIdOf, dayEndMs } from '../spending/usage.ts';
import { isFinal } from '../transition.ts';
import type { Findings } from './action.ts';
import { findings } from './action.ts';
import type { View } from './view.ts';

const toldSchema = z.record(z.string(), z.object({ level: z.enum(['warned', 'asked', 'stopped']), limit: z.number() }));
export type Told = z.infer<typeof toldSchema>;
/** What has been said about budgets, by scope; unreadable bookkeeping counts as nothing said. */
export const toldIn = (item: WorkItem | undefined): Told => {
  if (item?.data === undefined) return {};
  try {
    return toldSchema.parse(JSON.parse(item.data));
  } catch {
    // Of another version: it is said again at most once, because the escalation has its own mark.
    return {};
  }
};
/** Something is said once per level and limit: a raised budget that is used up again is news. */
export const isTold = (told: Told, { scope, level, limit }: Standing): boolean => {
  const before = told[scope];
  return level === 'within' || (before !== undefined && before.limit === limit && !isFurther(level, before.level));
};

/** What the money of a town is judged by. */
export interface MoneyFacts {
  readonly town: Town;
  readonly rigs: readonly Rig[];
  readonly work: readonly WorkItem[];
  readonly bead: (beadId: string) => Bead | undefined;
  readonly nowMs: number;
}
const factsOf = ({ snapshot: { town, rigs, work }, bead, nowMs }: View): MoneyFacts => ({ town, rigs, work, bead, nowMs });

/** Beads and convoys that are far into their budgets: reports write such an item from the warning on. */
const beadStandings = ({ town, rigs, work, bead: beadOf }: MoneyFacts): { readonly item: WorkItem; readonly standing: Standing }[] =>
  work.flatMap((item) => {
    const bead = item.kind === 'budget' ? beadOf(item.workId) : undefined;
    const convoyId = convoyIdOf(bead);
    const owners = {
      town,
      rig: rigs.find(({ rigId }) => rigId === bead?.rigId),
      convoy: convoyId === undefined ? undefined : beadOf(convoyId),
    };
    const limit = bead === undefined ? undefined : budgetMicroUsdOf(bead, owners);
    if (bead === undefined || limit === undefined || isFinal(bead.status)) return [];
    const spent = item.costMicroUsd ?? 'unknown';
    const scope = `${isConvoy(bead) ? 'convoy' : 'bead'}#${bead.beadId}`;
    return [{ item, standing: { scope, name: bead.beadId, unit: 'usd', spent, limit, level: beadLevel(bead, spent, limit) } }];
  });

export interface MoneyGate {
  /** Why nothing may be given out at all. */
  readonly town: string | undefined;
  readonly rig: (rigId: string) => string | undefined;
  /** A bead or convoy. */
  readonly bead: (beadId: string) => string | undefined;
  /** When budgets of the day that are used up begin anew. */
  readonly waits: readonly number[];
}
const closes = (level: Level): boolean => level === 'asked' || level === 'stopped';

/** What may be given out now as far as money goes. */
export const gateOf = (facts: MoneyFacts): MoneyGate => {
  const { town, rigs, work, nowMs } = facts;
  const all = [...dayStandings(work, { town, rigs, nowMs }), ...beadStandings(facts).map(({ standing }) => standing)];
  const closed = all.filter(({ level }) => closes(level));
  const reason = (...scopes: string[]): string | undefined => {
    const found = closed.find(({ scope }) => scopes.includes(scope));
    return found === undefined ? undefined : standingSentence(found);
  };
  return {
    town: reason('town', 'tokens'),
    rig: (rigId) => reason(`rig#${rigId}`),
    bead: (beadId) => reason(`bead#${beadId}`, `convoy#${beadId}`),
    waits: closed.some(({ scope }) => isOfDay(scope)) ? [dayEndMs(nowMs)] : [],
  };
};
/** Asked by several rules of one pass. */
const gates = new WeakMap<View, MoneyGate>();
export const moneyGate = (view: View): MoneyGate => {
  const gate = gates.get(view) ?? gateOf(factsOf(view));
  gates.set(view, gate);
  return gate;
};

/** How far a budget is used now; undefined when there is none, or when its bead is far from it or over. */
export const standingOf = (view: View, scope: string): Standing | undefined => {
  const facts = factsOf(view);
  return isOfDay(scope)
    ? dayStandings(facts.work, facts).find((each) => each.scope === scope)
    : beadStandings(facts).find(({ standing }) => standing.scope === scope)?.standing;
};

const tells = (standing: Standing, item: { readonly workId: string; readonly kind: 'spend' | 'budget'; readonly stamp?: string }) =>
  ({
    rule: 'B7',
    kind: 'tell-budget',
    subject: standing.scope,
    standing,
    item,
    sentence: standingSentence(standing),
  }) as const;

/** Whether a budget of the day has come to a point that has not been said. */
export const hasBudgetNews = (facts: Pick<MoneyFacts, 'town' | 'rigs' | 'work' | 'nowMs'>): boolean => {
  const toldId = toldWorkId(facts.nowMs);
  const told = toldIn(facts.work.find((item) => item.kind === 'spend' && item.workId === toldId));
  return dayStandings(facts.work, facts).some((standing) => !isTold(told, standing));
};

export const budgetRules = (view: View): Findings => {
  const found = findings();
  const { town, rigs, work } = view.snapshot;
  const toldId = toldWorkId(view.nowMs);
  const told = toldIn(view.work('spend').find((item) => item.workId === toldId));
  for (const standing of dayStandings(work, { town, rigs, nowMs: view.nowMs }))
    if (!isTold(told, standing)) found.actions.push(tells(standing, { kind: 'spend', workId: toldId }));
  for (const { item, standing } of beadStandings(factsOf(view)))
    if (!isTold(toldIn(item), standing)) found.actions.push(tells(standing, { kind: 'budget', workId: item.workId }));
  return found;
};
