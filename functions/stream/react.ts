// What a write means to others: towns whose pass should look, and topics whose watchers should read again. Knows no queue and no connection.
import type { TownEvent } from '../contracts/event.schema.ts';
import { isMergeRequest } from '../domain/bead-writes.ts';
import type { ItemName, Items, Keys, Store, Write } from '../ports.ts';

/** A stored item that was written or removed; of a removed one perhaps only the key is known. */
export type ItemChange = {
  [N in ItemName]:
    | { readonly name: N; readonly removed: false; readonly item: Items[N] }
    | { readonly name: N; readonly removed: true; readonly item: Keys[N] };
}[ItemName];

export interface TopicFrame {
  readonly townId: string;
  readonly topic: string;
  readonly ids: readonly string[];
  readonly eventId?: string;
}
export interface Reaction {
  /** Towns for the reconcile queue, each once. */
  readonly towns: readonly string[];
  readonly frames: readonly TopicFrame[];
}
interface Effect {
  readonly hint: boolean;
  readonly topics: readonly { readonly topic: string; readonly id: string; readonly eventId?: string }[];
}
const nothing: Effect = { hint: false, topics: [] };

const topicsOfBead: Readonly<Record<Items['bead']['type'], readonly string[]>> = {
  issue: ['beads'],
  convoy: ['convoys'],
  merge_request: ['merges'],
  message: ['beads'],
  escalation: ['beads'],
  molecule: ['beads'],
  agent: ['agents'],
};

/** Topic of the runner: its desired set may be another one. */
export const runnerTopic = 'desired';
const forRunner = (effect: Effect): Effect => ({ ...effect, topics: [...effect.topics, { topic: runnerTopic, id: '' }] });

/** Between its steps a merge needs no pass: the workflow goes on by itself, and the pass that started it looks again after a while. */
const isBetweenSteps = (bead: Items['bead']): boolean =>
  bead.status === 'in_progress' && isMergeRequest(bead) && (bead.details.review === undefined || bead.details.review.verdict !== undefined);

const beadEffect = (bead: Items['bead']): Effect => {
  const effect = { hint: !isBetweenSteps(bead), topics: topicsOfBead[bead.type].map((topic) => ({ topic, id: bead.beadId })) };
  return bead.type === 'message' && bead.status === 'open' ? forRunner(effect) : effect;
};

/** A workflow has started its merge, and with it the runtime; a person may ask a town that sleeps. */
const commandEffect = (command: Items['command']): Effect => {
  const effect = { hint: command.token === undefined, topics: [{ topic: 'merges', id: command.commandId }] };
  return command.state === 'queued' ? forRunner(effect) : effect;
};

const sayEffect = (message: Items['mayorMessage']): Effect => {
  const isQueued = message.state === 'queued';
  const effect = { hint: isQueued, topics: [{ topic: 'mayor', id: message.messageId }] };
  return isQueued ? forRunner(effect) : effect;
};

const eventEffect = (event: TownEvent): Effect => ({
  hint: false,
  topics: [{ topic: 'feed', id: event.beadId ?? event.agentId ?? event.eventId, eventId: event.eventId }],
});

/** Heartbeats of a live runner are not news: only a lease that changes hands or state is, or whose holder has ended. */
const leaseEffect = (lease: Items['lease']): Effect =>
  lease.state === 'live' && lease.reportSeq > 0 && lease.endedAtMs === undefined
    ? nothing
    : forRunner({ hint: true, topics: [{ topic: 'agents', id: lease.townId }] });

