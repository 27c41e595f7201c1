import { describe, expect, it } from 'vitest';
import { busyTown } from '../../test/rules/busy-town.ts';
import type { BusyTown } from '../../test/rules/busy-town.ts';
import { aRequest, anAgent, anIssue, iso, nowMs, ofKind, planOf, queued, rigId, timings, townId } from '../../test/rules/build.ts';
import { mostSkills } from '../contracts/agent.schema.ts';
import type { UsageRow } from '../contracts/agent.schema.ts';
import { skillsTogether } from '../domain/agent-cv.ts';
import { sentToRepair } from '../domain/merge/repair.ts';
import { applyAction } from '../reconcile/apply/apply.ts';
import { reconcileTown } from '../reconcile/reconcile.ts';
import { agentCv } from './agent-cv.ts';
import { done } from './done.ts';
import { pushCheck } from './push-check.ts';
import { storeUsage } from './usage.ts';

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
      costMicroUsd: 0,
      models: [],
      languages: [],
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
  const tomorrow = 86_400_000;
  const spend = (town: BusyTown, callId: string, of: Partial<UsageRow> = {}) =>
    storeUsage(
      town.ports,
      townId,
      [
        {
          callId,
          agentId: 'toast',
          epoch: 1,
          beadId: 'web-a001',
          provider: 'anthropic',
          model: 'claude-sonnet-4-5',
          inputTokens: 1000,
          outputTokens: 100,
          cacheReadTokens: 0,
          durationMs: 900,
          atMs: town.ports.clock.nowMs(),
          ...of,
        },
      ],
      undefined,
    );
  it('has the cost of its calls and their models, each call once, however often it is reported', async () => {
    const town = await busyTown();
    for (const callId of ['one', 'two', 'two']) await spend(town, callId);
    await spend(town, 'three', { model: 'claude-haiku-4-5' });
    await spend(town, 'of-another', { agentId: 'maple' });
    const { costMicroUsd, models } = await agentCv(town.ports, townId, 'toast');
    expect(models.map(({ model, calls }) => [model, calls])).toEqual([
      ['claude-sonnet-4-5', 2],
      ['claude-haiku-4-5', 1],
    ]);
    expect(costMicroUsd).toBeGreaterThan(0);
    expect(costMicroUsd).toBe(models.reduce((sum, model) => sum + model.costMicroUsd, 0));
  });
  it('takes over the costs of days that are over when the agent is started again, and says the same before and after', async () => {
    const town = await busyTown({ agent: { state: 'parked', role: 'mayor', agentId: 'mayor', name: 'Mayor', hookBeadId: undefined } });
    const cost = async () => (await agentCv(town.ports, townId, 'mayor')).costMicroUsd;
    const mayor = { agentId: 'mayor', beadId: undefined };
    await spend(town, 'first', mayor);
    town.ports.clock.advance(2 * tomorrow);
    await spend(town, 'second', mayor);
    const before = await cost();
    await applyAction(town.ctx, { rule: 'A0', kind: 'start-mayor', subject: 'mayor', sentence: '' });
    const { record } = (await town.agent('mayor')) ?? {};
    expect(record?.models?.['claude-sonnet-4-5']?.calls).toBe(1);
    expect(record?.costMicroUsd).toBe(before / 2);
    expect(await cost()).toBe(before);
  });
  it('keeps cost, models and languages when the agent is removed, and the next of its name goes on with them', async () => {
    const town = await busyTown({
      agent: { state: 'idle', hookBeadId: undefined, record: { done: 1, repairs: 0, failures: 0, workedMs: 1, languages: { Go: 2 } } },
    });
    await spend(town, 'one');
    town.ports.clock.advance(tomorrow);
    const before = await agentCv(town.ports, townId, 'toast');
    expect(before).toMatchObject({ languages: [{ language: 'Go', files: 2 }], models: [{ model: 'claude-sonnet-4-5', calls: 1 }] });
    await applyAction(town.ctx, remove(1));
    expect(await agentCv(town.ports, townId, 'toast')).toEqual(before);
    const nowIso = new Date(town.ports.clock.nowMs()).toISOString();
    const next = anAgent('toast', {
      name: 'Toast',
      createdAt: nowIso,
      record: { done: 1, repairs: 0, failures: 0, workedMs: 1, languages: { Go: 1 } },
    });
    await town.ports.store.commit([{ put: 'agent', item: next, when: 'none' }]);
    await spend(town, 'two');
    expect(await agentCv(town.ports, townId, 'toast')).toMatchObject({
      beadsDone: 2,
      costMicroUsd: 2 * before.costMicroUsd,
      languages: [{ language: 'Go', files: 3 }],
    });
  });
  it('has the languages of the files that it changed, once per bead that it handed in', async () => {
    const town = await busyTown();
    const lease = await town.ports.store.get('lease', { townId });
    if (lease === undefined) throw new Error('no lease');
    const push = (digit: string, changedPaths: string[]) =>
      pushCheck(town.ports, lease, {
        phase: 'after',
        agentId: 'toast',
        epoch: 1,
        rigId,
        branch: 'gt/toast/web-a001',
        sha: digit.repeat(40),
        baseSha: 'a'.repeat(40),
        aheadBy: 1,
        commits: [],
        changedPaths,
      });
    await push('b', ['src/sum.ts']);
    await push('c', ['src/sum.ts', 'src/view.tsx', 'Makefile', 'logo.png', 'package-lock', 'db/1.sql']);
    expect((await agentCv(town.ports, townId, 'toast')).languages).toEqual([]);
    await done(town.ports, toast, { branch: 'gt/toast/web-a001', summary: 'Done.' });
    expect((await agentCv(town.ports, townId, 'toast')).languages).toEqual([
      { language: 'TypeScript', files: 2 },
      { language: 'Makefile', files: 1 },
      { language: 'SQL', files: 1 },
    ]);
  });
  it('keeps the models and languages with most to show, so that its item does not grow', () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`Language ${index}`, index + 1]));
    const { languages = {} } = skillsTogether({ languages: many }, { languages: { 'Language 0': 100 } });
    expect(Object.keys(languages)).toHaveLength(mostSkills);
    expect(languages).toMatchObject({ 'Language 0': 101, 'Language 39': 40 });
  });
  it('is 404 for a name that nobody ever had', async () => {
    const town = await busyTown();
    await expect(agentCv(town.ports, townId, 'maple')).rejects.toThrow('there never was one');
  });
});
