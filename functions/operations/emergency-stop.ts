// The emergency stop: one transaction freezes the town, passes carry it out and look whether it is so. Nothing of it undoes work.
import type { RuntimeLease } from '../contracts/runner.schema.ts';
import type { Resumed, TownStop } from '../contracts/stop.schema.ts';
import type { Town } from '../contracts/town.schema.ts';
import { hasProcess } from '../domain/agent-state.ts';
import { lookAgain, putWork, removeWork, workItem } from '../domain/bead-writes.ts';
import { newEvent } from '../domain/new-bead.ts';
import type { Ports, Write } from '../ports.ts';
import { conflict } from '../api/problems.ts';
import { ownTown } from './access.ts';
import { isoNow, momentOf, transact } from './transact.ts';

export interface StopCall {
  readonly userId: string;
  readonly townId: string;
}
const agentsPerCommit = 90;

/** Whoever holds the lease is refused everything from now on: agents' tools, pushes, reports, the desired set. */
const frozen = (lease: RuntimeLease, at: string): Write => ({
  put: 'lease',
  item: {
    ...lease,
    ...(lease.state === 'absent' ? {} : { state: 'stopping' }),
    runtimeEpoch: lease.runtimeEpoch + 1,
    version: lease.version + 1,
    updatedAt: at,
  },
  when: { equals: { version: lease.version } },
});

/** Freezes the town in one transaction; idempotent. What runs outside is ended by the passes that follow. Throws 404, 403. */
export const stopTown = (
  ports: Ports,
  { userId, townId, reason }: StopCall & { readonly reason?: string | undefined },
): Promise<TownStop> =>
  transact(ports, 'The town', async () => {
    const town = await ownTown(ports, userId, townId);
    if (town.stopped !== undefined) return { writes: [], result: town.stopped };
    const [lease, agents] = await Promise.all([ports.store.get('lease', { townId }), ports.store.agentsOf(townId)]);
    const at = isoNow(ports);
    const stopped: TownStop = {
      at,
      by: `user:${userId}`,
      ...(reason === undefined ? {} : { reason }),
      agents: agents.filter(hasProcess).map(({ agentId }) => agentId),
      ...(lease?.runtimeRef === undefined ? {} : { runtime: lease.runtimeRef }),
      executions: [],
      commands: [],
      stillRuns: [],
    };
    const event = newEvent(
      { townId, eventId: ports.ids.ulid(), type: 'town_stopped', actor: `user:${userId}`, at },
      { ...(reason === undefined ? {} : { new: reason }), data: { agents: stopped.agents.length } },
    );
    const moment = momentOf(ports);
    return {
      writes: [
        { put: 'town', item: { ...town, stopped, version: town.version + 1, updatedAt: at }, when: { equals: { version: town.version } } },
        ...(lease === undefined ? [] : [frozen(lease, at)]),
        putWork(workItem(townId, 'stop', townId, moment.nowMs, moment.stamp)),
        { put: 'event', item: event, when: 'none' },
      ],
      result: stopped,
    };
  });

/** Nobody is judged by the silence of the stop: agents that go on count from now. */
const refreshAgents = async (ports: Ports, townId: string): Promise<string[]> => {
  const agents = (await ports.store.agentsOf(townId)).filter(hasProcess);
  const at = isoNow(ports);
  for (let start = 0; start < agents.length; start += agentsPerCommit) {
    const writes = agents.slice(start, start + agentsPerCommit).map((agent): Write => ({
      put: 'agent',
      item: { ...agent, state: 'starting', epoch: agent.epoch + 1, version: agent.version + 1, updatedAt: at },
      when: { equals: { version: agent.version } },
    }));
    if (!(await ports.store.commit(writes)).ok) throw conflict('An agent changed while the town was being resumed; try again.');
  }
  return agents.map(({ agentId }) => agentId);
};

const withoutStop = ({ stopped: _stopped, ...town }: Town): Town => town;

/**
 * Lets a stopped town go on, once everything was seen to have stopped; idempotent. Throws 404, 403, and 409 naming what still runs.
 */
export const resumeTown = async (ports: Ports, { userId, townId }: StopCall): Promise<Resumed> => {
  const before = await ownTown(ports, userId, townId);
  if (before.stopped === undefined) return { resumed: false, agents: [] };
  const agents = before.stopped.verifiedAt === undefined ? [] : await refreshAgents(ports, townId);
  return transact<Resumed>(ports, 'The town', async () => {
    const town = await ownTown(ports, userId, townId);
    const stop = town.stopped;
    if (stop === undefined) return { writes: [], result: { resumed: false, agents } };
    if (stop.verifiedAt === undefined)
      throw conflict(
        `The town cannot go on yet: ${stop.stillRuns.length === 0 ? 'it is still being looked at' : `${stop.stillRuns.join(', ')} still runs`}. It is being stopped; try again in a moment.`,
      );
    const at = isoNow(ports);
    const event = newEvent(
      { townId, eventId: ports.ids.ulid(), type: 'town_resumed', actor: `user:${userId}`, at },
      { old: stop.at, data: { agents: agents.length, stoppedBy: stop.by } },
    );
    return {
      writes: [
        {
          put: 'town',
          item: { ...withoutStop(town), version: town.version + 1, updatedAt: at },
          when: { equals: { version: town.version } },
        },
        removeWork(townId, 'stop', townId),
        lookAgain(townId, momentOf(ports)),
        { put: 'event', item: event, when: 'none' },
      ],
      result: { resumed: true, stop, agents },
    };
  });
};
