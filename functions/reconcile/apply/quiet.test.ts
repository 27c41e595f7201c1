import { describe, expect, it } from 'vitest';
import { busyTown } from '../../../test/rules/busy-town.ts';
import { townId } from '../../../test/rules/build.ts';
import type { FakePorts } from '../../../test/fakes/ports.ts';
import { restWrites } from '../../domain/agent-writes.ts';
import { nudgeIn } from '../../domain/nudges.ts';
import { reconcileTown } from '../reconcile.ts';
import { applyAction } from './apply.ts';

const minute = 60_000;

/** Toast was active at the start and has been silent since, in a runtime that reports. */
const silentFor = async (minutes: number) => {
  const town = await busyTown();
  const startMs = town.ports.clock.nowMs();
  town.ports.clock.advance(minutes * minute);
  await town.observe({ state: 'working', lastActivityAtMs: startMs });
  return { ...town, startMs };
};

describe('A5 applied', () => {
  const nudgesOf = async ({ store }: FakePorts) => (await store.workOf(townId)).flatMap((item) => nudgeIn(item) ?? []);
  it('A5 nudges the quiet agent once, however often the pass runs, and writes no letter', async () => {
    const { ports, open, agent } = await silentFor(15);
    await reconcileTown(ports, townId);
    await reconcileTown(ports, townId);
    const nowMs = ports.clock.nowMs();
    expect(await nudgesOf(ports)).toMatchObject([
      { to: 'toast', from: 'patrol:A5', tier: 'A5 nudge', beadId: 'web-a001', mode: 'immediate', priority: 'normal', requestedBy: 'ada' },
    ]);
    expect((await nudgesOf(ports))[0]?.expiresAtMs).toBe(nowMs + 30 * minute);
    expect(await open('message')).toEqual([]);
    expect((await agent())?.quiet).toEqual({ nudgedAtMs: nowMs });
  });
  it('A5 lets one nudge of a tier wait at most, also for an agent that was started again meanwhile', async () => {
    const { ports, ctx, agent } = await silentFor(15);
    for (const tier of ['nudge', 'nudge', 'triage', 'triage', 'nudge'] as const) {
      const { epoch = 0 } = (await agent()) ?? {};
      await applyAction(ctx, { rule: 'A5', kind: 'nudge-agent', subject: 'toast', agentId: 'toast', epoch, tier, sentence: '' });
    }
    expect((await nudgesOf(ports)).map(({ tier, priority }) => [tier, priority])).toEqual([
      ['A5 nudge', 'normal'],
      ['A5 triage', 'urgent'],
    ]);
  });
  it('H3 drops what was said about a bead when the agent has left it, and what reached nobody in its time', async () => {
    const left = await silentFor(15);
    await reconcileTown(left.ports, townId);
    const agent = await left.agent();
    if (agent === undefined) throw new Error('no agent');
    await left.ports.store.commit(restWrites(agent, new Date(left.ports.clock.nowMs()).toISOString()));
    await reconcileTown(left.ports, townId);
    expect(await nudgesOf(left.ports)).toEqual([]);
    const old = await silentFor(15);
    await reconcileTown(old.ports, townId);
    old.ports.clock.advance(30 * minute);
    await old.observe({ state: 'working', lastActivityAtMs: old.ports.clock.nowMs() });
    await reconcileTown(old.ports, townId);
    expect(await nudgesOf(old.ports)).toEqual([]);
  });
  it('A5 asks triage after an hour, one request per agent and kind', async () => {
    const { ports, workIds } = await silentFor(60);
    await reconcileTown(ports, townId);
    expect(await workIds('triage')).toEqual(['toast#stalled']);
  });
  it('A5 stops a stalled agent under a new epoch and keeps hook, place and conversation for the decision', async () => {
    const { ports, agent, bead } = await silentFor(120);
    const before = await agent();
    await reconcileTown(ports, townId);
    expect(await agent()).toMatchObject({ state: 'stalled', epoch: (before?.epoch ?? 0) + 1, hookBeadId: 'web-a001', slot: before?.slot });
    expect((await bead())?.status).toBe('in_progress');
  });
  it('A5 gives the bead of a stalled agent back 30 minutes later', async () => {
    const { ports, agent, bead } = await silentFor(120);
    await reconcileTown(ports, townId);
    await ports.store.commit([{ remove: 'work', key: { townId, kind: 'triage', workId: 'toast#stalled' }, when: 'none' }]);
    ports.clock.advance(30 * minute);
    const lease = await ports.store.get('lease', { townId });
    await ports.store.commit([
      { put: 'alarm', item: { townId, armedAtMs: 0, generation: 1, lastPassAtMs: ports.clock.nowMs(), version: 99 }, when: 'none' },
      ...(lease === undefined ? [] : [{ put: 'lease', item: { ...lease, lastReportAtMs: ports.clock.nowMs() }, when: 'none' } as const]),
    ]);
    await reconcileTown(ports, townId);
    expect((await agent())?.hookBeadId).toBeUndefined();
    expect(await bead()).toMatchObject({
      status: 'open',
      details: { lastError: 'it stalled: no activity for long, and nobody decided about it' },
    });
  });
});

describe('parked agents applied', () => {
  it('R2 parks the agents of a runtime that is stopped, with their sessions, and drains it', async () => {
    const { ports, ctx, agent } = await busyTown({ agent: { hookBeadId: undefined, slot: undefined, sessionId: 's-1' } });
    const lease = await ports.store.get('lease', { townId });
    if (lease !== undefined) await ports.store.commit([{ put: 'lease', item: { ...lease, idleSinceMs: 1 }, when: 'none' }]);
    expect(await applyAction(ctx, { rule: 'R2', kind: 'stop-runtime', why: 'idle', subject: townId, sentence: '' })).toBe('done');
    expect(await agent()).toMatchObject({ state: 'parked', sessionId: 's-1', epoch: 1 });
    expect(await ports.store.get('lease', { townId })).toMatchObject({ state: 'draining' });
  });
  it('A0 lets a parked agent go on under a new epoch, with bead, place and session', async () => {
    const { ctx, agent } = await busyTown({ agent: { state: 'parked', sessionId: 's-1' } });
    expect(await applyAction(ctx, { rule: 'A0', kind: 'resume-agent', subject: 'toast', agentId: 'toast', epoch: 1, sentence: '' })).toBe(
      'done',
    );
    expect(await agent()).toMatchObject({ state: 'starting', epoch: 2, hookBeadId: 'web-a001', sessionId: 's-1', slot: 'r-8d2k1m0p#1' });
  });
});
