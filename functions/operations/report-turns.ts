// Finished turns: the Mayor's become answers, a worker's that left its bead on the hook becomes a prompt to go on or gives the bead back.
import type { Agent } from '../contracts/agent.schema.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import { limits } from '../contracts/primitives.schema.ts';
import type { RunnerReport } from '../contracts/runner.schema.ts';
import type { MayorMessage } from '../contracts/town.schema.ts';
import { withRecord } from '../domain/agent-cv.ts';
import { isCrew, isLive, unhooked, workedMsOf } from '../domain/agent-state.ts';
import { isMergeRequest, removeWork, writesOf } from '../domain/bead-writes.ts';
import { givenBack } from '../domain/give-back.ts';
import { newEvent } from '../domain/new-bead.ts';
import { expectedPromptId, mailOfPrompt, maxContinues, nudgeOfPrompt, reviewPromptId, startPromptId } from '../domain/prompt-ids.ts';
import { withinBudget } from '../domain/prompts/quote.ts';
import type { Ports, Write } from '../ports.ts';
import { failureWrites } from './ask-triage.ts';
import { takeMail } from './mail-delivery.ts';
import { markNudged } from './nudge.ts';
import { isoNow, momentOf, transact } from './transact.ts';
import type { Decision } from './transact.ts';
import { mayorKeyOf } from './town-scene.ts';

type Turn = RunnerReport['turns'][number];
const onceDays = 30;

const mayorMessage = (ports: Ports, about: { townId: string; userId: string; replyTo?: string }, text: string): MayorMessage => ({
  townId: about.townId,
  userId: about.userId,
  messageId: ports.ids.ulid(),
  role: 'mayor',
  text: withinBudget(text, limits.chatBytes),
  state: 'final',
  ...(about.replyTo === undefined ? {} : { replyTo: about.replyTo }),
  at: isoNow(ports),
  version: 1,
});

const mayorEvent = (ports: Ports, townId: string, outcome: string): Write => ({
  put: 'event',
  when: 'none',
  item: newEvent(
    { townId, eventId: ports.ids.ulid(), type: 'mayor_message', actor: 'agent:mayor', at: isoNow(ports) },
    { agentId: 'mayor', data: { outcome } },
  ),
});

/** A sentence for the person, from what the runner says about a turn that failed. */
const failureSentence = (text: string): string =>
  `The Mayor could not answer: ${text.trim() === '' ? 'its turn ended with an error' : text.trim().slice(0, 600)}. Send the message again; if it happens again, look at the model of the Mayor in the town's settings.`;

const answerMessage = (ports: Ports, key: { townId: string; userId: string; messageId: string }, turn: Turn): Promise<void> =>
  transact(ports, 'The message', async () => {
    const message = await ports.store.get('mayorMessage', key);
    if (message === undefined || message.state === 'answered' || message.state === 'failed') {
      return { writes: [], result: undefined };
    }
    const settled: MayorMessage =
      turn.outcome === 'completed'
        ? { ...message, state: 'answered', version: message.version + 1 }
        : { ...message, state: 'failed', error: failureSentence(turn.text), version: message.version + 1 };
    const answer = mayorMessage(ports, { ...key, replyTo: key.messageId }, turn.text.trim() === '' ? 'I have nothing to add.' : turn.text);
    return {
      writes: [
        { put: 'mayorMessage', item: settled, when: { equals: { version: message.version } } },
        ...(turn.outcome === 'completed' ? [{ put: 'mayorMessage', item: answer, when: { absent: true } } as const] : []),
        removeWork(key.townId, 'mayor', `${key.userId}#${key.messageId}`),
        mayorEvent(ports, key.townId, settled.state),
      ],
      result: undefined,
    };
  });

/** What the Mayor says after reading mail goes to the person whose work the mail is about, once. */
const tellAboutMail = (ports: Ports, townId: string, beadId: string, turn: Turn): Promise<void> =>
  transact(ports, 'The mail', async () => {
    const mark = `mayor-mail#${beadId}`;
    const [mail, told] = await Promise.all([ports.store.get('bead', { townId, beadId }), ports.store.get('once', { townId, mark })]);
    if (mail === undefined || told !== undefined || turn.outcome !== 'completed' || turn.text.trim() === '')
      return { writes: [], result: undefined };
    const nowMs = ports.clock.nowMs();
    return {
      writes: [
        { put: 'mayorMessage', item: mayorMessage(ports, { townId, userId: mail.requestedBy }, turn.text), when: { absent: true } },
        {
          put: 'once',
          item: { townId, mark, createdAt: isoNow(ports), deleteAfterEpochSeconds: Math.floor(nowMs / 1000) + onceDays * 86_400 },
          when: { absent: true },
        },
        mayorEvent(ports, townId, 'mail'),
      ],
      result: undefined,
    };
  });

const firstPromptId = (agent: Agent, bead: Bead): string =>
  isMergeRequest(bead) ? reviewPromptId(bead, agent.epoch) : startPromptId(bead.beadId, agent.epoch);

