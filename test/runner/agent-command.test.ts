// `bd` and `gt` in the shell of a real agent: the real runner with a real opencode process, its door for tools, and a fake control plane.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { anAssignment, startFakeControlPlane } from './fake-control-plane.ts';
import type { FakeControlPlane } from './fake-control-plane.ts';
import { bash, startFakeModel } from './fake-model.ts';
import type { FakeModel } from './fake-model.ts';
import { eventually, makeTown } from './runner-process.ts';
import type { TestRunner, TestTown } from './runner-process.ts';

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

it('an agent finds bd and gt on its path, and they call its tools as itself', async () => {
  plane.onTool = ({ name }) => `Heard ${name}.\n{"heard":"${name}"}`;
  model.reply = ({ step, tools }) =>
    tools.length > 0 && step === 0
      ? bash('command -v bd gt; bd show web-1a2b; git commit -q --allow-empty -m "Say hello"; gt done --json; bd fly; echo "exit $?"')
      : { text: 'Done.' };
  const route = { kind: 'openai-compatible', baseUrl: model.url, apiKey: 'sk-real-key', model: 'small-1' } as const;
  plane.setDesired({
    rigs: [{ rigId: 'r-test0001', name: 'Sample', gitUrl: town.upstream, defaultBranch: 'main', hasCredential: false }],
    assignments: [anAssignment({ model: route, env: { GASTOWN_TOOLS: '/elsewhere' } })],
  });
  runner = town.start();
  const { results } = await eventually('the answer of the shell', () => model.calls.find((call) => call.results.length > 0));
  const output = results.join('\n');
  expect(output).toMatch(/\/agent-commands\/bin\/bd\n\S+\/agent-commands\/bin\/gt\n/);
  expect(output).toContain('Heard gt_bead_status.\nheard: gt_bead_status\n');
  expect(output).toContain('{"heard":"gt_done"}');
  expect(output).toMatch(/bd has no verb fly\.[\s\S]*exit 2/);
  expect(plane.toolCalls).toEqual([
    { token: 'agent-token-toast', name: 'gt_bead_status', args: { bead_id: 'web-1a2b' } },
    {
      token: 'agent-token-toast',
      name: 'gt_done',
      args: { branch: 'gt/toast/web-1a2b', summary: expect.stringMatching(/^Say hello/) as string },
    },
  ]);
});
