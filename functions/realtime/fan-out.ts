// Hints to everybody who listens: browsers learn that a topic changed, the runner that its desired set may have.
import type { ServerFrame } from '../contracts/frames.schema.ts';
import type { Connection } from '../contracts/work.schema.ts';
import type { Ports } from '../ports.ts';
import { runnerTopic } from '../stream/react.ts';
import { sendTo } from './watch.ts';

export interface ChangeFrame {
  readonly townId: string;
  readonly topic: string;
  readonly ids: readonly string[];
  readonly eventId?: string;
}

const idsPerFrame = 50;
/** Never equal to a version that the runner has: it reads the desired set again. */
const unknownVersion = 'changed';

/** One frame per topic, with all ids that fit and the newest event. */
const merged = (frames: readonly ChangeFrame[]): ChangeFrame[] => {
  const byTopic = new Map<string, ChangeFrame>();
  for (const frame of frames) {
    const earlier = byTopic.get(frame.topic);
    const ids = [...new Set([...(earlier?.ids ?? []), ...frame.ids])];
    const eventIds = [earlier?.eventId, frame.eventId].flatMap((id) => id ?? []).toSorted();
    const eventId = eventIds.at(-1);
    byTopic.set(frame.topic, { townId: frame.townId, topic: frame.topic, ids, ...(eventId === undefined ? {} : { eventId }) });
  }
  return [...byTopic.values()];
};

const framesFor = (connection: Connection, changes: readonly ChangeFrame[]): ServerFrame[] => {
  if (connection.kind === 'runner')
    return changes.some((change) => change.topic === runnerTopic) ? [{ kind: 'desired', desiredVersion: unknownVersion }] : [];
  return changes
    .filter((change) => connection.topics.includes(change.topic))
    .map(({ townId, topic, ids, eventId }) => ({
      kind: 'changed',
      townId,
      topic,
      ids: ids.slice(0, idsPerFrame),
      ...(eventId === undefined ? {} : { eventId }),
    }));
};

/** Sends each change to the connections that subscribed to its topic, and a hint to the runners of the towns. Frames may be lost; nothing depends on them. */
export const pushFrames = async (ports: Pick<Ports, 'store' | 'push' | 'log'>, frames: readonly ChangeFrame[]): Promise<void> => {
  for (const townId of new Set(frames.map((frame) => frame.townId))) {
    const changes = merged(frames.filter((frame) => frame.townId === townId));
    const connections = await ports.store.connectionsOf(townId);
    await Promise.all(
      connections.map(async (connection) => {
        for (const frame of framesFor(connection, changes)) await sendTo(ports, connection.connectionId, frame);
      }),
    );
  }
};
