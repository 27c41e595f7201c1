// What a town, rig, convoy and bead may spend, how far it has, and what follows. Pure. Spend that is not known closes like spend that is too much.
import type { Bead } from '../../contracts/bead.schema.ts';
import type { Town } from '../../contracts/town.schema.ts';
import type { WorkItem } from '../../contracts/work.schema.ts';
import { isConvoy, isIssue } from '../bead-writes.ts';
import { effective } from '../settings.ts';
import type { Scopes } from '../settings.ts';
import { dayOf } from './usage.ts';

export interface Budgets {
  /** Town per UTC day. */
  readonly dayUsd: number;
  /** Each rig per UTC day. */
  readonly rigDayUsd?: number;
  readonly convoyUsd?: number;
  readonly beadUsd?: number;
  readonly dayTokens: number;
  /** Stands in for prices that are not known. */
  readonly unknownPriceUsdPerMTok: number;
}
const budgetsIn = (scopes: Scopes): Budgets => {
  const [rigDayUsd, convoyUsd] = [effective('budget.rigDayUsd', scopes), effective('budget.convoyUsd', scopes)];
  return {
    dayUsd: effective('budget.dayUsd', scopes),
    beadUsd: effective('budget.beadUsd', scopes),
    dayTokens: effective('budget.dayTokens', scopes),
    unknownPriceUsdPerMTok: effective('budget.unknownPriceUsdPerMTok', scopes),
    ...(rigDayUsd === undefined ? {} : { rigDayUsd }),
    ...(convoyUsd === undefined ? {} : { convoyUsd }),
  };
};
export const budgetsOf = (_town: Town): Budgets => budgetsIn({});

const microUsdPerUsd = 1_000_000;
export const microUsdOf = (usd: number): number => Math.round(usd * microUsdPerUsd);
/** Dollars and cents for people. */
export const dollars = (microUsd: number): string => `${(microUsd / microUsdPerUsd).toFixed(2)} USD`;

/** `asked`: a convoy that a person must decide about. */
export type Level = 'within' | 'warned' | 'asked' | 'stopped';
const warnPercent = 80;
const askPercent = 90;
/** A budget that is reached is used up. */
export const levelOf = (spent: number, limit: number, asks = false): Level => {
  if (spent >= limit) return 'stopped';
  if (asks && spent * 100 >= limit * askPercent) return 'asked';
  return spent * 100 >= limit * warnPercent ? 'warned' : 'within';
};
const ranks: Readonly<Record<Level, number>> = { within: 0, warned: 1, asked: 2, stopped: 3 };
export const isFurther = (one: Level, other: Level): boolean => ranks[one] > ranks[other];

export type Amount = number | 'unknown';
export interface Spend {
  readonly costMicroUsd: Amount;
  readonly tokens: Amount;
}
const plus = (one: Amount, other: number | undefined): Amount => (one === 'unknown' || other === undefined ? 'unknown' : one + other);

/** `<day>#told` holds what has been said about the day's budgets. */
export const toldWorkId = (atMs: number): string => `${dayOf(atMs)}#told`;

/** What was spent on the UTC day of this time, of the town and by rig (`-`: by no rig). */
export const spentOn = (work: readonly WorkItem[], atMs: number): { readonly town: Spend; readonly rigs: ReadonlyMap<string, Spend> } => {
  const day = `${dayOf(atMs)}#`;
  const rigs = new Map<string, Spend>();
  let town: Spend = { costMicroUsd: 0, tokens: 0 };
  for (const item of work) {
    if (item.kind !== 'spend' || !item.workId.startsWith(day) || item.workId === toldWorkId(atMs)) continue;
    rigs.set(item.workId.slice(day.length), { costMicroUsd: plus(0, item.costMicroUsd), tokens: plus(0, item.tokens) });
    town = { costMicroUsd: plus(town.costMicroUsd, item.costMicroUsd), tokens: plus(town.tokens, item.tokens) };
  }
  return { town, rigs };
};

/** The budget of one bead or convoy; undefined when it has none. */
export const budgetMicroUsdOf = (bead: Bead, budgets: Budgets): number | undefined => {
  if (isConvoy(bead)) return bead.details.budgetMicroUsd ?? (budgets.convoyUsd === undefined ? undefined : microUsdOf(budgets.convoyUsd));
  if (!isIssue(bead)) return undefined;
  return bead.details.budgetMicroUsd ?? (budgets.beadUsd === undefined ? undefined : microUsdOf(budgets.beadUsd));
};

/** How far a bead or convoy is in its budget. A convoy asks a person once; who lets it go on lets it go on to the end of its budget. */
export const beadLevel = (bead: Bead, spent: Amount, budgets: Budgets): Level => {
  const limit = budgetMicroUsdOf(bead, budgets);
  if (limit === undefined) return 'within';
  if (spent === 'unknown') return 'stopped';
  return levelOf(spent, limit, isConvoy(bead) && bead.details.budgetContinued !== true);
};

/** One budget and how far it is used. */
export interface Standing {
  /** `town`, `tokens`, `rig#<id>`, `bead#<id>`, `convoy#<id>`. */
  readonly scope: string;
  readonly name: string;
  readonly unit: 'usd' | 'tokens';
  readonly spent: Amount;
  /** Micro-dollars or tokens. */
  readonly limit: number;
  readonly level: Level;
}
const standing = (about: Omit<Standing, 'level'>): Standing => ({
  ...about,
  level: about.spent === 'unknown' ? 'stopped' : levelOf(about.spent, about.limit),
});

/** The budgets of the day: the town's money and tokens, and each rig's money where rigs have a budget. */
export const dayStandings = (
  work: readonly WorkItem[],
  budgets: Budgets,
  at: { readonly nowMs: number; readonly rigs: readonly { readonly rigId: string; readonly name: string }[] },
): Standing[] => {
  const { town, rigs } = spentOn(work, at.nowMs);
  const { rigDayUsd } = budgets;
  return [
    standing({ scope: 'town', name: 'The town', unit: 'usd', spent: town.costMicroUsd, limit: microUsdOf(budgets.dayUsd) }),
    standing({ scope: 'tokens', name: 'The town', unit: 'tokens', spent: town.tokens, limit: budgets.dayTokens }),
    ...(rigDayUsd === undefined
      ? []
      : at.rigs.map(({ rigId, name }) =>
          standing({
            scope: `rig#${rigId}`,
            name: `Rig ${name}`,
            unit: 'usd',
            spent: rigs.get(rigId)?.costMicroUsd ?? 0,
            limit: microUsdOf(rigDayUsd),
          }),
        )),
  ];
};

/** Used up until the day is over; others until they are raised. */
export const isOfDay = (scope: string): boolean => scope === 'town' || scope === 'tokens' || scope.startsWith('rig#');

const amount = (value: number, unit: Standing['unit']): string => (unit === 'usd' ? dollars(value) : `${value} tokens`);
/** A sentence for people. */
export const standingSentence = ({ scope, name, unit, spent, limit, level }: Standing): string => {
  const isDay = isOfDay(scope);
  const until = isDay
    ? ' Work goes on at midnight UTC, or as soon as the budget is raised.'
    : ' Work goes on as soon as the budget is raised.';
  if (spent === 'unknown') return `What ${name} has spent is not known, so nothing is given out.`;
  const used = `${name} has spent ${amount(spent, unit)} of ${amount(limit, unit)}${isDay ? ' today' : ''}.`;
  if (level === 'stopped') return `${used} Nothing more is given out.${until}`;
  if (level === 'asked') return `${used} Nothing more of it is given out until a person raises the budget, lets it go on, or stops it.`;
  return used;
};
