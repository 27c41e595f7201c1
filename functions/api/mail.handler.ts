// Mail and escalations of a town.
import { ownTown } from '../operations/access.ts';
import { acknowledge } from '../operations/escalations.ts';
import { listBeads } from '../operations/lists.ts';
import { readPage } from '../operations/merged-pages.ts';
import type { Ports } from '../ports.ts';
import { lambda } from './lambda.ts';
import { pageOf, wirePage } from './page.ts';
import { createGroupHandler } from './serve.ts';
import type { ApiHandler } from './serve.ts';

export const createHandler = (ports: Ports): ApiHandler =>
  createGroupHandler('mail', ports, {
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
