import { describe, expect, it } from 'vitest';
import { busyTown } from '../../test/rules/busy-town.ts';
import { aRequest, anAgent, anIssue, iso, nowMs, ofKind, planOf, queued, timings, townId } from '../../test/rules/build.ts';
import { sentToRepair } from '../domain/merge/repair.ts';
import { applyAction } from '../reconcile/apply/apply.ts';
import { reconcileTown } from '../reconcile/reconcile.ts';
import { agentCv } from './agent-cv.ts';
import { done } from './done.ts';

const toast = { townId, agentId: 'toast', epoch: 1, role: 'polecat', runtimeEpoch: 3 } as const;
const remove = (epoch: number) => ({ rule: 'A6', kind: 'remove-agent', subject: 'toast', agentId: 'toast', epoch, sentence: '' }) as const;

describe('A6, agents at rest', () => {
  const removed = (agent: Parameters<typeof anAgent>[1], atMs: number) =>
    ofKind(planOf({ agents: [anAgent('toast', agent)] }, atMs), 'remove-agent').map((each) => each.agentId);
  it('A6 removes an idle or parked agent after 24 hours without a bead, not before', () => {
    expect(removed({}, nowMs + timings.agentRestMs - 1)).toEqual([]);
    expect(removed({}, nowMs + timings.agentRestMs)).toEqual(['toast']);
    expect(removed({ state: 'parked' }, nowMs + timings.agentRestMs)).toEqual(['toast']);
    expect(timings.agentRestMs).toBe(24 * 3_600_000);
  });
  it('A6 never removes the Mayor, nor a parked agent with a bead', () => {
    expect(removed({ role: 'mayor' }, nowMs + 2 * timings.agentRestMs)).toEqual([]);
    expect(removed({ state: 'parked', hookBeadId: 'web-a001' }, nowMs + 2 * timings.agentRestMs)).toEqual([]);
  });
  it('A6 sets no wake-up: an agent at rest costs nothing', () => {
    expect(planOf({ agents: [anAgent('toast')] })).toEqual({ actions: [] });
  });
  it('A6 keeps the history, and the next agent of the name goes on with it and uses no epoch twice', async () => {
    const town = await busyTown({
      agent: {
        state: 'idle',
        hookBeadId: undefined,
        slot: undefined,
        epoch: 7,
        record: { done: 3, repairs: 1, failures: 2, workedMs: 60_000 },
      },
    });
    await applyAction(town.ctx, remove(7));
    expect(await town.agent()).toBeUndefined();
    expect(await agentCv(town.ports, townId, 'toast')).toMatchObject({ name: 'Toast', beadsDone: 3, failures: 2, workedMs: 60_000 });
    const next = anIssue('web-a002');
    await town.ports.store.commit(
      queued([next])
        .ready.flatMap(({ entries }) => entries)
        .map((item) => ({ put: 'ready', item, when: 'none' }) as const),
    );
    await town.ports.store.commit([
      { put: 'bead', item: next, when: 'none' },
      ...queued([next]).work.map((item) => ({ put: 'work', item, when: 'none' }) as const),
    ]);
    await reconcileTown(town.ports, townId);
    expect(await town.agent()).toMatchObject({ epoch: 8, hookBeadId: 'web-a002' });
    expect((await agentCv(town.ports, townId, 'toast')).beadsDone).toBe(3);
    await applyAction(town.ctx, remove(8));
  });
});

describe('the CV of an agent', () => {
  it('counts a bead that is handed in, with its time, in the same write as the agent', async () => {
    const town = await busyTown();
    const bead = await town.bead();
    if (bead?.details.type === 'issue')
      await town.ports.store.commit([{ put: 'bead', item: { ...bead, details: { ...bead.details, kind: 'no-code' } }, when: 'none' }]);
    town.ports.clock.advance(90_000);
    await done(town.ports, toast, { branch: 'gt/toast/web-a001', summary: 'Done.' });
    expect(await agentCv(town.ports, townId, 'toast')).toEqual({
      agentId: 'toast',
      name: 'Toast',
      role: 'polecat',
      beadsDone: 1,
      sentBack: 0,
      reworkRounds: 0,
      repairs: 0,
      failures: 0,
      workedMs: 90_000,
      firstPassRate: 1,
      reworkRate: 0,
    });
  });
  it('counts work that was sent back once per request, and every round', async () => {
    const town = await busyTown({ agent: { state: 'idle', record: { done: 4, repairs: 0, failures: 0, workedMs: 0 } } });
    const source = anIssue('web-src1', { status: 'in_review', assigneeAgentId: 'toast' });
    for (const reworkRounds of [0, 1]) {
      const request = aRequest('web-m001', { status: 'in_progress' }, { reworkRounds });
      if (request.details.type !== 'merge_request' || source.details.type !== 'issue') throw new Error('wrong beads');
      const { more } = sentToRepair(
        {
          request: { ...request, type: 'merge_request', details: request.details },
          source: { ...source, type: 'issue', details: source.details },
          rig: { rigId: 'r-8d2k1m0p', prefix: 'web' },
          rounds: { maxReworkRounds: 3, maxConflictRounds: 3 },
          actor: 'workflow:merge',
          moment: { nowMs, stamp: 's' },
          at: iso(),
          freshIds: { repair: 'abcde', escalation: 'abcdf', mail: 'abcdg' },
        },
        { kind: 'rework', message: 'Tests are missing.', brief: 'Add them.' },
      );
      await town.ports.store.commit(more.filter((write) => 'add' in write));
    }
    expect(await agentCv(town.ports, townId, 'toast')).toMatchObject({
      sentBack: 1,
      reworkRounds: 2,
      firstPassRate: 0.75,
      reworkRate: 0.5,
    });
  });
  it('is 404 for a name that nobody ever had', async () => {
    const town = await busyTown();
    await expect(agentCv(town.ports, townId, 'maple')).rejects.toThrow('there never was one');
  });
});
