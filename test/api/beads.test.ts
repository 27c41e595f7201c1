import { expect, it } from 'vitest';
import type { Bead, BeadStatus } from '../../functions/contracts/bead.schema.ts';
import { newBead } from '../../functions/domain/new-bead.ts';
import { beadDiff } from '../../functions/operations/diff.ts';
import { settleCommand } from '../../functions/operations/commands.ts';
import { fakePorts } from '../fakes/ports.ts';
import { bodyOf, client } from './call.ts';

const sha = (digit: string): string => digit.repeat(40);
const scene = async () => {
  const ports = fakePorts();
  const call = client(ports);
  const town = bodyOf('createTown', await call('createTown', { as: 'ada', body: { name: 'Harbour' } }));
  const { townId } = town;
  const rig = bodyOf(
    'createRig',
    await call('createRig', { as: 'ada', params: { townId }, body: { name: 'web', gitUrl: 'https://git.example.com/web.git' } }),
  );
  const sling = async (title: string) =>
    bodyOf('sling', await call('sling', { as: 'ada', params: { townId }, body: { rigId: rig.rigId, title } }));
  const put = async (bead: Bead) => {
    await ports.store.commit([{ put: 'bead', item: bead, when: 'none' }]);
  };
  /** An issue in review with its merge request, as the rules would have made them. */
  const inReview = async (more: Partial<Extract<Bead['details'], { type: 'merge_request' }>> = {}, status: BeadStatus = 'open') => {
    const issue = await sling('Reviewed');
    const made = newBead(
      {
        townId,
        beadId: 'hq-mr1',
        title: 'Merge it',
        requestedBy: 'ada',
        createdBy: 'agent:toast',
        at: issue.createdAt,
        details: {
          type: 'merge_request',
          stage: 'new',
          sourceBeadId: issue.beadId,
          branch: 'gt/toast/x',
          targetBranch: 'main',
          headSha: sha('b'),
          attempt: 1,
          gates: [],
          reworkRounds: 0,
          conflictRounds: 0,
          commits: [],
          ...more,
        },
      },
      { rigId: rig.rigId, status },
    );
    await put(made);
    if (issue.details.type !== 'issue') throw new Error('not an issue');
    await put({
      ...issue,
      status: 'in_review',
      details: {
        ...issue.details,
        latestMergeRequestId: 'hq-mr1',
        pushed: { sha: sha('b'), baseSha: sha('a'), aheadBy: 1, epoch: 1, at: issue.createdAt },
      },
    });
    return issue.beadId;
  };
  return { ports, call, townId, sling, inReview, at: (beadId: string) => ({ townId, beadId }) };
};

it('changes fields once, and not those of a final bead', async () => {
  const { call, sling, at } = await scene();
  const bead = await sling('Old');
  const changed = bodyOf(
    'updateBead',
    await call('updateBead', { as: 'ada', params: at(bead.beadId), body: { title: 'New', priority: 'low' }, headers: { 'If-Match': '1' } }),
  );
  expect(changed).toMatchObject({ title: 'New', priority: 'low', version: 2 });
  expect(
    (await call('updateBead', { as: 'ada', params: at(bead.beadId), body: { title: 'Late' }, headers: { 'If-Match': '1' } })).status,
  ).toBe(409);
  await call('closeBead', { as: 'ada', params: at(bead.beadId), body: {} });
  expect(await call('updateBead', { as: 'ada', params: at(bead.beadId), body: { title: 'Too late' } })).toMatchObject({
    status: 409,
    body: { allowed: [] },
  });
});

it('closes a bead once: a second time is a success without an event, and failing it afterwards says what is allowed', async () => {
  const { call, sling, at } = await scene();
  const { beadId } = await sling('Done by hand');
  const closed = bodyOf('closeBead', await call('closeBead', { as: 'ada', params: at(beadId), body: { reason: 'already there' } }));
  expect(closed.status).toBe('closed');
  bodyOf('closeBead', await call('closeBead', { as: 'ada', params: at(beadId), body: {} }));
  const events = bodyOf('beadEvents', await call('beadEvents', { as: 'ada', params: at(beadId) })).items;
  expect(events.map((event) => event.type)).toEqual(['created', 'status_changed']);
  expect(events[1]).toMatchObject({ old: 'open', new: 'closed', actor: 'user:ada', data: { reason: 'already there' } });
  expect(await call('failBead', { as: 'ada', params: at(beadId), body: { reason: 'no' } })).toMatchObject({
    status: 409,
    body: { allowed: [] },
  });
});

it('gives a bead up with its reason', async () => {
  const { call, sling, at } = await scene();
  const { beadId } = await sling('Impossible');
  expect(
    bodyOf('failBead', await call('failBead', { as: 'ada', params: at(beadId), body: { reason: 'not wanted any more' } })),
  ).toMatchObject({ status: 'failed', failure: { code: 'given_up', message: 'not wanted any more' } });
});

