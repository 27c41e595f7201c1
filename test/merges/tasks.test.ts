import { beforeEach, describe, expect, it } from 'vitest';
import type { Bead } from '../../functions/contracts/bead.schema.ts';
import type { MergeRequestDetails, Verdict } from '../../functions/contracts/merge-request.schema.ts';
import type { CommandResult } from '../../functions/contracts/runner.schema.ts';
import { isMergeRequest, writesOf } from '../../functions/domain/bead-writes.ts';
import { mergeExecutionName, trainExecutionName } from '../../functions/domain/plan/names.ts';
import type { MergeRequestBead } from '../../functions/domain/prompts/refinery.ts';
import type { Write } from '../../functions/ports.ts';
import { revised } from '../../functions/domain/transition.ts';
import { createMergeTasks } from '../../functions/merge/tasks.ts';
import type { TaskName } from '../../functions/merge/tasks.ts';
import { settleCommand } from '../../functions/operations/commands.ts';
import { fakePorts } from '../fakes/ports.ts';
import type { FakePorts } from '../fakes/ports.ts';
import { aGate, aRig, aSubmission, aTown, rigId, townId } from './merge-world.ts';

const sha = (digit: string): string => digit.repeat(40);
const [head, target, tip] = [sha('a'), sha('b'), sha('c')];
const mergeExecution = mergeExecutionName(townId, 'web-mrq1', 1);
const trainExecution = trainExecutionName(townId, rigId, 'main', 1);
const subject = { execution: mergeExecution, townId, mergeRequestId: 'web-mrq1' };
const onTrain = { ...subject, execution: trainExecution };
const prepared = { targetSha: target, tip, headSha: head };
const merged: CommandResult = {
  kind: 'prepare',
  outcome: 'merged',
  targetSha: target,
  tip,
  conflictFiles: [],
  commits: [
    {
      sha: head,
      message: 'Add a page',
      authorName: 'Ada',
      authorEmail: 'ada@example.com',
      committerName: 'Toast (gastown)',
      at: '2026-11-21T09:58:00.000Z',
    },
  ],
};
const gates = (ok: boolean): CommandResult => ({
  kind: 'gates',
  ok,
  results: [{ name: 'test', ok, exitCode: ok ? 0 : 1, durationMs: 10, timedOut: false, output: 'told' }],
});

let ports: FakePorts;
const call = (name: TaskName, input: object): Promise<unknown> => {
  const task = createMergeTasks(ports)[name];
  if (task === undefined) throw new Error(`there is no task ${name}`);
  return task(input);
};
const put = async (...beads: readonly Bead[]): Promise<void> => {
  expect(
    await ports.store.commit(
      writesOf(
        beads.map((after) => ({ after })),
        undefined,
        { nowMs: ports.clock.nowMs(), stamp: 's' },
      ),
    ),
  ).toEqual({ ok: true });
};
const at = '2026-11-21T10:00:00.000Z';
const request = async (): Promise<MergeRequestBead> => {
  const bead = await ports.store.get('bead', { townId, beadId: 'web-mrq1' });
  if (bead === undefined || !isMergeRequest(bead)) throw new Error('no merge request');
  return bead;
};
const source = () => ports.store.get('bead', { townId, beadId: 'web-src1' });
const events = async (): Promise<string[]> => (await ports.store.eventsOf(townId, {}, { limit: 100 })).items.map((event) => event.type);
const commands = async () => (await ports.store.passOf(townId)).commands.map(({ commandId }) => commandId);
/** The request as an execution carries it. */
const carried = async (
  details: Partial<MergeRequestDetails> = {},
  options: { readonly train?: boolean; readonly review?: boolean } = {},
): Promise<void> => {
  const submission = aSubmission(1, head, 'gt/toast/web-src1');
  if (!isMergeRequest(submission.request)) throw new Error('not a request');
  const running: Bead = {
    ...submission.request,
    status: 'in_progress',
    details: { ...submission.request.details, executionName: options.train === true ? trainExecution : mergeExecution, ...details },
  };
  await ports.store.commit([
    { put: 'town', item: aTown(options.review ?? true), when: 'none' },
    { put: 'rig', item: aRig('/srv/web.git', [aGate('npm test'), { ...aGate('npm run lint', 'lint'), phase: 'polecat' }]), when: 'none' },
  ]);
  await put(submission.source, running);
  if (options.train !== true) return;
  const queuedAt = running.createdAt;
  await ports.store.commit([
    {
      put: 'train',
      item: {
        townId,
        rigId,
        targetBranch: 'main',
        run: 1,
        executionName: trainExecution,
        currentMergeRequestId: 'web-mrq1',
        queued: [
          { mergeRequestId: 'web-mrq1', at: queuedAt },
          { mergeRequestId: 'web-mrq2', at: queuedAt },
        ],
        version: 1,
        updatedAt: queuedAt,
      },
      when: 'none',
    },
  ]);
};
const ran = async (
  step: 'prepare' | 'gates' | 'target-gates' | 'push',
  result: CommandResult,
  of = subject,
  round = 1,
): Promise<string> => {
  await call('run-step', { ...of, step, round, token: `token-${step}` });
  const [commandId = ''] = (await commands()).filter((id) => id.includes(`-${step}-`));
  await settleCommand(ports, townId, commandId, result);
  return commandId;
};
beforeEach(() => {
  ports = fakePorts();
});

