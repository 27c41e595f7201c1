// Chains and series: who gets the next bead, in which conversation and folder, and that one agent at a time works on a series.
import { array, asyncProperty, assert, boolean, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Agent } from '../../functions/contracts/agent.schema.ts';
import type { Assignment } from '../../functions/contracts/runner.schema.ts';
import { chainFor, mostBeadsOfConversation } from '../../functions/domain/chain.ts';
import { isIssue } from '../../functions/domain/bead-writes.ts';
import { assignmentsOf } from '../../functions/operations/assignments.ts';
import type { Unsigned } from '../../functions/operations/assignments.ts';
import { explainBead } from '../../functions/operations/explain.ts';
import { readScene } from '../../functions/operations/town-scene.ts';
import { applyAction } from '../../functions/reconcile/apply/apply.ts';
import { aConvoy, aLease, anAgent, anIssue, hooked, ofKind, otherRigId, planOf, queued, rigId, townId, work } from './build.ts';
import { convoyWorld } from './convoy-world.ts';
import type { World } from './convoy-world.ts';

const idsOf = (view: Awaited<ReturnType<World['sling']>>): string[] => view.members.map((member) => member.bead.beadId);
const titles = (count: number) => Array.from({ length: count }, (_, index) => ({ title: `Task ${index}` }));
const oneAfterAnother = (count: number) =>
  titles(count).map((task, index) => ({ ...task, ...(index === 0 ? {} : { dependsOn: [index - 1] }) }));
const issue = async (world: World, beadId: string) => {
  const bead = await world.bead(beadId);
  if (!isIssue(bead)) throw new Error(`${beadId} is no issue`);
  return bead;
};
const inFlight = async (world: World, ids: readonly string[]): Promise<string[]> => {
  const beads = await Promise.all(ids.map(world.bead));
  return beads.filter(({ status }) => status === 'in_progress' || status === 'in_review').map(({ beadId }) => beadId);
};
const assignmentOf = async (world: World, agentId: string): Promise<Unsigned & Pick<Assignment, 'chain'>> => {
  const scene = await readScene(world.ports, aLease());
  if (scene === undefined) throw new Error('no town');
  const identities = new Map([['ada', { name: 'Ada', email: 'ada@example.com' }]]);
  const found = assignmentsOf({ scene, identities }).find((each) => each.agentId === agentId);
  if (found === undefined) throw new Error(`${agentId} has nothing to do`);
  return found;
};

describe('the next bead of a chain', () => {
  it('goes on in the conversation and the folder of the one before, and its prompt says what is next', async () => {
    const world = await convoyWorld();
    const [first = '', second = ''] = idsOf(await world.sling({ mergeMode: 'review-and-merge', tasks: oneAfterAnother(2) }));
    await world.pass();
    expect((await assignmentOf(world, 'toast')).chain).toBeUndefined();
    await world.merged(first);
    await world.pass();
    expect(await issue(world, second)).toMatchObject({
      assigneeAgentId: 'toast',
      details: { followsBeadId: first, chain: { agentId: 'toast', beadId: first, afterBeadId: first, length: 2 } },
    });
    const next = await assignmentOf(world, 'toast');
    expect(next.chain).toEqual({ beadId: first });
    expect(next.workspace).toMatchObject({ kind: 'branch', branch: `gt/toast/${second}`, startPoint: 'main' });
    expect(next.prompts[0]?.text).toContain(`It comes after ${first}`);
  });
  it('begins anew after so many beads, so that no conversation grows without end', async () => {
    const world = await convoyWorld();
    const ids = idsOf(await world.sling({ mergeMode: 'review-and-merge', tasks: oneAfterAnother(mostBeadsOfConversation + 2) }));
    const keys: string[] = [];
    for (const beadId of ids) {
      await world.pass();
      keys.push((await assignmentOf(world, 'toast')).chain?.beadId ?? beadId);
      await world.merged(beadId);
    }
    const [first = ''] = ids;
    const sixth = ids[mostBeadsOfConversation] ?? '';
    expect(keys).toEqual([...ids.slice(0, mostBeadsOfConversation).map(() => first), sixth, sixth]);
  });
  it('begins anew with another agent, after other work, in another repository, for another person, with another persona, and without a predecessor', () => {
    const bead = anIssue('web-b002', {}, { followsBeadId: 'web-b001' });
    const last = anIssue('web-b001', { status: 'closed' });
    if (!isIssue(bead)) throw new Error('no issue');
    const chained = (change: { agentId?: string; last?: Parameters<typeof chainFor>[1]; details?: object }) =>
      chainFor(
        { bead: { ...bead, details: { ...bead.details, ...change.details } }, agentId: change.agentId ?? 'toast' },
        'last' in change ? change.last : last,
      );
    expect(chained({})).toEqual({ agentId: 'toast', beadId: 'web-b001', afterBeadId: 'web-b001', length: 2 });
    expect(chained({ last: anIssue('web-c001') })).toBeUndefined();
    expect(chained({ last: { ...last, rigId: otherRigId } })).toBeUndefined();
    expect(chained({ last: { ...last, requestedBy: 'usr_another' } })).toBeUndefined();
    expect(chained({ details: { personaId: 'pentester' } })).toBeUndefined();
    expect(chained({ details: { followsBeadId: undefined } })).toBeUndefined();
    expect(chained({ last: undefined })).toBeUndefined();
  });
  it('goes on after rework of the one before, and keeps what it had when it comes back to its agent', () => {
    const bead = anIssue('web-b002', {}, { followsBeadId: 'web-b001' });
    const rework = anIssue('web-r001', { parentId: 'web-b001' }, { kind: 'rework', mergeRequestId: 'web-m001' });
    if (!isIssue(bead)) throw new Error('no issue');
    const chain = chainFor({ bead, agentId: 'toast' }, rework);
    expect(chain).toEqual({ agentId: 'toast', beadId: 'web-r001', afterBeadId: 'web-b001', length: 2 });
    const again = { ...bead, details: { ...bead.details, ...(chain === undefined ? {} : { chain }) } };
    expect(chainFor({ bead: again, agentId: 'toast' }, anIssue('web-c001'))).toEqual(chain);
    expect(chainFor({ bead: again, agentId: 'maple' }, undefined)).toBeUndefined();
  });
});

