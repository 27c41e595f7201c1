import { afterEach, describe, expect, it } from 'vitest';
import { isIssue } from '../../functions/domain/bead-writes.ts';
import { memoryHost } from '../fakes/pull-request-host.ts';
import { aGate, mergeWorld, townId } from './merge-world.ts';
import type { MergeWorld, WorldOptions } from './merge-world.ts';

let world: MergeWorld;
const start = async (options?: WorldOptions): Promise<void> => {
  world = await mergeWorld(options);
};
afterEach(() => world.close());

const events = async (type: string): Promise<number> =>
  (await world.ports.store.eventsOf(townId, {}, { limit: 500 })).items.filter((event) => event.type === type).length;
const merged = (number: number) => async (): Promise<boolean> => (await world.request(number)).status === 'closed';
const stage =
  (wanted: string, number = 1) =>
  async (): Promise<boolean> => {
    const request = await world.request(number);
    return request.status === 'open' && request.details.stage === wanted;
  };
const subjects = (): string[] => world.host.git(world.host.host, 'log', '--first-parent', '--format=%s', 'main').split('\n');
const repairOf = async (number = 1): Promise<string> => (await world.request(number)).details.repairBeadId ?? '';
const beadsWith = async (label: string) =>
  (await world.ports.store.beadsBy({ townId, type: 'issue', status: 'open' }, { limit: 50 })).items.filter((bead) =>
    bead.labels.includes(label),
  );

const expectLandedOnce = async (numbers: readonly number[]): Promise<void> => {
  for (const number of numbers) {
    const [request, source] = [await world.request(number), await world.source(number)];
    expect(request).toMatchObject({ status: 'closed', details: { lastResult: { result: 'merged' } } });
    expect(source.status).toBe('closed');
    expect(source.details.commits.length).toBeGreaterThan(0);
    expect(world.host.git(world.host.host, 'merge-base', 'main', request.details.landedSha ?? '')).toBe(request.details.landedSha);
    expect(subjects().filter((subject) => subject === `Merge web-src${number}: Add page ${number}`)).toHaveLength(1);
  }
  expect(await events('merged')).toBe(numbers.length);
  expect(await world.ports.store.slotsOf(townId)).toEqual([]);
  // What is of no use any more goes with the next pass.
  await world.until('nothing to be left', async () => {
    const { work, commands, trains } = await world.ports.store.passOf(townId);
    return work.every(({ kind }) => kind !== 'merge') && commands.length + trains.length === 0;
  });
};

