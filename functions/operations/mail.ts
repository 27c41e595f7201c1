// Durable mail between agents, roles and people. To an agent or a role it is a message bead until it is read; a person finds it in the Mayor's conversation.
import type { Bead, BeadOf } from '../contracts/bead.schema.ts';
import { agentRoleSchema } from '../contracts/agent.schema.ts';
import { agentIdSchema, userIdSchema } from '../contracts/primitives.schema.ts';
import { isMessage, writesOf } from '../domain/bead-writes.ts';
import { newBead, newEvent } from '../domain/new-bead.ts';
import type { Ports, Write } from '../ports.ts';
import { unprocessable } from '../api/problems.ts';
import { agentOf } from './agent-caller.ts';
import type { AgentIdentity } from './agent-caller.ts';
import { deliveredMessage, markDelivered } from './mail-delivery.ts';
import { requesterOf } from './requester.ts';
import { isoNow, momentOf, transact } from './transact.ts';

export interface MailInput {
  readonly to: string;
  readonly subject: string;
  readonly body: string;
}
export type MessageBead = Bead & BeadOf<'message'>;
const mailsPerRead = 20;

/** Who can be written to: an agent of the town, a role, or the town's people. Throws 422 with the choices. */
const checkAddressee = async (ports: Ports, townId: string, to: string): Promise<void> => {
  if (to.startsWith('role:') && agentRoleSchema.safeParse(to.slice(5)).success) return;
  if (to.startsWith('user:') && userIdSchema.safeParse(to.slice(5)).success) {
    const town = await ports.store.get('town', { townId });
    if (town?.ownerId === to.slice(5)) return;
    throw unprocessable(`${to} is not a person of this town.`);
  }
  const agents = (await ports.store.agentsOf(townId)).filter((agent) => agent.state !== 'gone').map((agent) => agent.agentId);
  if (agentIdSchema.safeParse(to).success && agents.includes(to)) return;
  throw unprocessable(
    `There is nobody called ${to}. Write to an agent (${agents.slice(0, 30).join(', ')}), a role (role:mayor), or a person (user:<id>).`,
  );
};

const noteForPerson = (ports: Ports, caller: AgentIdentity, input: MailInput): Write => ({
  put: 'mayorMessage',
  when: { absent: true },
  item: {
    townId: caller.townId,
    userId: input.to.slice(5),
    messageId: ports.ids.ulid(),
    role: 'system',
    text: `Mail from ${caller.agentId}: ${input.subject}\n\n${input.body}`.slice(0, 20_000),
    state: 'final',
    at: isoNow(ports),
    version: 1,
  },
});

/** Stores one mail. Errors: 422 when there is no such addressee. */
export const sendMail = async (ports: Ports, caller: AgentIdentity, input: MailInput): Promise<Bead> => {
  await checkAddressee(ports, caller.townId, input.to);
  return transact(ports, 'The mail', async () => {
    const agent = await agentOf(ports, caller);
    const about =
      agent.hookBeadId === undefined ? undefined : await ports.store.get('bead', { townId: caller.townId, beadId: agent.hookBeadId });
    const at = isoNow(ports);
    const mail = newBead(
      {
        townId: caller.townId,
        beadId: `hq-${ports.ids.base36(5)}`,
        title: input.subject,
        requestedBy: about?.requestedBy ?? (await requesterOf(ports, caller.townId)),
        createdBy: `agent:${caller.agentId}`,
        at,
        details: {
          type: 'message',
          from: `agent:${caller.agentId}`,
          to: input.to,
          ...(about === undefined ? {} : { threadId: about.beadId }),
        },
      },
      { body: input.body, ...(about === undefined ? {} : { parentId: about.beadId }) },
    );
    const toPerson = input.to.startsWith('user:');
    const stored = toPerson ? { ...(deliveredMessage(mail, at) ?? mail), version: 1 } : mail;
    const event = newEvent(
      { townId: caller.townId, eventId: ports.ids.ulid(), type: 'mail_sent', actor: `agent:${caller.agentId}`, at },
      { beadId: about?.beadId ?? mail.beadId, agentId: caller.agentId, new: input.subject, data: { mailId: mail.beadId, to: input.to } },
    );
    return {
      writes: writesOf([{ after: stored }], event, momentOf(ports), toPerson ? [noteForPerson(ports, caller, input)] : []),
      result: stored,
    };
  });
};

/** Undelivered mail of the caller and its role, oldest first, at most 20. */
export const unreadMail = async (ports: Ports, caller: AgentIdentity): Promise<MessageBead[]> => {
  const keys = (await ports.store.workOf(caller.townId))
    .filter((item) => item.kind === 'mail')
    .map((item) => ({ townId: caller.townId, beadId: item.workId }));
  const beads = await ports.store.getMany('bead', keys);
  return beads
    .filter((bead): bead is Bead => bead !== undefined)
    .filter(isMessage)
    .filter((bead) => bead.status === 'open' && (bead.details.to === caller.agentId || bead.details.to === `role:${caller.role}`))
    .toSorted((one, other) => (one.createdAt < other.createdAt ? -1 : 1))
    .slice(0, mailsPerRead);
};

/** Reads the caller's mail; what is returned counts as delivered. */
export const checkMail = async (ports: Ports, caller: AgentIdentity): Promise<MessageBead[]> => {
  const mails = await unreadMail(ports, caller);
  for (const mail of mails) await markDelivered(ports, caller.townId, mail.beadId, caller.agentId);
  return mails;
};
