// What a plan will cost, from what the town's finished beads have cost.
import { expect, it } from 'vitest';
import { routes } from '../../functions/contracts/routes.ts';
import { startConvoy } from '../../functions/operations/convoy-start.ts';
import { addConvoyBead } from '../../functions/operations/convoy-edit.ts';
import { convoyView } from '../../functions/operations/convoys.ts';
import { slingBatch } from '../../functions/operations/sling-batch.ts';
import type { Write } from '../../functions/ports.ts';
import { convoyData, slungSentence } from '../../functions/tools/convoy-answers.ts';
import { fakePorts } from '../fakes/ports.ts';
import type { FakePorts } from '../fakes/ports.ts';
import { aRig, aTown, anIssue, otherRigId, rigId, townId } from '../rules/build.ts';

const model = 'claude-sonnet-4-5';
const none = { calls: 1, inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, durationMs: 0 };
const spent = { estimatedMicroUsd: 0, computeMicroUsd: 0 };
/** Finished beads of a rig, each with what it has cost. */
const finished = (name: string, of: string, usd: readonly number[], by = model): Write[] =>
  usd.flatMap((each, index): Write[] => {
    const beadId = `${name}-${index}abc`;
    return [
      { put: 'bead', item: anIssue(beadId, { status: 'closed', rigId: of, closedAt: '2026-11-20T10:00:00.000Z' }), when: 'none' },
      {
        put: 'tally',
        item: { townId, period: 'life', scope: `bead#${beadId}`, beadId, model: by, ...none, ...spent, costMicroUsd: each * 1_000_000 },
        when: 'none',
      },
    ];
  });
const scene = async (history: readonly Write[] = [], route: object = { kind: 'opencode-provider', provider: 'anthropic', model }) => {
  const ports = fakePorts();
  await ports.store.commit([
    { put: 'town', item: { ...aTown(), config: { 'models.default': route as { kind: 'scripted' } } }, when: 'none' },
    { put: 'rig', item: aRig(), when: 'none' },
    { put: 'rig', item: { ...aRig(otherRigId), name: 'api', prefix: 'api' }, when: 'none' },
    ...history,
  ]);
  return ports;
};
const sling = (
  ports: FakePorts,
  tasks: number,
  more: { readonly staged?: boolean; readonly rigId?: string; readonly actor?: string } = {},
) =>
  slingBatch(ports, {
    townId,
    userId: 'ada',
    actor: more.actor === 'ada' ? 'user:ada' : 'agent:mayor',
    input: routes.slingBatch.body.parse({
      title: 'Batch',
      rigId: more.rigId ?? rigId,
      parallel: true,
      ...(more.staged === undefined ? {} : { staged: more.staged }),
      tasks: Array.from({ length: tasks }, (_each, index) => ({ title: `Task ${index}` })),
    }),
  });
const isPlan = (view: Awaited<ReturnType<typeof sling>>): boolean => view.convoy.details.type === 'convoy' && view.convoy.details.staged;

it('makes a batch of the Mayor a plan when its beads are estimated above 20 USD together, and says how that was found', async () => {
  const ports = await scene(finished('web', rigId, [6, 8, 10]));
  expect(isPlan(await sling(ports, 2))).toBe(false);
  const view = await sling(ports, 3);
  expect(isPlan(view)).toBe(true);
  const how =
    'About 24.00 USD for 3 beads: 8.00 USD a bead in web, the mean of the last 3 finished beads there with claude-sonnet-4-5. Reviews and repairs are in it, the machine is not.';
  expect(view.estimate).toEqual({ costMicroUsd: 24_000_000, sentence: how });
  expect(slungSentence(view)).toContain(how);
  expect(convoyData(view)).toMatchObject({ staged: true, merge_mode: 'review-then-land', estimate: { usd: 24, how } });
  expect(isPlan(await sling(ports, 3, { staged: false }))).toBe(false);
  expect(isPlan(await sling(ports, 3, { actor: 'ada' }))).toBe(false);
});

it('is of finished beads with the model of the plan: those of the repository, else of the town, else a stated figure', async () => {
  const history = [...finished('web', rigId, [6, 8, 10]), ...finished('old', otherRigId, [50, 50, 50], 'another-model')];
  const said = async (ports: FakePorts, where: string) => (await sling(ports, 2, { staged: true, rigId: where })).estimate?.sentence;
  const ports = await scene(history);
  expect(await said(ports, rigId)).toContain('8.00 USD a bead in web, the mean of the last 3 finished beads there');
  expect(await said(ports, otherRigId)).toContain('8.00 USD a bead in api, the mean of the last 3 finished beads of the town');
  const young = await scene(finished('web', rigId, [6, 8]));
  expect(await said(young, rigId)).toContain('About 4.00 USD for 2 beads: 2.00 USD a bead in web, a figure that stands in until 3 beads');
  const demo = await scene([], { kind: 'scripted' });
  expect(await said(demo, rigId)).toContain('About 0.00 USD for 2 beads: nothing in web, where the scripted model works');
});

it('follows the plan as it is edited, and ends with its start', async () => {
  const ports = await scene(finished('web', rigId, [6, 8, 10]));
  const { convoy } = await sling(ports, 1, { staged: true, actor: 'ada' });
  await ports.store.commit([{ put: 'bead', item: anIssue('web-more', { rigId: otherRigId }), when: 'none' }]);
  const act = { townId, convoyId: convoy.beadId, actor: 'user:ada' } as const;
  expect((await addConvoyBead(ports, { ...act, beadId: 'web-more' })).estimate?.costMicroUsd).toBe(16_000_000);
  await startConvoy(ports, act);
  expect((await convoyView(ports, townId, convoy.beadId)).estimate).toBeUndefined();
});

it('costs nothing for whoever makes no plan', async () => {
  const ports = await scene(finished('web', rigId, [6, 8, 10]));
  const unread = { ...ports, store: { ...ports.store, beadsBy: () => Promise.reject(new Error('looked at the past')) } };
  expect(isPlan(await sling(unread, 3, { actor: 'ada' }))).toBe(false);
  expect(isPlan(await sling(unread, 3, { staged: false }))).toBe(false);
  await expect(sling(unread, 3)).rejects.toThrow('looked at the past');
});
