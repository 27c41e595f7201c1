import { describe, expect, it } from 'vitest';
import type { UsageRow } from '../../contracts/agent.schema.ts';
import { newBead } from '../new-bead.ts';
import { attributionOf, countedTokens, dayEndMs, dayOf, modelUsage, usageBatches, usageWrites } from './usage.ts';

const townId = 't-4f9k2m1q';
const at = '2026-11-21T10:00:00.000Z';
const common = { townId, title: 'Add a dark mode', requestedBy: 'ada', createdBy: 'user:ada' as const, at };
const issue = newBead(
  { ...common, beadId: 'web-3kf9', details: { type: 'issue', issueType: 'task', kind: 'work', convoyId: 'hq-c001', commits: [] } },
  { rigId: 'r-8d2k1m0p' },
);
const request = newBead(
  {
    ...common,
    beadId: 'web-9mrg',
    details: {
      type: 'merge_request',
      stage: 'new',
      sourceBeadId: 'web-3kf9',
      branch: 'gt/toast/web-3kf9',
      targetBranch: 'main',
      headSha: 'a'.repeat(40),
      attempt: 1,
      gates: [],
      reworkRounds: 0,
      conflictRounds: 0,
      commits: [],
    },
  },
  { rigId: 'r-8d2k1m0p' },
);
const rework = newBead(
  { ...common, beadId: 'web-5rwk', details: { type: 'issue', issueType: 'task', kind: 'rework', mergeRequestId: 'web-9mrg', commits: [] } },
  { rigId: 'r-8d2k1m0p', parentId: 'web-3kf9' },
);
const aRow = (more: Partial<UsageRow> = {}): UsageRow => ({
  callId: 'call-1',
  agentId: 'toast',
  epoch: 4,
  beadId: 'web-3kf9',
  provider: 'anthropic',
  model: 'claude-sonnet-4-5',
  inputTokens: 1000,
  outputTokens: 200,
  cacheReadTokens: 30_000,
  durationMs: 4200,
  atMs: Date.parse(at),
  ...more,
});

describe('who pays', () => {
  it('is the human behind the bead, its review and its repair, and all of it counts for the bead that they serve', () => {
    expect(attributionOf(issue, undefined)).toEqual({ beadId: 'web-3kf9', requestedBy: 'ada', convoyId: 'hq-c001', rigId: 'r-8d2k1m0p' });
    for (const bead of [request, rework])
      expect(attributionOf(bead, issue)).toEqual({
        beadId: 'web-3kf9',
        workBeadId: bead.beadId,
        requestedBy: 'ada',
        convoyId: 'hq-c001',
        rigId: 'r-8d2k1m0p',
      });
  });
});

describe('the life of a bead', () => {
  it('names the model of its own worker, whoever reviews or repairs it afterwards', () => {
    const rows = [
      modelUsage(townId, aRow(), attributionOf(issue, undefined), 30),
      modelUsage(townId, aRow({ callId: 'call-2', beadId: 'web-9mrg', model: 'claude-opus-4-5' }), attributionOf(request, issue), 30),
    ];
    const lives = usageWrites(rows).flatMap((write) =>
      'add' in write && write.add === 'tally' && write.item.period === 'life' ? [write.item] : [],
    );
    expect(lives.map(({ scope, model, calls }) => ({ scope, model, calls }))).toEqual([
      { scope: 'bead#web-3kf9', model: 'claude-sonnet-4-5', calls: 2 },
      { scope: 'convoy#hq-c001', model: undefined, calls: 2 },
    ]);
  });
});

describe('a row', () => {
  it('L28 carries the feature tag, the price, the bead, convoy, agent, rig and human', () => {
    expect(modelUsage(townId, aRow(), attributionOf(issue, undefined), 30)).toMatchObject({
      feature: 'gastown',
      costMicroUsd: 3_000 + 3_000 + 9_000,
      price: 'listed',
      beadId: 'web-3kf9',
      convoyId: 'hq-c001',
      agentId: 'toast',
      rigId: 'r-8d2k1m0p',
      requestedBy: 'ada',
      day: '20261121',
    });
  });
  it('is marked as estimated when its tokens are', () => {
    expect(modelUsage(townId, aRow({ estimated: true }), {}, 30).price).toBe('estimated');
  });
  it('L102 belongs to the UTC day of its own time, whose end is the next midnight', () => {
    const lastMs = Date.parse('2026-11-21T23:59:59.999Z');
    expect([dayOf(lastMs), dayOf(lastMs + 1)]).toEqual(['20261121', '20261122']);
    expect([dayEndMs(lastMs), dayEndMs(lastMs + 1)]).toEqual([lastMs + 1, lastMs + 1 + 86_400_000]);
  });
  it('counts what a model had to work on towards the cap of tokens, not what its cache gave', () => {
    expect(countedTokens({ inputTokens: 10, outputTokens: 5, cacheWriteTokens: 3 })).toBe(18);
  });
});

describe('the writes of rows', () => {
  const rows = [aRow(), aRow({ callId: 'call-2' }), aRow({ callId: 'call-3', agentId: 'maple' })].map((row) =>
    modelUsage(townId, row, attributionOf(issue, undefined), 30),
  );
  it('add each row up once per bead, agent and model of the day, per life of bead and convoy, and per rig of the day', () => {
    const writes = usageWrites(rows);
    expect(writes.filter((write) => 'put' in write)).toHaveLength(3);
    const sums = writes.flatMap((write) =>
      'add' in write && write.add === 'tally' ? [[write.item.scope, write.item.calls, write.item.costMicroUsd]] : [],
    );
    expect(sums).toEqual([
      ['web-3kf9#ada#toast#claude-sonnet-4-5', 2, 30_000],
      ['bead#web-3kf9', 3, 45_000],
      ['convoy#hq-c001', 3, 45_000],
      ['web-3kf9#ada#maple#claude-sonnet-4-5', 1, 15_000],
    ]);
    expect(writes.at(-1)).toMatchObject({
      add: 'work',
      item: {
        kind: 'spend',
        workId: '20261121#r-8d2k1m0p',
        costMicroUsd: 45_000,
        tokens: 3_600,
        dueAtMs: Date.parse('2026-11-22T00:00:00Z'),
      },
    });
  });
  it('fit transactions of a hundred items, every row in one of them', () => {
    const many = Array.from({ length: 500 }, (_, index) =>
      modelUsage(
        townId,
        aRow({ callId: `call-${index}`, agentId: `a-${index % 40}`, beadId: `web-${1000 + index}` }),
        { beadId: `web-${1000 + index}` },
        30,
      ),
    );
    const batches = usageBatches(many, 100);
    expect(batches.flat()).toEqual(many);
    expect(Math.max(...batches.map((batch) => usageWrites(batch).length))).toBeLessThanOrEqual(100);
    expect(usageBatches(rows, 100)).toEqual([rows]);
  });
});
