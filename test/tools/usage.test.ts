import { describe, expect, it } from 'vitest';
import type { UsageRow } from '../../functions/contracts/agent.schema.ts';
import { reportSchema } from '../../functions/contracts/runner.schema.ts';
import type { RunnerReport } from '../../functions/contracts/runner.schema.ts';
import { applyReport } from '../../functions/operations/report.ts';
import { reconcileTown } from '../../functions/reconcile/reconcile.ts';
import { StoreUnavailable } from '../../functions/store-errors.ts';
import { fakePorts } from '../fakes/ports.ts';
import { aLease, aMessage, aRequest, anAgent, anIssue, townId, townWith } from './town.ts';

const caller = { townId, runtimeEpoch: 3 };
let reportSeq = 0;
const report = (usage: UsageRow[]): RunnerReport => ({
  runtimeEpoch: 3,
  reportSeq: (reportSeq += 1),
  agents: [],
  turns: [],
  usage,
  commandResults: [],
  runningCommandIds: [],
  host: { rssBytes: 1, diskFreeBytes: 1, isolation: 'none' },
});
const aRow = (more: Partial<UsageRow> = {}): UsageRow => ({
  callId: 'call-1',
  agentId: 'toast',
  epoch: 4,
  beadId: 'lib-work',
  provider: 'openai',
  model: 'gpt-5-mini',
  inputTokens: 1000,
  outputTokens: 100,
  cacheReadTokens: 0,
  durationMs: 900,
  atMs: Date.parse('2026-11-21T10:00:00.000Z'),
  ...more,
});
const day = '20261121';
const cost = 1000 * 0.25 + 100 * 2;
const aTownAtWork = () => townWith({ agents: [anAgent()], beads: [anIssue(), aRequest()], messages: [aMessage({ userId: 'bob' })] });
type World = Awaited<ReturnType<typeof aTownAtWork>>;
const lifeOf = (ports: World, scope: string) => ports.store.get('tally', { townId, period: 'life', scope });
const spends = async (ports: World) => (await ports.store.workOf(townId)).filter((item) => item.kind === 'spend');

