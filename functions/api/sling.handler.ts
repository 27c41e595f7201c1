// Sling one bead, or a batch of them.
import { ownTown } from '../operations/access.ts';
import { presentConvoy } from '../operations/convoys.ts';
import { slingBatch } from '../operations/sling-batch.ts';
import { slingOne } from '../operations/sling.ts';
import type { Ports } from '../ports.ts';
import { lambda } from './lambda.ts';
import { createGroupHandler } from './serve.ts';
import type { ApiHandler } from './serve.ts';

export const createHandler = (ports: Ports): ApiHandler =>
  createGroupHandler('sling', ports, {
    sling: async ({ caller, params: { townId }, body, idempotencyKey }) => {
      await ownTown(ports, caller.userId, townId);
      return slingOne(ports, { townId, userId: caller.userId, actor: `user:${caller.userId}`, input: body, idempotencyKey });
    },
    slingBatch: async ({ caller, params: { townId }, body, idempotencyKey }) => {
      await ownTown(ports, caller.userId, townId);
      return presentConvoy(
        await slingBatch(ports, { townId, userId: caller.userId, actor: `user:${caller.userId}`, input: body, idempotencyKey }),
      );
    },
  });
export const handler = lambda(createHandler);
