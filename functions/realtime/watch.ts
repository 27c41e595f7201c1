// Which agents somebody watches live: the runner sends parts of a session only for these. Sending to a connection that is gone removes it.
import type { ServerFrame } from '../contracts/frames.schema.ts';
import type { Connection } from '../contracts/work.schema.ts';
import type { Ports } from '../ports.ts';

const agentTopic = 'agent:';
export const topicOfAgent = (agentId: string): string => `${agentTopic}${agentId}`;

/** Sends one frame; a connection that is gone is forgotten. A send that fails loses a hint, which readers heal: it is logged only. */
export const sendTo = async (ports: Pick<Ports, 'push' | 'store' | 'log'>, connectionId: string, frame: ServerFrame): Promise<void> => {
  try {
    if ((await ports.push.send(connectionId, frame)) === 'gone')
      await ports.store.commit([{ remove: 'connection', key: { connectionId }, when: 'none' }]);
  } catch (error) {
    ports.log.warn('push_failed', { kind: frame.kind, error: error instanceof Error ? error.message : 'unknown' });
  }
};

const watchedAgents = (connections: readonly Connection[]): string[] =>
  [
    ...new Set(
      connections.flatMap((connection) =>
        connection.kind === 'user'
          ? connection.topics.filter((topic) => topic.startsWith(agentTopic)).map((topic) => topic.slice(agentTopic.length))
          : [],
      ),
    ),
  ].toSorted();

/** Connections of the town with the newest state of those that the caller has just written: the list itself may lag. */
const connectionsWith = async (ports: Pick<Ports, 'store'>, townId: string, fresh: readonly Connection[]): Promise<Connection[]> => {
  const listed = await ports.store.connectionsOf(townId);
  const known = new Set(fresh.map((connection) => connection.connectionId));
  return [...listed.filter((connection) => !known.has(connection.connectionId)), ...fresh];
};

/** Tells the town's runner which agents are watched now. `fresh`: connections as just written. */
export const tellRunnerWhoIsWatched = async (ports: Ports, townId: string, fresh: readonly Connection[] = []): Promise<void> => {
  const connections = await connectionsWith(ports, townId, fresh);
  const frame: ServerFrame = { kind: 'watch', agentIds: watchedAgents(connections) };
  await Promise.all(
    connections.filter((connection) => connection.kind === 'runner').map((connection) => sendTo(ports, connection.connectionId, frame)),
  );
};
