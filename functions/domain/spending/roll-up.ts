// Views of what was spent, made of a day's sums. Pure.
import { tallyNumbers } from '../../contracts/usage.schema.ts';
import type { Tally, UsageGrouping, UsageSum, UsageView } from '../../contracts/usage.schema.ts';

const nothing: UsageSum = {
  calls: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  durationMs: 0,
  costMicroUsd: 0,
  estimatedMicroUsd: 0,
  computeMicroUsd: 0,
};
/** The numbers of several sums together. */
export const together = (sums: readonly UsageSum[]): UsageSum => {
  const total = { ...nothing };
  for (const sum of sums) for (const name of tallyNumbers) total[name] += sum[name];
  return total;
};

const isoDayOf = (day: string): string => `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;
const keyOf: Readonly<Record<UsageGrouping, (tally: Tally) => string | undefined>> = {
  bead: (tally) => tally.beadId,
  convoy: (tally) => tally.convoyId,
  agent: (tally) => tally.agentId,
  user: (tally) => tally.requestedBy,
  rig: (tally) => tally.rigId,
  day: (tally) => isoDayOf(tally.period),
  model: (tally) => tally.model,
};

export const rolledUp = (tallies: readonly Tally[], by: UsageGrouping): Pick<UsageView, 'items' | 'total'> => {
  const groups = new Map<string | undefined, Tally[]>();
  for (const tally of tallies) {
    const key = keyOf[by](tally);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [tally]);
    else group.push(tally);
  }
  const items = [...groups].map(([key, group]) => ({ ...(key === undefined ? {} : { key }), ...together(group) }));
  const before = (one: (typeof items)[number], other: (typeof items)[number]): number =>
    by === 'day' || one.costMicroUsd === other.costMicroUsd
      ? (one.key ?? '').localeCompare(other.key ?? '')
      : other.costMicroUsd - one.costMicroUsd;
  return { items: items.toSorted(before), total: together(items) };
};
