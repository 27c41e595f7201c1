// One WebSocket to the control plane that comes back by itself. Frames are hints; after every reconnect the truth is read again over REST.
import { serverFrameSchema } from '../../../functions/contracts/frames.schema.ts';
import type { ClientFrame, ServerFrame } from '../../../functions/contracts/frames.schema.ts';

/** Source: the server closes a connection after 10 minutes without traffic; a ping also notices a dead line. */
const pingPeriodMs = 30_000;
const pongWithinMs = 10_000;
const firstRetryMs = 400;
const longestRetryMs = 10_000;
const topicsPerFrame = 20;
const repairAfterMs = 200;

export type LineState = 'connecting' | 'open' | 'lost';
export interface ConnectionOptions {
  readonly townId: string;
  /** A fresh one-time address; throws when the control plane cannot be reached. */
  readonly address: () => Promise<string>;
  readonly onFrame: (frame: ServerFrame) => void;
  /** `healed` is true when it had been open before: what happened in between is unknown. */
  readonly onOpen: (healed: boolean) => void;
  readonly onState: (state: LineState) => void;
}
export interface Connection {
  /** Watches a topic until the returned function is called; several watchers of one topic share it. */
  readonly watch: (topic: string) => () => void;
  /** Tries at once instead of waiting for the back-off. */
  readonly retryNow: () => void;
  readonly close: () => void;
}

const parseFrame = (data: unknown): ServerFrame | undefined => {
  if (typeof data !== 'string') return undefined;
  try {
    const parsed = serverFrameSchema.safeParse(JSON.parse(data));
    return parsed.success ? parsed.data : undefined;
  } catch {
    // Not JSON: a frame of another protocol; hints may be lost without harm.
    return undefined;
  }
};

export const connect = (options: ConnectionOptions): Connection => {
  const watchers = new Map<string, number>();
  let socket: WebSocket | undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let pingTimer: ReturnType<typeof setInterval> | undefined;
  let pongTimer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let hasBeenOpen = false;
  let isClosed = false;
  let isOpening = false;

  const send = (frame: ClientFrame): void => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
  };
  const subscribe = (topics: readonly string[]): void => {
    for (let at = 0; at < topics.length; at += topicsPerFrame)
      send({ action: 'subscribe', townId: options.townId, topics: topics.slice(at, at + topicsPerFrame) });
  };
  /** Two frames that cross may undo each other at the server: what it says it has is compared with what is wanted. */
  const repair = (stored: readonly string[]): void => {
    const missing = [...watchers.keys()].filter((topic) => !stored.includes(topic));
    if (missing.length > 0) setTimeout(() => subscribe(missing.filter((topic) => watchers.has(topic))), repairAfterMs);
  };
  const stopTimers = (): void => {
    clearTimeout(retryTimer);
    clearInterval(pingTimer);
    clearTimeout(pongTimer);
  };
  const lost = (): void => {
    stopTimers();
    socket = undefined;
    if (isClosed) return;
    options.onState('lost');
    const delayMs = Math.min(firstRetryMs * 2 ** failures, longestRetryMs) * (0.75 + Math.random() / 2);
    failures += 1;
    retryTimer = setTimeout(() => {
      void open();
    }, delayMs);
  };
  const opened = (): void => {
    failures = 0;
    options.onState('open');
    subscribe([...watchers.keys()]);
    options.onOpen(hasBeenOpen);
    hasBeenOpen = true;
    pingTimer = setInterval(() => {
      send({ action: 'ping' });
      clearTimeout(pongTimer);
      pongTimer = setTimeout(() => {
        socket?.close();
      }, pongWithinMs);
    }, pingPeriodMs);
  };
  const open = async (): Promise<void> => {
    if (isClosed || isOpening || socket !== undefined) return;
    isOpening = true;
    clearTimeout(retryTimer);
    try {
      const next = new WebSocket(await options.address());
      if (isClosed) {
        next.close();
        return;
      }
      socket = next;
      next.addEventListener('open', opened);
      next.addEventListener('close', () => {
        if (socket === next) lost();
      });
      next.addEventListener('message', (message: MessageEvent<unknown>) => {
        clearTimeout(pongTimer);
        const frame = parseFrame(message.data);
        if (frame?.kind === 'subscribed') repair(frame.topics);
        if (frame !== undefined) options.onFrame(frame);
      });
    } catch {
      // The control plane is away or refused the ticket; the back-off tries again and the bar says so.
      lost();
    } finally {
      isOpening = false;
    }
  };
  const retryNow = (): void => {
    failures = 0;
    void open();
  };
  const wake = (): void => {
    if (document.visibilityState === 'visible') retryNow();
  };
  globalThis.addEventListener('online', retryNow);
  document.addEventListener('visibilitychange', wake);
  void open();

  return {
    retryNow,
    watch: (topic) => {
      const count = watchers.get(topic) ?? 0;
      watchers.set(topic, count + 1);
      if (count === 0) subscribe([topic]);
      return () => {
        const left = (watchers.get(topic) ?? 1) - 1;
        if (left > 0) {
          watchers.set(topic, left);
          return;
        }
        watchers.delete(topic);
        send({ action: 'unsubscribe', townId: options.townId, topics: [topic] });
      };
    },
    close: () => {
      isClosed = true;
      stopTimers();
      globalThis.removeEventListener('online', retryNow);
      document.removeEventListener('visibilitychange', wake);
      socket?.close();
    },
  };
};
