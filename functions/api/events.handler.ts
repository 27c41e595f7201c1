// The feed of a town, and a dry run of its reconciler.
import { plan } from '../domain/plan/plan.ts';
import { ownTown } from '../operations/access.ts';
import { readPage } from '../operations/merged-pages.ts';
import type { Ports } from '../ports.ts';
import { loadSnapshot } from '../reconcile/snapshot.ts';
import { lambda } from './lambda.ts';
import { pageOf, wirePage } from './page.ts';
import { notFound } from './problems.ts';
import { createGroupHandler } from './serve.ts';
import type { ApiHandler } from './serve.ts';

export const createHandler = (ports: Ports): ApiHandler =>
  createGroupHandler('events', ports, {
    listEvents: async ({ caller, params: { townId }, query }) => {
      await ownTown(ports, caller.userId, townId);
      const newestFirst = query.newest === 'true';
      return readPage(async () => wirePage(await ports.store.eventsOf(townId, { after: query.after, newestFirst }, pageOf(query))));
    },
    debugPlan: async ({ caller, params: { townId }, nowMs }) => {
      await ownTown(ports, caller.userId, townId);
      const snapshot = await loadSnapshot(ports, townId);
      if (snapshot === undefined) throw notFound(`There is no town ${townId}.`);
      const { actions, wakeAtMs } = plan(snapshot, nowMs, ports.deployment.timings);
      return {
        actions: actions.map(({ rule, kind, subject, sentence }) => ({ rule, kind, subject, sentence })),
        ...(wakeAtMs === undefined ? {} : { wakeAt: new Date(wakeAtMs).toISOString() }),
      };
    },
  });
export const handler = lambda(createHandler);
