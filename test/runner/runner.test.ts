// The real runner with real opencode processes against a fake control plane and a fake model.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anAssignment, startFakeControlPlane } from './fake-control-plane.ts';
import type { FakeControlPlane } from './fake-control-plane.ts';
import { bash, startFakeModel } from './fake-model.ts';
import type { FakeModel } from './fake-model.ts';
import { eventually, makeTown } from './runner-process.ts';
import type { TestRunner, TestTown } from './runner-process.ts';

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
  if (context.task.result?.state === 'fail') console.error(runner?.output());
  runner = undefined;
  await plane.close();
  await model.close();
  town.remove();
});

const route = () => ({ kind: 'openai-compatible', baseUrl: model.url, apiKey: 'sk-real-key', model: 'small-1' }) as const;
const rig = () => ({ rigId: 'r-test0001', name: 'Sample', gitUrl: town.upstream, defaultBranch: 'main', hasCredential: false });

describe('a polecat on the real runner', () => {
  it('works, commits with its attribution, pushes to its branch only, and says done with its own token', async () => {
    model.reply = ({ step, tools }) => {
      if (tools.length === 0) return { text: 'A title' };
      if (step === 0) return { text: '# Writing the file', tools: [{ name: 'bash', args: { command: 'echo hi > hello.txt && git add . && git commit -qm "Say hello" && git push origin HEAD:refs/heads/main; git push', description: 'x' } }] };
      if (step === 1) return { tools: [{ name: 'gt_done', args: { branch: 'gt/toast/web-1a2b', summary: 'said hello' } }] };
      return { text: 'It is done.' };
    };
    plane.setDesired({ rigs: [rig()], assignments: [anAssignment({ model: route() })] });
    runner = town.start();

    await eventually('the turn', () => plane.reports.flatMap((report) => report.turns).find((turn) => turn.promptId === 'start-web-1a2b-1'));
    const turn = plane.reports.flatMap((report) => report.turns)[0];
    expect(turn).toMatchObject({ agentId: 'toast', epoch: 1, outcome: 'completed', text: 'It is done.' });

    expect(town.git('log', '-1', '--format=%an|%ae|%cn|%ce|%s', 'gt/toast/web-1a2b')).toBe('Ada Lovelace|ada@example.com|Toast|toast@agents.example|Say hello');
    expect(town.git('log', '-1', '--format=%(trailers:key=Bead-ID,valueonly)', 'gt/toast/web-1a2b')).toBe('web-1a2b');
    expect(town.git('log', '-1', '--format=%s', 'main')).toBe('Start');

    const sha = town.git('rev-parse', 'gt/toast/web-1a2b');
    const after = plane.pushChecks.find((check) => check.phase === 'after');
    expect(after).toMatchObject({ agentId: 'toast', epoch: 1, branch: 'gt/toast/web-1a2b', sha, baseSha: town.git('rev-parse', 'main'), aheadBy: 1 });
    expect(after?.phase === 'after' ? after.commits : []).toMatchObject([{ sha, authorName: 'Ada Lovelace', committerName: 'Toast' }]);

    expect(plane.toolCalls).toMatchObject([{ name: 'gt_done', token: 'agent-token-toast' }]);
    expect(model.calls.every((call) => call.authorization === 'Bearer sk-real-key')).toBe(true);
    expect(model.calls.find((call) => call.tools.length > 0)?.tools).toContain('gt_done');
    expect(model.calls.find((call) => call.tools.length > 0)?.text).toContain('You are Toast, a polecat.');

    const newest = plane.newestReport()?.agents[0];
    expect(newest).toMatchObject({ agentId: 'toast', state: 'waiting', statusLine: 'Writing the file', headSha: sha, deliveredPromptIds: ['start-web-1a2b-1'] });
    await eventually('the transcript', () => plane.parts.find((part) => part.text === 'It is done.'));
    expect(plane.parts.map((part) => part.seq)).toEqual(plane.parts.map((_, index) => index));
    expect(plane.parts.map((part) => part.tool?.name ?? part.text)).toEqual(['Do the work on your hook.', '# Writing the file', 'bash', 'gt_done', 'It is done.']);
    const usage = plane.reports.flatMap((report) => report.usage);
    expect(new Set(usage.map((row) => row.callId)).size).toBe(usage.length);
    expect(usage[0]).toMatchObject({ agentId: 'toast', epoch: 1, beadId: 'web-1a2b', model: 'small-1', inputTokens: 100, cacheReadTokens: 20, outputTokens: 7 });

    plane.setDesired({ assignments: [] });
    await eventually('the agent to be gone', () => plane.newestReport()?.agents.length === 0);
  });
});