/** The bead goes back to the queue and the agent is free; the reason is kept for the next one. */
const giveBack = async (ports: Ports, agent: Agent, bead: Bead, reason: string): Promise<Decision<void>> => {
  const at = isoNow(ports);
  const nowMs = ports.clock.nowMs();
  const after = givenBack({
    bead,
    blame: 'own',
    reason,
    // A bead without attempts left fails by B2, in its queue.
    maxAttempts: Number.POSITIVE_INFINITY,
    nowMs,
    timings: ports.deployment.timings,
    workedMs: workedMsOf(agent, nowMs),
  });
  const event = newEvent(
    { townId: bead.townId, eventId: ports.ids.ulid(), type: 'unhooked', actor: `agent:${agent.agentId}`, at },
    { beadId: bead.beadId, agentId: agent.agentId, new: reason.slice(0, 2000), ...(bead.rigId === undefined ? {} : { rigId: bead.rigId }) },
  );
  const { writes: remembered } = await failureWrites(ports, agent, { beadId: bead.beadId, reason });
  const slot: Write[] =
    agent.slot === undefined ? [] : [{ remove: 'slot', key: { townId: bead.townId, slotId: agent.slot }, when: 'none' }];
  const writes = writesOf([{ before: bead, after }], event, momentOf(ports), [
    {
      put: 'agent',
      item: { ...unhooked(withRecord(agent, 'failures', nowMs), at), lastExit: reason.slice(0, 1000) },
      when: { equals: { version: agent.version } },
    },
    ...slot,
    ...remembered,
  ]);
  return { writes, result: undefined };
};

/** A turn of a worker ended. With the bead still on the hook, the agent gets a prompt to go on, at most `maxContinues` times. */
const workerTurn = (ports: Ports, townId: string, turn: Turn): Promise<void> =>
  transact<void>(ports, `Agent ${turn.agentId}`, async () => {
    const nothing = { writes: [], result: undefined };
    const agent = await ports.store.get('agent', { townId, agentId: turn.agentId });
    if (agent === undefined || agent.epoch !== turn.epoch || agent.hookBeadId === undefined || !isLive(agent) || isCrew(agent))
      return nothing;
    const bead = await ports.store.get('bead', { townId, beadId: agent.hookBeadId });
    if (bead === undefined || bead.status !== 'in_progress' || expectedPromptId(agent, firstPromptId(agent, bead)) !== turn.promptId)
      return nothing;
    const continues = agent.continues ?? 0;
    // A request under review stays on the hook until a rule takes it: that agent is lost then.
    if (continues < maxContinues || isMergeRequest(bead)) {
      const item: Agent = { ...agent, continues: continues + 1, version: agent.version + 1, updatedAt: isoNow(ports) };
      return { writes: [{ put: 'agent', item, when: { equals: { version: agent.version } } }], result: undefined };
    }
    const reason =
      turn.outcome === 'failed'
        ? `Its turns ended with an error: ${turn.text.slice(0, 600)}`
        : `It ended ${maxContinues + 1} turns without finishing the bead.`;
    return giveBack(ports, agent, bead, reason);
  });

/** Idempotent: a turn that was seen before changes nothing. `ended` are agents whose process is gone: rules decide about their beads. */
export const applyTurns = async (
  ports: Ports,
  townId: string,
  turns: readonly Turn[],
  ended: ReadonlySet<string> = new Set(),
): Promise<void> => {
  if (turns.length === 0) return;
  const mayorKeys = new Map(
    (await ports.store.workOf(townId))
      .filter((item) => item.kind === 'mayor')
      .map((item) => [mayorKeyOf(item).messageId, mayorKeyOf(item)]),
  );
  const told = new Set<string>();
  for (const turn of turns) {
    const key = mayorKeys.get(turn.promptId);
    const mail = mailOfPrompt(turn.promptId);
    const nudge = nudgeOfPrompt(turn.promptId);
    if (nudge !== undefined) await markNudged(ports, townId, nudge, turn.agentId);
    if (turn.agentId !== 'mayor') {
      if (!ended.has(turn.agentId)) await workerTurn(ports, townId, turn);
    } else if (key !== undefined) await answerMessage(ports, key, turn);
    else if (mail !== undefined) {
      // Letters that went in together share the end of their turn: their person hears it once.
      const person = (await ports.store.get('bead', { townId, beadId: mail }))?.requestedBy ?? '';
      if (!told.has(`${person} ${turn.text}`)) await tellAboutMail(ports, townId, mail, turn);
      told.add(`${person} ${turn.text}`);
      await takeMail(ports, townId, mail, turn.agentId);
    }
  }
};

/** Messages that are in the Mayor's session for certain are being worked on. */
export const markWorking = async (ports: Ports, townId: string, deliveredPromptIds: readonly string[]): Promise<void> => {
  const delivered = new Set(deliveredPromptIds);
  const keys = (await ports.store.workOf(townId))
    .filter((item) => item.kind === 'mayor')
    .map(mayorKeyOf)
    .filter((key) => delivered.has(key.messageId));
  for (const key of keys) {
    await transact(ports, 'The message', async () => {
      const message = await ports.store.get('mayorMessage', key);
      if (message?.state !== 'queued') return { writes: [], result: undefined };
      return {
        writes: [
          {
            put: 'mayorMessage',
            item: { ...message, state: 'working', version: message.version + 1 },
            when: { equals: { version: message.version } },
          },
        ],
        result: undefined,
      };
    });
  }
};
