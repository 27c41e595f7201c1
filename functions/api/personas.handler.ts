// Personas of a town and of the account's registry.
import { ownTown } from '../operations/access.ts';
import { pageOfAll } from '../operations/lists.ts';
import { readPage } from '../operations/merged-pages.ts';
import { installPersona, publishPersona, publishedPersona, withdrawPersona } from '../operations/persona-registry.ts';
import { createPersona, deletePersona, listPersonas, personaView, updatePersona } from '../operations/personas.ts';
import type { Ports } from '../ports.ts';
import { lambda } from './lambda.ts';
import { pageOf, wirePage } from './page.ts';
import { createGroupHandler } from './serve.ts';
import type { ApiHandler } from './serve.ts';

export const createHandler = (ports: Ports): ApiHandler => {
  const own = async (call: { caller: { userId: string }; params: { townId: string } }) => {
    await ownTown(ports, call.caller.userId, call.params.townId);
    return { townId: call.params.townId, userId: call.caller.userId };
  };
  return createGroupHandler('personas', ports, {
    listPersonas: async (call) => {
      const { townId } = await own(call);
      return readPage(async () => wirePage(pageOfAll(await listPersonas(ports, townId), pageOf(call.query))));
    },
    createPersona: async (call) => createPersona(ports, { ...(await own(call)), input: call.body }),
    getPersona: async (call) => personaView(ports, (await own(call)).townId, call.params.personaId),
    updatePersona: async (call) =>
      updatePersona(ports, { ...(await own(call)), personaId: call.params.personaId, patch: call.body, ifMatch: call.ifMatch }),
    deletePersona: async (call) => {
      await deletePersona(ports, { ...(await own(call)), personaId: call.params.personaId });
      return { ok: true };
    },
    installPersona: async (call) => installPersona(ports, { ...(await own(call)), personaId: call.params.personaId }),
    publishPersona: async ({ caller, body }) => {
      await ownTown(ports, caller.userId, body.fromTownId);
      return publishPersona(ports, { townId: body.fromTownId, personaId: body.personaId, userId: caller.userId });
    },
    listPublishedPersonas: async ({ query }) => readPage(async () => wirePage(await ports.store.publishedPersonas(pageOf(query)))),
    getPublishedPersona: async ({ params }) => publishedPersona(ports, params.personaId),
    withdrawPersona: async ({ caller, params }) => withdrawPersona(ports, { personaId: params.personaId, userId: caller.userId }),
  });
};
export const handler = lambda(createHandler);
