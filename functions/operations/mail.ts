// Durable mail between agents, roles, groups, queues and people. To an agent or a role it is a message bead until it is read; a person finds it in the Mayor's conversation.
import { z } from 'zod';
import { beadSchema } from '../contracts/bead.schema.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import type { Principal } from '../contracts/primitives.schema.ts';
import { isMessage, writesOf } from '../domain/bead-writes.ts';
import { newEdge } from '../domain/dependencies.ts';
import { edgeWrites } from '../domain/edges.ts';
import { inboxDigest, isUnread, mayRead } from '../domain/inbox.ts';
import type { InboxDigest, MessageBead } from '../domain/inbox.ts';
import { newBead, newEvent } from '../domain/new-bead.ts';
import type { Ports, Write } from '../ports.ts';
import { unprocessable } from '../api/problems.ts';
import { agentOf } from './agent-caller.ts';
import type { AgentIdentity } from './agent-caller.ts';
import { readersOf } from './mail-addresses.ts';
import { deliveredMessage, takeMail } from './mail-delivery.ts';
import { actOnce } from './once.ts';
import { requesterOf } from './requester.ts';
import { isoNow, momentOf } from './transact.ts';

export interface MailInput {
  /** An agent id, `role:<role>`, `user:<id>`, `queue:<role or name>`, or `group:<role>` and `group:<one>,<other>,…`. */
  readonly to: string;
  readonly subject: string;
  readonly body: string;
  readonly threadId?: string | undefined;
  /** A message that this one answers: it goes to the same thread. */
  readonly replyTo?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}
export interface MailSender {
  readonly townId: string;
  readonly from: Principal;
  readonly requestedBy: string;
  /** The bead that it is about. */
  readonly about?: Bead | undefined;
}

interface Envelope {
  readonly sender: MailSender;
  readonly input: MailInput;
  readonly at: string;
  readonly threadId: string | undefined;
  readonly beadIds: readonly string[];
  readonly readers: readonly string[];
}

const answered = async (ports: Ports, townId: string, replyTo: string | undefined): Promise<MessageBead | undefined> => {
  if (replyTo === undefined) return undefined;
  const bead = await ports.store.get('bead', { townId, beadId: replyTo });
  if (bead === undefined || !isMessage(bead)) throw unprocessable(`There is no message ${replyTo} to answer in this town.`);
  return bead;
};

const letterOf = (envelope: Envelope, index: number): Bead => {
  const { sender, input, at, threadId } = envelope;
  const beadId = envelope.beadIds[index] ?? '';
  const to = envelope.readers[index] ?? input.to;
  const mail = newBead(
    {
      townId: sender.townId,
      beadId,
      title: input.subject,
      requestedBy: sender.requestedBy,
      createdBy: sender.from,
      at,
      details: {
        type: 'message',
        from: sender.from,
        to,
        ...(threadId === undefined ? {} : { threadId }),
        ...(input.replyTo === undefined ? {} : { repliesTo: input.replyTo }),
        ...(to === input.to ? {} : { sentTo: input.to }),
      },
    },
    { body: input.body, ...(sender.about === undefined ? {} : { parentId: sender.about.beadId }) },
  );
  return to.startsWith('user:') ? { ...(deliveredMessage(mail, at) ?? mail), version: 1 } : mail;
};

const noteForPerson = (ports: Ports, mail: Bead, from: string): Write[] => {
  const to = isMessage(mail) ? mail.details.to : '';
  if (!to.startsWith('user:')) return [];
  const text = `Mail from ${from.replace(/^agent:/, '')}: ${mail.title}\n\n${mail.body}`.slice(0, 20_000);
  const item = { townId: mail.townId, userId: to.slice(5), messageId: ports.ids.ulid(), role: 'system', text, state: 'final' } as const;
  return [{ put: 'mayorMessage', when: { absent: true }, item: { ...item, at: mail.createdAt, version: 1 } }];
};