describe('claiming', () => {
  it('goes on only for the execution that the request or its train names', async () => {
    await carried();
    expect(await call('claim-merge', subject)).toEqual({ outcome: 'claimed' });
    expect(await call('claim-merge', { ...subject, execution: `${mergeExecution}0` })).toEqual({ outcome: 'stale' });
    expect(await call('claim-merge', { ...subject, mergeRequestId: 'web-none' })).toEqual({ outcome: 'stale' });
    expect(await call('claim-train', onTrain)).toEqual({ outcome: 'stale', round: 1 });
  });
  it('of a train begins with the push that an earlier life intended', async () => {
    await carried({ push: { targetBranch: 'main', expectedOld: target, newTip: tip } }, { train: true });
    expect(await call('claim-train', onTrain)).toEqual({ outcome: 'push', round: 1 });
    expect(await call('claim-merge', onTrain)).toEqual({ outcome: 'stale' });
  });
  it('refuses an input that does not fit', async () => {
    await expect(call('claim-merge', { townId: 'nowhere' })).rejects.toMatchObject({ name: 'MergeInputInvalid' });
  });
});

describe('a runner command', () => {
  it('is made once; a repeated step takes the answer over to its own token', async () => {
    await carried();
    await call('run-step', { ...subject, step: 'prepare', round: 1, token: 'first' });
    await call('run-step', { ...subject, step: 'prepare', round: 1, token: 'second' });
    expect(await commands()).toEqual([`${mergeExecution}-prepare-1`]);
    const stored = await ports.store.get('command', { townId, commandId: `${mergeExecution}-prepare-1` });
    expect(stored).toMatchObject({
      token: 'second',
      payload: {
        kind: 'prepare',
        headSha: head,
        targetBranch: 'main',
        commitAt: '2026-11-21T09:59:00.000Z',
        author: { name: 'Person ada' },
        message: expect.stringContaining('Bead-ID: web-src1'),
      },
    });
    await settleCommand(ports, townId, `${mergeExecution}-prepare-1`, merged);
    await call('run-step', { ...subject, step: 'prepare', round: 1, token: 'third' });
    expect(ports.workflow.settled.map(({ token }) => token)).toEqual(['second', 'third']);
    await call('take-prepared', { ...subject, round: 1 });
    expect(await commands()).toEqual([]);
    expect(await call('take-prepared', { ...subject, round: 1 })).toMatchObject({ outcome: 'merged' });
  });
  it('that the runner could not carry out is given out again under another name', async () => {
    await carried();
    await ran('prepare', { kind: 'error', retryable: true, message: 'network' });
    expect(ports.workflow.failed).toMatchObject([{ error: { name: 'RunnerCommandRetryable' } }]);
    await call('run-step', { ...subject, step: 'prepare', round: 1, token: 'again' });
    expect(await commands()).toEqual([`${mergeExecution}-prepare-1`, `${mergeExecution}-prepare-1.2`]);
    await settleCommand(ports, townId, `${mergeExecution}-prepare-1.2`, merged);
    expect(await call('take-prepared', { ...subject, round: 1 })).toMatchObject({ outcome: 'merged' });
    expect(await commands()).toEqual([]);
  });
  it('is not made for an execution that was overtaken', async () => {
    await carried();
    await expect(call('run-step', { ...subject, execution: 'another', step: 'prepare', round: 1, token: 't' })).rejects.toMatchObject({
      name: 'ExecutionOvertaken',
    });
  });
  it('runs the gates of the merge phase, with their time on top of the deadline', async () => {
    await carried({ prepared });
    await call('run-step', { ...subject, step: 'gates', round: 1, token: 't' });
    const command = await ports.store.get('command', { townId, commandId: `${mergeExecution}-gates-1` });
    expect(command?.payload).toMatchObject({ kind: 'gates', sha: tip, gates: [{ name: 'test' }] });
    expect(command?.deadlineAtMs).toBe(ports.clock.nowMs() + ports.deployment.timings.commandDeadlineMs + 20_000);
  });
});