describe('a merge request', () => {
  it('lands with one merge commit that names its bead, and closes its source', async () => {
    await start({ gates: [aGate('test -f page.txt')] });
    await world.submit(1, { 'page.txt': 'one\n' });
    await world.until('the merge', merged(1));
    await expectLandedOnce([1]);
    expect(world.host.git(world.host.host, 'log', '-1', '--format=%an|%cn|%B', 'main')).toBe(
      'Person ada|Refinery (gastown)|Merge web-src1: Add page 1\n\nBead-ID: web-src1\nMerge-Request: web-mrq1\nRequested-by: Person ada <ada@example.com>',
    );
    // The train gates the same head on the same target only once.
    expect(await events('gate_result')).toBe(1);
  });

  it('goes to its host as a pull request after gates and review, joins no train, and closes when somebody merges it there', async () => {
    const pulls = memoryHost({ nowMs: () => Date.now() });
    await start({
      gates: [aGate('test -f page.txt')],
      codeReview: true,
      review: () => ({ outcome: 'approved', summary: 'It adds a page.' }),
      pullRequests: pulls,
    });
    await world.submit(1, { 'page.txt': 'one\n' });
    pulls.push('gt/toast/web-src1', (await world.request(1)).details.headSha);
    await world.until('a good pull request', async () => (await world.request(1)).details.pullRequest?.ready === true);
    expect(pulls.opened).toMatchObject([
      { headBranch: 'gt/toast/web-src1', baseBranch: 'main', body: expect.stringContaining('test: green') },
    ]);
    expect(pulls.said).toMatchObject([{ key: 'web-mrq1.r1', text: 'It adds a page.' }]);
    expect(await world.ports.store.trainsOf(townId)).toEqual([]);
    pulls.people.merge(1, 'e'.repeat(40));
    await world.until('the merge', merged(1));
    expect(await world.source(1)).toMatchObject({ status: 'closed', details: { commits: [{ message: expect.any(String) }] } });
    expect(subjects()).toHaveLength(1);
  });

  it('lands after another one: the train stacks it on what landed and gates it there', async () => {
    await start({ gates: [aGate('true')] });
    await world.submit(1, { 'one.txt': 'one\n' });
    await world.submit(2, { 'two.txt': 'two\n' });
    await world.until('both merges', async () => (await merged(1)()) && (await merged(2)()));
    await expectLandedOnce([1, 2]);
    expect(subjects()).toHaveLength(3);
  });

  it('with a red gate gets one rework bead with the output, and lands once that is pushed', async () => {
    await start({ gates: [aGate('echo checking; ! grep -r bad page.txt')] });
    world.host.commitOn('main', { 'page.txt': 'good\n' });
    await world.submit(1, { 'page.txt': 'bad\n' });
    await world.until('the rework bead', stage('blocked'));
    const [rework] = await beadsWith('gt:rework');
    expect(rework).toMatchObject({
      beadId: await repairOf(),
      parentId: 'web-src1',
      details: { kind: 'rework', branch: 'gt/toast/web-src1', mergeRequestId: 'web-mrq1' },
    });
    expect(rework !== undefined && isIssue(rework) ? rework.details.brief : '').toContain('checking');
    await world.repair(rework?.beadId ?? '', { 'page.txt': 'better\n' });
    await world.until('the merge', merged(1));
    await expectLandedOnce([1]);
    expect((await world.request(1)).details).toMatchObject({ attempt: 2, reworkRounds: 1 });
  });

  it('that conflicts gets one conflict bead with the files, and lands once that is pushed', async () => {
    await start();
    const base = world.host.headOf('main');
    world.host.commitOn('main', { 'base.txt': 'theirs\n' });
    await world.submit(1, { 'base.txt': 'mine\n' }, { from: base });
    await world.until('the conflict bead', stage('blocked'));
    const [conflict] = await beadsWith('gt:pr-conflict');
    expect(conflict !== undefined && isIssue(conflict) ? conflict.details : undefined).toMatchObject({
      kind: 'conflict',
      brief: expect.stringContaining('- base.txt'),
    });
    await world.repair(conflict?.beadId ?? '', { 'base.txt': 'both\n' }, world.host.headOf('main'));
    await world.until('the merge', merged(1));
    await expectLandedOnce([1]);
  });

  it('goes back with the findings of the review, and lands when the next verdict approves', async () => {
    await start({
      codeReview: true,
      review: (request) =>
        request.details.reworkRounds === 0
          ? { outcome: 'changes', summary: 'The page has no title.' }
          : { outcome: 'approved', summary: 'Good.' },
    });
    await world.submit(1, { 'page.txt': 'page\n' });
    await world.until('the rework bead', stage('blocked'));
    const [rework] = await beadsWith('gt:rework');
    expect(rework !== undefined && isIssue(rework) ? rework.details.brief : '').toContain('The page has no title.');
    await world.repair(rework?.beadId ?? '', { 'page.txt': '# Page\n' });
    await world.until('the merge', merged(1));
    await expectLandedOnce([1]);
  });

  it('is kept for a person when its rounds are used up, and the source is held', async () => {
    await start({ gates: [aGate('test ! -f page.txt')] });
    await world.submit(1, { 'page.txt': '1\n' });
    for (const round of [1, 2]) {
      await world.until(`round ${round}`, stage('blocked'));
      await world.repair(await repairOf(), { 'page.txt': `${round + 1}\n` });
      await world.until('the next attempt', async () => (await world.request(1)).details.attempt > round);
    }
    await world.until('the end of the rounds', stage('held'));
    expect(await world.source(1)).toMatchObject({ status: 'open', held: true });
    const escalations = await world.ports.store.beadsBy({ townId, type: 'escalation', status: 'open' }, { limit: 10 });
    expect(escalations.items.filter((bead) => bead.details.type === 'escalation' && bead.details.category === 'gate')).toHaveLength(1);
  });

  it('waits for one bug bead when the target itself is red, and the Mayor is told', async () => {
    await start({ gates: [aGate('test -f fixed.txt')] });
    await world.submit(1, { 'page.txt': '1\n' });
    await world.submit(2, { 'other.txt': '2\n' });
    await world.until('both to wait', async () => (await stage('target_red', 1)()) && (await stage('target_red', 2)()));
    expect(await beadsWith('gt:target-red')).toHaveLength(1);
    expect(await world.request(1)).toMatchObject({ openBlockers: 1, details: { reworkRounds: 0 } });
    expect((await world.ports.store.workOf(townId)).filter(({ kind }) => kind === 'mail')).toHaveLength(1);
  });

  it('fails with the sentence of the host when trying again cannot help', async () => {
    await start({
      onCommand: (command) =>
        command.payload.kind === 'push' ? { kind: 'error', retryable: false, message: 'The branch main is protected.' } : undefined,
    });
    await world.submit(1, { 'page.txt': '1\n' });
    await world.until('the failure', async () => (await world.request(1)).status === 'failed');
    expect((await world.request(1)).failure).toMatchObject({ message: 'The branch main is protected.' });
    expect(await world.source(1)).toMatchObject({ status: 'open', held: true });
    expect(await world.ports.store.slotsOf(townId)).toEqual([]);
  });

  it('gives a command out again when the runner could not carry it out', async () => {
    let failures = 0;
    await start({
      onCommand: () => ((failures += 1) <= 2 ? { kind: 'error', retryable: true, message: 'The network was down.' } : undefined),
    });
    await world.submit(1, { 'page.txt': '1\n' });
    await world.until('the merge', merged(1));
    await expectLandedOnce([1]);
    expect((await world.request(1)).details.attempt).toBe(1);
  });
});

