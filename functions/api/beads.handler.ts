// Beads of a town.
import { ownTown } from '../operations/access.ts';
import { archiveBead, archiveClosed, unarchiveBead } from '../operations/archive.ts';
import { wholeBodyOf } from '../operations/bead-body.ts';
import { updateBead } from '../operations/bead-fields.ts';
import { closeBead, commitsOf, failBead, getBead } from '../operations/beads.ts';
import { bulk } from '../operations/bulk.ts';
import { lifeCostOf } from '../operations/costs.ts';
import { deleteBead } from '../operations/delete-bead.ts';
import { addDependency, removeDependency, replaceDependencies } from '../operations/dependencies.ts';
import { beadDiff } from '../operations/diff.ts';
import { exportBeads } from '../operations/export-beads.ts';
import { explainBead } from '../operations/explain.ts';
import { importBeads, rigOfImport } from '../operations/import-beads.ts';
import { listBeads } from '../operations/lists.ts';
import { readPage } from '../operations/merged-pages.ts';
import { retryBead } from '../operations/retry.ts';
import { slingOne } from '../operations/sling.ts';
import { commentOn, startBead } from '../operations/start-bead.ts';
import { timelineOf } from '../operations/timeline.ts';
import type { Ports } from '../ports.ts';
import { lambda } from './lambda.ts';
import { pageOf, wirePage } from './page.ts';
import { RawAnswer, createGroupHandler } from './serve.ts';
import type { ApiHandler } from './serve.ts';

const later = (body: unknown): RawAnswer =>
  new RawAnswer({
    statusCode: 202,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
    body: JSON.stringify(body),
  });

export const createHandler = (ports: Ports): ApiHandler => {
  const own = async (call: { caller: { userId: string }; params: { townId: string } }) => {
    await ownTown(ports, call.caller.userId, call.params.townId);
    return { actor: `user:${call.caller.userId}` as const, userId: call.caller.userId };
  };
  const detail = async ({ townId }: { townId: string }, beadId: string) => {
    const { bead, dependsOn, dependents } = await getBead(ports, townId, beadId);
    return { bead, dependsOn: [...dependsOn], dependents: [...dependents] };
  };
  return createGroupHandler('beads', ports, {
    createBead: async (call) => {
      const who = await own(call);
      return slingOne(ports, { ...who, townId: call.params.townId, input: call.body, idempotencyKey: call.idempotencyKey, held: true });
    },
    listBeads: async (call) => {
      await own(call);
      const { type, status, rigId } = call.query;
      const archived = call.query.archived === 'true';
      return readPage(async () =>
        wirePage(
          await listBeads(ports, { townId: call.params.townId, type: type ?? 'issue', status, rigId, archived }, pageOf(call.query)),
        ),
      );
    },
    importBeads: async (call) => {
      const { userId } = await own(call);
      const { rigId, importId, part, last, dryRun, partial, hold } = call.query;
      return importBeads(ports, {
        townId: call.params.townId,
        rigId: await rigOfImport(ports, call.params.townId, rigId),
        userId,
        importId,
        text: call.body,
        part: part ?? 1,
        last: last !== 'false',
        dryRun: dryRun === 'true',
        partial: partial === 'true',
        hold: hold !== 'false',
      });
    },
    exportBeads: async (call) => {
      await own(call);
      const { lines, cursor } = await exportBeads(ports, call.params.townId, pageOf(call.query));
      return new RawAnswer({
        statusCode: 200,
        headers: {
          'content-type': 'application/x-ndjson; charset=utf-8',
          'cache-control': 'no-store',
          ...(cursor === undefined ? {} : { 'x-next-cursor': cursor }),
        },
        body: lines.map((line) => `${line}\n`).join(''),
      });
    },
    getBead: async (call) => {
      await own(call);
      const view = await detail(call.params, call.params.beadId);
      return { ...view, cost: await lifeCostOf(ports, view.bead) };
    },
    beadBody: async (call) => {
      await own(call);
      return new RawAnswer({
        statusCode: 200,
        headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
        body: await wholeBodyOf(ports, call.params.townId, call.params.beadId),
      });
    },
    addDependency: async (call) => {
      const who = await own(call);
      const input = { ...call.body, type: call.body.type ?? 'blocks' };
      const { beadId } = await addDependency(ports, { ...who, ...call.params, input, idempotencyKey: call.idempotencyKey });
      return detail(call.params, beadId);
    },
    replaceDependencies: async (call) => {
      const { beadId } = await replaceDependencies(ports, { ...(await own(call)), ...call.params, dependsOn: call.body.dependsOn });
      return detail(call.params, beadId);
    },
    removeDependency: async (call) => {
      const { beadId } = await removeDependency(ports, { ...(await own(call)), ...call.params, ...call.query });
      return detail(call.params, beadId);
    },
    updateBead: async (call) => updateBead(ports, { ...(await own(call)), ...call.params, patch: call.body, ifMatch: call.ifMatch }),
    closeBead: async (call) =>
      closeBead(ports, { ...(await own(call)), ...call.params, reason: call.body.reason, idempotencyKey: call.idempotencyKey }),
    failBead: async (call) =>
      failBead(ports, { ...(await own(call)), ...call.params, reason: call.body.reason, idempotencyKey: call.idempotencyKey }),
    archiveBead: async (call) => archiveBead(ports, { ...(await own(call)), ...call.params, idempotencyKey: call.idempotencyKey }),
    unarchiveBead: async (call) => unarchiveBead(ports, { ...(await own(call)), ...call.params, idempotencyKey: call.idempotencyKey }),
    archiveClosed: async (call) => archiveClosed(ports, { ...(await own(call)), ...call.params }),
    bulkBeads: async (call) => bulk(ports, { ...(await own(call)), ...call.params, input: call.body }),
    deleteBead: async (call) => deleteBead(ports, { ...(await own(call)), ...call.params, force: call.query.force === 'true' }),
    startBead: async (call) => startBead(ports, { ...(await own(call)), ...call.params, idempotencyKey: call.idempotencyKey }),
    retryBead: async (call) => retryBead(ports, { ...(await own(call)), ...call.params, idempotencyKey: call.idempotencyKey }),
    commentBead: async (call) =>
      commentOn(ports, { ...(await own(call)), ...call.params, text: call.body.text, idempotencyKey: call.idempotencyKey }),
    beadEvents: async (call) => {
      await own(call);
      return readPage(async () => wirePage(await timelineOf(ports, call.params, pageOf(call.query))));
    },
    beadCommits: async (call) => {
      await own(call);
      return { items: [...(await commitsOf(ports, call.params.townId, call.params.beadId))] };
    },
    beadDiff: async (call) => {
      await own(call);
      const view = await beadDiff(ports, call.params);
      return view.ready ? view : later(view);
    },
    beadExplain: async (call) => {
      await own(call);
      return explainBead(ports, call.params.townId, call.params.beadId);
    },
  });
};
export const handler = lambda(createHandler);
