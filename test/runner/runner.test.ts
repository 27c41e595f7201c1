// The real runner with real opencode processes against a fake control plane and a fake model.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CommandPayload } from '../../functions/contracts/runner.schema.ts';
import { anAssignment, startFakeControlPlane } from './fake-control-plane.ts';
import type { FakeControlPlane } from './fake-control-plane.ts';
import { bash, startFakeModel } from './fake-model.ts';
import type { FakeModel } from './fake-model.ts';
import { eventually, makeTown } from './runner-process.ts';
import type { TestRunner, TestTown } from './runner-process.ts';

// Real opencode servers start in 2 s on a free machine and in 20 s on a crowded one.
vi.setConfig({ testTimeout: 150_000, hookTimeout: 60_000 });
/** Agents have users of their own. */
const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

let plane: FakeControlPlane;
let model: FakeModel;
let town: TestTown;
let runner: TestRunner | undefined;

beforeEach(async () => {
  plane = await startFakeControlPlane();
  model = await startFakeModel(() => ({ text: 'Nothing to do.' }));
  town = makeTown(plane);
});
afterEach(async (context) => {
  await runner?.stop();
  if (context.task.result?.state === 'fail') process.stderr.write(runner?.output() ?? '');
  runner = undefined;
  await plane.close();
  await model.close();
  town.remove();
});

const route = () => ({ kind: 'openai-compatible', baseUrl: model.url, apiKey: 'sk-real-key', model: 'small-1' }) as const;
/** opencode servers of a data folder, whoever started them. */
const opencodePids = (dataDir: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return (
          readFileSync(`/proc/${name}/environ`, 'utf8').includes(`${dataDir}#`) &&
          /^\S*opencode serve/.test(readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' '))
        );
      } catch {
        return false;
      }
    })
    .map(Number);
const rig = () => ({ rigId: 'r-test0001', name: 'Sample', gitUrl: town.upstream, defaultBranch: 'main', hasCredential: false });

describe('nudges and mail in a running turn', () => {
  it('go in when their mode says so, several as one message, each confirmed under its own id', async () => {
    let hold: (() => void) | undefined;
    const held = new Promise<void>((resolve) => {
      hold = resolve;
    });
    model.reply = async ({ step, tools, lastUserText }) => {
      if (tools.length === 0) return { text: 'Title' };
      if (lastUserText.includes('start-text') && step === 0) {
        await held;
        return bash('true');
      }
      return { text: `Heard: ${lastUserText}` };
    };
    const prompts = [
      { promptId: 'start', text: 'start-text' },
      { promptId: 'mail-1', mode: 'immediate', text: 'first-letter' },
      { promptId: 'mail-2', mode: 'immediate', text: 'second-letter' },
      { promptId: 'nudge-1', mode: 'wait-idle', text: 'when-idle' },
      { promptId: 'nudge-2', mode: 'queue', text: 'with-the-next' },
    ] as const;
    const assignment = anAssignment({ model: route() });
    const delivered = () => plane.newestReport()?.agents[0]?.deliveredPromptIds ?? [];
    plane.setDesired({ rigs: [rig()], assignments: [{ ...assignment, prompts: prompts.slice(0, 1) }] });
    runner = town.start();
    await eventually('the first turn', () => model.calls.some((call) => call.lastUserText.includes('start-text') && call.tools.length > 0));
    plane.setDesired({ rigs: [rig()], assignments: [{ ...assignment, prompts: [...prompts] }] });
    // In the middle of the turn: both letters, and with them what was queued for the next prompt.
    await eventually('the letters', () => ['mail-1', 'mail-2', 'nudge-2'].every((promptId) => delivered().includes(promptId)));
    expect(delivered()).not.toContain('nudge-1');
    hold?.();
    await eventually('the nudge', () => delivered().includes('nudge-1'));
    const steered = model.calls.find((call) => call.lastUserText.includes('second-letter'));
    expect(steered?.lastUserText).toMatch(/first-letter[\s\S]*second-letter[\s\S]*with-the-next/);
    const turns = await eventually('the turns', () => {
      const ended = plane.reports.flatMap((report) => report.turns);
      return prompts.every(({ promptId }) => ended.some((turn) => turn.promptId === promptId)) ? ended : undefined;
    });
    expect(turns.find((turn) => turn.promptId === 'nudge-1')?.text).toContain('when-idle');
  });
});

