// The runner's one outbound WebSocket. Frames are hints only: a lost one costs at most a report period.
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { serverFrameSchema } from '../../functions/contracts/frames.schema.ts';
import type { ClientFrame, ServerFrame } from '../../functions/contracts/frames.schema.ts';
import { RuntimeEpochOldError } from './control-plane.ts';
import { messageOf } from './log.ts';
import type { RunnerLog } from './log.ts';

export interface Hints {
  /** Dropped when there is no connection. */
  send(frame: ClientFrame): void;
  close(): void;
}
export interface HintsOptions {
  /** A one-time ticket and where to use it. */
  readonly ticket: () => Promise<{ ticket: string; wsUrl: string }>;
  readonly onFrame: (frame: ServerFrame) => void;
  readonly onFatal: (error: RuntimeEpochOldError) => void;
  readonly log: RunnerLog;
}

/** API Gateway ends a connection that is silent for 10 minutes; a dead peer is noticed after two missed answers. */
const pingPeriodMs = 30_000;
const maxPauseMs = 15_000;

const parseFrame = (data: WebSocket.RawData): ServerFrame | undefined => {
  if (!Buffer.isBuffer(data)) return undefined;
  try {
    const parsed = serverFrameSchema.safeParse(JSON.parse(data.toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
};

export const openHints = (options: HintsOptions): Hints => {
  let socket: WebSocket | undefined;
  let closed = false;

  /** Resolves when the connection has ended. */
  const once = async (): Promise<boolean> => {
    const { ticket, wsUrl } = await options.ticket();
    const url = new URL(wsUrl);
    url.searchParams.set('ticket', ticket);
    return new Promise((resolve) => {
      const mine = new WebSocket(url, { handshakeTimeout: 10_000, maxPayload: 256 * 1024 });
      let heardAtMs = performance.now();
      let opened = false;
      const timer = setInterval(() => {
        if (performance.now() - heardAtMs > pingPeriodMs * 2.5) {
          mine.terminate();
          return;
        }
        if (mine.readyState === WebSocket.OPEN) mine.send(JSON.stringify({ action: 'ping' } satisfies ClientFrame));
      }, pingPeriodMs);
      const end = (): void => {
        clearInterval(timer);
        if (socket === mine) socket = undefined;
        resolve(opened);
      };
      mine.on('open', () => {
        opened = true;
        if (closed) {
          mine.close();
          return;
        }
        socket = mine;
        options.log.info('hints_connected');
        // What happened while nobody listened is read now.
        options.onFrame({ kind: 'desired', desiredVersion: 'connected' });
      });
      mine.on('message', (data) => {
        heardAtMs = performance.now();
        const frame = parseFrame(data);
        if (frame !== undefined) options.onFrame(frame);
      });
      mine.on('error', () => mine.terminate());
      mine.on('close', end);
    });
  };

  const keep = async (): Promise<void> => {
    for (let failures = 0; !closed;) {
      try {
        failures = (await once()) ? 0 : failures + 1;
      } catch (error) {
        if (error instanceof RuntimeEpochOldError) {
          options.onFatal(error);
          return;
        }
        failures += 1;
        if (failures === 1) options.log.warn('hints_unavailable', { error: messageOf(error) });
      }
      if (!closed) await sleep(Math.min(maxPauseMs, 250 * 2 ** failures) * (0.5 + Math.random() / 2));
    }
  };
  void keep();

  return {
    send: (frame) => {
      if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
    },
    close: () => {
      closed = true;
      socket?.close();
      socket?.terminate();
    },
  };
};
