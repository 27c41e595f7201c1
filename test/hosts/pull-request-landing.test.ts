// M6 and convoys that land as a whole: their landing is the pull request; its end is the end of the landing.
import { expect, it } from 'vitest';
import type { Bead } from '../../functions/contracts/bead.schema.ts';
import { isConvoy, isMergeRequest } from '../../functions/domain/bead-writes.ts';
import { planLandings } from '../../functions/domain/convoy/landing.ts';
import { aConvoy, anIssue, nowMs, rigId, sha, timings } from '../rules/build.ts';
import { checked, head, minute, pullRequestWorld, requestId } from './pull-request-world.ts';

const feature = 'convoy/quay/hq-c001/head';
const member = anIssue('web-a001', { status: 'closed' }, { awaitsLanding: true, convoyId: 'hq-c001', latestMergeRequestId: 'web-m9' });
const convoy = (): Bead => {
  const made = aConvoy('hq-c001', ['web-a001']);
  if (!isConvoy(made)) throw new Error('no convoy');
  return {
    ...made,
    details: {
      ...made.details,
      mergeMode: 'review-then-land',
      featureBranch: feature,
      landings: [{ rigId, state: 'landing', attempts: 1, mergeRequestId: requestId }],
    },
  };
};
const landing = async () => {
  const source = convoy();
  const world = await pullRequestWorld({
    source,
    request: { kind: 'landing', sourceBeadId: 'hq-c001', convoyId: 'hq-c001', branch: feature, pullRequest: checked() },
  });
  world.host.push(feature, head);
  await world.pass();
  await world.later(2 * minute);
  return world;
};
const planned = async (world: Awaited<ReturnType<typeof landing>>) => {
  const request = await world.requestOf();
  const source = convoy();
  if (!isConvoy(source)) throw new Error('no convoy');
  return planLandings({ convoy: source, members: [member], requests: new Map([[requestId, request]]), nowMs, timings });
};

it('lands when its pull request is merged on the host', async () => {
  const world = await landing();
  expect(world.host.opened).toMatchObject([{ headBranch: feature, baseBranch: 'main' }]);
  expect(world.host.opened[0]?.body).toContain('hq-c001');
  world.host.people.merge(1, sha('e'));
  await world.later(minute);
  const request = await world.requestOf();
  expect(isMergeRequest(request) && request.status).toBe('closed');
  expect((await planned(world)).landings).toMatchObject([{ state: 'landed' }]);
});
it('is not tried again when somebody has closed its pull request: people decide', async () => {
  const world = await landing();
  world.host.people.close(1);
  await world.later(minute);
  expect(await world.requestOf()).toMatchObject({ status: 'failed', failure: { code: 'pull_request_closed' } });
  const { landings, start } = await planned(world);
  expect(landings).toMatchObject([{ state: 'failed', attempts: 1, reason: expect.stringContaining('closed pull request 1') }]);
  expect(start).toEqual([]);
});
it('is given feedback like any other work, on the branch of the convoy', async () => {
  const world = await landing();
  world.host.people.thread(1, { id: 'T1' });
  await world.later(minute);
  expect(await world.beadsOfKind('feedback')).toMatchObject([{ details: { branch: feature, mergeRequestId: requestId } }]);
});
