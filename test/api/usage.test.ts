// What was spent, over the API and for the Mayor; and what a person decides about a convoy near its budget.
import { describe, expect, it } from 'vitest';
import type { UsageItem } from '../../functions/contracts/usage.schema.ts';
import { newBead } from '../../functions/domain/new-bead.ts';
import { storeRows } from '../../functions/operations/usage.ts';
import { reconcileTown } from '../../functions/reconcile/reconcile.ts';
import { callTool } from '../../functions/tools/tool-set.ts';
import { aMessage, anAgent, anIssue, at, identity, townId, townWith } from '../tools/town.ts';
import { bodyOf, client } from './call.ts';

const params = { townId };
const aRow = (more: Partial<UsageItem> = {}): UsageItem => ({
  townId,
  day: '20261121',
  callId: JSON.stringify(more),
  agentId: 'toast',
  beadId: 'lib-work',
  convoyId: 'hq-c001',
  rigId: 'r-rig1',
  requestedBy: 'ada',
  kind: 'model',
  model: 'claude-sonnet-4-5',
  inputTokens: 1000,
  outputTokens: 100,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costMicroUsd: 2_500_000,
  price: 'listed',
  feature: 'gastown',
  durationMs: 100,
  at,
  ...more,
});
const convoy = newBead({
  townId,
  beadId: 'hq-c001',
  title: 'Statistics',
  requestedBy: 'ada',
  createdBy: 'user:ada',
  at,
  details: {
    type: 'convoy',
    totalBeads: 1,
    closedBeads: 0,
    failedBeads: 0,
    mergeMode: 'review-and-merge',
    staged: false,
    memberIds: ['lib-work'],
    settings: { 'budget.convoyUsd': 3 },
  },
});
const spentTown = async () => {
  const { hookBeadId: _hook, slot: _slot, ...mayor } = anAgent({ agentId: 'mayor', name: 'Mayor', role: 'mayor', epoch: 1 });
  const ports = await townWith({
    agents: [mayor],
    beads: [anIssue({ convoyId: 'hq-c001' }, { status: 'open', assigneeAgentId: undefined }), convoy],
    messages: [aMessage()],
  });
  await storeRows(ports, [
    aRow(),
    aRow({ callId: 'two', model: 'mystery', price: 'estimated', costMicroUsd: 300_000 }),
    aRow({ callId: 'three', day: '20261120', at: '2026-11-20T10:00:00.000Z', requestedBy: 'bob' }),
  ]);
  return { ports, call: client(ports) };
};

describe('the usage of a town', () => {
  it('is that of today by day, unless more is asked for', async () => {
    const { call } = await spentTown();
    expect(bodyOf('usage', await call('usage', { as: 'ada', params }))).toMatchObject({
      by: 'day',
      from: '2026-11-21',
      to: '2026-11-21',
      items: [{ key: '2026-11-21', calls: 2, costMicroUsd: 2_800_000, estimatedMicroUsd: 300_000 }],
    });
    const users = await call('usage', { as: 'ada', params, query: { by: 'user', from: '2026-11-20', to: '2026-11-21' } });
    expect(bodyOf('usage', users).items.map(({ key, costMicroUsd }) => [key, costMicroUsd])).toEqual([
      ['ada', 2_800_000],
      ['bob', 2_500_000],
    ]);
  });
  it('is refused to others, for days in the wrong order, and for too many', async () => {
    const { call } = await spentTown();
    expect((await call('usage', { as: 'bob', params })).status).toBe(403);
    for (const query of [
      { from: '2026-11-21', to: '2026-11-20' },
      { from: '2026-01-01', to: '2026-11-20' },
      { from: 'yesterday' },
      { by: 'colour' },
    ])
      expect((await call('usage', { as: 'ada', params, query })).status).toBe(400);
  });
  it('is on the bead and on the convoy, with their budgets', async () => {
    const { call } = await spentTown();
    expect(bodyOf('getBead', await call('getBead', { as: 'ada', params: { townId, beadId: 'lib-work' } })).cost).toMatchObject({
      calls: 3,
      costMicroUsd: 5_300_000,
      budgetMicroUsd: 10_000_000,
    });
    expect(bodyOf('getConvoy', await call('getConvoy', { as: 'ada', params: { townId, beadId: 'hq-c001' } })).cost).toMatchObject({
      costMicroUsd: 5_300_000,
      budgetMicroUsd: 3_000_000,
    });
  });
});

describe('gt_cost', () => {
  const mayor = identity({ agentId: 'mayor', role: 'mayor', epoch: 1 });
  it('tells what the town has spent today, what of it is an estimate, and how the budgets stand', async () => {
    const { ports } = await spentTown();
    const { text } = await callTool(ports, mayor, 'gt_cost', { scope: 'town' });
    expect(text).toContain('Today 2.80 USD were spent in all. 0.30 USD of it is an estimate');
    expect(text).toContain('The town has spent 2.80 USD of 50.00 USD today.');
  });
  it('tells the life of one bead, and the days of one agent', async () => {
    const { ports } = await spentTown();
    expect((await callTool(ports, mayor, 'gt_cost', { scope: 'bead', id: 'lib-work' })).text).toContain(
      'lib-work has cost 5.30 USD of its budget of 10.00 USD so far',
    );
    expect((await callTool(ports, mayor, 'gt_cost', { scope: 'agent', days: 2 })).text).toContain('"id":"toast"');
    expect((await callTool(ports, mayor, 'gt_cost', { scope: 'bead', id: 'lib-none' })).isError).toBe(true);
  });
});

describe('a person who decides about a convoy near its budget', () => {
  const stuck = async () => {
    const made = await spentTown();
    await made.ports.store.commit([
      { put: 'work', item: { townId, kind: 'budget', workId: 'hq-c001', dueAtMs: 0, stamp: 's', costMicroUsd: 2_800_000 }, when: 'none' },
    ]);
    const decide = (body: object) => made.call('decideBudget', { as: 'ada', params: { townId, beadId: 'hq-c001' }, body });
    const status = async () => (await made.ports.store.get('bead', { townId, beadId: 'lib-work' }))?.status;
    await reconcileTown(made.ports, townId);
    expect(await status()).toBe('open');
    return { ...made, decide, status };
  };
  it.each([{ choice: 'raise', budgetUsd: 20 }, { choice: 'continue' }])('lets it go on: %o', async (choice) => {
    const { ports, decide, status } = await stuck();
    expect((await decide(choice)).status).toBe(200);
    await reconcileTown(ports, townId);
    expect(await status()).toBe('in_progress');
  });
  it('or stops it', async () => {
    const { ports, decide, status } = await stuck();
    expect(bodyOf('decideBudget', await decide({ choice: 'stop' })).convoy.held).toBe(true);
    await reconcileTown(ports, townId);
    expect(await status()).toBe('open');
  });
  it('is heard only about convoys, and only about those that are not over', async () => {
    const { call } = await stuck();
    const about = (beadId: string) => call('decideBudget', { as: 'ada', params: { townId, beadId }, body: { choice: 'continue' } });
    expect((await about('lib-work')).status).toBe(404);
    expect((await call('decideBudget', { as: 'bob', params: { townId, beadId: 'hq-c001' }, body: { choice: 'stop' } })).status).toBe(403);
  });
});
