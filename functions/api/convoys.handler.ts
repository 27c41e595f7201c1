// Convoys of a town.
import { ownTown } from '../operations/access.ts';
import { addConvoyBead, closeConvoy, landConvoy, removeConvoyBead, updateConvoy } from '../operations/convoy-edit.ts';
import { startConvoy } from '../operations/convoy-start.ts';
import type { ConvoyAct } from '../operations/convoy-start.ts';
import { convoyView, presentConvoy } from '../operations/convoys.ts';
import type { ConvoyView } from '../operations/convoys.ts';
import { decideBudget, lifeCostOf } from '../operations/costs.ts';
import { listBeads } from '../operations/lists.ts';
import { readPage } from '../operations/merged-pages.ts';
import { slingBatch } from '../operations/sling-batch.ts';
import type { Ports } from '../ports.ts';
import { lambda } from './lambda.ts';
import { pageOf, wirePage } from './page.ts';
import { createGroupHandler } from './serve.ts';
import type { ApiHandler } from './serve.ts';

const actOf = (userId: string, townId: string, convoyId: string): ConvoyAct => ({ townId, convoyId, actor: `user:${userId}` });

export const createHandler = (ports: Ports): ApiHandler => {
  const withCost = async (view: ConvoyView): Promise<ConvoyView> => ({ ...view, cost: await lifeCostOf(ports, view.convoy) });
  return createGroupHandler('convoys', ports, {
    createConvoy: async ({ caller, params: { townId }, body, idempotencyKey }) => {
      await ownTown(ports, caller.userId, townId);
      return presentConvoy(
        await slingBatch(ports, { townId, userId: caller.userId, actor: `user:${caller.userId}`, input: body, idempotencyKey }),
      );
    },
    listConvoys: async ({ caller, params: { townId }, query }) => {
      await ownTown(ports, caller.userId, townId);
      return readPage(async () => wirePage(await listBeads(ports, { townId, type: 'convoy', status: query.status }, pageOf(query))));
    },
    startConvoy: async ({ caller, params: { townId, beadId } }) => {
      await ownTown(ports, caller.userId, townId);
      return presentConvoy(await startConvoy(ports, actOf(caller.userId, townId, beadId)));
    },
    updateConvoy: async ({ caller, params: { townId, beadId }, body, ifMatch }) => {
      await ownTown(ports, caller.userId, townId);
      return presentConvoy(await updateConvoy(ports, { ...actOf(caller.userId, townId, beadId), patch: body, ifMatch }));
    },
    closeConvoy: async ({ caller, params: { townId, beadId }, body }) => {
      await ownTown(ports, caller.userId, townId);
      return presentConvoy(await closeConvoy(ports, { ...actOf(caller.userId, townId, beadId), ...body }));
    },
    landConvoy: async ({ caller, params: { townId, beadId }, body }) => {
      await ownTown(ports, caller.userId, townId);
      return presentConvoy(await landConvoy(ports, { ...actOf(caller.userId, townId, beadId), ...body }));
    },
    addConvoyBead: async ({ caller, params: { townId, beadId }, body }) => {
      await ownTown(ports, caller.userId, townId);
      return presentConvoy(await addConvoyBead(ports, { ...actOf(caller.userId, townId, beadId), ...body }));
    },
    removeConvoyBead: async ({ caller, params: { townId, beadId, memberId } }) => {
      await ownTown(ports, caller.userId, townId);
      return presentConvoy(await removeConvoyBead(ports, { ...actOf(caller.userId, townId, beadId), beadId: memberId }));
    },
    getConvoy: async ({ caller, params: { townId, beadId } }) => {
      await ownTown(ports, caller.userId, townId);
      return withCost(presentConvoy(await convoyView(ports, townId, beadId)));
    },
    decideBudget: async ({ caller, params: { townId, beadId }, body }) => {
      await ownTown(ports, caller.userId, townId);
      await decideBudget(ports, { townId, convoyId: beadId, actor: `user:${caller.userId}`, choice: body });
      return withCost(presentConvoy(await convoyView(ports, townId, beadId)));
    },
  });
};
export const handler = lambda(createHandler);
