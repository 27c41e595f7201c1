// Merge requests of a town.
import { ownTown } from '../operations/access.ts';
import { readPage } from '../operations/merged-pages.ts';
import { listMerges } from '../operations/merges.ts';
import { decidePullRequest } from '../operations/pull-requests.ts';
import type { Ports } from '../ports.ts';
import { lambda } from './lambda.ts';
import { pageOf, wirePage } from './page.ts';
import { createGroupHandler } from './serve.ts';
import type { ApiHandler } from './serve.ts';

export const createHandler = (ports: Ports): ApiHandler =>
  createGroupHandler('merges', ports, {
    listMerges: async ({ caller, params: { townId }, query }) => {
      await ownTown(ports, caller.userId, townId);
      return readPage(async () => wirePage(await listMerges(ports, { townId, status: query.status }, pageOf(query))));
    },
    decideMerge: async ({ caller, params, body }) => {
      await ownTown(ports, caller.userId, params.townId);
      return decidePullRequest(ports, { ...params, actor: `user:${caller.userId}`, decision: body.decision });
    },
  });
export const handler = lambda(createHandler);