describe('what a report says was spent', () => {
  it('is counted once, however often and in whatever pieces it is reported', async () => {
    const ports = await aTownAtWork();
    await applyReport(ports, caller, report([aRow(), aRow()]));
    await applyReport(ports, caller, report([aRow(), aRow({ callId: 'call-2' })]));
    expect(await ports.store.usageOf(townId, day)).toMatchObject([
      { callId: 'call-1', costMicroUsd: cost, requestedBy: 'ada', rigId: 'r-rig1' },
      { callId: 'call-2', costMicroUsd: cost },
    ]);
    expect(await lifeOf(ports, 'bead#lib-work')).toMatchObject({ calls: 2, costMicroUsd: 2 * cost });
    expect(await spends(ports)).toMatchObject([{ workId: `${day}#r-rig1`, costMicroUsd: 2 * cost, tokens: 2200 }]);
  });
  it('counts a call of a day that has not come as of today', async () => {
    const ports = await aTownAtWork();
    await applyReport(ports, caller, report([aRow({ atMs: Date.parse('9999-12-31T23:59:59.000Z') })]));
    expect(await ports.store.usageOf(townId, day)).toMatchObject([{ callId: 'call-1', costMicroUsd: cost }]);
    expect(await spends(ports)).toMatchObject([{ workId: `${day}#r-rig1` }]);
  });
  it('takes what no call can take as the most that one may, and refuses times that nobody can write', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const absurd = reportSchema.parse(report([aRow({ inputTokens: most, durationMs: most })]));
    expect(absurd.usage).toMatchObject([{ inputTokens: 1_000_000_000, outputTokens: 100, durationMs: 1_000_000_000 }]);
    const at = (atMs: number) => reportSchema.safeParse(report([aRow({ atMs })])).success;
    expect([at(Date.parse('9999-12-31T23:59:59.999Z')), at(Date.parse('+010000-01-01T00:00:00.000Z'))]).toEqual([true, false]);
  });
  it('counts once also when the control plane was killed after storing it', async () => {
    const ports = await aTownAtWork();
    const killed = {
      ...ports,
      store: {
        ...ports.store,
        commit: async (writes: Parameters<typeof ports.store.commit>[0]) => {
          const outcome = await ports.store.commit(writes);
          if (writes.some((write) => 'add' in write)) throw new StoreUnavailable('killed');
          return outcome;
        },
      },
    };
    const sent = report([aRow()]);
    await expect(applyReport(killed, caller, sent)).rejects.toBeInstanceOf(StoreUnavailable);
    expect(await applyReport(ports, caller, sent)).toMatchObject({ accepted: true });
    expect(await lifeOf(ports, 'bead#lib-work')).toMatchObject({ calls: 1, costMicroUsd: cost });
  });
  it('bills a review to the human and the bead that it serves', async () => {
    const ports = await aTownAtWork();
    await applyReport(ports, caller, report([aRow({ agentId: 'refinery-r-rig1', beadId: 'lib-mr1' })]));
    expect(await ports.store.usageOf(townId, day)).toMatchObject([{ beadId: 'lib-work', workBeadId: 'lib-mr1', requestedBy: 'ada' }]);
  });
  it("bills the Mayor's calls to the person who asked, not to the owner or a bot", async () => {
    const ports = await aTownAtWork();
    await applyReport(ports, caller, report([{ ...aRow({ agentId: 'mayor' }), beadId: undefined }]));
    expect(await ports.store.usageOf(townId, day)).toMatchObject([{ agentId: 'mayor', requestedBy: 'bob' }]);
    expect(await spends(ports)).toMatchObject([{ workId: `${day}#-`, costMicroUsd: cost }]);
  });
  it('L53 keeps the payer of the bead when the model changes in between', async () => {
    const ports = await aTownAtWork();
    await applyReport(ports, caller, report([aRow(), aRow({ callId: 'call-2', provider: 'anthropic', model: 'claude-haiku-4-5' })]));
    expect((await ports.store.usageOf(townId, day)).map((row) => row.requestedBy)).toEqual(['ada', 'ada']);
    expect((await ports.store.talliesOf(townId, day)).map((tally) => [tally.requestedBy, tally.model])).toEqual([
      ['ada', 'claude-haiku-4-5'],
      ['ada', 'gpt-5-mini'],
    ]);
  });
  it('L101 is an estimate above 0 for a model without a known price', async () => {
    const ports = await aTownAtWork();
    await applyReport(ports, caller, report([aRow({ provider: 'models.example', model: 'secret-sauce' })]));
    expect(await ports.store.usageOf(townId, day)).toMatchObject([{ costMicroUsd: 1100 * 30, price: 'estimated' }]);
    expect(await lifeOf(ports, 'bead#lib-work')).toMatchObject({ estimatedMicroUsd: 33_000 });
  });
  it('belongs to the day on which the call was made, also when it is told later', async () => {
    const ports = await aTownAtWork();
    await applyReport(ports, caller, report([aRow({ atMs: Date.parse('2026-11-20T23:59:59.000Z') })]));
    expect(await spends(ports)).toMatchObject([{ workId: '20261120#r-rig1' }]);
  });
});

describe('a bead that is far into its budget', () => {
  it('is noted for the passes from 80 % on, and the town is looked at', async () => {
    const ports = await aTownAtWork();
    const workIds = async () => (await ports.store.workOf(townId)).filter((item) => item.kind === 'budget');
    await applyReport(ports, caller, report([aRow({ model: 'unknown', inputTokens: 200_000, outputTokens: 0 })]));
    expect(await workIds()).toEqual([]);
    ports.hints.length = 0;
    await applyReport(ports, caller, report([aRow({ callId: 'call-2', model: 'unknown', inputTokens: 70_000, outputTokens: 0 })]));
    expect(await workIds()).toMatchObject([{ workId: 'lib-work', costMicroUsd: 8_100_000 }]);
    expect(ports.hints).toContain(townId);
  });
});