describe('a polecat on the real runner', () => {
  it('works, commits with its attribution, pushes to its branch only, and says done with its own token', async () => {
    model.reply = ({ step, tools }) => {
      if (tools.length === 0) return { text: 'A title' };
      if (step === 0)
        return {
          text: '# Writing the file',
          tools: [
            {
              name: 'bash',
              args: {
                command: 'echo hi > hello.txt && git add . && git commit -qm "Say hello" && git push origin HEAD:refs/heads/main; git push',
                description: 'x',
              },
            },
          ],
        };
      if (step === 1) return { tools: [{ name: 'gt_done', args: { branch: 'gt/toast/web-1a2b', summary: 'said hello' } }] };
      return { text: 'It is done.' };
    };
    plane.setDesired({ rigs: [rig()], assignments: [anAssignment({ model: route() })] });
    runner = town.start();

    await eventually('the turn', () =>
      plane.reports.flatMap((report) => report.turns).find((turn) => turn.promptId === 'start-web-1a2b-1'),
    );
    const turn = plane.reports.flatMap((report) => report.turns)[0];
    expect(turn).toMatchObject({ agentId: 'toast', epoch: 1, outcome: 'completed', text: 'It is done.' });

    expect(town.git('log', '-1', '--format=%an|%ae|%cn|%ce|%s', 'gt/toast/web-1a2b')).toBe(
      'Ada Lovelace|ada@example.com|Toast|toast@agents.example|Say hello',
    );
    expect(town.git('log', '-1', '--format=%(trailers:key=Bead-ID,valueonly)', 'gt/toast/web-1a2b')).toBe('web-1a2b');
    expect(town.git('log', '-1', '--format=%s', 'main')).toBe('Start');

    const sha = town.git('rev-parse', 'gt/toast/web-1a2b');
    const after = plane.pushChecks.find((check) => check.phase === 'after');
    expect(after).toMatchObject({
      agentId: 'toast',
      epoch: 1,
      branch: 'gt/toast/web-1a2b',
      sha,
      baseSha: town.git('rev-parse', 'main'),
      aheadBy: 1,
    });
    expect(after?.phase === 'after' ? after.commits : []).toMatchObject([{ sha, authorName: 'Ada Lovelace', committerName: 'Toast' }]);

    expect(plane.toolCalls).toMatchObject([{ name: 'gt_done', token: 'agent-token-toast' }]);
    expect(model.calls.every((call) => call.authorization === 'Bearer sk-real-key')).toBe(true);
    expect(model.calls.find((call) => call.tools.length > 0)?.tools).toContain('gt_done');
    expect(model.calls.find((call) => call.tools.length > 0)?.text).toContain('You are Toast, a polecat.');

    const newest = plane.newestReport()?.agents[0];
    expect(newest).toMatchObject({
      agentId: 'toast',
      state: 'waiting',
      statusLine: 'Writing the file',
      headSha: sha,
      deliveredPromptIds: ['start-web-1a2b-1'],
    });
    await eventually('the transcript', () => plane.parts.find((part) => part.text === 'It is done.'));
    expect(plane.parts.map((part) => part.seq)).toEqual(plane.parts.map((_, index) => index));
    expect(plane.parts.map((part) => part.tool?.name ?? part.text)).toEqual([
      'Do the work on your hook.',
      '# Writing the file',
      'bash',
      'gt_done',
      'It is done.',
    ]);
    const usage = plane.reports.flatMap((report) => report.usage);
    expect(new Set(usage.map((row) => row.callId)).size).toBe(usage.length);
    expect(usage[0]).toMatchObject({
      agentId: 'toast',
      epoch: 1,
      beadId: 'web-1a2b',
      model: 'small-1',
      inputTokens: 100,
      cacheReadTokens: 20,
      outputTokens: 7,
    });

    plane.setDesired({ assignments: [] });
    await eventually('the agent to be gone', () => plane.newestReport()?.agents.length === 0);
  });
});

