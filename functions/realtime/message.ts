// Frames from browsers and runners. The town of a subscription is checked against the person behind the connection.
import { clientFrameSchema } from '../contracts/frames.schema.ts';
import type { ClientFrame, ServerFrame } from '../contracts/frames.schema.ts';
import type { Connection } from '../contracts/work.schema.ts';
import { ownTown } from '../operations/access.ts';
import { ProblemError } from '../api/problems.ts';
import type { Ports } from '../ports.ts';
import { sendTo, tellRunnerWhoIsWatched, topicOfAgent } from './watch.ts';

const frameBytes = 32 * 1024;
const topicsPerConnection = 50;

const parsed = (body: string): { readonly ok: true; readonly frame: ClientFrame } | { readonly ok: false; readonly detail: string } => {
  if (Buffer.byteLength(body) > frameBytes) return { ok: false, detail: 'A frame may hold at most 32 KB.' };
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { ok: false, detail: 'The frame is not valid JSON.' };
  }
  const frame = clientFrameSchema.safeParse(value);
  if (frame.success) return { ok: true, frame: frame.data };
  return {
    ok: false,
    detail: frame.error.issues
      .slice(0, 3)
      .map((issue) => `${issue.path.join('.')}: ${issue.message}`)
      .join('; '),
  };
};

const errorFrame = (title: string, detail: string): ServerFrame => ({ kind: 'error', title, detail });

const agentTopics = (connection: Connection): string =>
  connection.topics
    .filter((topic) => topic.startsWith('agent:'))
    .toSorted()
    .join(' ');

type TopicFrame = Extract<ClientFrame, { action: 'subscribe' | 'unsubscribe' }>;
/** Frames of one connection that cross are decided one after the other; so many tries are enough for all that one browser sends at once. */
const attempts = 20;

const topicsAfter = (connection: Connection, frame: TopicFrame): string[] => {
  const current = connection.townId === frame.townId ? connection.topics : [];
  return frame.action === 'subscribe'
    ? [...new Set([...current, ...frame.topics])]
    : current.filter((topic) => !frame.topics.includes(topic));
};

/** Says so, also to the runners of the towns whose agents are watched otherwise now. */
const tellTopics = async (ports: Ports, before: Connection, after: Connection, townId: string): Promise<void> => {
  await sendTo(ports, before.connectionId, { kind: 'subscribed', townId, topics: after.topics });
  if (before.townId !== undefined && before.townId !== townId && agentTopics(before) !== '')
    await tellRunnerWhoIsWatched(ports, before.townId, []);
  if (agentTopics(before) !== agentTopics(after) || before.townId !== townId) await tellRunnerWhoIsWatched(ports, townId, [after]);
};

/** Stores the topics if nobody has changed them since `before` was read. One connection is about one town: another town replaces the topics. */
const changeTopics = async (ports: Ports, before: Connection, frame: TopicFrame): Promise<'done' | 'changed-meanwhile'> => {
  const topics = topicsAfter(before, frame);
  if (topics.length > topicsPerConnection) {
    await sendTo(
      ports,
      before.connectionId,
      errorFrame('Too many topics', `At most ${topicsPerConnection} topics per connection; unsubscribe from some.`),
    );
    return 'done';
  }
  const after: Connection = { ...before, townId: frame.townId, topics, version: (before.version ?? 0) + 1 };
  const stored = await ports.store.commit([
    { put: 'connection', item: after, when: { equals: { connectionId: before.connectionId, version: before.version } } },
  ]);
  if (!stored.ok) return 'changed-meanwhile';
  await tellTopics(ports, before, after, frame.townId);
  return 'done';
};

const subscribe = async (ports: Ports, connection: Connection, frame: TopicFrame): Promise<void> => {
  const { connectionId } = connection;
  if (connection.kind !== 'user' || connection.userId === undefined) {
    await sendTo(ports, connectionId, errorFrame('Not allowed', 'A runner cannot subscribe; it is told what concerns it.'));
    return;
  }
  await ownTown(ports, connection.userId, frame.townId);
  let before: Connection | undefined = connection;
  for (let attempt = 0; attempt < attempts && before !== undefined; attempt += 1) {
    if ((await changeTopics(ports, before, frame)) === 'done') return;
    before = await ports.store.get('connection', { connectionId });
  }
  if (before !== undefined) await sendTo(ports, connectionId, errorFrame('Busy', 'Too many frames at once; subscribe again.'));
};

/** Live parts of a session go to those who watch the agent; they are not stored. */
const forwardDelta = async (ports: Ports, connection: Connection, frame: Extract<ClientFrame, { action: 'delta' }>): Promise<void> => {
  const { townId } = connection;
  if (connection.kind !== 'runner' || townId === undefined) {
    await sendTo(ports, connection.connectionId, errorFrame('Not allowed', 'Only a runner sends parts of a session.'));
    return;
  }
  const watchers = (await ports.store.connectionsOf(townId)).filter(
    (one) => one.kind === 'user' && one.topics.includes(topicOfAgent(frame.agentId)),
  );
  await Promise.all(
    watchers.map((one) => sendTo(ports, one.connectionId, { kind: 'delta', townId, agentId: frame.agentId, part: frame.part })),
  );
};

const perform = async (ports: Ports, connection: Connection, frame: ClientFrame): Promise<void> => {
  switch (frame.action) {
    case 'ping':
      await sendTo(ports, connection.connectionId, { kind: 'pong' });
      // A runner that has just come, or that missed a frame, learns by its next ping who is watched.
      if (connection.kind === 'runner' && connection.townId !== undefined)
        await tellRunnerWhoIsWatched(ports, connection.townId, [connection]);
      return;
    case 'subscribe':
    case 'unsubscribe':
      await subscribe(ports, connection, frame);
      return;
    case 'delta':
      await forwardDelta(ports, connection, frame);
      return;
    default:
      frame satisfies never;
  }
};

/** Answers go out as frames. A frame of an unknown connection is dropped: it has ended. */
export const takeFrame = async (ports: Ports, connectionId: string, body: string): Promise<void> => {
  const connection = await ports.store.get('connection', { connectionId });
  if (connection === undefined) return;
  const result = parsed(body);
  if (!result.ok) {
    await sendTo(ports, connectionId, errorFrame('Invalid frame', result.detail));
    return;
  }
  try {
    await perform(ports, connection, result.frame);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    await sendTo(ports, connectionId, errorFrame(error.parts.title, error.parts.detail));
  }
};
