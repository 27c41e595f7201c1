// What a town, rig, convoy and bead may spend, how far it has, and what follows. Pure. Spend that is not known closes like spend that is too much.
import type { Bead } from '../../contracts/bead.schema.ts';
import type { Rig, Town } from '../../contracts/town.schema.ts';
import type { WorkItem } from '../../contracts/work.schema.ts';
import { isConvoy, isIssue } from '../bead-writes.ts';
import { settingFor } from '../settings.ts';
import type { SettingsOwners } from '../settings.ts';
import { dayOf } from './usage.ts';

/** US dollars for a million tokens of a model whose price is not known. */
export const unknownPriceUsdPerMTok = (town: Town): number => settingFor('budget.unknownPriceUsdPerMTok', { town });

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

/** The budget of one bead or convoy; undefined when it has none. The owners are those of its settings. */
export const budgetMicroUsdOf = (
  bead: Bead,
  { town, rig, convoy }: Pick<SettingsOwners, 'town' | 'rig' | 'convoy'>,
): number | undefined => {
  if (isConvoy(bead)) {
    const usd = settingFor('budget.convoyUsd', { town, rig, convoy: bead });
    return usd === undefined ? undefined : microUsdOf(usd);
  }
  return isIssue(bead) ? microUsdOf(settingFor('budget.beadUsd', { town, rig, convoy, bead })) : undefined;
};

/** How far a bead or convoy is in its budget. A convoy asks a person once; who lets it go on lets it go on to the end of its budget. */
export const beadLevel = (bead: Bead, spent: Amount, limit: number | undefined): Level => {
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

/** The budgets of the day: the town's money and tokens, and the money of each rig that has a budget. */
export const dayStandings = (
  work: readonly WorkItem[],
  { town, rigs, nowMs }: { readonly town: Town; readonly rigs: readonly Rig[]; readonly nowMs: number },
): Standing[] => {
  const spent = spentOn(work, nowMs);
  return [
    standing({
      scope: 'town',
      name: 'the town',
      unit: 'usd',
      spent: spent.town.costMicroUsd,
      limit: microUsdOf(settingFor('budget.dayUsd', { town })),
    }),
    standing({
      scope: 'tokens',
      name: 'the town',
      unit: 'tokens',
      spent: spent.town.tokens,
      limit: settingFor('budget.dayTokens', { town }),
    }),
    ...rigs.flatMap((rig) => {
      const usd = settingFor('budget.rigDayUsd', { town, rig });
      if (usd === undefined) return [];
      const costMicroUsd = spent.rigs.get(rig.rigId)?.costMicroUsd ?? 0;
      return [standing({ scope: `rig#${rig.rigId}`, name: `rig ${rig.name}`, unit: 'usd', spent: costMicroUsd, limit: microUsdOf(usd) })];
    }),
  ];
};

/** Used up until the day is over; others until they are raised. */
export const isOfDay = (scope: string): boolean => scope === 'town' || scope === 'tokens' || scope.startsWith('rig#');

const amount = (value: number, unit: Standing['unit']): string => (unit === 'usd' ? dollars(value) : `${value} tokens`);
const capital = (text: string): string => (/^(the|rig) /.test(text) ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text);
/** A sentence for people. */
export const standingSentence = ({ scope, name, unit, spent, limit, level }: Standing): string => {
  const isDay = isOfDay(scope);
  const until = isDay
    ? ' Work goes on at midnight UTC, or as soon as the budget is raised.'
    : ' Work goes on as soon as the budget is raised.';
  if (spent === 'unknown') return `What ${name} has spent is not known, so nothing is given out.`;
  const used = `${capital(name)} has spent ${amount(spent, unit)} of ${amount(limit, unit)}${isDay ? ' today' : ''}.`;
  if (level === 'stopped') return `${used} Nothing more is given out.${until}`;
  if (level === 'asked') return `${used} Nothing more of it is given out until a person raises the budget, lets it go on, or stops it.`;
  return used;
};
