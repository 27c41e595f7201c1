// Crew: a person's own agent in a town, by REST and over its tools: whose it is, what it may do, and what rules do about it.
import { array, asyncProperty, assert, constantFrom } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callerOf } from '../../functions/api/caller.ts';
import type { Command } from '../../functions/contracts/runner.schema.ts';
import { violationsIn } from '../../functions/domain/invariants.ts';
import { plan } from '../../functions/domain/plan/plan.ts';
import { done } from '../../functions/operations/done.ts';
import { mostCrew } from '../../functions/operations/crew.ts';
import { pushCheck } from '../../functions/operations/push-check.ts';
import { readScene } from '../../functions/operations/town-scene.ts';
import { assignmentsOf } from '../../functions/operations/assignments.ts';
import { reconcileTown } from '../../functions/reconcile/reconcile.ts';
import { loadSnapshot } from '../../functions/reconcile/snapshot.ts';
import { callTool } from '../../functions/tools/tool-set.ts';
import { bodyOf } from '../api/call.ts';
import { beadTown, racing } from '../beads/bead-town.ts';
import { aLease } from '../rules/build.ts';

const hour = 3_600_000;
const agentId = 'crew-ada-at-home';
const sha = (digit: string): string => digit.repeat(40);

const crewTown = async (ports?: Parameters<typeof beadTown>[0]) => {
  const town = await beadTown(ports);
  const { townId, call } = town;
  const { store, clock } = town.ports;
  const key = bodyOf('registerCrew', await call('registerCrew', { as: 'ada', params: { townId }, body: { name: 'Ada at home' } }));
  const callerWith = async (token: string) => {
    const caller = await callerOf('agent', new Map([['authorization', `Bearer ${token}`]]), town.ports);
    if (caller?.kind !== 'agent') throw new Error('not an agent');
    return caller;
  };
  const caller = await callerWith(key.token);
  const use = (name: string, args: object = {}, who = caller) => callTool(town.ports, who, name, args);
  const agent = async () => {
    const found = await store.get('agent', { townId, agentId });
    if (found === undefined) throw new Error('no agent');
    return found;
  };
  /** The runner answers what it was asked. */
  const hostHas = (head: { sha: string; aheadBy?: number } | undefined) => async (): Promise<void> => {
    const asked = (await store.workOf(townId)).filter(({ kind }) => kind === 'command');
    for (const { workId } of asked) {
      const command = await store.get('command', { townId, commandId: workId });
      if (command === undefined || command.state === 'done') continue;
      const found = head === undefined ? {} : { head: { baseSha: sha('a'), aheadBy: 1, commits: [], changedPaths: ['src/a.ts'], ...head } };
      const answered: Command = { ...command, state: 'done', result: { kind: 'check-branch', ...found }, version: command.version + 1 };
      await store.commit([
        { put: 'command', item: answered, when: 'none' },
        { remove: 'work', key: { townId, kind: 'command', workId }, when: 'none' },
      ]);
    }
  };
  return { ...town, key, caller, callerWith, use, agent, hostHas, pass: () => reconcileTown(town.ports, townId), clock };
};

