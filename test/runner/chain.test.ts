// The next bead of a chain on the real runner: it goes on in the conversation and the folder of the one before.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { anAssignment, startFakeControlPlane } from './fake-control-plane.ts';
import type { FakeControlPlane } from './fake-control-plane.ts';
import { bash, startFakeModel } from './fake-model.ts';
import type { FakeModel } from './fake-model.ts';
import { eventually, makeTown } from './runner-process.ts';
import type { TestRunner, TestTown } from './runner-process.ts';

// Real opencode servers start in 2 s on a free machine and in 20 s on a crowded one.
vi.setConfig({ testTimeout: 150_000, hookTimeout: 60_000 });

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

const rig = () => ({ rigId: 'r-test0001', name: 'Sample', gitUrl: town.upstream, defaultBranch: 'main', hasCredential: false });
const route = () => ({ kind: 'openai-compatible', baseUrl: model.url, apiKey: 'sk-real-key', model: 'small-1' }) as const;
const first = () => anAssignment({ model: route(), prompts: [{ promptId: 'start-web-1a2b-1', text: 'Write the index.' }] });
const second = () =>
  anAssignment({
    model: route(),
    epoch: 2,
    bead: { beadId: 'web-2c3d', title: 'Query it', requestedBy: 'ada' },
    workspace: { kind: 'branch', rigId: 'r-test0001', branch: 'gt/toast/web-2c3d', startPoint: 'main' },
    chain: { beadId: 'web-1a2b' },
    prompts: [{ promptId: 'start-web-2c3d-2', text: 'Now write the query.' }],
  });
const turnOf = (promptId: string) =>
  eventually(`the turn of ${promptId}`, () => plane.reports.flatMap((report) => report.turns).find((turn) => turn.promptId === promptId));
const sessionOf = (epoch: number) =>
  plane.reports.flatMap((report) => report.agents).findLast((agent) => agent.epoch === epoch && agent.sessionId !== undefined)?.sessionId;
const reply: FakeModel['reply'] = ({ step, tools, lastUserText }) => {
  if (tools.length === 0) return { text: 'Title' };
  const isNext = lastUserText.includes('Now write the query.');
  if (step > 0) return { text: isNext ? 'The query is done.' : 'The index is done.' };
  if (isNext)
    return bash(
      '(git branch --show-current; git status --short) > ../seen.txt; git log --format=%s -1 >> ../seen.txt; cat built.o >> ../seen.txt',
    );
  return bash('echo a > index.txt && git add . && git commit -qm Index && git push -q && echo object > built.o && echo x >> README.md');
};
const firstRequestOf = (text: string) => model.calls.find((call) => call.tools.length > 0 && call.lastUserText.includes(text));

describe('the next bead of a chain, on the real runner', () => {
  it('begins with the conversation of the one before, in its folder, on a branch of its own from the fetched base', async () => {
    model.reply = reply;
    plane.setDesired({ rigs: [rig()], assignments: [first()] });
    runner = town.start();
    await turnOf('start-web-1a2b-1');
    plane.setDesired({ assignments: [] });
    await eventually('the agent to be gone', () => plane.newestReport()?.agents.length === 0);
    // Its branch is merged meanwhile.
    town.git('update-ref', 'refs/heads/main', town.git('rev-parse', 'gt/toast/web-1a2b'));
    plane.setDesired({ assignments: [second()] });
    expect(await turnOf('start-web-2c3d-2')).toMatchObject({ epoch: 2, outcome: 'completed', text: 'The query is done.' });

    const request = firstRequestOf('Now write the query.');
    expect(request?.text).toMatch(/Write the index\.[\s\S]*The index is done\.[\s\S]*Now write the query\./);
    expect(sessionOf(2)).toBe(sessionOf(1));
    const work = join(town.dataDir, 'agents/toast/work');
    expect(existsSync(join(work, 'web-2c3d'))).toBe(false);
    // On its branch, at what is merged; what was not committed is put aside, and what git does not track is still there.
    expect(readFileSync(join(work, 'seen.txt'), 'utf8')).toBe('gt/toast/web-2c3d\n?? built.o\nIndex\nobject\n');
    expect(plane.parts.filter((part) => part.text === 'Write the index.')).toHaveLength(1);
  });
  it('begins anew when the conversation has grown too long, in the same folder', async () => {
    model.reply = reply;
    model.promptTokens = 150_000;
    plane.setDesired({ rigs: [rig()], assignments: [first()] });
    runner = town.start();
    await turnOf('start-web-1a2b-1');
    plane.setDesired({ assignments: [second()] });
    await turnOf('start-web-2c3d-2');
    expect(firstRequestOf('Now write the query.')?.text).not.toContain('Write the index.');
    expect(sessionOf(2)).not.toBe(sessionOf(1));
    expect(readFileSync(join(town.dataDir, 'agents/toast/work/seen.txt'), 'utf8')).toContain('object');
  });
});
