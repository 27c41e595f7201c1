// The sessions of one agent's server: puts prompts in exactly once, follows the turns, says how each ended. One thread per bead, or per person for the Mayor.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Prompt, SessionPart } from '../../../functions/contracts/runner.schema.ts';
import type { RunnerLog } from '../log.ts';
import { messageOf } from '../log.ts';
import type { AgentState } from './agent-state.ts';
import type { MessageInfo, OpencodeClient, OpencodeEvent, Part } from './opencode-client.ts';
import { goesInNow, goingWith } from './prompt-order.ts';
import { completePart, contextTokensOf, promptIdsIn, statusLineOf, turnEnd } from './turns.ts';
import type { TurnEnd } from './turns.ts';

export interface FinishedTurn {
  readonly promptId: string;
  readonly end: TurnEnd;
}
export interface ConversationView {
  readonly busy: boolean;
  readonly sessionId: string | undefined;
  readonly delivered: readonly string[];
  readonly activeTools: readonly string[];
  readonly lastActivityAtMs: number;
  readonly statusLine: string | undefined;
}

export interface Conversation {
  setPrompts(prompts: readonly Prompt[]): void;
  handle(event: OpencodeEvent): void;
  /** Looks whether a turn ended unseen, and tries again what failed; called every few seconds. */
  check(): void;
  view(): ConversationView;
  /** The server is gone or goes: nothing is asked of it any more. */
  close(): void;
}

export interface ConversationOptions {
  readonly client: OpencodeClient;
  readonly state: AgentState;
  readonly title: string;
  /** Thread of prompts that name no person. */
  readonly defaultThread: string;
  /** Its thread may be that of an earlier bead, which goes on unless it has grown too long. */
  readonly goesOn: boolean;
  readonly system: () => string;
  /** Runs before each prompt goes in, e.g. to refresh read copies. */
  readonly beforePrompt: () => Promise<void>;
  readonly onTurn: (turn: FinishedTurn) => void;
  /** opencode repeats failed model calls for ever, whatever their status says; true ends the turn after so many. */
  readonly givesUpAfter: (attempt: number) => boolean;
  readonly onChange: () => void;
  readonly onPart: (partId: string, part: Omit<SessionPart, 'seq'>) => void;
  /** A part that grows; only asked for while somebody watches. */
  readonly onDelta: ((part: Omit<SessionPart, 'seq'>, partId: string) => void) | undefined;
  readonly nowMs: () => number;
  readonly log: RunnerLog;
  readonly agentId: string;
}

interface Thread {
  readonly key: string;
  readonly sessionId: string;
  busy: boolean;
  postedAtMs: number;
  readonly known: Set<string>;
  readonly settled: Set<string>;
  interrupted: Set<string>;
  lastError: string | undefined;
}

const resumeText = 'The machine that you run on was restarted. Look at what is done already and go on with the message above.';
/** A prompt that was just taken may not show as busy yet. */
const settleAfterMs = 3_000;
const deliveredKept = 50;
/** A conversation that is longer than this begins anew with the next bead: half of what the smaller models of today can hold. */
const mostTokensToGoOn = 100_000;