describe('a crew agent', () => {
  it('is registered by its person, with a token that is shown once, and is listed as crew with that person', async () => {
    const { call, townId, key, ports, agent } = await crewTown();
    expect(key.agent).toMatchObject({ agentId, role: 'crew', crew: { userId: 'ada' }, state: 'idle', epoch: 1 });
    expect(JSON.stringify(await agent())).not.toContain(key.token);
    const { items } = bodyOf('listAgents', await call('listAgents', { as: 'ada', params: { townId } }));
    expect(items).toMatchObject([{ agent: { agentId, role: 'crew', crew: { userId: 'ada' } } }]);
    expect((await call('registerCrew', { as: 'ada', params: { townId }, body: { name: 'Ada at home' } })).status).toBe(409);
    expect((await call('registerCrew', { as: 'ada', params: { townId }, body: { name: '…' } })).status).toBe(422);
    expect((await call('registerCrew', { as: 'ada', params: { townId }, body: { name: 'x', rigId: 'r-none0000' } })).status).toBe(422);
    const { items: events } = await ports.store.eventsOf(townId, { agentId }, { limit: 10 });
    expect(events).toMatchObject([{ type: 'agent_status', actor: 'user:ada', data: { intervention: true, act: 'crew_registered' } }]);
    expect(JSON.stringify(events)).not.toContain(key.token);
    for (let number = 1; number < mostCrew; number += 1)
      expect((await call('registerCrew', { as: 'ada', params: { townId }, body: { name: `Box ${number}` } })).status).toBe(201);
    expect((await call('registerCrew', { as: 'ada', params: { townId }, body: { name: 'One too many' } })).status).toBe(409);
  });
  it('is refused with an old token, after it was revoked, and when its person has the town no more', async () => {
    const { call, townId, use, callerWith, ports } = await crewTown();
    const renewed = bodyOf('renewCrew', await call('renewCrew', { as: 'ada', params: { townId, agentId }, body: {} }));
    expect((await use('gt_prime')).text).toContain('replaced');
    const now = await callerWith(renewed.token);
    expect((await use('gt_prime', {}, now)).isError).toBe(false);
    const town = await ports.store.get('town', { townId });
    if (town === undefined) throw new Error('no town');
    await ports.store.commit([{ put: 'town', item: { ...town, ownerId: 'bob' }, when: 'none' }]);
    expect((await use('gt_prime', {}, now)).text).toContain('no access');
    await ports.store.commit([{ put: 'town', item: town, when: 'none' }]);
    expect((await call('revokeCrew', { as: 'ada', params: { townId, agentId } })).status).toBe(200);
    expect((await use('gt_prime', {}, now)).text).toContain('removed');
    const again = bodyOf('registerCrew', await call('registerCrew', { as: 'ada', params: { townId }, body: { name: 'Ada at home' } }));
    expect(again.agent.epoch).toBeGreaterThan(renewed.agent.epoch);
    expect((await use('gt_prime', {}, now)).isError).toBe(true);
  });
  it('S1 is refused everything at once by an emergency stop, and goes on under its token when the town does', async () => {
    const { call, townId, use, sling, bead, pass } = await crewTown();
    const { beadId } = await sling('Sum');
    await use('gt_bead_claim', { bead_id: beadId });
    await call('stopTown', { as: 'ada', params: { townId }, body: {} });
    for (const [name, args] of [
      ['gt_prime', {}],
      ['gt_bead_release', { reason: 'x' }],
      ['gt_done', { branch: 'x', commit: sha('b'), summary: 'x' }],
    ] as const)
      expect((await use(name, args)).text).toContain('The town is stopped');
    expect((await bead(beadId)).status).toBe('in_progress');
    await pass();
    await call('resumeTown', { as: 'ada', params: { townId }, body: {} });
    expect((await use('gt_bead_release', { reason: 'x' })).isError).toBe(false);
  });
  it('S1 takes nothing at the very moment at which its town is stopped', async () => {
    const { call, townId, caller, sling, bead, ports } = await crewTown();
    const { beadId } = await sling('Sum');
    const slower = racing(ports, () => call('stopTown', { as: 'ada', params: { townId }, body: {} }));
    expect((await callTool(slower, caller, 'gt_bead_claim', { bead_id: beadId })).text).toContain('The town is stopped');
    expect((await bead(beadId)).status).toBe('open');
  });
  it('works in its own town only, under its own person and name', async () => {
    const one = await crewTown();
    const other = await crewTown(one.ports);
    const { beadId } = await other.sling('Theirs');
    expect((await one.use('gt_bead_claim', { bead_id: beadId })).isError).toBe(true);
    expect((await one.use('gt_bead_status', { bead_id: beadId })).text).toContain('There is no bead');
    expect((await one.use('gt_prime', {}, { ...one.caller, townId: other.townId, userId: 'bob' })).isError).toBe(true);
    expect((await one.call('renewCrew', { as: 'bob', params: { townId: one.townId, agentId }, body: {} })).status).toBe(403);
    expect((await one.call('revokeCrew', { as: 'ada', params: { townId: one.townId, agentId: 'toast' } })).status).toBe(404);
    expect((await one.use('gt_sling', { rig_id: one.rigId, title: 'x' })).text).toContain('not a tool of the crew');
  });
  it('sees what is ready, its mail and its nudges, and each of them once', async () => {
    const { use, sling, call, townId } = await crewTown();
    const { beadId } = await sling('Sum');
    await call('nudgeAgent', { as: 'ada', params: { townId, agentId }, body: { text: 'Look at the sums.' } });
    const first = await use('gt_prime');
    expect(first.text).toContain(beadId);
    expect(first.text).toContain('Look at the sums.');
    expect((await use('gt_prime')).text).not.toContain('Look at the sums.');
  });
  it('takes a ready bead onto its hook and gives it back, with the reason', async () => {
    const { use, sling, bead, agent } = await crewTown();
    const { beadId } = await sling('Sum');
    const other = await sling('Mean');
    const claimed = await use('gt_bead_claim', { bead_id: beadId });
    expect(claimed.text).toContain(`gt/${agentId}/${beadId}`);
    expect(await bead(beadId)).toMatchObject({ status: 'in_progress', assigneeAgentId: agentId });
    expect(await agent()).toMatchObject({ state: 'working', hookBeadId: beadId, epoch: 1 });
    expect((await use('gt_bead_claim', { bead_id: beadId })).isError).toBe(false);
    expect((await use('gt_bead_claim', { bead_id: other.beadId })).text).toContain('is on your hook');
    expect((await use('gt_bead_release', { reason: 'I must leave.' })).isError).toBe(false);
    expect(await bead(beadId)).toMatchObject({ status: 'open', details: { lastError: 'Ada at home gave it back: I must leave.' } });
    expect(await agent()).toMatchObject({ state: 'idle', epoch: 1 });
  });
  it('takes nothing that waits, is held, is worked on, or is kept for one agent of the town', async () => {
    const { use, sling, depend, on, call, townId, rigId } = await crewTown();
    const first = await sling('First');
    const second = await sling('Second');
    await depend(second.beadId, first.beadId);
    expect((await use('gt_bead_claim', { bead_id: second.beadId })).text).toContain('waits for something');
    await on('updateBead', first.beadId, { body: { held: true } });
    expect((await use('gt_bead_claim', { bead_id: first.beadId })).isError).toBe(true);
    const body = { title: 'All', rigId, parallel: true, series: 'single-agent', tasks: [{ title: 'A' }, { title: 'B' }] };
    const { convoy, members } = bodyOf('slingBatch', await call('slingBatch', { as: 'ada', params: { townId }, body }));
    expect((await use('gt_bead_claim', { bead_id: members[0]?.bead.beadId })).text).toContain(`whole convoy`);
    expect((await use('gt_bead_claim', { bead_id: convoy.beadId })).text).toContain('it is a convoy');
  });
  it('hands in what the host has on its branch, and is told exactly what is missing otherwise', async () => {
    const { use, sling, bead, ports, caller, hostHas, agent } = await crewTown();
    const { beadId } = await sling('Sum');
    await use('gt_bead_claim', { bead_id: beadId });
    const branch = `gt/${agentId}/${beadId}`;
    const handIn = (head: Parameters<typeof hostHas>[0], input: object = {}) =>
      done(ports, caller, { branch, commit: sha('c'), summary: 'Summed.', ...input }, hostHas(head));
    await expect(handIn(undefined, { branch: 'main' })).rejects.toThrow('Wrong branch');
    await expect(handIn(undefined, { commit: undefined })).rejects.toThrow('Name the commit');
    await expect(done(ports, caller, { branch, commit: sha('c'), summary: 'x' }, async () => {})).rejects.toThrow('is looking whether');
    await expect(handIn(undefined)).rejects.toThrow('has no branch');
    await expect(handIn({ sha: sha('d') })).rejects.toThrow(`the host has ${sha('d')}`);
    await expect(handIn({ sha: sha('c'), aheadBy: 0 })).rejects.toThrow('Nothing is ahead');
    expect((await bead(beadId)).status).toBe('in_progress');
    const other = await crewTown();
    const next = await other.sling('Mean');
    await other.use('gt_bead_claim', { bead_id: next.beadId });
    const own = { branch: `gt/${agentId}/${next.beadId}`, commit: sha('c'), summary: 'Averaged.' };
    expect(await done(other.ports, other.caller, own, other.hostHas({ sha: sha('c') }))).toMatchObject({ status: 'in_review' });
    expect(await other.bead(next.beadId)).toMatchObject({
      status: 'in_review',
      details: { pushed: { sha: sha('c'), languages: { TypeScript: 1 } } },
    });
    expect(await other.agent()).toMatchObject({ state: 'idle', record: { done: 1 } });
    expect((await agent()).hookBeadId).toBe(beadId);
  });
});