it('does not close by hand what only a merge may close, and withdraws the merge request when it is given up', async () => {
  const { call, inReview, at } = await scene();
  const beadId = await inReview();
  expect(await call('closeBead', { as: 'ada', params: at(beadId), body: {} })).toMatchObject({
    status: 409,
    body: { allowed: ['open', 'failed'] },
  });
  expect((await call('closeBead', { as: 'ada', params: at('hq-mr1'), body: {} })).status).toBe(409);
  bodyOf('failBead', await call('failBead', { as: 'ada', params: at(beadId), body: { reason: 'no' } }));
  expect(bodyOf('getBead', await call('getBead', { as: 'ada', params: at('hq-mr1') })).bead).toMatchObject({
    status: 'failed',
    failure: { code: 'withdrawn' },
  });
});

it('does not give up what is being pushed', async () => {
  const { call, inReview, at } = await scene();
  const beadId = await inReview({ push: { targetBranch: 'main', expectedOld: sha('a'), newTip: sha('c') } }, 'in_progress');
  expect((await call('failBead', { as: 'ada', params: at(beadId), body: { reason: 'no' } })).status).toBe(409);
});

it('never sends the task token of a review', async () => {
  const { call, townId, inReview, at } = await scene();
  await inReview({ review: { token: 'workflow-task-token', tip: sha('c'), refineryId: 'refinery-r', tokenTaken: false } }, 'in_progress');
  const answers = [
    await call('getBead', { as: 'ada', params: at('hq-mr1') }),
    await call('listMerges', { as: 'ada', params: { townId } }),
    await call('listBeads', { as: 'ada', params: { townId }, query: { type: 'merge_request' } }),
    await call('snapshot', { as: 'ada', params: { townId } }),
  ];
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
  expect(JSON.stringify(answers)).not.toContain('workflow-task-token');
});

it('says in words what a merge request waits for, attention first', async () => {
  const { call, townId, inReview } = await scene();
  await inReview({
    stage: 'held',
    reworkRounds: 3,
    lastResult: { result: 'rework', message: 'The gate test failed', at: '2026-11-21T10:00:00.000Z' },
  });
  const [view] = bodyOf('listMerges', await call('listMerges', { as: 'ada', params: { townId } })).items;
  expect(view).toMatchObject({
    needsAttention: true,
    sentence: 'Stopped after 3 rounds of repair; a person has to decide. Last result: The gate test failed.',
  });
  expect(view?.source?.title).toBe('Reviewed');
});