describe('the answer to a report', () => {
  it('says what is left to spend after what it told, outside of the version', async () => {
    const ports = await aTownAtWork();
    const before = await applyReport(ports, caller, report([]));
    const after = await applyReport(ports, caller, report([aRow({ model: 'unknown', inputTokens: 100_000, outputTokens: 0 })]));
    expect(after.money?.town.leftMicroUsd).toBe((before.money?.town.leftMicroUsd ?? 0) - 3_000_000);
    expect(after.desiredVersion).toBe(before.desiredVersion);
  });
  it('wakes the town when a budget of the day has come to a point that nobody was told of', async () => {
    const ports = await aTownAtWork();
    ports.hints.length = 0;
    await applyReport(ports, caller, report([aRow({ agentId: 'mayor', beadId: undefined, model: 'unknown', inputTokens: 1_400_000 })]));
    expect(ports.hints).toContain(townId);
  });
});

describe('an agent whose calls are refused because a budget is used up', () => {
  it('gives its bead back without using up an attempt, and opens no breaker', async () => {
    const ports = await aTownAtWork();
    const error = { cause: 'budget' as const, message: "The town's budget for today is used up." };
    const seen = { agentId: 'toast', epoch: 4, state: 'failed' as const, error, activeTools: [], deliveredPromptIds: [] };
    await applyReport(ports, caller, { ...report([]), agents: [seen] });
    await reconcileTown(ports, townId);
    expect(await ports.store.get('bead', { townId, beadId: 'lib-work' })).toMatchObject({
      status: 'open',
      dispatchAttempts: 0,
      details: { lastError: "The town's budget for today is used up." },
    });
    expect((await ports.store.workOf(townId)).filter(({ kind }) => kind === 'breaker')).toEqual([]);
  });
});

describe('the time of the runtime', () => {
  const minute = 60_000;
  const running = async (startedAt: string) => {
    const runtimeUsdPerHour = 0.12;
    const plain = fakePorts();
    const ports = fakePorts({ deployment: { ...plain.deployment, runtimeUsdPerHour } });
    ports.clock.set(Date.parse(startedAt));
    await townWith({ lease: aLease({ startedAtMs: Date.parse(startedAt) }) }, ports);
    return ports;
  };
  it('is part of the cost: paid in parts, each once, billed to whose town it is', async () => {
    const ports = await running('2026-11-21T10:00:00.000Z');
    for (const minutes of [3, 3, 3, 3]) {
      ports.clock.advance(minutes * minute);
      await applyReport(ports, caller, report([]));
    }
    const rows = await ports.store.usageOf(townId, day);
    expect(rows.map(({ durationMs, costMicroUsd, requestedBy }) => [durationMs, costMicroUsd, requestedBy])).toEqual([
      [6 * minute, 12_000, 'ada'],
      [6 * minute, 12_000, 'ada'],
    ]);
    expect(await ports.store.talliesOf(townId, day)).toMatchObject([{ computeMicroUsd: 24_000, costMicroUsd: 24_000, calls: 0 }]);
    expect(await spends(ports)).toMatchObject([{ workId: `${day}#-`, costMicroUsd: 24_000, tokens: 0 }]);
  });
  it('belongs to the UTC days on which it passed', async () => {
    const ports = await running('2026-11-21T23:56:00.000Z');
    ports.clock.advance(10 * minute);
    await applyReport(ports, caller, report([]));
    expect((await ports.store.usageOf(townId, day))[0]?.durationMs).toBe(4 * minute);
    expect((await ports.store.usageOf(townId, '20261122'))[0]?.durationMs).toBe(6 * minute);
  });
  it("costs nothing on one's own machine", async () => {
    const ports = await aTownAtWork();
    ports.clock.advance(60 * minute);
    await applyReport(ports, caller, report([]));
    expect(await ports.store.usageOf(townId, day)).toEqual([]);
  });
});