const mailWrites = (ports: Ports, envelope: Envelope): { readonly writes: Write[]; readonly result: Bead[] } => {
  const { sender, input, at } = envelope;
  const { townId, from, about } = sender;
  const letters = envelope.readers.map((_reader, index) => letterOf(envelope, index));
  const first = letters[0];
  const event = newEvent(
    { townId, eventId: ports.ids.ulid(), type: 'mail_sent', actor: from, at },
    {
      ...(first === undefined ? {} : { beadId: about?.beadId ?? first.beadId }),
      ...(from.startsWith('agent:') ? { agentId: from.slice(6) } : {}),
      new: input.subject,
      data: { mailId: first?.beadId ?? '', to: input.to, ...(letters.length > 1 ? { readers: letters.length } : {}) },
    },
  );
  const { replyTo } = input;
  const edges =
    replyTo === undefined
      ? []
      : edgeWrites(letters.map(({ beadId }) => newEdge({ townId, beadId, dependsOnId: replyTo, type: 'replies-to', at })));
  const changes = letters.map((after) => ({ after }));
  const notes = letters.flatMap((mail) => noteForPerson(ports, mail, from));
  return { writes: writesOf(changes, event, momentOf(ports), [...notes, ...edges]), result: letters };
};

const idLength = 5;
/** Stores the mail, one message for each reader of a group. Errors: 422 when there is no such addressee or message to answer. */
export const sendMail = async (ports: Ports, sender: MailSender, input: MailInput): Promise<Bead[]> => {
  const { townId, from } = sender;
  const { idempotencyKey, ...request } = input;
  const readers = await readersOf(ports, townId, input.to);
  const original = await answered(ports, townId, input.replyTo);
  const once = {
    what: 'The mail',
    scope: townId,
    key: idempotencyKey,
    act: 'sendMail',
    request: { from, request },
    answer: z.array(beadSchema),
  };
  return actOnce<Bead[]>(ports, once, async () => {
    const beadIds = readers.map(() => `hq-${ports.ids.base36(idLength)}`);
    const threadId = input.threadId ?? original?.details.threadId ?? original?.beadId ?? sender.about?.beadId;
    const shared = threadId ?? (readers.length > 1 ? beadIds[0] : undefined);
    return mailWrites(ports, { sender, input, at: isoNow(ports), threadId: shared, beadIds, readers });
  });
};

/** Mail of an agent, about the bead on its hook. Throws 409 for a replaced agent. */
export const sendAgentMail = async (ports: Ports, caller: AgentIdentity, input: MailInput): Promise<Bead[]> => {
  const agent = await agentOf(ports, caller);
  const about =
    agent.hookBeadId === undefined ? undefined : await ports.store.get('bead', { townId: caller.townId, beadId: agent.hookBeadId });
  const requestedBy = about?.requestedBy ?? (await requesterOf(ports, caller.townId));
  return sendMail(ports, { townId: caller.townId, from: `agent:${caller.agentId}`, requestedBy, about }, input);
};

export interface Inbox {
  readonly queue?: string | undefined;
  readonly thread?: string | undefined;
}
/** Undelivered mail that the caller may read, oldest first, no more than one answer may hold. */
export const unreadMail = async (ports: Ports, caller: AgentIdentity, { queue, thread }: Inbox = {}): Promise<InboxDigest> => {
  const keys = (await ports.store.workOf(caller.townId))
    .filter((item) => item.kind === 'mail')
    .map((item) => ({ townId: caller.townId, beadId: item.workId }));
  const beads = await ports.store.getMany('bead', keys);
  const mails = beads
    .filter((bead): bead is Bead => bead !== undefined)
    .filter(isUnread)
    .filter((mail) => (queue === undefined ? mayRead(mail, caller) : mail.details.to === `queue:${queue}`))
    .filter((mail) => thread === undefined || mail.details.threadId === thread || mail.beadId === thread);
  return inboxDigest(mails);
};

/** Reads the caller's mail; what is returned counts as delivered. What others took at the same moment is not in it. */
export const checkMail = async (ports: Ports, caller: AgentIdentity, inbox: Inbox = {}): Promise<InboxDigest> => {
  const { shown, left } = await unreadMail(ports, caller, inbox);
  const taken: MessageBead[] = [];
  for (const mail of shown) if (await takeMail(ports, caller.townId, mail.beadId, caller.agentId)) taken.push(mail);
  return { shown: taken, left };
};