describe('the rules of a town, with crew', () => {
  it('A1, A3 and A5 judge no crew agent, no runner starts it, and nothing that a runner says of it counts', async () => {
    const { use, sling, agent, townId, ports, pass, clock, call } = await crewTown();
    const { beadId, rigId = '' } = await sling('Sum');
    await use('gt_bead_claim', { bead_id: beadId });
    const lease = { ...aLease(), townId, lastReportAtMs: clock.nowMs() };
    for (const minutes of [5, 30, 90]) {
      clock.advance(minutes * 60_000);
      await ports.store.commit([{ put: 'lease', item: { ...lease, lastReportAtMs: clock.nowMs() }, when: 'none' }]);
      await pass();
      expect(await agent()).toMatchObject({ state: 'working', hookBeadId: beadId, epoch: 1 });
    }
    const started = async () => {
      const scene = await readScene(ports, lease);
      if (scene === undefined) throw new Error('no town');
      return assignmentsOf({ scene, identities: new Map() });
    };
    expect(await started()).toEqual([]);
    const branch = `gt/${agentId}/${beadId}`;
    const push = { phase: 'before', agentId, epoch: 1, rigId, branch, sha: sha('c') } as const;
    expect((await pushCheck(ports, lease, push)).allowed).toBe(false);
    await use('gt_bead_release', { reason: 'x' });
    await call('nudgeAgent', { as: 'ada', params: { townId, agentId }, body: { text: 'Still there?' } });
    expect(await started()).toEqual([]);
  });
  it('A6 keeps a crew agent that rests, until its person revokes it', async () => {
    const { agent, clock, pass } = await crewTown();
    clock.advance(48 * hour);
    await pass();
    expect((await agent()).state).toBe('idle');
  });
  it('A7 gives the bead of a silent crew agent back after four hours, with the reason, and lets it go on under its token', async () => {
    const { use, sling, bead, agent, pass, clock } = await crewTown();
    const { beadId } = await sling('Sum');
    await use('gt_bead_claim', { bead_id: beadId });
    clock.advance(3 * hour);
    await use('gt_mail_check');
    clock.advance(2 * hour);
    await pass();
    expect((await bead(beadId)).status).toBe('in_progress');
    clock.advance(2 * hour);
    await pass();
    await pass();
    expect(await agent()).toMatchObject({ epoch: 1, state: 'idle', lastExit: expect.stringContaining('has said nothing for 4 hours') });
    expect((await use('gt_done', { branch: 'x', summary: 'x' })).text).toContain('Nothing is on your hook');
    const { details, assigneeAgentId } = await bead(beadId);
    expect([assigneeAgentId === agentId, details.type === 'issue' ? details.lastError : undefined]).toEqual([
      false,
      expect.stringContaining('has said nothing for 4 hours'),
    ]);
  });
  it('takes a bead off the hook of a crew agent that is over, and back when the agent is revoked', async () => {
    const { use, sling, bead, agent, pass, on, call, townId } = await crewTown();
    const { beadId } = await sling('Sum');
    await use('gt_bead_claim', { bead_id: beadId });
    await on('failBead', beadId, { body: { reason: 'not needed' } });
    await pass();
    expect(await agent()).toMatchObject({ state: 'idle', epoch: 1 });
    const next = await sling('Mean');
    await use('gt_bead_claim', { bead_id: next.beadId });
    await call('revokeCrew', { as: 'ada', params: { townId, agentId } });
    expect((await bead(next.beadId)).status).toBe('open');
  });
  it('keeps invariants 1 and 2 whatever crew and passes do side by side', async () => {
    await assert(
      asyncProperty(array(constantFrom('claim', 'pass', 'release', 'fail', 'silence', 'both'), { maxLength: 14 }), async (acts) => {
        const town = await crewTown();
        const { beadId } = await town.sling('Sum');
        const claim = () => town.use('gt_bead_claim', { bead_id: beadId });
        for (const act of acts) {
          if (act === 'claim') await claim();
          else if (act === 'pass') await town.pass();
          else if (act === 'release') await town.use('gt_bead_release', { reason: 'x' });
          else if (act === 'fail') await town.on('failBead', beadId, { body: { reason: 'x' } });
          else if (act === 'silence') town.clock.advance(5 * hour);
          else await Promise.all([claim(), town.pass()]);
          const agents = await town.ports.store.agentsOf(town.townId);
          expect(agents.filter((each) => each.hookBeadId === beadId).length).toBeLessThanOrEqual(1);
          const snapshot = await loadSnapshot(town.ports, town.townId);
          if (snapshot === undefined) throw new Error('no town');
          const decided = new Set(plan(snapshot, town.clock.nowMs(), town.ports.deployment.timings).actions.map(({ subject }) => subject));
          expect(violationsIn(snapshot, decided).filter(({ invariant }) => invariant <= 2)).toEqual([]);
        }
      }),
      { numRuns: 30 },
    );
  });
});