describe('taking results', () => {
  it('stores the test merge and says whether gates and review are needed', async () => {
    await carried();
    await ran('prepare', merged);
    const answer = { outcome: 'merged', gates: true, review: true, strategy: 'direct' };
    expect(await call('take-prepared', { ...subject, round: 1 })).toEqual(answer);
    const version = (await request()).version;
    expect(await call('take-prepared', { ...subject, round: 1 })).toEqual(answer);
    expect(await request()).toMatchObject({ version, details: { prepared, commits: [{ sha: head }] } });
  });
  it.each([
    ['in this attempt', { prepared: { ...prepared, gated: true } }],
    ['in an earlier one', { gatedOn: prepared }],
  ] as const)('skips gates that passed %s on the same head and target', async (_when, details) => {
    await carried(details, { train: true });
    await ran('prepare', merged, onTrain);
    expect(await call('take-prepared', { ...onTrain, round: 1 })).toEqual({
      outcome: 'merged',
      gates: false,
      review: false,
      strategy: 'direct',
    });
  });
  it('stores gates and remembers what green ones were run on; what comes next tells that they are green', async () => {
    await carried({ prepared });
    await ran('gates', gates(true));
    const input = { ...subject, step: 'gates', round: 1 };
    expect([await call('take-gates', input), await call('take-gates', input)]).toEqual([{ green: true }, { green: true }]);
    expect(await request()).toMatchObject({ details: { prepared: { ...prepared, gated: true }, gates: [{ name: 'test', ok: true }] } });
    expect(await events()).toEqual([]);
    expect(await commands()).toEqual([]);
    await call('record-result', { ...subject, round: 1, result: 'queued' });
    expect((await ports.store.eventsOf(townId, {}, { limit: 100 })).items).toMatchObject([
      { type: 'gate_result', new: '1 green', data: { gates: 1, result: 'green' } },
    ]);
  });
  it('M4 goes on when it is killed between keeping a result and removing its command', async () => {
    await carried();
    await ran('prepare', merged);
    const { store } = ports;
    const killed = async (): Promise<never> => {
      throw new Error('killed');
    };
    const dying = {
      ...ports,
      store: {
        ...store,
        commit: (writes: readonly Write[]) => (writes.some((write) => 'remove' in write) ? killed() : store.commit(writes)),
      },
    };
    await expect(createMergeTasks(dying)['take-prepared']?.({ ...subject, round: 1 })).rejects.toThrow('killed');
    expect([(await request()).details.prepared, await commands()]).toMatchObject([prepared, [`${mergeExecution}-prepare-1`]]);
    const { version } = await request();
    expect(await call('take-prepared', { ...subject, round: 1 })).toEqual({
      outcome: 'merged',
      gates: true,
      review: true,
      strategy: 'direct',
    });
    expect([(await request()).version, await commands()]).toEqual([version, []]);
  });
  it('refuses a verdict on another tip than the prepared one', async () => {
    const verdict: Verdict = {
      outcome: 'approved',
      summary: 'Good.',
      files: [],
      tip: sha('d'),
      by: 'agent:refinery-r-8d2k1m0p',
      at: '2026-11-21T10:00:00.000Z',
    };
    await carried({ prepared, review: { token: 't', tip: sha('d'), refineryId: 'refinery-r-8d2k1m0p', tokenTaken: false, verdict } });
    await expect(call('take-verdict', subject)).rejects.toMatchObject({ name: 'MergeInputInvalid' });
    await call('ask-review', { ...subject, token: 'new' });
    expect((await request()).details.review).toEqual({ token: 'new', tip, refineryId: 'refinery-r-8d2k1m0p', tokenTaken: false });
  });
  it('gives a verdict on the same tip again instead of asking twice', async () => {
    const verdict: Verdict = {
      outcome: 'approved',
      summary: 'Good.',
      files: [],
      tip,
      by: 'agent:refinery-r-8d2k1m0p',
      at: '2026-11-21T10:00:00.000Z',
    };
    await carried({ prepared, review: { token: 'old', tip, refineryId: 'refinery-r-8d2k1m0p', tokenTaken: true, verdict } });
    await call('ask-review', { ...subject, token: 'new' });
    expect(ports.workflow.settled).toEqual([{ token: 'new', output: verdict }]);
    expect(await call('take-verdict', subject)).toEqual({ outcome: 'approved' });
    expect(await events()).toEqual([]);
  });
});

