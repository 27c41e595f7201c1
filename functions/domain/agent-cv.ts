// The history of an agent: what its item counts while it is there, what stays of it afterwards, and what a bead adds to both. Pure.
import type { Agent, AgentRecord, Identity } from '../contracts/agent.schema.ts';
import { mostSkills } from '../contracts/agent.schema.ts';
import type { Tally } from '../contracts/usage.schema.ts';
import { workedMsOf } from './agent-state.ts';
import { dayOf } from './spending/usage.ts';

const nothingDone: AgentRecord = { done: 0, repairs: 0, failures: 0, workedMs: 0 };
const dayMs = 86_400_000;
/** Usage of a day may come in late, with the last reports of its evening: a day is settled when the one after it is over. */
const lateDays = 1;

/** The UTC days from the first one, `yyyymmdd`, to that of `untilMs`. */
const daysUpTo = (first: string, untilMs: number): string[] => {
  const firstMs = Date.parse(`${first.slice(0, 4)}-${first.slice(4, 6)}-${first.slice(6)}`);
  return Array.from({ length: Math.max(0, Math.floor((untilMs - firstMs) / dayMs) + 1) }, (_, index) => dayOf(firstMs + index * dayMs));
};
/** Days whose costs are not in the agent's record, up to today. */
export const openDays = (agent: Pick<Agent, 'record' | 'createdAt'>, nowMs: number): string[] =>
  daysUpTo(agent.record?.spentBefore ?? dayOf(Date.parse(agent.createdAt)), nowMs);
/** Days that can go into the record: nothing comes to them any more. */
export const settledDays = (agent: Pick<Agent, 'record' | 'createdAt'>, nowMs: number): string[] =>
  openDays(agent, nowMs - (lateDays + 1) * dayMs);

type Skills = Pick<AgentRecord, 'costMicroUsd' | 'models' | 'languages'>;
type Models = NonNullable<Skills['models']>;

const most = <T>(all: Readonly<Record<string, T>>, weight: (one: T) => number): Record<string, T> =>
  Object.fromEntries(
    Object.entries(all)
      .toSorted(([, one], [, other]) => weight(other) - weight(one))
      .slice(0, mostSkills),
  );
const sums = (one: Readonly<Record<string, number>> = {}, other: Readonly<Record<string, number>> = {}): Record<string, number> =>
  Object.fromEntries([...new Set([...Object.keys(one), ...Object.keys(other)])].map((key) => [key, (one[key] ?? 0) + (other[key] ?? 0)]));
const modelSums = (one: Models = {}, other: Models = {}): Models =>
  Object.fromEntries(
    [...new Set([...Object.keys(one), ...Object.keys(other)])].map((model) => [
      model,
      {
        calls: (one[model]?.calls ?? 0) + (other[model]?.calls ?? 0),
        costMicroUsd: (one[model]?.costMicroUsd ?? 0) + (other[model]?.costMicroUsd ?? 0),
      },
    ]),
  );
/** Two parts of one history together. What nobody has counted yet stays absent. */
export const skillsTogether = (one: Skills = {}, other: Skills = {}): Skills => ({
  ...(one.costMicroUsd === undefined && other.costMicroUsd === undefined
    ? {}
    : { costMicroUsd: (one.costMicroUsd ?? 0) + (other.costMicroUsd ?? 0) }),
  ...(one.models === undefined && other.models === undefined
    ? {}
    : { models: most(modelSums(one.models, other.models), ({ calls }) => calls) }),
  ...(one.languages === undefined && other.languages === undefined
    ? {}
    : { languages: most(sums(one.languages, other.languages), (files) => files) }),
});

/** What the sums of some days say about one agent. */
export const spentBy = (agentId: string, tallies: readonly Tally[]): Skills => {
  const own = tallies.filter((tally) => tally.agentId === agentId && tally.model !== undefined && tally.calls > 0);
  return own.reduce<Skills>(
    (all, { model = '', calls, costMicroUsd }) => skillsTogether(all, { costMicroUsd, models: { [model]: { calls, costMicroUsd } } }),
    {},
  );
};
/** The record with the costs of days before `before` in it. */
export const withSpending = (agent: Agent, spent: Skills, before: string): AgentRecord => {
  const record = agent.record ?? nothingDone;
  return { ...record, ...skillsTogether(record, spent), spentBefore: before };
};

/** The agent with what it has just finished on its record, with the time that it took and the languages of the files that it changed. */
export const withRecord = (
  agent: Agent,
  what: 'done' | 'repairs' | 'failures',
  nowMs: number,
  languages?: Readonly<Record<string, number>>,
): Agent => {
  const record = agent.record ?? nothingDone;
  return {
    ...agent,
    record: {
      ...record,
      [what]: record[what] + 1,
      workedMs: record.workedMs + workedMsOf(agent, nowMs),
      ...skillsTogether(record, languages === undefined ? {} : { languages }),
    },
  };
};

/** Attributes of an identity that are added up. */
export const identityNumbers = ['epochs', 'done', 'repairs', 'failures', 'workedMs', 'sentBack', 'reworkRounds', 'costMicroUsd'] as const;
/** What the item of a removed agent adds to its identity. `known`: what the identity says already; nobody else writes its models and languages. */
export const identityAfter = (agent: Agent, known: Identity | undefined, at: string): Identity => {
  const { done, repairs, failures, workedMs, ...record } = agent.record ?? nothingDone;
  const { models, languages } = skillsTogether(known, record);
  return {
    townId: agent.townId,
    agentId: agent.agentId,
    name: agent.name,
    role: agent.role,
    done,
    repairs,
    failures,
    workedMs,
    costMicroUsd: record.costMicroUsd ?? 0,
    ...(models === undefined ? {} : { models }),
    ...(languages === undefined ? {} : { languages }),
    epochs: Math.max(0, agent.epoch - (known?.epochs ?? 0)),
    sentBack: 0,
    reworkRounds: 0,
    updatedAt: at,
  };
};
