// Whether an agent's next model call may pass as far as money goes. The control plane says what is left; what it has not heard of yet is counted here.
import type { UsageRow } from '../../../functions/contracts/agent.schema.ts';
import type { MoneyLeft } from '../../../functions/contracts/runner.schema.ts';

type Counted = Pick<UsageRow, 'inputTokens' | 'outputTokens' | 'cacheReadTokens' | 'cacheWriteTokens'>;
export interface Refusal {
  /** A sentence for the agent and for people. */
  readonly message: string;
  /** Asking again in a moment can help: nobody has said yet what is left. */
  readonly retryable: boolean;
}
export interface ModelBudget {
  /** What is left, as the control plane says after it has stored every row that it was sent. */
  set(left: MoneyLeft): void;
  /** A turn of the agent begins now. A turn that began before a budget was used up may end. */
  turnBegins(agentId: string): void;
  refusal(agentId: string): Refusal | undefined;
  /** What a call costs by the prices that were told, micro-dollars. */
  costOf(agentId: string, tokens: Counted): number;
}

export interface ModelBudgetOptions {
  /** Calls that the control plane has not taken yet. */
  readonly unreported: () => readonly UsageRow[];
  readonly nowMs: () => number;
}

const tokensOf = (row: Counted): number => row.inputTokens + row.outputTokens + (row.cacheWriteTokens ?? 0);
const isExhausted =
  'is used up. It goes on by itself when the budget is raised, budgets of a day also at midnight UTC. Stop here: what you pushed and noted is kept.';

export const createModelBudget = ({ unreported, nowMs }: ModelBudgetOptions): ModelBudget => {
  let left: MoneyLeft | undefined;
  const turnBeganAtMs = new Map<string, number>();
  /** When each budget was first seen used up. */
  const usedUpAtMs = new Map<string, number>();

  const costOf = (agentId: string, tokens: Counted): number => {
    const price = left?.agents[agentId]?.price;
    if (price === undefined) return 0;
    return Math.ceil(
      tokens.inputTokens * price.input +
        tokens.outputTokens * price.output +
        tokens.cacheReadTokens * price.cacheRead +
        (tokens.cacheWriteTokens ?? 0) * price.cacheWrite,
    );
  };

  const mayPass = (key: string, agentId: string, money: { leftMicroUsd: number; graceMicroUsd: number }, spent: number): boolean => {
    const rest = money.leftMicroUsd - spent;
    if (rest > 0) {
      usedUpAtMs.delete(key);
      return true;
    }
    const sinceMs = usedUpAtMs.get(key) ?? nowMs();
    usedUpAtMs.set(key, sinceMs);
    return (turnBeganAtMs.get(agentId) ?? sinceMs) < sinceMs && rest > -money.graceMicroUsd;
  };

  return {
    set: (next) => {
      left = next;
    },
    turnBegins: (agentId) => {
      turnBeganAtMs.set(agentId, nowMs());
    },
    costOf,
    refusal: (agentId) => {
      if (left === undefined) return { message: 'What may be spent is not known yet.', retryable: true };
      const rows = unreported();
      const cost = (of: readonly UsageRow[]): number => of.reduce((sum, row) => sum + (row.costMicroUsd ?? costOf(row.agentId, row)), 0);
      if (left.tokensLeft - rows.reduce((sum, row) => sum + tokensOf(row), 0) <= 0)
        return { message: `The town's cap of tokens for today ${isExhausted}`, retryable: false };
      const own = left.agents[agentId];
      // What costs nothing needs no money.
      if (own !== undefined && Math.max(own.price.input, own.price.output) === 0) return undefined;
      if (!mayPass('town', agentId, left.town, cost(rows)))
        return { message: `The town's budget for today ${isExhausted}`, retryable: false };
      if (own?.own !== undefined && !mayPass(agentId, agentId, own.own, cost(rows.filter((row) => row.agentId === agentId))))
        return { message: `The budget of this bead, its convoy or its rig ${isExhausted}`, retryable: false };
      return undefined;
    },
  };
};