export const createConversation = (options: ConversationOptions): Conversation => {
  const { client, state, log, agentId } = options;
  const threads = new Map<string, Thread>();
  const roles = new Map<string, MessageInfo['role']>();
  const tools = new Map<string, string>();
  const growing = new Map<string, string>();
  let prompts: readonly Prompt[] = [];
  let statusLine: string | undefined;
  let lastActivityAtMs = options.nowMs();
  let tail: Promise<void> = Promise.resolve();
  let closed = false;

  /** Everything that touches a session happens one after another. */
  const queue = (work: () => Promise<void>): void => {
    tail = tail
      .then(() => (closed ? undefined : work()))
      .catch((error: unknown) => {
        if (!closed) log.warn('conversation_step_failed', { agentId, error: messageOf(error) });
      });
  };
  const keyOf = (prompt: Prompt): string => (prompt.threadUserId === undefined ? options.defaultThread : `thread:${prompt.threadUserId}`);

  const open = async (key: string): Promise<Thread> => {
    const existing = threads.get(key);
    if (existing !== undefined) return existing;
    const remembered = state.value.sessions[key];
    const found = remembered !== undefined && (await client.sessionExists(remembered)) ? await client.messages(remembered) : undefined;
    const isNextBead =
      options.goesOn && found !== undefined && !promptIdsIn(found).some((id) => prompts.some(({ promptId }) => promptId === id));
    const keeps = found !== undefined && !(isNextBead && contextTokensOf(found) > mostTokensToGoOn);
    const sessionId = keeps && remembered !== undefined ? remembered : await client.createSession(options.title);
    if (sessionId !== remembered) state.save({ sessions: { ...state.value.sessions, [key]: sessionId } });
    if (isNextBead) log.info(keeps ? 'conversation_goes_on' : 'conversation_too_long', { agentId, sessionId });
    const messages = keeps ? found : [];
    for (const message of messages) {
      roles.set(message.info.id, message.info.role);
      // What was said about the bead before is in that one's transcript.
      if (!isNextBead) for (const part of message.parts) take(part, message.info.role);
    }
    const known = promptIdsIn(messages);
    const thread: Thread = {
      key,
      sessionId,
      busy: false,
      postedAtMs: 0,
      known: new Set(known),
      settled: new Set(),
      interrupted: new Set(known),
      lastError: undefined,
    };
    threads.set(key, thread);
    await settle(thread);
    return thread;
  };

  /** Nothing runs in the session: says how the turns of its prompts ended. */
  const settle = async (thread: Thread): Promise<void> => {
    const messages = await client.messages(thread.sessionId);
    for (const promptId of thread.known) {
      if (thread.settled.has(promptId)) continue;
      const unanswered: TurnEnd | undefined =
        thread.lastError === undefined || thread.interrupted.has(promptId)
          ? undefined
          : { outcome: 'failed', text: thread.lastError, cause: 'model' };
      const end = turnEnd(messages, promptId) ?? unanswered;
      if (end === undefined) continue;
      thread.settled.add(promptId);
      thread.interrupted.delete(promptId);
      if (prompts.some((prompt) => prompt.promptId === promptId)) options.onTurn({ promptId, end });
    }
  };

  /** Puts the prompts in as one message and waits until it is stored. */
  const post = async (thread: Thread, posted: readonly Prompt[], resume: boolean): Promise<void> => {
    const promptIds = posted.map((prompt) => prompt.promptId);
    await options.beforePrompt();
    thread.busy = true;
    thread.postedAtMs = options.nowMs();
    thread.lastError = undefined;
    await client.post(thread.sessionId, {
      prompts: posted.map(({ promptId, text }) => ({ promptId, text: resume ? resumeText : text })),
      system: options.system(),
      ...(resume ? { resume: true } : {}),
    });
    for (const promptId of promptIds) thread.interrupted.delete(promptId);
    if (!resume) {
      // opencode answers before it has written the message; only what is in the session counts as delivered.
      const isStored = async (): Promise<boolean> => {
        const stored = promptIdsIn(await client.messages(thread.sessionId));
        return promptIds.every((promptId) => stored.includes(promptId));
      };
      for (let attempt = 0; !(await isStored()); attempt += 1) {
        if (attempt >= 50) throw new Error('opencode took a prompt and did not store it');
        await sleep(50 + attempt * 10);
      }
      for (const promptId of promptIds) thread.known.add(promptId);
    }
    log.info(resume ? 'prompt_resumed' : 'prompt_delivered', { agentId, promptId: promptIds.join(' ') });
    options.onChange();
  };

  const waitingIn = (thread: Thread): Prompt[] =>
    prompts.filter((prompt) => keyOf(prompt) === thread.key && !thread.known.has(prompt.promptId) && !thread.settled.has(prompt.promptId));

  const deliver = async (): Promise<void> => {
    for (const prompt of prompts) {
      const thread = await open(keyOf(prompt));
      if (thread.settled.has(prompt.promptId)) continue;
      if (thread.known.has(prompt.promptId)) {
        if (thread.interrupted.has(prompt.promptId) && !thread.busy) await post(thread, [prompt], true);
        continue;
      }
      const together = goesInNow(prompt, thread.busy) ? goingWith(prompt, waitingIn(thread)) : [];
      if (together.length > 0) await post(thread, together, false);
    }
  };

  const ended = async (sessionId: string): Promise<void> => {
    const thread = [...threads.values()].find((one) => one.sessionId === sessionId);
    if (thread === undefined || !thread.busy) return;
    const status = (await client.statuses())[sessionId];
    if (status !== undefined && status.type !== 'idle') return;
    const answered = promptIdsIn(await client.messages(sessionId)).every((promptId) => thread.settled.has(promptId));
    if (!answered && options.nowMs() - thread.postedAtMs < settleAfterMs) {
      const messages = await client.messages(sessionId);
      // Posted a moment ago and not begun: the end that was seen belongs to the turn before.
      if (
        [...thread.known].some((promptId) => !thread.settled.has(promptId) && turnEnd(messages, promptId) === undefined) &&
        thread.lastError === undefined
      )
        return;
    }
    thread.busy = false;
    tools.clear();
    growing.clear();
    await settle(thread);
    options.onChange();
    await deliver();
  };

  const take = (part: Part, role: MessageInfo['role']): void => {
    if (part.type === 'tool') {
      if (part.state?.status === 'running') tools.set(part.id, part.tool ?? 'tool');
      else tools.delete(part.id);
    }
    const whole = completePart(part, role, options.nowMs());
    if (whole === undefined) return;
    growing.delete(part.id);
    options.onPart(part.id, whole);
    const line = role === 'assistant' && whole.kind === 'text' ? statusLineOf(whole.text ?? '') : undefined;
    if (line !== undefined && line !== statusLine) {
      statusLine = line;
      options.onChange();
    }
  };

  const giveUp = (sessionId: string, status: { attempt: number; message: string }): void => {
    const thread = [...threads.values()].find((one) => one.sessionId === sessionId);
    if (thread === undefined || !options.givesUpAfter(status.attempt)) return;
    thread.lastError = status.message;
    queue(() => client.abort(sessionId));
  };

  const isOurs = (sessionId: string): boolean => [...threads.values()].some((thread) => thread.sessionId === sessionId);

  const handle = (event: OpencodeEvent): void => {
    lastActivityAtMs = options.nowMs();
    switch (event.type) {
      case 'message.updated':
        roles.set(event.properties.info.id, event.properties.info.role);
        return;
      case 'message.part.updated': {
        const { part } = event.properties;
        const role = roles.get(part.messageID);
        if (role !== undefined && isOurs(part.sessionID)) take(part, role);
        return;
      }
      case 'message.part.delta': {
        const { sessionID, messageID, partID, field, delta } = event.properties;
        if (options.onDelta === undefined || field !== 'text' || !isOurs(sessionID)) return;
        const text = (growing.get(partID) ?? '') + delta;
        growing.set(partID, text);
        options.onDelta(
          { messageId: messageID, role: 'assistant', kind: 'text', text: text.slice(-20_000), atMs: options.nowMs() },
          partID,
        );
        return;
      }
      case 'session.error': {
        const { sessionID, error } = event.properties;
        const thread = [...threads.values()].find((one) => one.sessionId === sessionID);
        if (thread !== undefined && error?.name !== 'MessageAbortedError')
          thread.lastError = error?.data?.message ?? error?.name ?? 'the session ended with an error';
        return;
      }
      case 'session.idle':
        queue(() => ended(event.properties.sessionID));
        return;
      case 'session.status':
        if (event.properties.status.type === 'idle') queue(() => ended(event.properties.sessionID));
        if (event.properties.status.type === 'retry') giveUp(event.properties.sessionID, event.properties.status);
        return;
      case 'server.connected':
        return;
    }
  };

  return {
    setPrompts: (next) => {
      prompts = next;
      queue(deliver);
    },
    close: () => {
      closed = true;
    },
    handle,
    check: () =>
      queue(async () => {
        for (const thread of threads.values())
          if (thread.busy && options.nowMs() - thread.postedAtMs > settleAfterMs) await ended(thread.sessionId);
        await deliver();
      }),
    view: () => {
      const all = [...threads.values()];
      const known = new Set(all.flatMap((thread) => [...thread.known]));
      return {
        busy: all.some((thread) => thread.busy) || prompts.some((prompt) => prompt.mode !== 'queue' && !known.has(prompt.promptId)),
        sessionId: all.at(-1)?.sessionId,
        // Those that the control plane still asks about come first: it may have many older ones.
        delivered: [...prompts.map((prompt) => prompt.promptId).filter((id) => known.has(id)), ...[...known].toReversed()]
          .filter((id, index, list) => list.indexOf(id) === index)
          .slice(0, deliveredKept),
        activeTools: [...new Set(tools.values())].slice(0, 20).map((name) => name.slice(0, 100)),
        lastActivityAtMs,
        statusLine,
      };
    },
  };
};
