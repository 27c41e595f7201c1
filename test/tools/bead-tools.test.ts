// The tools that change beads, as an agent calls them.
import { describe, expect, it } from 'vitest';
import { callTool } from '../../functions/tools/tool-set.ts';
import type { FakePorts } from '../fakes/ports.ts';
import { anAgent, anIssue, beadIn, identity, rigId, townId, townWith } from './town.ts';

const open = (beadId: string, title = beadId) =>
  anIssue(
    { branch: undefined, targetBranch: undefined },
    { beadId, title, status: 'open', assigneeAgentId: undefined, dispatchAttempts: 0 },
  );
const chief = identity({ agentId: 'mayor', role: 'mayor', epoch: 1 });
const scene = async () => {
  const mayor = anAgent({ agentId: 'mayor', role: 'mayor', epoch: 1, hookBeadId: undefined, slot: undefined, rigId: undefined });
  const ports = await townWith({ agents: [anAgent(), mayor], beads: [anIssue(), open('lib-one', 'One'), open('lib-two', 'Two')] });
  const call = async (name: string, args: object, as = chief): Promise<string> => (await callTool(ports, as, name, args)).text;
  return { ports, call };
};
const edges = async (ports: FakePorts, beadId: string): Promise<string[]> =>
  (await ports.store.dependenciesOf(townId, beadId)).map((edge) => `${edge.type} ${edge.dependsOnId}`);

