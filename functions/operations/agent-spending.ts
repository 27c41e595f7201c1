// What an agent's model calls have cost: the sums of each day belong to the costs of the town; an agent's record takes over those of days that are over.
import type { Agent } from '../contracts/agent.schema.ts';
import type { Tally } from '../contracts/usage.schema.ts';
import { openDays, settledDays, skillsTogether, spentBy, withSpending } from '../domain/agent-cv.ts';
import type { Ports } from '../ports.ts';

type Reading = Pick<Ports, 'store' | 'clock'>;
const daysAtOnce = 8;

const talliesOf = async ({ store }: Pick<Ports, 'store'>, townId: string, days: readonly string[]): Promise<Tally[]> => {
  const tallies: Tally[] = [];
  for (let start = 0; start < days.length; start += daysAtOnce) {
    const read = await Promise.all(days.slice(start, start + daysAtOnce).map((day) => store.talliesOf(townId, day)));
    tallies.push(...read.flat());
  }
  return tallies;
};

const withDays = async (ports: Reading, agent: Agent, days: readonly string[]): Promise<Agent> => {
  const next = openDays(agent, ports.clock.nowMs())[days.length];
  if (days.length === 0 || next === undefined) return agent;
  return { ...agent, record: withSpending(agent, spentBy(agent.agentId, await talliesOf(ports, agent.townId, days)), next) };
};

/** The agent with the costs of days that are over on its record; to be written where its item is written anyway. Reads once a day at most. */
export const withSettledSpending = async (ports: Reading, agent: Agent | undefined): Promise<Agent | undefined> =>
  agent === undefined ? undefined : withDays(ports, agent, settledDays(agent, ports.clock.nowMs()));

/** An agent that is removed after a day of rest: nothing of it is reported any more, and nothing was spent today. */
export const withAllSpending = (ports: Reading, agent: Agent): Promise<Agent> =>
  withDays(ports, agent, openDays(agent, ports.clock.nowMs()).slice(0, -1));

/** All that it has spent under its item, with what is not settled yet. */
export const spendingOf = async (ports: Reading, agent: Agent): Promise<ReturnType<typeof skillsTogether>> =>
  skillsTogether(agent.record, spentBy(agent.agentId, await talliesOf(ports, agent.townId, openDays(agent, ports.clock.nowMs()))));
