// What the Mayor is told about money. Unknown is said, never 0.
import type { z } from 'zod';
import type { tools } from '../contracts/tools.schema.ts';
import type { UsageSum } from '../contracts/usage.schema.ts';
import { dayStandings, dollars, standingSentence } from '../domain/spending/budgets.ts';
import { agentOf } from '../operations/agent-caller.ts';
import type { AgentIdentity } from '../operations/agent-caller.ts';
import { beadOf } from '../operations/access.ts';
import { lifeCostOf, usageOf } from '../operations/costs.ts';
import type { Ports } from '../ports.ts';
import type { ToolAnswer } from './tool-answer.ts';

type Input = z.output<(typeof tools)['gt_cost']['input']>;
const shown = 20;
const dayMs = 86_400_000;
const usd = (microUsd: number): number => Math.round(microUsd / 10_000) / 100;
const money = ({
  costMicroUsd,
  estimatedMicroUsd,
  computeMicroUsd,
  calls,
  inputTokens,
  outputTokens,
}: UsageSum): Record<string, unknown> => ({
  usd: usd(costMicroUsd),
  ...(estimatedMicroUsd > 0 ? { estimated_usd: usd(estimatedMicroUsd) } : {}),
  ...(computeMicroUsd > 0 ? { compute_usd: usd(computeMicroUsd) } : {}),
  calls,
  tokens: inputTokens + outputTokens,
});
const estimate = ({ estimatedMicroUsd }: UsageSum): string =>
  estimatedMicroUsd > 0 ? ` ${dollars(estimatedMicroUsd)} of it is an estimate, because the price of a model is not known.` : '';

const lifeAnswer = async (ports: Ports, townId: string, beadId: string): Promise<ToolAnswer> => {
  const bead = await beadOf(ports, townId, beadId);
  const cost = await lifeCostOf(ports, bead);
  const limit = cost.budgetMicroUsd === undefined ? '' : ` of its budget of ${dollars(cost.budgetMicroUsd)}`;
  return {
    data: { id: beadId, ...money(cost), ...(cost.budgetMicroUsd === undefined ? {} : { budget_usd: usd(cost.budgetMicroUsd) }) },
    sentence: `${beadId} has cost ${dollars(cost.costMicroUsd)}${limit} so far, with its reviews and repairs.${estimate(cost)}`,
  };
};

/** How the budgets of the day stand. */
const standing = async (ports: Ports, townId: string): Promise<string[]> => {
  const { town, rigs, work } = await ports.store.passOf(townId);
  return town === undefined ? [] : dayStandings(work, { town, rigs, nowMs: ports.clock.nowMs() }).map(standingSentence);
};

export const cost = async (ports: Ports, caller: AgentIdentity, { scope, id, days = 1 }: Input): Promise<ToolAnswer> => {
  await agentOf(ports, caller);
  const { townId } = caller;
  if (id !== undefined && (scope === 'bead' || scope === 'convoy')) return lifeAnswer(ports, townId, id);
  const from = new Date(ports.clock.nowMs() - (days - 1) * dayMs).toISOString().slice(0, 10);
  const to = new Date(ports.clock.nowMs()).toISOString().slice(0, 10);
  const view = await usageOf(ports, townId, { by: scope === 'town' ? 'day' : scope, from, to });
  const items = view.items.filter((item) => scope === 'town' || id === undefined || item.key === id);
  const budgets = scope === 'town' ? await standing(ports, townId) : [];
  const since = days === 1 ? 'Today' : `Since ${from}`;
  return {
    data: {
      total: money(view.total),
      items: items.slice(0, shown).map((item) => ({ id: item.key ?? null, ...money(item) })),
      ...(items.length > shown ? { left_out: items.length - shown } : {}),
      ...(budgets.length === 0 ? {} : { budgets }),
    },
    sentence: `${since} ${dollars(view.total.costMicroUsd)} were spent in all.${estimate(view.total)}`,
  };
};
