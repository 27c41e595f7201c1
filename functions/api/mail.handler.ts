// Mail and escalations of a town.
import { ownTown } from '../operations/access.ts';
import { acknowledge } from '../operations/escalations.ts';
import { listBeads } from '../operations/lists.ts';
import { sendMail } from '../operations/mail.ts';
import { listMail } from '../operations/mail-list.ts';
import { messageAgent } from '../operations/message-agent.ts';
import { sendNudge } from '../operations/nudge.ts';
import { readPage } from '../operations/merged-pages.ts';
import type { Ports } from '../ports.ts';
import { lambda } from './lambda.ts';
import { pageOf, wirePage } from './page.ts';
import { createGroupHandler } from './serve.ts';
import type { ApiHandler } from './serve.ts';

export const createHandler = (ports: Ports): ApiHandler =>
  createGroupHandler('mail', ports, {
    listMail: async ({ caller, params: { townId }, query }) => {
      await ownTown(ports, caller.userId, townId);
      return readPage(async () => wirePage(await listMail(ports, townId, query, pageOf(query))));
    },
    sendMail: async ({ caller, params: { townId }, body, idempotencyKey }) => {
      await ownTown(ports, caller.userId, townId);
      const sender = { townId, from: `user:${caller.userId}`, requestedBy: caller.userId } as const;
      return { items: await sendMail(ports, sender, { ...body, idempotencyKey }) };
    },
    nudgeAgent: async ({ caller: { userId }, params: { townId, agentId }, body, idempotencyKey }) => {
      await ownTown(ports, userId, townId);
      return sendNudge(ports, { townId, to: agentId, from: `user:${userId}`, requestedBy: userId, input: body, idempotencyKey });
    },
    messageAgent: async ({ caller: { userId }, params: { townId, agentId }, body, idempotencyKey }) => {
      await ownTown(ports, userId, townId);
      return messageAgent(ports, { townId, userId, to: agentId, text: body.text, idempotencyKey });
    },
    listEscalations: async ({ caller, params: { townId }, query }) => {
      await ownTown(ports, caller.userId, townId);
      const status = query.status ?? 'open';
      return readPage(async () => wirePage(await listBeads(ports, { townId, type: 'escalation', status }, pageOf(query))));
    },
    acknowledgeEscalation: async ({ caller, params: { townId, beadId }, body }) => {
      await ownTown(ports, caller.userId, townId);
      return acknowledge(ports, { townId, escalationId: beadId, actor: `user:${caller.userId}`, note: body.note });
    },
  });
export const handler = lambda(createHandler);