describe("the Mayor's tools for beads", () => {
  it('sling work with dependencies of any type', async () => {
    const { ports, call } = await scene();
    const dependencies = [
      { bead_id: 'lib-one' },
      { bead_id: 'lib-two', type: 'conditional-blocks' },
      { bead_id: 'lib-work', type: 'related' },
    ];
    const said = await call('gt_sling', { rig_id: rigId, title: 'Third', body: 'Do it.', dependencies });
    expect(said).toContain('waits for 2 beads');
    const beadId = /lib-[0-9a-z]+/.exec(said)?.[0] ?? '';
    expect((await edges(ports, beadId)).toSorted()).toEqual(['blocks lib-one', 'conditional-blocks lib-two', 'related lib-work']);
  });
  it('edit dependencies, and tell about circles by ids and titles (L22)', async () => {
    const { ports, call } = await scene();
    expect(await call('gt_bead_add_dependency', { bead_id: 'lib-two', depends_on: 'lib-one' })).toContain(
      'lib-two waits for lib-one (open).',
    );
    const refused = await callTool(ports, chief, 'gt_bead_add_dependency', { bead_id: 'lib-one', depends_on: 'lib-two' });
    expect(refused).toMatchObject({ isError: true });
    expect(refused.text).toContain('lib-one "One" → lib-two "Two" → lib-one "One"');
    expect(await call('gt_bead_remove_dependency', { bead_id: 'lib-two', depends_on: 'lib-one' })).toContain('lib-two waits for nothing.');
    await call('gt_bead_update', { bead_id: 'lib-two', depends_on: '["lib-one"]' });
    expect(await edges(ports, 'lib-two')).toEqual(['blocks lib-one']);
    await call('gt_bead_update', { bead_id: 'lib-two', depends_on: [] });
    expect(await edges(ports, 'lib-two')).toEqual([]);
  });
  it('change fields, taking metadata as an object or as its JSON text (L57)', async () => {
    const { ports, call } = await scene();
    await call('gt_bead_update', {
      bead_id: 'lib-one',
      title: 'New',
      metadata: { a: 1 },
      labels: ['ui'],
      held: true,
      parent_id: 'lib-two',
    });
    expect(await beadIn(ports, 'lib-one')).toMatchObject({
      title: 'New',
      metadata: { a: 1 },
      labels: ['ui'],
      held: true,
      parentId: 'lib-two',
    });
    await call('gt_bead_update', { bead_id: 'lib-one', metadata: '{"b":{"c":2}}', parent_id: 'none' });
    expect((await beadIn(ports, 'lib-one')).metadata).toEqual({ b: { c: 2 } });
    expect((await beadIn(ports, 'lib-one')).parentId).toBeUndefined();
    expect(await call('gt_bead_update', { bead_id: 'lib-one', labels: ['gt:no-code'] })).toContain('set by the server');
  });
  it('change all that one call asks for, or nothing', async () => {
    const { ports, call } = await scene();
    const both = { bead_id: 'lib-two', title: 'New', depends_on: ['lib-one'] };
    expect(await call('gt_bead_update', { ...both, labels: ['gt:no-code'] })).toContain('set by the server');
    expect(await call('gt_bead_update', { ...both, parent_id: 'lib-one' })).toContain('one after the other');
    expect(await edges(ports, 'lib-two')).toEqual([]);
    expect(await call('gt_bead_update', { ...both, depends_on: ['lib-none'] })).toContain('no bead lib-none');
    expect(await beadIn(ports, 'lib-two')).toMatchObject({ title: 'Two', openBlockers: 0 });
    expect(await call('gt_bead_update', both)).toContain('lib-two waits for lib-one');
    expect(await beadIn(ports, 'lib-two')).toMatchObject({ title: 'New', openBlockers: 1 });
  });
  it('say what is allowed from here only where something is', async () => {
    const { call } = await scene();
    const said = await call('gt_bead_retry', { bead_id: 'lib-one' });
    expect(said).toContain('only a failed bead can be retried');
    expect(said).not.toContain('Allowed from here');
  });
  it('give a bead to somebody else, retry it, put it away, close it, remove it', async () => {
    const { ports, call } = await scene();
    expect(await call('gt_bead_reassign', { bead_id: 'lib-work' })).toContain('for anybody else');
    expect(await beadIn(ports, 'lib-work')).toMatchObject({ status: 'open', details: { avoidAgentId: 'toast' } });
    expect(await call('gt_bead_retry', { bead_id: 'lib-one' })).toContain('only a failed bead can be retried');
    expect(await call('gt_bead_close', { bead_id: 'lib-one', reason: 'done elsewhere' })).toContain('lib-one is closed');
    expect(await call('gt_bead_archive', { bead_ids: ['lib-one', 'lib-none'] })).toContain('1 bead put away, 1 not.');
    expect(await call('gt_bead_archive', { bead_ids: ['lib-one'], take_back: true })).toContain('1 bead taken back.');
    expect(await call('gt_bead_archive', { all_closed: true })).toContain('step by step');
    expect(await call('gt_bead_archive', {})).toContain('Say which');
    expect(await call('gt_bead_delete', { bead_id: 'lib-two' })).toContain('is being removed (1 bead)');
    expect(await call('gt_bead_status', { bead_id: 'lib-two' })).toContain('There is no bead lib-two');
  });
  it('retries what failed', async () => {
    const { ports, call } = await scene();
    const failed = { ...(await beadIn(ports, 'lib-one')), status: 'failed' as const, failure: { code: 'x', message: 'broke' }, version: 2 };
    await ports.store.commit([{ put: 'bead', item: failed, when: 'none' }]);
    expect(await call('gt_bead_retry', { bead_id: 'lib-one' })).toContain('takes the place of lib-one');
    expect((await beadIn(ports, 'lib-one')).supersededBy).toBeDefined();
  });
  it('list the agents', async () => {
    const { call } = await scene();
    expect(await call('gt_list_agents', {})).toMatch(/^2 agents, busy ones first.\n.*"id":"toast".*"bead":"lib-work"/);
  });
  it('are not for others', async () => {
    const { call } = await scene();
    for (const name of ['gt_bead_delete', 'gt_bead_update', 'gt_bead_retry', 'gt_list_agents'])
      expect(await call(name, { bead_id: 'lib-one' }, identity())).toContain('not a tool of the polecat');
  });
});

describe('what workers may do beside their own bead', () => {
  it('record what they found: held, linked, in their rig, charged to the same person, once', async () => {
    const { ports, call } = await scene();
    const found = { title: 'Flaky test', body: 'sum.test.js fails sometimes.', issue_type: 'bug' };
    const said = await call('gt_bead_create', found, identity());
    expect(await call('gt_bead_create', found, identity())).toBe(said);
    const [bead] = (await ports.store.beadsBy({ townId, type: 'issue', status: 'open' }, { limit: 10 })).items.filter((one) => one.held);
    expect(bead).toMatchObject({ title: 'Flaky test', rigId, requestedBy: 'ada', createdBy: 'agent:toast', details: { issueType: 'bug' } });
    expect(await edges(ports, bead?.beadId ?? '')).toEqual(['discovered-from lib-work']);
    expect(await call('gt_bead_close', { bead_id: bead?.beadId }, identity())).toContain('is closed');
  });
  it('close nothing that is not theirs, and not what is on their hook', async () => {
    const { ports, call } = await scene();
    expect(await call('gt_bead_close', { bead_id: 'lib-one' }, identity())).toContain('was not recorded by you');
    expect(await call('gt_bead_close', { bead_id: 'lib-work' }, identity())).toContain('say gt_done');
    expect((await beadIn(ports, 'lib-one')).status).toBe('open');
  });
});