it('lists beads over all statuses in order of change, page by page, each once', async () => {
  const { ports, call, townId, sling, at } = await scene();
  const ids: string[] = [];
  for (let index = 0; index < 12; index += 1) {
    ports.clock.advance(index % 3 === 0 ? 0 : 1000);
    const { beadId } = await sling(`Bead ${index}`);
    if (index % 4 === 0) await call('closeBead', { as: 'ada', params: at(beadId), body: {} });
    ids.push(beadId);
  }
  const seen: Bead[] = [];
  let cursor: string | undefined;
  do {
    const page = bodyOf(
      'listBeads',
      await call('listBeads', { as: 'ada', params: { townId }, query: { limit: '2', ...(cursor === undefined ? {} : { cursor }) } }),
    );
    expect(page.items.length).toBeLessThanOrEqual(2);
    seen.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  expect(seen.map((bead) => bead.beadId).toSorted()).toEqual(ids.toSorted());
  expect(seen.map((bead) => bead.updatedAt)).toEqual(
    seen
      .map((bead) => bead.updatedAt)
      .toSorted()
      .toReversed(),
  );
  for (const bad of ['zzz', 'eyJ9', '-1'])
    expect((await call('listBeads', { as: 'ada', params: { townId }, query: { cursor: bad } })).status).toBe(400);
});

it('does not end a convoy by hand while its beads run, and says which', async () => {
  const { call, townId, sling, at } = await scene();
  const { rigId } = await sling('Alone');
  const titles = ['One', 'Two', 'Three', 'Four', 'Five'];
  const body = { title: 'Theme', rigId, parallel: true, tasks: titles.map((title) => ({ title })) };
  const { convoy, members } = bodyOf('slingBatch', await call('slingBatch', { as: 'ada', params: { townId }, body }));
  const close = (beadId: string) => call('closeBead', { as: 'ada', params: at(beadId), body: {} });
  const fail = (beadId: string) => call('failBead', { as: 'ada', params: at(beadId), body: { reason: 'not wanted' } });
  const [first, ...rest] = members.map(({ bead }) => bead.beadId);
  bodyOf('closeBead', await close(first ?? ''));
  for (const answer of [await close(convoy.beadId), await fail(convoy.beadId)]) {
    expect(answer).toMatchObject({ status: 409, body: { allowed: [] } });
    expect(answer.body).toMatchObject({ detail: expect.stringContaining(`${rest[0]} "Two"`) });
    expect(answer.body).toMatchObject({
      detail: expect.stringMatching(/still has 4 beads that are not finished: .* and 1 more\. Close or fail them first\.$/),
    });
  }
  expect(bodyOf('getConvoy', await call('getConvoy', { as: 'ada', params: at(convoy.beadId) })).convoy.status).toBe('open');
  for (const beadId of rest) bodyOf('failBead', await fail(beadId));
  expect(bodyOf('closeBead', await close(convoy.beadId)).status).toBe('closed');
  expect(bodyOf('closeBead', await close(convoy.beadId)).status).toBe('closed');
});

it('says of a held bead what its merge failed for', async () => {
  const { ports, call, inReview, townId, at } = await scene();
  const beadId = await inReview();
  const why = async () => bodyOf('beadExplain', await call('beadExplain', { as: 'ada', params: at(beadId) })).sentence;
  const [issue, request] = await ports.store.getMany('bead', [at(beadId), { townId, beadId: 'hq-mr1' }]);
  if (issue?.details.type !== 'issue' || request?.details.type !== 'merge_request') throw new Error('not there');
  const failure = { code: 'RunnerCommandFailed', message: 'the branch main is gone' };
  await ports.store.commit([
    { put: 'bead', item: { ...request, status: 'failed', failure }, when: 'none' },
    { put: 'bead', item: { ...issue, status: 'open', held: true }, when: 'none' },
  ]);
  expect(await why()).toBe('It is held; release it to let it be worked. Its merge request hq-mr1: Given up: the branch main is gone');
  const lastError = 'hq-mr1 cannot be merged: the branch main is gone';
  await ports.store.commit([
    { put: 'bead', item: { ...issue, status: 'open', held: true, details: { ...issue.details, lastError } }, when: 'none' },
  ]);
  expect(await why()).toBe(`It is held; release it to let it be worked. Before that: ${lastError}`);
});

it('explains why nothing happens', async () => {
  const { call, townId, sling, at, inReview } = await scene();
  const blocker = await sling('First');
  const why = async (beadId: string) => bodyOf('beadExplain', await call('beadExplain', { as: 'ada', params: at(beadId) }));
  expect((await why(blocker.beadId)).sentence).toBe('It is ready; the next pass gives it to a worker.');
  const blocked = bodyOf(
    'sling',
    await call('sling', { as: 'ada', params: { townId }, body: { rigId: blocker.rigId, title: 'Second', dependsOn: [blocker.beadId] } }),
  );
  expect((await why(blocked.beadId)).reasons).toEqual([
    { code: 'blocked', beadId: blocker.beadId, message: `Waits for ${blocker.beadId} "First", which is open.` },
  ]);
  await call('updateBead', { as: 'ada', params: at(blocked.beadId), body: { held: true } });
  expect((await why(blocked.beadId)).sentence).toBe('It is held; release it to let it be worked. (and 1 more reason)');
  await call('failBead', { as: 'ada', params: at(blocker.beadId), body: { reason: 'no' } });
  expect((await why(blocked.beadId)).reasons.map((reason) => reason.code)).toEqual(['held', 'blocker_failed']);
  expect((await why(await inReview())).sentence).toContain('hq-mr1: Waits for its check');
});

it('asks the runner for a diff once, and shows it when it is there', async () => {
  const { ports, call, townId, sling, at, inReview } = await scene();
  const unpushed = await sling('Nothing yet');
  expect(bodyOf('beadDiff', await call('beadDiff', { as: 'ada', params: at(unpushed.beadId) }))).toMatchObject({
    ready: true,
    files: [],
    message: 'Nothing has been pushed for this bead yet.',
  });
  const beadId = await inReview();
  const waits: number[] = [];
  const early = await beadDiff(ports, { townId, beadId }, async (ms) => {
    waits.push(ms);
  });
  expect(early).toMatchObject({ ready: false, baseSha: sha('a'), headSha: sha('b') });
  expect(waits.length).toBeGreaterThan(3);
  const [work] = (await ports.store.workOf(townId)).filter((item) => item.kind === 'command');
  const file = { path: 'a.txt', additions: 1, deletions: 0, binary: false, patch: '+x' };
  await settleCommand(ports, townId, work?.workId ?? '', { kind: 'diff', files: [file], truncated: false });
  expect(bodyOf('beadDiff', await call('beadDiff', { as: 'ada', params: at('hq-mr1') }))).toMatchObject({ ready: true, files: [file] });
});
