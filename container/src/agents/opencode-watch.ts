// What goes on beside a running opencode server: its events, the periodic look at its sessions, and the wait for its tools.
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../log.ts';
import type { RunnerLog } from '../log.ts';
import type { Conversation } from './conversation.ts';
import type { OpencodeClient } from './opencode-client.ts';
import type { Transcript } from './transcript.ts';

const toolsLimitMs = 60_000;
const flushPeriodMs = 1_000;
/** Sessions are looked at every so many flushes: a lost event costs at most this. */
const flushesPerCheck = 3;

export interface Watched {
  readonly agentId: string;
  readonly client: OpencodeClient;
  readonly conversation: Conversation;
  readonly transcript: Transcript;
  readonly log: RunnerLog;
}

const followEvents = async ({ agentId, client, conversation, log }: Watched, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    try {
      await client.events((event) => conversation.handle(event), signal);
    } catch (error) {
      if (!signal.aborted) log.warn('events_interrupted', { agentId, error: messageOf(error) });
    }
    // What was missed is read by the periodic check.
    await sleep(300);
  }
};

const keepChecking = async ({ agentId, conversation, transcript, log }: Watched, signal: AbortSignal): Promise<void> => {
  for (let round = 1; !signal.aborted; round += 1) {
    await sleep(flushPeriodMs);
    if (signal.aborted) return;
    if (round % flushesPerCheck === 0) conversation.check();
    await transcript.flush().catch((error: unknown) => log.warn('transcript_not_sent', { agentId, error: messageOf(error) }));
  }
};

/** Runs until the signal is aborted; the conversation is closed then. */
export const watchServer = (watched: Watched, signal: AbortSignal): void => {
  signal.addEventListener('abort', () => watched.conversation.close(), { once: true });
  void followEvents(watched, signal);
  void keepChecking(watched, signal);
};

/** Without its tools an agent can only talk: the server is not ready before they are there. Throws when they do not come. */
export const waitForTools = async (client: OpencodeClient, isCancelled: () => boolean): Promise<void> => {
  const until = performance.now() + toolsLimitMs;
  for (;;) {
    const status = await client.toolServerStatus();
    if (status === 'connected') return;
    if (isCancelled()) throw new Error('the start was called off');
    if (performance.now() > until) throw new Error(`the agent's tools cannot be reached: ${status}`);
    await sleep(500);
    await client.connectToolServer();
  }
};
