// The caller's own conversation with the Mayor.
import { ownTown } from '../operations/access.ts';
import { sayToMayor } from '../operations/mayor.ts';
import { readPage } from '../operations/merged-pages.ts';
import type { Ports } from '../ports.ts';
import { lambda } from './lambda.ts';
import { pageOf, wirePage } from './page.ts';
import { createGroupHandler } from './serve.ts';
import type { ApiHandler } from './serve.ts';

export const createHandler = (ports: Ports): ApiHandler =>
  createGroupHandler('mayor', ports, {
    mayorMessages: async ({ caller, params: { townId }, query }) => {
      await ownTown(ports, caller.userId, townId);
      return readPage(async () => wirePage(await ports.store.mayorMessages(townId, caller.userId, pageOf(query))));
    },
    sayToMayor: async ({ caller, params: { townId }, body, idempotencyKey }) => {
      await ownTown(ports, caller.userId, townId);
      return sayToMayor(ports, { townId, userId: caller.userId, input: body, idempotencyKey });
    },
  });
export const handler = lambda(createHandler);
