// Repositories of a town.
import { ownTown, rigOf } from '../operations/access.ts';
import { deleteRig } from '../operations/delete-town.ts';
import { pageOfAll } from '../operations/lists.ts';
import { readPage } from '../operations/merged-pages.ts';
import { connectHost, disconnectHost, listHosts, updateHost } from '../operations/host-connections.ts';
import { updateRig } from '../operations/rig-changes.ts';
import { checkRig } from '../operations/rig-probe.ts';
import { createRig } from '../operations/rigs.ts';
import type { Ports } from '../ports.ts';
import { lambda } from './lambda.ts';
import { pageOf, wirePage } from './page.ts';
import { presentRig } from './present.ts';
import { createGroupHandler } from './serve.ts';
import type { ApiHandler } from './serve.ts';

export const createHandler = (ports: Ports): ApiHandler => {
  const by = (call: { caller: { userId: string }; params: { townId: string } }) => ({
    townId: call.params.townId,
    userId: call.caller.userId,
  });
  const own = (call: { caller: { userId: string }; params: { townId: string } }) => ownTown(ports, call.caller.userId, call.params.townId);
  return createGroupHandler('rigs', ports, {
    createRig: async (call) => {
      await own(call);
      const { body: input, idempotencyKey } = call;
      return presentRig(await createRig(ports, { townId: call.params.townId, userId: call.caller.userId, input, idempotencyKey }));
    },
    listRigs: async (call) => {
      await own(call);
      return readPage(async () => wirePage(pageOfAll((await ports.store.rigsOf(call.params.townId)).map(presentRig), pageOf(call.query))));
    },
    getRig: async (call) => {
      await own(call);
      return presentRig(await rigOf(ports, call.params.townId, call.params.rigId));
    },
    deleteRig: async (call) => {
      await own(call);
      return presentRig(await deleteRig(ports, { ...call.params, userId: call.caller.userId, force: call.query.force === 'true' }));
    },
    checkRig: async (call) => {
      await own(call);
      return checkRig(ports, await rigOf(ports, call.params.townId, call.params.rigId));
    },
    connectHost: (call) => connectHost(ports, by(call), { input: call.body, idempotencyKey: call.idempotencyKey }),
    listHosts: async (call) => ({ items: await listHosts(ports, by(call)) }),
    updateHost: (call) => updateHost(ports, by(call), { hostConnectionId: call.params.hostConnectionId, patch: call.body }),
    disconnectHost: async (call) => {
      await own(call);
      return disconnectHost(ports, by(call), call.params.hostConnectionId);
    },
    updateRig: async (call) => {
      await own(call);
      return presentRig(await updateRig(ports, { ...call.params, userId: call.caller.userId, patch: call.body, ifMatch: call.ifMatch }));
    },
  });
};
export const handler = lambda(createHandler);
