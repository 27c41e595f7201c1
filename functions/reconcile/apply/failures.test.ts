import { describe, expect, it } from 'vitest';
import { busyTown } from '../../../test/rules/busy-town.ts';
import { anIssue, hooked, townId } from '../../../test/rules/build.ts';
import type { ActionOf, Blame } from '../../domain/plan/action.ts';
import { failuresIn } from '../../domain/failure-log.ts';
import { applyAction } from './apply.ts';

const lost = (epoch: number, blame: Blame = 'own', agentId = 'toast'): ActionOf<'lose-agent'> => ({
  rule: 'A1',
  kind: 'lose-agent',
  subject: agentId,
  agentId,
  epoch,
  blame,
  reason: 'its process ended',
  sentence: '',
});
type Town = Awaited<ReturnType<typeof busyTown>>;
/** The same agent with a bead on its hook again. */
const again = async ({ ports, agent }: Town, beadId: string): Promise<number> => {
  const epoch = ((await agent())?.epoch ?? 0) + 1;
  await ports.store.commit([
    { put: 'bead', item: anIssue(beadId, { status: 'in_progress', assigneeAgentId: 'toast', dispatchAttempts: 1 }), when: 'none' },
    { put: 'agent', item: hooked('toast', beadId, { epoch }), when: 'none' },
  ]);
  return epoch;
};
const log = async ({ ports }: Town) =>
  failuresIn(await ports.store.get('work', { townId, kind: 'failures', workId: '-' }), 0).map((entry) => entry.beadId);

describe('T1, an agent that fails again and again', () => {
  it('T1 asks triage at the third failure of one agent in half an hour, once', async () => {
    const town = await busyTown();
    await applyAction(town.ctx, lost(1));
    expect(await log(town)).toEqual(['web-a001']);
    await applyAction(town.ctx, lost(await again(town, 'web-a002')));
    expect(await town.workIds('triage')).toEqual([]);
    await applyAction(town.ctx, lost(await again(town, 'web-a003')));
    await applyAction(town.ctx, lost(await again(town, 'web-a004')));
    expect(await town.workIds('triage')).toEqual(['toast#crash_loop']);
  });
  it('T1 asks triage about work that a lost agent had not committed; nothing is asked when all was committed', async () => {
    const town = await busyTown();
    await applyAction(town.ctx, { ...lost(1, 'infrastructure'), dirtyFiles: 3 });
    const item = await town.ports.store.get('work', { townId, kind: 'triage', workId: 'toast#dirty' });
    expect(JSON.parse(item?.data ?? '{}')).toMatchObject({ beadId: 'web-a001', kind: 'dirty' });
    expect((await town.bead())?.status).toBe('open');
    const clean = await busyTown();
    await applyAction(clean.ctx, lost(1, 'infrastructure'));
    expect(await clean.workIds('triage')).toEqual([]);
  });
  it('T1 forgets failures older than half an hour', async () => {
    const town = await busyTown();
    for (const beadId of ['web-a002', 'web-a003', 'web-a004']) {
      await applyAction(town.ctx, lost(await again(town, beadId)));
      town.ports.clock.advance(16 * 60_000);
    }
    expect(await town.workIds('triage')).toEqual([]);
  });
  it('B3 remembers no failure that something outside explains', async () => {
    const town = await busyTown();
    await applyAction(town.ctx, lost(1, 'model'));
    expect(await town.workIds('failures')).toEqual([]);
    expect(await town.workIds('breaker')).toEqual(['model']);
  });
  it('T1 never takes the failures of the triage agent for a case, and they open no breaker (L16)', async () => {
    const town = await busyTown();
    await town.ports.store.commit([
      { put: 'agent', item: { ...hooked('triage', 'web-a001'), role: 'triage', hookBeadId: undefined, slot: undefined }, when: 'none' },
    ]);
    for (let epoch = 1; epoch <= 4; epoch += 1) {
      await applyAction(town.ctx, lost(epoch, 'model', 'triage'));
      await town.ports.store.commit([
        {
          put: 'agent',
          item: { ...hooked('triage', 'web-a001', { epoch: epoch + 1 }), role: 'triage', hookBeadId: undefined },
          when: 'none',
        },
      ]);
    }
    expect([await town.workIds('triage'), await town.workIds('failures'), await town.workIds('breaker')]).toEqual([[], [], []]);
  });
});

describe('B3, people are told', () => {
  it('B3 escalates once when the 20th different bead fails', async () => {
    const town = await busyTown();
    for (let number = 0; number < 22; number += 1) await applyAction(town.ctx, lost(await again(town, `web-f${100 + number}`)));
    const told = (await town.open('escalation')).filter((bead) => bead.createdBy === 'patrol:B3');
    expect(told.map((bead) => bead.title)).toEqual(['20 different beads failed in half an hour: the town pauses']);
  });
});

describe('B6 applied', () => {
  const out = (epoch: number): ActionOf<'time-out'> => ({
    rule: 'B6',
    kind: 'time-out',
    subject: 'web-a001',
    beadId: 'web-a001',
    agentId: 'toast',
    epoch,
    sentence: '',
  });
  it('B6 stops the agent and gives the bead back with the reason once, with a new clock', async () => {
    const town = await busyTown();
    town.ports.clock.advance(240 * 60_000);
    expect(await applyAction(town.ctx, out(1))).toBe('done');
    expect(await town.bead()).toMatchObject({
      status: 'open',
      details: { timeouts: 1, agentMs: 0, lastError: 'It took 240 minutes of agent time, more than a bead may take.' },
    });
    expect(await town.agent()).toMatchObject({ state: 'idle', epoch: 2 });
  });
  it('B6 fails the bead the second time', async () => {
    const town = await busyTown();
    const bead = await town.bead();
    if (bead?.details.type === 'issue')
      await town.ports.store.commit([{ put: 'bead', item: { ...bead, details: { ...bead.details, timeouts: 1 } }, when: 'none' }]);
    town.ports.clock.advance(240 * 60_000);
    await applyAction(town.ctx, out(1));
    expect(await town.bead()).toMatchObject({ status: 'failed', failure: { code: 'timed_out', source: 'patrol:B6' } });
  });
});
