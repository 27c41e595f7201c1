// Agents of a town: who they are, what they did, what they said.
import { z } from 'zod';
import { sessionPartSchema } from '../contracts/runner.schema.ts';
import { ownTown } from '../operations/access.ts';
import { agentCv } from '../operations/agent-cv.ts';
import { agentEvents } from '../operations/agent-events.ts';
import { registerCrew, renewCrew, revokeCrew } from '../operations/crew.ts';
import { endByHand } from '../operations/agents-by-hand.ts';
import { agentView, agentViews, pageOfAll } from '../operations/lists.ts';
import { readPage } from '../operations/merged-pages.ts';
import { wholePartOf } from '../operations/session-parts.ts';
import type { Ports } from '../ports.ts';
import { lambda } from './lambda.ts';
import { pageOf, wirePage } from './page.ts';
import { createGroupHandler } from './serve.ts';
import type { ApiHandler } from './serve.ts';

const storedParts = z.array(sessionPartSchema);

export const createHandler = (ports: Ports): ApiHandler => {
  const own = (call: { caller: { userId: string }; params: { townId: string } }) => ownTown(ports, call.caller.userId, call.params.townId);
  return createGroupHandler('agents', ports, {
    listAgents: async (call) => {
      await own(call);
      return readPage(async () => wirePage(pageOfAll(await agentViews(ports, call.params.townId), pageOf(call.query))));
    },
    getAgent: async (call) => {
      await own(call);
      return agentView(ports, call.params.townId, call.params.agentId);
    },
    agentCv: async (call) => {
      await own(call);
      return agentCv(ports, call.params.townId, call.params.agentId);
    },
    resetAgent: async (call) => {
      await own(call);
      const { townId, agentId } = call.params;
      await endByHand(ports, { townId, agentId, actor: `user:${call.caller.userId}`, act: 'reset', reason: call.body.reason });
      return agentView(ports, townId, agentId);
    },
    stopAgent: async (call) => {
      await own(call);
      const { townId, agentId } = call.params;
      await endByHand(ports, { townId, agentId, actor: `user:${call.caller.userId}`, act: 'stop', reason: call.body.reason });
      return agentView(ports, townId, agentId);
    },
    registerCrew: async (call) => {
      await own(call);
      return registerCrew(ports, { townId: call.params.townId, userId: call.caller.userId, ...call.body });
    },
    renewCrew: async (call) => {
      await own(call);
      return renewCrew(ports, { ...call.params, userId: call.caller.userId });
    },
    revokeCrew: async (call) => {
      await own(call);
      await revokeCrew(ports, { ...call.params, userId: call.caller.userId });
      return { agentId: call.params.agentId };
    },
    agentEvents: async (call) => {
      await own(call);
      return readPage(async () => wirePage(await agentEvents(ports, call.params.townId, call.params.agentId, pageOf(call.query))));
    },
    agentSession: async (call) => {
      await own(call);
      const { townId, agentId } = call.params;
      const page = await readPage(() => ports.store.sessionBatches(townId, agentId, { beadId: call.query.beadId }, pageOf(call.query)));
      const items = page.items.map((batch) => ({
        epoch: batch.epoch,
        parts: storedParts.parse(JSON.parse(batch.parts)),
        ...(batch.beadId === undefined ? {} : { beadId: batch.beadId }),
      }));
      return wirePage({ ...page, items });
    },
    agentSessionPart: async (call) => {
      await own(call);
      return wholePartOf(ports, call.params);
    },
  });
};
export const handler = lambda(createHandler);