describe('ending', () => {
  it('go on as a pull request where that is the strategy: no train, and what the refinery said is kept for it', async () => {
    const verdict: Verdict = { outcome: 'changes', summary: 'It loops.', files: [], tip, by: 'agent:refinery', at };
    const comments = [{ path: 'src/a.ts', line: 7, text: 'Here.' }];
    const review = { token: 't', tip, refineryId: 'refinery', tokenTaken: false, verdict: { ...verdict, comments } };
    await carried({ prepared, review });
    const rig = aRig('/srv/web.git', []);
    await ports.store.commit([{ put: 'rig', item: { ...rig, config: { 'merge.strategy': 'pr' } }, when: 'none' }]);
    await ran('prepare', merged);
    expect(await call('take-prepared', { ...subject, round: 1 })).toMatchObject({ strategy: 'pr' });
    expect(await call('take-verdict', subject)).toEqual({ outcome: 'comments' });
    const input = { ...subject, round: 1, result: 'pr_open' };
    expect(await call('record-result', input)).toEqual({ outcome: 'recorded' });
    expect(await call('record-result', input)).toEqual({ outcome: 'stale' });
    const text = 'It loops.\n\nsrc/a.ts:7: Here.';
    expect(await request()).toMatchObject({
      status: 'open',
      details: {
        stage: 'pr_open',
        pullRequest: {
          checkedSha: head,
          wanted: { sha: head, text },
          review: { key: 'web-mrq1.r1', sha: head, event: 'request_changes', text, comments },
        },
      },
    });
    expect(await ports.store.trainsOf(townId)).toEqual([]);
    expect(await source()).toMatchObject({ status: 'in_review' });
  });
  it('with queued joins the train once', async () => {
    await carried({ prepared });
    await ports.store.commit([
      {
        put: 'train',
        item: { townId, rigId, targetBranch: 'main', run: 7, executionName: 'e-7', queued: [], version: 1, updatedAt: at },
        when: 'none',
      },
    ]);
    const input = { ...subject, round: 1, result: 'queued' };
    expect([await call('record-result', input), await call('record-result', input)]).toEqual([
      { outcome: 'recorded' },
      { outcome: 'stale' },
    ]);
    expect(await request()).toMatchObject({ status: 'open', details: { stage: 'queued', lastResult: { result: 'queued' } } });
    expect((await request()).details.executionName).toBeUndefined();
    expect(
      (await ports.store.get('train', { townId, rigId, targetBranch: 'main' }))?.queued.map(({ mergeRequestId }) => mergeRequestId),
    ).toEqual(['web-mrq1']);
    expect(ports.workflow.executions).toEqual([]);
  });
  it('with queued and nobody in front of the target leaves at once, to push what was gated and nothing else', async () => {
    await carried({ prepared });
    const input = { ...subject, round: 1, result: 'queued' };
    expect([await call('record-result', input), await call('record-result', input)]).toEqual([
      { outcome: 'recorded' },
      { outcome: 'stale' },
    ]);
    const train = await ports.store.get('train', { townId, rigId, targetBranch: 'main' });
    const execution = train?.executionName ?? '';
    expect(train).toMatchObject({ currentMergeRequestId: 'web-mrq1', queued: [{ mergeRequestId: 'web-mrq1' }] });
    expect(await request()).toMatchObject({
      status: 'in_progress',
      details: {
        executionName: execution,
        push: { targetBranch: 'main', expectedOld: target, newTip: tip },
      },
    });
    expect((await request()).details.prepared).toBeUndefined();
    expect(ports.workflow.executions).toMatchObject([{ machine: 'train', name: execution, input: { mergeRequestId: 'web-mrq1' } }]);
    expect(await call('claim-train', { ...subject, execution })).toEqual({ outcome: 'push', round: 1 });
  });
  it('of a town that was stopped starts no train', async () => {
    await carried({ prepared });
    const stopped = { at, by: 'user:ada' as const, agents: [], executions: [], commands: [], stillRuns: [] };
    const town = await ports.store.get('town', { townId });
    if (town !== undefined) await ports.store.commit([{ put: 'town', item: { ...town, stopped }, when: 'none' }]);
    await call('record-result', { ...subject, round: 1, result: 'queued' });
    expect(ports.workflow.executions).toEqual([]);
    expect(await request()).toMatchObject({ status: 'open', details: { stage: 'queued' } });
  });
  it('on a train with a conflict makes one bead and moves the train on', async () => {
    await carried({}, { train: true });
    await ran('prepare', { kind: 'prepare', outcome: 'conflict', targetSha: target, conflictFiles: ['page.txt'], commits: [] }, onTrain);
    expect(await call('take-prepared', { ...onTrain, round: 1 })).toMatchObject({ outcome: 'conflict' });
    await call('record-result', { ...onTrain, round: 1, result: 'conflict' });
    const { details, openBlockers } = await request();
    expect({ ...details, openBlockers }).toMatchObject({ stage: 'blocked', conflictRounds: 1, openBlockers: 1 });
    expect(await ports.store.dependenciesOf(townId, 'web-mrq1')).toMatchObject([
      { dependsOnId: details.repairBeadId, type: 'blocks', resolved: false },
    ]);
    expect(await ports.store.get('train', { townId, rigId, targetBranch: 'main' })).toMatchObject({
      run: 2,
      queued: [{ mergeRequestId: 'web-mrq2' }],
    });
    expect(await ports.store.get('command', { townId, commandId: `${trainExecution}-prepare-1` })).toBeUndefined();
  });
  it('with a landed push closes request and source, frees the train, and does so once', async () => {
    await carried(
      {
        prepared,
        push: { targetBranch: 'main', expectedOld: target, newTip: tip },
        commits: merged.kind === 'prepare' ? merged.commits : [],
      },
      { train: true },
    );
    await ran('push', { kind: 'push', outcome: 'pushed', remoteHead: tip }, onTrain);
    expect(await call('take-push', { ...onTrain, round: 1 })).toEqual({ outcome: 'landed', round: 1 });
    expect([await call('complete-merge', { ...onTrain, round: 1 }), await call('complete-merge', { ...onTrain, round: 1 })]).toEqual([
      { outcome: 'merged' },
      { outcome: 'stale' },
    ]);
    expect(await request()).toMatchObject({ status: 'closed', details: { landedSha: tip, landedOnto: target } });
    expect(await source()).toMatchObject({ status: 'closed', details: { commits: [{ sha: head }] } });
    expect(await events()).toEqual(['merged']);
  });
  it('H4 asks for the branches of its rig to be looked at, once until that is done, and not where they are kept', async () => {
    const push = { targetBranch: 'main', expectedOld: target, newTip: tip };
    const sweep = { townId, kind: 'branches', workId: rigId } as const;
    await carried({ push }, { train: true });
    await call('complete-merge', { ...onTrain, round: 1 });
    const asked = await ports.store.get('work', sweep);
    expect(asked?.dueAtMs).toBeGreaterThan(ports.clock.nowMs());

    ports = fakePorts();
    await carried({ push }, { train: true });
    await ports.store.commit([{ put: 'work', item: { ...sweep, dueAtMs: 5, stamp: 'earlier' }, when: 'none' }]);
    await call('complete-merge', { ...onTrain, round: 1 });
    expect(await ports.store.get('work', sweep)).toMatchObject({ dueAtMs: 5, stamp: 'earlier' });

    ports = fakePorts();
    await carried({ push }, { train: true });
    const rig = await ports.store.get('rig', { townId, rigId });
    if (rig === undefined) throw new Error('no rig');
    await ports.store.commit([{ put: 'rig', item: { ...rig, config: { ...rig.config, 'merge.deleteBranches': false } }, when: 'none' }]);
    await call('complete-merge', { ...onTrain, round: 1 });
    expect(await ports.store.get('work', sweep)).toBeUndefined();
  });
  it('leaves a source alone that has gone another way', async () => {
    await carried({ push: { targetBranch: 'main', expectedOld: target, newTip: tip } }, { train: true });
    const before = await source();
    if (before?.details.type !== 'issue') throw new Error('no source');
    await ports.store.commit([
      {
        put: 'bead',
        item: revised(before, { details: { ...before.details, latestMergeRequestId: 'web-mrq9' } }, '2026-11-21T10:00:00.000Z'),
        when: 'none',
      },
    ]);
    await call('complete-merge', { ...onTrain, round: 1 });
    expect(await request()).toMatchObject({ status: 'closed' });
    expect(await source()).toMatchObject({ status: 'in_review' });
  });
  it('withdraws the intention when the target has moved, and gives up the run after five rounds', async () => {
    const push = { targetBranch: 'main', expectedOld: target, newTip: tip };
    await carried({ prepared, push }, { train: true });
    await ran('push', { kind: 'push', outcome: 'moved', remoteHead: sha('e') }, onTrain);
    expect(await call('take-push', { ...onTrain, round: 1 })).toEqual({ outcome: 'moved', round: 2 });
    expect((await request()).details.push).toBeUndefined();
    expect(await call('take-push', { ...onTrain, round: 1 })).toEqual({ outcome: 'moved', round: 2 });
    await call('intend-push', onTrain);
    expect((await request()).details.push).toEqual(push);
    await ran('push', { kind: 'push', outcome: 'moved', remoteHead: sha('f') }, onTrain, 5);
    await expect(call('take-push', { ...onTrain, round: 5 })).rejects.toMatchObject({ name: 'TrainContended' });
  });
});