const drawnScene = record({
  tasks: integer({ min: 1, max: 5 }),
  other: integer({ min: 0, max: 3 }),
  resting: integer({ min: 0, max: 4 }),
  known: boolean(),
  running: boolean(),
  rigs: array(boolean(), { minLength: 5, maxLength: 5 }),
});
describe('series single-agent, in the plan', () => {
  it('B1 gives out at most one bead of a series, none while one is in flight, and to its agent if that rests', () => {
    assert(
      property(drawnScene, ({ tasks, other, resting, known, running, rigs }) => {
        const rigOf = (index: number) => (rigs[index] === true ? otherRigId : rigId);
        const ids = Array.from({ length: tasks }, (_, index) => `web-s00${index}`);
        const convoy = aConvoy('hq-c001', ids);
        const serial = { beadId: 'web-s000', agents: [rigId, otherRigId].map((id) => ({ rigId: id, agentId: `own-${id}` })) };
        if (convoy.details.type !== 'convoy') throw new Error('no convoy');
        const series = { ...convoy, details: { ...convoy.details, series: 'single-agent' as const, ...(known ? { serial } : {}) } };
        const members = ids.map((id, index) => anIssue(id, { rigId: rigOf(index) }, { convoyId: 'hq-c001', position: index }));
        const others = Array.from({ length: other }, (_, index) => anIssue(`web-o00${index}`));
        const flight = anIssue('web-f001', { status: 'in_review', assigneeAgentId: 'busy' }, { convoyId: 'hq-c001' });
        const ready = queued([...members, ...others]);
        const agents = [
          ...Array.from({ length: resting }, (_, index) => anAgent(`idle-${index}`, { rigId: rigOf(index) })),
          ...[rigId, otherRigId].map((id) => anAgent(`own-${id}`, { rigId: id })),
        ];
        const planned = planOf({
          agents,
          lease: aLease(),
          beads: [series, ...members, ...others, ...(running ? [flight] : [])],
          ready: ready.ready,
          work: [...ready.work, ...(running ? [work('flight', 'web-f001')] : [])],
        });
        const given = ofKind(planned, 'dispatch');
        const ofSeries = given.filter(({ beadId }) => ids.includes(beadId));
        expect(ofSeries).toHaveLength(running ? 0 : 1);
        expect(given.length - ofSeries.length).toBe(other);
        for (const action of ofSeries) {
          if (known) expect(action.agentId).toBe(`own-${action.rigId}`);
          expect(action.series).toEqual({ afterBeadId: known ? 'web-s000' : undefined });
        }
        // Whoever works on a series is kept for it.
        if (known) for (const action of given) if (!ids.includes(action.beadId)) expect(action.agentId).not.toMatch(/^own-/);
      }),
    );
  });
  it('B1 waits for the agent of a series that has something else on its hook, and does not wait for one that is gone', () => {
    const convoy = aConvoy('hq-c001', ['web-s001']);
    const serial = { beadId: 'web-s000', agents: [{ rigId, agentId: 'toast' }] };
    if (convoy.details.type !== 'convoy') throw new Error('no convoy');
    const series = { ...convoy, details: { ...convoy.details, series: 'single-agent' as const, serial } };
    const member = anIssue('web-s001', {}, { convoyId: 'hq-c001' });
    const given = (agents: Agent[], details: object = {}) => {
      const bead = { ...member, details: { ...member.details, ...details } };
      const busy = anIssue('web-x001', { status: 'in_progress', assigneeAgentId: 'toast' });
      const scene = queued([bead]);
      const planned = planOf({ agents, lease: aLease(), beads: [series, bead, busy], ...scene });
      return ofKind(planned, 'dispatch').map(({ agentId }) => agentId);
    };
    expect(given([hooked('toast', 'web-x001'), anAgent('maple')])).toEqual([]);
    expect(given([anAgent('maple')])).toEqual(['maple']);
    expect(given([anAgent('toast'), anAgent('maple')])).toEqual(['toast']);
    expect(given([hooked('toast', 'web-x001'), anAgent('maple')], { avoidAgentId: 'toast' })).toEqual(['maple']);
  });
});