describe('a runner that was killed', () => {
  it('is followed by one that ends the leftovers and goes on with the same conversation, each prompt once', async () => {
    let cutOff = true;
    model.reply = async ({ step, lastUserText }) => {
      if (lastUserText.includes('restarted')) return { text: 'Went on and finished.' };
      if (step === 0) return bash('echo kept > kept.txt');
      // The first life never gets an answer to this one.
      while (cutOff)
        await new Promise((resolve) => {
          setTimeout(resolve, 50);
        });
      return { text: 'too late' };
    };
    plane.setDesired({ rigs: [rig()], assignments: [anAssignment({ model: route() })] });
    runner = town.start();
    await eventually('the second call', () => model.calls.some((call) => call.step === 1));
    const server = plane.newestReport()?.agents[0];
    expect(server?.state).toBe('working');
    await runner.kill();
    const leftovers = opencodePids(town.dataDir);
    expect(leftovers.length).toBeGreaterThan(0);

    plane.runtimeEpoch = 2;
    cutOff = false;
    runner = town.start();
    const turn = await eventually('the turn', () => plane.reports.flatMap((report) => report.turns)[0]);
    expect(turn).toMatchObject({ promptId: 'start-web-1a2b-1', outcome: 'completed', text: 'Went on and finished.' });
    expect(opencodePids(town.dataDir).filter((pid) => leftovers.includes(pid))).toEqual([]);
    const last = model.calls.at(-1);
    expect(last?.text.split('Do the work on your hook.').length).toBe(2);
    expect(existsSync(join(town.dataDir, 'agents/toast/work/web-1a2b/kept.txt'))).toBe(true);
    await eventually('the transcript', () => plane.parts.some((part) => part.text === 'Went on and finished.'));
    expect(plane.parts.filter((part) => part.text === 'Do the work on your hook.')).toHaveLength(1);
  });

  it('tells the control plane about a push that the host had already taken', async () => {
    let stuck = true;
    plane.onPushCheck = ({ phase }) =>
      phase === 'after' && stuck ? { allowed: false, reason: 'not now' } : { allowed: true, reason: 'ok' };
    model.reply = ({ step, lastUserText }) =>
      step === 0 && !lastUserText.includes('more')
        ? bash('echo hi > hi.txt && git add . && git commit -qm Hi && git push')
        : { text: 'Done.' };
    plane.setDesired({ rigs: [rig()], assignments: [anAssignment({ model: route() })] });
    runner = town.start();
    await eventually('the refused push', () => plane.pushChecks.some((check) => check.phase === 'after'));
    await runner.kill();
    stuck = false;
    const before = plane.pushChecks.length;
    plane.runtimeEpoch = 2;
    plane.setDesired({ assignments: [anAssignment({ model: route(), epoch: 2 })] });
    runner = town.start();
    const told = await eventually('the push to be told', () => plane.pushChecks.slice(before).find((check) => check.phase === 'after'));
    expect(told).toMatchObject({ epoch: 2, branch: 'gt/toast/web-1a2b', sha: town.git('rev-parse', 'gt/toast/web-1a2b'), aheadBy: 1 });
  });

  it('leaves when another runner holds the town, and ends its agents', async () => {
    plane.setDesired({ rigs: [rig()], assignments: [anAssignment({ model: route() })] });
    runner = town.start();
    await eventually('the agent', () => plane.newestReport()?.agents[0]?.state === 'waiting');
    plane.runtimeEpoch = 2;
    const { child } = runner;
    await eventually('the runner to leave', () => child.exitCode !== null);
    expect(child.exitCode).toBe(0);
    expect(opencodePids(town.dataDir)).toEqual([]);
  });
});