describe('a failed step', () => {
  it('leaves its reason with the request and the decision to the rules', async () => {
    await carried({ prepared });
    await call('run-step', { ...subject, step: 'gates', round: 1, token: 't' });
    const input = { ...subject, error: { Error: 'States.HeartbeatTimeout', Cause: '' } };
    expect(await call('record-failure', input)).toEqual({ outcome: 'noted' });
    expect(await request()).toMatchObject({
      status: 'in_progress',
      details: { lastResult: { result: 'error', message: 'States.HeartbeatTimeout: The step was not answered in time.' } },
    });
    expect(await commands()).toEqual([]);
    expect(await events()).toEqual(['merge_failed']);
  });
  it('that cannot get better ends the request, with the message inside the envelope of Lambda', async () => {
    await carried({}, { train: true });
    const input = {
      ...onTrain,
      error: {
        Error: 'RunnerCommandFailed',
        Cause: JSON.stringify({ errorMessage: 'main is protected', errorType: 'RunnerCommandFailed' }),
      },
    };
    expect([await call('record-failure', input), await call('record-failure', input)]).toEqual([
      { outcome: 'given-up' },
      { outcome: 'stale' },
    ]);
    expect((await request()).failure).toMatchObject({ code: 'RunnerCommandFailed', message: 'main is protected' });
    expect(await source()).toMatchObject({ status: 'open', held: true });
    expect(await ports.store.get('train', { townId, rigId, targetBranch: 'main' })).toMatchObject({
      run: 2,
      queued: [{ mergeRequestId: 'web-mrq2' }],
    });
  });
});
