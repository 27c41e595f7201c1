// Makes triage requests and remembers failures, as writes of the transaction that notices them. The triage agent itself is never a case.
import type { Agent } from '../contracts/agent.schema.ts';
import type { TriageKind, TriageRequest } from '../contracts/triage.schema.ts';
import { crashLoopFailures, failureItem, failuresIn, failuresOf } from '../domain/failure-log.ts';
import type { FailureEntry } from '../domain/failure-log.ts';
import { mayAskTriage, triageItem } from '../domain/triage.ts';
import type { Ports, Write } from '../ports.ts';
import { momentOf } from './transact.ts';

type NeededPorts = Pick<Ports, 'store' | 'clock' | 'ids' | 'deployment'>;
export interface Case {
  readonly agent: Agent;
  readonly kind: TriageKind;
  readonly reason: string;
  /** The bead on the agent's hook when none is given. */
  readonly beadId?: string | undefined;
}
const isCase = ({ role }: Agent): boolean => role === 'polecat' || role === 'refinery';

/** None when a request of this kind is open for the agent, or five are open. */
export const triageWrites = async (ports: NeededPorts, { agent, kind, reason, ...about }: Case): Promise<Write[]> => {
  if (!isCase(agent) || !mayAskTriage(await ports.store.workOf(agent.townId), { agentId: agent.agentId, kind })) return [];
  const moment = momentOf(ports);
  const beadId = about.beadId ?? agent.hookBeadId;
  const request: TriageRequest = {
    kind,
    agentId: agent.agentId,
    reason: reason.slice(0, 2000),
    atMs: moment.nowMs,
    tries: 0,
    ...(beadId === undefined ? {} : { beadId }),
  };
  return [{ put: 'work', item: triageItem(agent.townId, request, moment), when: { absent: true } }];
};

export interface Remembered {
  readonly writes: readonly Write[];
  /** Failures of the last half hour, this one among them. */
  readonly log: readonly FailureEntry[];
}
/** One failure of an agent at a bead; from the third of one agent on triage is asked. */
export const failureWrites = async (ports: NeededPorts, agent: Agent, failure: { beadId: string; reason: string }): Promise<Remembered> => {
  if (!isCase(agent)) return { writes: [], log: [] };
  const { failureWindowMs } = ports.deployment.timings;
  const moment = momentOf(ports);
  const before = await ports.store.get('work', { townId: agent.townId, kind: 'failures', workId: '-' });
  const log = [
    ...failuresIn(before, moment.nowMs - failureWindowMs),
    { beadId: failure.beadId, agentId: agent.agentId, atMs: moment.nowMs },
  ];
  const failures = failuresOf(log, agent.agentId);
  const asked =
    failures < crashLoopFailures
      ? []
      : await triageWrites(ports, {
          agent,
          kind: 'crash_loop',
          beadId: failure.beadId,
          reason: `${agent.name} failed ${failures} times in half an hour. The last time: ${failure.reason}`,
        });
  return {
    log,
    writes: [
      {
        put: 'work',
        item: failureItem(agent.townId, log, moment, failureWindowMs),
        when: before === undefined ? { absent: true } : { equals: { stamp: before.stamp } },
      },
      ...asked,
    ],
  };
};