const mayor = (prompts: { promptId: string; threadUserId: string; text: string }[]) => {
  const {
    bead: _bead,
    commit: _commit,
    ...rest
  } = anAssignment({
    model: route(),
    agentId: 'mayor',
    name: 'Mayor',
    role: 'mayor',
    workspace: { kind: 'browse' },
    prompts,
    systemPrompt: 'You are the Mayor.',
  });
  return rest;
};
describe('the Mayor', () => {
  it('answers each person in a thread of their own, one message after another, over read copies of the rigs', async () => {
    model.reply = ({ step, tools, lastUserText }) => {
      if (tools.length === 0) return { text: 'Title' };
      if (step === 0 && lastUserText.includes('look')) return bash('cat sample/README.md; touch sample/x 2>&1');
      return { text: `You said: ${lastUserText.slice(0, 20)}` };
    };
    plane.setDesired({
      rigs: [rig()],
      assignments: [
        mayor([
          { promptId: 'm1', threadUserId: 'ada', text: 'look around' },
          { promptId: 'm2', threadUserId: 'ada', text: 'second' },
          { promptId: 'm3', threadUserId: 'bob', text: 'from bob' },
        ]),
      ],
    });
    runner = town.start();
    await eventually('three answers', () => plane.reports.flatMap((report) => report.turns).length >= 3);
    const turns = plane.reports.flatMap((report) => report.turns);
    expect(Object.fromEntries(turns.map((turn) => [turn.promptId, turn.text]))).toEqual({
      m1: 'You said: look around',
      m2: 'You said: second',
      m3: 'You said: from bob',
    });
    expect(model.calls.find((call) => call.lastUserText.includes('from bob'))?.text).not.toContain('look around');
    expect(model.calls.find((call) => call.lastUserText.includes('second'))?.text).toContain('look around');
    const looked = model.calls.find((call) => call.results.length > 0)?.results[0] ?? '';
    expect(looked).toContain('# Sample');
    expect(looked.includes('Permission denied')).toBe(isRoot);
    // A new message in the same life, and a model whose endpoint is gone: the person is told why.
    model.reply = () => ({ status: 401, error: 'this key is not known' });
    plane.setDesired({ assignments: [mayor([{ promptId: 'm4', threadUserId: 'ada', text: 'again' }])] });
    const failed = await eventually('the failed answer', () =>
      plane.reports.flatMap((report) => report.turns).find((turn) => turn.promptId === 'm4'),
    );
    expect(failed.outcome).toBe('failed');
    expect(failed.text).toContain('this key is not known');
    expect(plane.newestReport()?.agents[0]?.state).toBe('waiting');
    // Another model: the same conversation goes on with it, although it began with one that opencode does not know any more.
    model.reply = ({ lastUserText }) => ({ text: `I hear: ${lastUserText.slice(0, 20)}` });
    plane.setDesired({
      assignments: [{ ...mayor([{ promptId: 'm5', threadUserId: 'ada', text: 'and now?' }]), model: { ...route(), model: 'small-2' } }],
    });
    const healed = await eventually('the answer of the new model', () =>
      plane.reports.flatMap((report) => report.turns).find((turn) => turn.promptId === 'm5'),
    );
    expect(healed).toMatchObject({ outcome: 'completed', text: 'I hear: and now?' });
    const call = model.calls.findLast((each) => each.lastUserText.includes('and now?') && each.tools.length > 0);
    expect(call?.model).toBe('small-2');
    expect(call?.text).toContain('look around');
  });
});

describe('commands', () => {
  it('run once, are reported until they are acknowledged, and gates do not run as the runner', async () => {
    const payload: CommandPayload = {
      kind: 'gates',
      rigId: 'r-test0001',
      sha: town.git('rev-parse', 'main'),
      gates: [{ name: 'look', command: 'id -u; cat README.md', timeoutSeconds: 60, phase: 'both' }],
    };
    plane.setDesired({ rigs: [rig()], commands: [{ commandId: 'c-1', payload, deadlineAtMs: Date.now() + 60_000 }] });
    runner = town.start();
    const done = await eventually('the result', () => plane.reports.flatMap((report) => report.commandResults)[0]);
    expect(done.result).toMatchObject({ kind: 'gates', ok: true });
    const output = done.result.kind === 'gates' ? (done.result.results[0]?.output ?? '') : '';
    expect(output).toContain('# Sample');
    expect(output.split('\n')[0]).not.toBe(isRoot ? '0' : '');
    await runner.kill();
    plane.runtimeEpoch = 2;
    plane.reports.length = 0;
    runner = town.start();
    const again = await eventually('the result again', () => plane.reports.flatMap((report) => report.commandResults)[0]);
    expect(again).toEqual(done);
    expect(runner.output()).not.toContain('command_done');
    plane.setDesired({ commands: [] });
    await eventually('the result to be forgotten', () => plane.newestReport()?.commandResults.length === 0);
  });

  it('say in a sentence that a repository cannot be reached', async () => {
    plane.setDesired({
      rigs: [{ ...rig(), gitUrl: `${town.folder}/nowhere.git` }],
      commands: [{ commandId: 'c-2', payload: { kind: 'check-rig', rigId: 'r-test0001' }, deadlineAtMs: Date.now() + 60_000 }],
    });
    runner = town.start();
    const done = await eventually('the result', () => plane.reports.flatMap((report) => report.commandResults)[0]);
    expect(done.result).toMatchObject({ kind: 'error', retryable: false });
  });
});