describe('the train', () => {
  it('writes over nobody who pushes to the target at the last moment', async () => {
    let pushes = 0;
    await start({
      gates: [aGate('true')],
      onCommand: (command) => {
        if (command.payload.kind === 'push' && (pushes += 1) <= 2)
          world.host.commitOn('main', { [`rival-${pushes}.txt`]: 'rival\n' }, { message: `Rival ${pushes}` });
        return undefined;
      },
    });
    await world.submit(1, { 'page.txt': '1\n' });
    await world.until('the merge', merged(1));
    await expectLandedOnce([1]);
    expect(subjects()).toEqual(expect.arrayContaining(['Rival 1', 'Rival 2']));
    expect(pushes).toBe(3);
  });
});

describe('an engine that ends in the middle', () => {
  it.each([1, 2, 3])('goes on from its files; killed at command %i, each change lands once', async (at) => {
    let commands = 0;
    let restart: Promise<void> | undefined;
    await start({
      gates: [aGate('true')],
      codeReview: true,
      review: () => ({ outcome: 'approved', summary: 'Good.' }),
      onCommand: () => {
        commands += 1;
        if (commands === at) restart = world.restartEngine();
        return undefined;
      },
    });
    await world.submit(1, { 'page.txt': '1\n' });
    await world.until('the restart', async () => restart !== undefined || (await merged(1)()));
    await restart;
    await world.until('the merge', merged(1));
    await expectLandedOnce([1]);
    expect(restart).toBeDefined();
  });
});
