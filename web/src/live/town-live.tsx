// What is live in one town, for every page and drawer of it: the connection, the feed, and parts of watched sessions.
import { useQueryClient } from '@tanstack/solid-query';
import { createContext, createSignal, onCleanup, useContext } from 'solid-js';
import type { Accessor, ParentProps } from 'solid-js';
import type { SessionPart } from '../../../functions/contracts/runner.schema.ts';
import { call } from '../api/client.ts';
import { connect } from './connection.ts';
import type { LineState } from './connection.ts';
import { createFeed } from './feed.ts';
import type { Feed } from './feed.ts';
import { createInvalidator, isTownOrRig, staleRoutes } from './invalidation.ts';

export interface TownLive {
  readonly townId: string;
  readonly line: Accessor<LineState>;
  readonly feed: Feed;
  readonly retryNow: () => void;
  /** Parts of this agent's session as they are made, until the returned function is called. */
  readonly watchSession: (agentId: string, onPart: (part: SessionPart) => void) => () => void;
}
const TownLiveContext = createContext<TownLive>();
const topics = ['feed', 'beads', 'agents', 'convoys', 'merges', 'mayor'] as const;

const ticketAddress = async (): Promise<string> => {
  const { ticket, wsUrl } = await call('wsTicket', {});
  const url = new URL(wsUrl, location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  url.searchParams.set('ticket', ticket);
  return url.href;
};

export const TownLiveProvider = (props: ParentProps<{ readonly townId: string }>) => {
  const townId = props.townId;
  const client = useQueryClient();
  const feed = createFeed(townId);
  const [line, setLine] = createSignal<LineState>('connecting');
  const sessions = new Map<string, Set<(part: SessionPart) => void>>();

  // A read that fails keeps what is shown; the next hint or reconnect reads again.
  const readFeed = (): Promise<void> => feed.catchUp().catch(() => undefined);
  const invalidator = createInvalidator(async (changed) => {
    const routeIds = new Set([...changed].flatMap(staleRoutes));
    const reads = [...routeIds].map((routeId) => client.invalidateQueries({ queryKey: [routeId] }));
    if (changed.has('feed')) reads.push(readFeed());
    await Promise.all(reads);
  });
  const connection = connect({
    townId,
    address: ticketAddress,
    onState: setLine,
    onOpen: (healed) => {
      if (healed) void client.invalidateQueries();
      void readFeed();
    },
    onFrame: (frame) => {
      if (frame.kind === 'changed' && frame.townId === townId) {
        invalidator.add(frame.topic);
        if (frame.ids.some(isTownOrRig)) invalidator.add('town');
      }
      if (frame.kind === 'delta' && frame.townId === townId) for (const onPart of sessions.get(frame.agentId) ?? []) onPart(frame.part);
    },
  });
  for (const topic of topics) connection.watch(topic);
  void readFeed();
  onCleanup(() => {
    connection.close();
    invalidator.close();
  });

  const live: TownLive = {
    townId,
    line,
    feed,
    retryNow: connection.retryNow,
    watchSession: (agentId, onPart) => {
      const listeners = sessions.get(agentId) ?? new Set();
      sessions.set(agentId, listeners.add(onPart));
      const unwatch = connection.watch(`agent:${agentId}`);
      return () => {
        listeners.delete(onPart);
        unwatch();
      };
    },
  };
  return <TownLiveContext.Provider value={live}>{props.children}</TownLiveContext.Provider>;
};

/** Only inside a town's pages. */
export const useTown = (): TownLive => {
  const live = useContext(TownLiveContext);
  if (live === undefined) throw new Error('useTown is for pages of a town');
  return live;
};
