// Towns of the person who calls.
import { ownTown } from '../operations/access.ts';
import { deleteTown } from '../operations/delete-town.ts';
import { usageOf } from '../operations/costs.ts';
import { resumeTown, stopTown } from '../operations/emergency-stop.ts';
import { readPage } from '../operations/merged-pages.ts';
import { townSnapshot } from '../operations/snapshot.ts';
import { createTown, listTowns, renameTown } from '../operations/towns.ts';
import type { Ports } from '../ports.ts';
import { lambda } from './lambda.ts';
import { pageOf } from './page.ts';
import { presentTown } from './present.ts';
import { createGroupHandler } from './serve.ts';
import type { ApiHandler } from './serve.ts';

export const createHandler = (ports: Ports): ApiHandler => {
  const own = (call: { caller: { userId: string }; params: { townId: string } }) => ownTown(ports, call.caller.userId, call.params.townId);
  return createGroupHandler('towns', ports, {
    createTown: ({ caller, body, idempotencyKey }) => createTown(ports, { userId: caller.userId, input: body, idempotencyKey }),
    listTowns: ({ caller, query }) => readPage(() => listTowns(ports, caller.userId, pageOf(query))),
    getTown: async (call) => presentTown(await own(call)),
    updateTown: ({ caller, params, body, ifMatch }) =>
      renameTown(ports, { userId: caller.userId, townId: params.townId, name: body.name, ifMatch }),
    deleteTown: async ({ caller, params, body }) => {
      const town = await deleteTown(ports, { userId: caller.userId, townId: params.townId, confirm: body.confirm });
      return { townId: town.townId, deletedAt: town.deletedAt ?? town.updatedAt };
    },
    usage: async (call) => usageOf(ports, (await own(call)).townId, call.query),
    stopTown: ({ caller, params, body }) => stopTown(ports, { userId: caller.userId, townId: params.townId, reason: body.reason }),
    resumeTown: ({ caller, params }) => resumeTown(ports, { userId: caller.userId, townId: params.townId }),
    snapshot: async (call) => townSnapshot(ports, await own(call)),
  });
};
export const handler = lambda(createHandler);