const writtenEffect = (change: Extract<ItemChange, { removed: false }>): Effect => {
  switch (change.name) {
    case 'bead':
      return beadEffect(change.item);
    case 'agent':
      return forRunner({ hint: true, topics: [{ topic: 'agents', id: change.item.agentId }] });
    case 'event':
      return eventEffect(change.item);
    case 'mayorMessage':
      return sayEffect(change.item);
    case 'train':
      return { hint: true, topics: [{ topic: 'merges', id: change.item.targetBranch }] };
    case 'command':
      return commandEffect(change.item);
    case 'rig':
      return forRunner({ hint: true, topics: [{ topic: 'feed', id: change.item.rigId }] });
    case 'town':
      return forRunner({ hint: true, topics: [{ topic: 'feed', id: change.item.townId }] });
    case 'lease':
      return leaseEffect(change.item);
    case 'work':
      if (change.item.kind === 'nudge') return { hint: true, topics: [{ topic: 'agents', id: change.item.workId }] };
      return { hint: change.item.kind === 'mayor' || change.item.kind === 'archive', topics: [] };
    case 'sessionBatch':
      return { hint: false, topics: [{ topic: `agent:${change.item.agentId}`, id: change.item.batchId }] };
    case 'dependency':
    case 'graph':
    case 'ready':
    case 'slot':
    case 'once':
    case 'idempotency':
    case 'alarm':
    case 'report':
    case 'connection':
    case 'ticket':
    case 'usage':
    case 'formula':
    case 'publishedFormula':
    case 'ownerSettings':
    case 'persona':
    case 'publishedPersona':
    case 'identity':
    case 'tally':
    case 'history':
    case 'trace':
    case 'note':
      return nothing;
    default:
      return change satisfies never;
  }
};

const removedEffect = (change: Extract<ItemChange, { removed: true }>): Effect => {
  switch (change.name) {
    // The removal of a batch item is the commit of its convoy.
    case 'work':
      return {
        hint: change.item.kind === 'batch',
        topics: change.item.kind === 'batch' ? [{ topic: 'convoys', id: change.item.workId }] : [],
      };
    case 'agent':
      return { hint: true, topics: [{ topic: 'agents', id: change.item.agentId }] };
    case 'bead':
      return { hint: true, topics: [{ topic: 'beads', id: change.item.beadId }] };
    default:
      return nothing;
  }
};

const townOf = (change: ItemChange): string | undefined => ('townId' in change.item ? change.item.townId : undefined);

/** Frames of one reaction are merged: one per town and topic. */
export const reactToChanges = (changes: readonly ItemChange[]): Reaction => {
  const towns = new Set<string>();
  const frames = new Map<string, { townId: string; topic: string; ids: Set<string>; eventId?: string }>();
  for (const change of changes) {
    const townId = townOf(change);
    if (townId === undefined) continue;
    const effect = change.removed ? removedEffect(change) : writtenEffect(change);
    if (effect.hint) towns.add(townId);
    for (const { topic, id, eventId } of effect.topics) {
      const frame = frames.get(`${townId} ${topic}`) ?? { townId, topic, ids: new Set<string>() };
      frame.ids.add(id);
      if (eventId !== undefined && (frame.eventId === undefined || eventId > frame.eventId)) frame.eventId = eventId;
      frames.set(`${townId} ${topic}`, frame);
    }
  }
  return { towns: [...towns], frames: [...frames.values()].map(({ ids, ...frame }) => ({ ...frame, ids: [...ids] })) };
};

const changeOf = (write: Write): ItemChange[] => {
  if ('check' in write) return [];
  // The name and the item of one write belong together; the union of all pairs cannot say so after destructuring.
  if ('put' in write) return [{ name: write.put, removed: false, item: write.item } as ItemChange];
  if ('add' in write) return [{ name: write.add, removed: false, item: write.item } as ItemChange];
  return [{ name: write.remove, removed: true, item: write.key } as ItemChange];
};

/** What one transaction has changed. */
export const itemChanges = (writes: readonly Write[]): ItemChange[] => writes.flatMap(changeOf);
/** The reaction to one committed transaction. */
export const reactToWrites = (writes: readonly Write[]): Reaction => reactToChanges(itemChanges(writes));

/**
 * The same store, which tells after each commit what it means; the place of the table's stream on one machine. The caller of `commit` does not
 * wait for `onReaction` and `onWrites`; what they throw is their own to log.
 */
export const withHints = (
  store: Store,
  onReaction: (reaction: Reaction) => Promise<void>,
  onWrites?: (writes: readonly Write[]) => Promise<void>,
): Store => ({
  ...store,
  commit: async (writes) => {
    const outcome = await store.commit(writes);
    if (!outcome.ok) return outcome;
    void onWrites?.(writes).catch(() => {
      // What search has not heard of now it hears when the bead is over.
    });
    const reaction = reactToWrites(writes);
    if (reaction.towns.length > 0 || reaction.frames.length > 0)
      void onReaction(reaction).catch(() => {
        // Hints and frames may be lost: the sweep and the next read make up for them.
      });
    return outcome;
  },
});