describe('faults around an agent', () => {
  it('a model endpoint that nobody serves ends a worker with the cause model, and a control plane that is away is waited for', async () => {
    plane.setDesired({
      rigs: [rig()],
      assignments: [anAssignment({ model: { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:9/v1', model: 'm' } })],
    });
    runner = town.start();
    await eventually('the first report', () => plane.reports.length > 0);
    plane.down = true;
    await new Promise((resolve) => {
      setTimeout(resolve, 1500);
    });
    plane.down = false;
    const failed = await eventually('the failure', () => plane.newestReport()?.agents.find((agent) => agent.state === 'failed'), 100_000);
    expect(failed.error).toMatchObject({ cause: 'model' });
    expect(failed.error?.message).toContain('cannot be reached');
  });

  it('a repository that cannot be cloned fails the agent with the cause git', async () => {
    plane.setDesired({ rigs: [{ ...rig(), gitUrl: `${town.folder}/nowhere.git` }], assignments: [anAssignment({ model: route() })] });
    runner = town.start();
    const failed = await eventually('the failure', () => plane.newestReport()?.agents.find((agent) => agent.state === 'failed'));
    expect(failed.error?.cause).toBe('git');
  });

  it('an opencode server that is killed is started again and goes on', async () => {
    let stop = false;
    model.reply = async ({ step, lastUserText }) => {
      if (lastUserText.includes('restarted')) return { text: 'Recovered.' };
      if (step === 0) return bash('true');
      while (!stop)
        await new Promise((resolve) => {
          setTimeout(resolve, 50);
        });
      return { text: 'late' };
    };
    plane.setDesired({ rigs: [rig()], assignments: [anAssignment({ model: route() })] });
    runner = town.start();
    await eventually('the second call', () => model.calls.some((call) => call.step === 1));
    for (const pid of opencodePids(town.dataDir)) process.kill(pid, 'SIGKILL');
    stop = true;
    const turn = await eventually('the turn', () => plane.reports.flatMap((report) => report.turns)[0]);
    expect(turn.text).toBe('Recovered.');
  });
});

describe('a refinery', () => {
  it('looks at the prepared commit and can push nothing', async () => {
    const sha = town.git('rev-parse', 'main');
    model.reply = ({ step, tools }) => {
      if (tools.length === 0) return { text: 'Title' };
      return step === 0
        ? bash('git rev-parse HEAD; git status | head -1; git push origin HEAD:refs/heads/main 2>&1; git fetch 2>&1')
        : { text: 'Looked.' };
    };
    const { commit: _commit, ...refinery } = anAssignment({
      model: route(),
      agentId: 'refinery-r-test0001',
      name: 'Refinery',
      role: 'refinery',
      workspace: { kind: 'detached', rigId: 'r-test0001', sha },
    });
    plane.setDesired({ rigs: [rig()], assignments: [refinery] });
    runner = town.start();
    await eventually('the turn', () => plane.reports.flatMap((report) => report.turns)[0]);
    const output = model.calls.find((call) => call.results.length > 0)?.results[0] ?? '';
    expect(output).toContain(sha);
    expect(output).toContain('HEAD detached');
    expect(output).toContain('403');
    expect(output).not.toContain("fatal: unable to access 'http://127.0.0.1:9");
  });
});
