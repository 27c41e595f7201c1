// What an agent that works for an hour costs in the table beside its beads: reports of its runner, the money that its calls cost, and its
// transcript. The real operations on a counted store, per agent of a town with one or with many at work.
import { countingUnits } from '../../functions/adapters/dynamodb/counting-units.ts';
import type { ObservedAgent, UsageRow } from '../../functions/contracts/agent.schema.ts';
import { defaultTimings } from '../../functions/contracts/timings.schema.ts';
import { writesOf } from '../../functions/domain/bead-writes.ts';
import { freePolecatName } from '../../functions/domain/plan/names.ts';
import { applyReport } from '../../functions/operations/report.ts';
import { leaseOf } from '../../functions/operations/runtime-caller.ts';
import { storeSessionParts } from '../../functions/operations/session-parts.ts';
import type { Ports } from '../../functions/ports.ts';
import { fakePorts } from '../fakes/ports.ts';
import { aLease, aRig, aTown, anIssue, hooked, nowMs, rigId, townId } from '../rules/build.ts';
import { createMemoryStore } from '../store/memory-store.ts';

export interface PerAgentHour {
  readonly writeUnits: number;
  readonly readUnits: number;
}
export interface AgentHour {
  /** At work at the same time; their runner reports about all of them at once. */
  readonly agents: number;
  readonly reports: PerAgentHour;
  readonly usage: PerAgentHour;
  readonly transcripts: PerAgentHour;
}

const hourMs = 3_600_000;
/** A model call, and what the agent does with its answer. */
const callEveryMs = 20_000;
const text = 'The test fails because the page is not linked from the index yet: I add the link first. '.repeat(4);
const output = 'PASS test/pages.test.ts\n  a page about shipping\n    is linked from the index\n'.repeat(12);

interface BusyAgent {
  readonly agentId: string;
  readonly beadId: string;
}
interface BusyTown {
  readonly ports: Ports;
  readonly agents: readonly BusyAgent[];
  readonly totals: () => PerAgentHour;
  readonly at: (passedMs: number) => void;
}
const caller = { townId, runtimeEpoch: aLease().runtimeEpoch };

const busyTown = async (size: number): Promise<BusyTown> => {
  const counted = countingUnits(createMemoryStore());
  const ports = fakePorts({ store: counted.store });
  ports.clock.set(nowMs);
  await counted.store.commit([
    { put: 'town', item: aTown({ maxPolecatsPerRig: size, maxAgents: size }), when: 'none' },
    { put: 'rig', item: aRig(), when: 'none' },
    { put: 'lease', item: aLease(), when: 'none' },
  ]);
  const names = new Set<string>();
  const agents: BusyAgent[] = [];
  for (let number = 1; number <= size; number += 1) {
    const { agentId } = freePolecatName(names);
    names.add(agentId);
    const bead = anIssue(`web-work${number}`, { status: 'in_progress', assigneeAgentId: agentId, dispatchAttempts: 1 });
    const agent = hooked(agentId, bead.beadId, { slot: `${rigId}#${number}`, sessionId: `ses_${number}` });
    await counted.store.commit(
      writesOf([{ after: bead }], undefined, { nowMs, stamp: 's' }, [{ put: 'agent', item: agent, when: 'none' }]),
    );
    agents.push({ agentId, beadId: bead.beadId });
  }
  return { ports, agents, totals: counted.totals, at: (passedMs) => ports.clock.set(nowMs + passedMs) };
};

const observed = ({ agentId }: BusyAgent, index: number, atMs: number): ObservedAgent => ({
  agentId,
  epoch: 1,
  state: 'working',
  sessionId: `ses_${index + 1}`,
  lastActivityAtMs: atMs,
  activeTools: ['bash'],
  deliveredPromptIds: [`start-web-work${index + 1}-1`],
});
const called = ({ agentId, beadId }: BusyAgent, atMs: number): UsageRow => ({
  callId: `${agentId}-${atMs}`,
  agentId,
  epoch: 1,
  beadId,
  provider: 'bedrock',
  model: 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
  inputTokens: 1_200,
  outputTokens: 450,
  cacheReadTokens: 61_000,
  cacheWriteTokens: 1_800,
  durationMs: 9_000,
  atMs,
});
/** Calls of an agent that ended after `fromMs` and until `toMs` of the hour. */
const callsBetween = (agent: BusyAgent, fromMs: number, toMs: number): UsageRow[] => {
  const calls = [];
  for (let atMs = (Math.floor(fromMs / callEveryMs) + 1) * callEveryMs; atMs <= toMs; atMs += callEveryMs)
    calls.push(called(agent, nowMs + atMs));
  return calls;
};

const reportedHour = async ({ ports, agents, at }: BusyTown, withUsage: boolean): Promise<void> => {
  const { reportPeriodMs } = defaultTimings;
  const { reportSeq } = aLease();
  for (let round = 1; round * reportPeriodMs <= hourMs; round += 1) {
    const toMs = round * reportPeriodMs;
    at(toMs);
    await applyReport(ports, caller, {
      runtimeEpoch: caller.runtimeEpoch,
      reportSeq: reportSeq + round,
      agents: agents.map((agent, index) => observed(agent, index, nowMs + toMs)),
      turns: [],
      commandResults: [],
      runningCommandIds: [],
      usage: withUsage ? agents.flatMap((agent) => callsBetween(agent, toMs - reportPeriodMs, toMs)) : [],
      host: { rssBytes: 1_000_000_000, diskFreeBytes: 10_000_000_000, isolation: 'agent' },
    });
  }
};

/** Each call ends with something said and a tool that was used: one batch. */
const toldHour = async ({ ports, agents, at }: BusyTown): Promise<void> => {
  for (let round = 1; round * callEveryMs <= hourMs; round += 1) {
    at(round * callEveryMs);
    const said = { messageId: `msg_${round}`, role: 'assistant', atMs: nowMs + round * callEveryMs } as const;
    for (const { agentId, beadId } of agents) {
      const lease = await leaseOf(ports, caller);
      await storeSessionParts(ports, lease, {
        runtimeEpoch: caller.runtimeEpoch,
        agentId,
        epoch: 1,
        beadId,
        batchId: ports.ids.ulid(),
        parts: [
          { ...said, seq: 2 * round, kind: 'text', text },
          {
            ...said,
            seq: 2 * round + 1,
            kind: 'tool',
            tool: { name: 'bash', status: 'completed', input: '{"command":"npm test"}', output },
          },
        ],
      });
    }
  }
};

const spent = async (size: number, live: (town: BusyTown) => Promise<void>): Promise<PerAgentHour> => {
  const town = await busyTown(size);
  const before = town.totals();
  await live(town);
  const after = town.totals();
  return { writeUnits: (after.writeUnits - before.writeUnits) / size, readUnits: (after.readUnits - before.readUnits) / size };
};
const rounded = ({ writeUnits, readUnits }: PerAgentHour): PerAgentHour => ({
  writeUnits: Math.round(writeUnits),
  readUnits: Math.round(readUnits),
});

export const measureAgentHour = async (size: number): Promise<AgentHour> => {
  const reports = await spent(size, (town) => reportedHour(town, false));
  const both = await spent(size, (town) => reportedHour(town, true));
  const usage = { writeUnits: both.writeUnits - reports.writeUnits, readUnits: both.readUnits - reports.readUnits };
  return { agents: size, reports: rounded(reports), usage: rounded(usage), transcripts: rounded(await spent(size, toldHour)) };
};