describe('a convoy', () => {
  it('of series single-agent is worked by one agent, one bead after another, whatever ends in whatever way', async () => {
    await assert(
      asyncProperty(integer({ min: 1, max: 5 }), array(boolean(), { minLength: 12, maxLength: 12 }), async (count, outcomes) => {
        const world = await convoyWorld();
        const view = await world.sling({ mergeMode: 'review-and-merge', parallel: true, series: 'single-agent', tasks: titles(count) });
        const ids = idsOf(view);
        const agents = new Set<string>();
        for (const succeeds of outcomes) {
          await world.pass();
          const flying = await inFlight(world, ids);
          expect(flying.length).toBeLessThanOrEqual(1);
          const [beadId] = flying;
          if (beadId === undefined) break;
          agents.add((await world.bead(beadId)).assigneeAgentId ?? 'nobody');
          await (succeeds ? world.merged(beadId) : world.failed(beadId));
        }
        expect([...agents]).toEqual(['toast']);
        const left = await Promise.all(ids.map(world.bead));
        expect(left.every(({ status }) => status === 'closed' || status === 'failed')).toBe(true);
      }),
      { numRuns: 25 },
    );
  });
  it('of series single-agent is one conversation as far as it may grow, also without an order between its beads', async () => {
    const world = await convoyWorld();
    const ids = idsOf(await world.sling({ mergeMode: 'review-and-merge', parallel: true, series: 'single-agent', tasks: titles(3) }));
    const [first] = ids;
    for (const beadId of ids) {
      await world.pass();
      expect((await assignmentOf(world, 'toast')).chain?.beadId).toBe(beadId === first ? undefined : first);
      await world.merged(beadId);
    }
  });
  it('of series fan-out is worked by as many as there are ready beads and places', async () => {
    const world = await convoyWorld();
    const ids = idsOf(await world.sling({ mergeMode: 'review-and-merge', parallel: true, series: 'fan-out', tasks: titles(4) }));
    await world.pass();
    expect(await inFlight(world, ids)).toEqual(ids);
    expect(new Set((await Promise.all(ids.map(world.bead))).map((bead) => bead.assigneeAgentId)).size).toBe(4);
  });
  it('of series single-agent gives nothing to a pass that has not seen what was given out before', async () => {
    const world = await convoyWorld();
    const ids = idsOf(await world.sling({ mergeMode: 'review-and-merge', parallel: true, series: 'single-agent', tasks: titles(2) }));
    await world.pass();
    const [running] = await inFlight(world, ids);
    const waiting = ids.find((beadId) => beadId !== running) ?? '';
    const late = {
      rule: 'B1',
      kind: 'dispatch',
      subject: waiting,
      beadId: waiting,
      rigId,
      agentId: 'maple',
      agentName: 'Maple',
      sentence: '',
      claim: { slotId: `${rigId}#2`, townSlotId: 'town#2' },
      series: { afterBeadId: undefined },
    } as const;
    expect(await applyAction({ ports: world.ports, townId }, late)).toBe('lost');
    expect(await applyAction({ ports: world.ports, townId }, { ...late, series: { afterBeadId: 'web-zzzz' } })).toBe('lost');
    expect(await inFlight(world, ids)).toEqual([running]);
  });
  it('of series single-agent says of a bead that waits for the one before', async () => {
    const world = await convoyWorld();
    const ids = idsOf(await world.sling({ mergeMode: 'review-and-merge', parallel: true, series: 'single-agent', tasks: titles(2) }));
    await world.pass();
    const [running] = await inFlight(world, ids);
    const waiting = ids.find((beadId) => beadId !== running) ?? '';
    const { sentence, reasons } = await explainBead(world.ports, townId, waiting);
    expect(reasons.map(({ code }) => code)).toEqual(['series']);
    expect(sentence).toContain(`${running} "Task`);
  });
});
