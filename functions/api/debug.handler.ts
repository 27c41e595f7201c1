// Seeing inside a town; for its owner only.
import { auditPage } from '../operations/audit.ts';
import { ownTown } from '../operations/access.ts';
import { debugBead, interventionsOf, passesOf, replayPass } from '../operations/debug.ts';
import { readPage } from '../operations/merged-pages.ts';
import { townMetrics } from '../operations/town-metrics.ts';
import type { Ports } from '../ports.ts';
import { lambda } from './lambda.ts';
import { pageOf, wirePage } from './page.ts';
import { createGroupHandler } from './serve.ts';
import type { ApiHandler } from './serve.ts';

/** Beads of one call: each is read with its edges and members. */
const auditedBeads = 100;

export const createHandler = (ports: Ports): ApiHandler => {
  const own = (call: { caller: { userId: string }; params: { townId: string } }) => ownTown(ports, call.caller.userId, call.params.townId);
  return createGroupHandler('debug', ports, {
    debugPasses: async (call) => {
      await own(call);
      return { items: await passesOf(ports, call.params.townId, call.query.day) };
    },
    debugReplay: async (call) => {
      await own(call);
      const { earlier, now, gone, added, ...rest } = await replayPass(ports, call.params.townId, call.body.passId);
      return { ...rest, earlier: [...earlier], now: [...now], gone: [...gone], added: [...added] };
    },
    debugBead: async (call) => {
      await own(call);
      return debugBead(ports, call.params.townId, call.params.beadId);
    },
    debugAudit: async (call) => {
      await own(call);
      const { cursor, repair } = call.body;
      return readPage(async () => {
        const page = await auditPage(ports, { townId: call.params.townId, limit: auditedBeads, cursor, repair: repair === true });
        const { violations, ...rest } = page;
        return { ...rest, violations: violations.map(({ invariant, subject, sentence }) => ({ invariant, subject, sentence })) };
      });
    },
    listInterventions: async (call) => {
      await own(call);
      return readPage(async () => wirePage(await interventionsOf(ports, call.params.townId, pageOf(call.query))));
    },
    getMetrics: async (call) => {
      await own(call);
      return townMetrics(ports, call.params.townId, call.query.window ?? '24h');
    },
  });
};
export const handler = lambda(createHandler);
