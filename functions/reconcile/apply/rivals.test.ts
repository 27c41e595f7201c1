// Every action gives way to a rival who was faster. The rival writes between what the action read and its commit, which random runs reach too rarely.
import { describe, expect, it } from 'vitest';
import { fakePorts } from '../../../test/fakes/ports.ts';
import { aConvoy, aRig, aTown, anAgent, anIssue, hooked, iso, nowMs, rigId, townId, work } from '../../../test/rules/build.ts';
import type { Bead } from '../../contracts/bead.schema.ts';
import { newEdge } from '../../domain/dependencies.ts';
import type { Action } from '../../domain/plan/action.ts';
import type { Ports, Store, Write } from '../../ports.ts';
import { applyAction } from './apply.ts';

const put = (bead: Bead): Write => ({ put: 'bead', item: bead, when: 'none' });
const putWork = (item: ReturnType<typeof work>): Write => ({ put: 'work', item, when: 'none' });

/** Applies the action on a town of `writes`; `rival` is committed just before the action's own first commit. */
const against = async (writes: readonly Write[], action: Action, rival: readonly Write[]) => {
  const ports = fakePorts();
  ports.clock.set(nowMs);
  await ports.store.commit([{ put: 'town', item: aTown(), when: 'none' }, { put: 'rig', item: aRig(), when: 'none' }, ...writes]);
  let arrived = false;
  const store: Store = {
    ...ports.store,
    commit: async (own) => {
      if (!arrived) {
        arrived = true;
        await ports.store.commit(rival);
      }
      return ports.store.commit(own);
    },
  };
  const raced: Ports = { ...ports, store };
  return { ports, applied: await applyAction({ ports: raced, townId }, action) };
};

const claim = { slotId: `${rigId}#1`, townSlotId: 'town#1' };
const dispatch: Action = {
  rule: 'B1',
  kind: 'dispatch',
  subject: 'web-a001',
  sentence: '',
  beadId: 'web-a001',
  rigId,
  agentId: 'toast',
  agentName: 'Toast',
  claim,
};
const slot = (slotId: string, holder: string, stamp: string): Write => ({
  put: 'slot',
  item: { townId, slotId, holder, claimedAt: iso(), stamp },
  when: 'none',
});

describe('a dispatch', () => {
  const bead = anIssue('web-a001');
  it('happens when there is no rival', async () => {
    expect((await against([put(bead)], dispatch, [putWork(work('mail', 'nobody'))])).applied).toBe('done');
  });
  it.each<[string, Write[]]>([
    ['the place in the rig is taken', [slot(`${rigId}#1`, 'maple', 's1')]],
    ['the place in the town is taken', [slot('town#1', `${rigId}#7@s7`, 's7')]],
    ['the bead has changed', [put({ ...bead, held: true, version: 2 })]],
    ['the agent has come to be', [{ put: 'agent', item: anAgent('toast'), when: 'none' }]],
  ])('gives way when %s', async (_what, rival) => {
    const { ports, applied } = await against([put(bead)], dispatch, rival);
    expect(applied).toBe('lost');
    expect((await ports.store.get('bead', { townId, beadId: 'web-a001' }))?.status).toBe('open');
  });
  it('gives way when the resting agent was given another bead', async () => {
    const resting: Write = { put: 'agent', item: anAgent('toast'), when: 'none' };
    const { ports, applied } = await against([put(bead), resting], dispatch, [
      { put: 'agent', item: hooked('toast', 'web-a002', { epoch: 2, version: 2 }), when: 'none' },
    ]);
    expect(applied).toBe('lost');
    expect((await ports.store.get('agent', { townId, agentId: 'toast' }))?.hookBeadId).toBe('web-a002');
  });
  it('gives way when the ended claim on the town-wide place was taken over by another', async () => {
    const took: Action = { ...dispatch, claim: { ...claim, townSlotWas: `${rigId}#9@s9` } };
    const { applied } = await against([put(bead), slot('town#1', `${rigId}#9@s9`, 's9')], took, [slot('town#1', `${rigId}#2@s2`, 's2')]);
    expect(applied).toBe('lost');
  });
});

describe('bookkeeping', () => {
  it('leaves a work item that was written again', async () => {
    const item = work('flight', 'web-a001');
    const drop: Action = { rule: 'W1', kind: 'drop-work', subject: 'flight#web-a001', sentence: '', item };
    const { ports, applied } = await against([putWork(item)], drop, [putWork({ ...item, stamp: 'newer' })]);
    expect(applied).toBe('lost');
    expect(await ports.store.workOf(townId)).toMatchObject([{ stamp: 'newer' }]);
  });
  it('counts a convoy again when a member has ended while it was counted', async () => {
    const item = work('convoy', 'hq-c001');
    const member = anIssue('web-a001', { status: 'in_review' });
    const count: Action = { rule: 'C1', kind: 'count-convoy', subject: 'hq-c001', sentence: '', item };
    const { ports, applied } = await against([put(aConvoy('hq-c001', ['web-a001'])), put(member), putWork(item)], count, [
      put({ ...member, status: 'closed', version: 2 }),
      putWork({ ...item, stamp: 'newer' }),
    ]);
    expect(applied).toBe('lost');
    expect(await ports.store.workOf(townId)).toMatchObject([{ kind: 'convoy', stamp: 'newer' }]);
  });
  it('leaves a slot that was claimed anew', async () => {
    const free: Action = { rule: 'B1', kind: 'free-slot', subject: `${rigId}#1`, sentence: '', slotId: `${rigId}#1` };
    const { ports, applied } = await against([slot(`${rigId}#1`, 'toast', 's1')], free, [slot(`${rigId}#1`, 'maple', 's2')]);
    expect(applied).toBe('lost');
    expect((await ports.store.slotsOf(townId)).map(({ holder }) => holder)).toEqual(['maple']);
  });
  it('leaves the entry of a bead that became ready again', async () => {
    const bead = anIssue('web-a001', { held: true });
    const order = `2#${bead.createdAt}#web-a001`;
    const entry: Write = { put: 'ready', item: { townId, rigId, queue: '-', order, beadId: 'web-a001', notBeforeMs: 0 }, when: 'none' };
    const drop: Action = {
      rule: 'B1',
      kind: 'drop-ready',
      subject: 'web-a001',
      sentence: '',
      beadId: 'web-a001',
      rigId,
      queue: '-',
      order,
    };
    const { ports, applied } = await against([put(bead), entry], drop, [put({ ...bead, held: false, version: 2 })]);
    expect(applied).toBe('lost');
    expect(await ports.store.readyOf(townId, rigId, '-', 5)).toHaveLength(1);
  });
});

describe('telling dependents', () => {
  it('lowers their blockers once, also when a rival tells them at the same time', async () => {
    const edge = newEdge({ townId, beadId: 'web-a002', dependsOnId: 'web-a001', type: 'blocks', at: iso() });
    const item = work('release', 'web-a001');
    const dependent = anIssue('web-a002', { openBlockers: 2 });
    const release: Action = { rule: 'B8', kind: 'release', subject: 'web-a001', sentence: '', item };
    const { ports } = await against(
      [put(anIssue('web-a001', { status: 'closed' })), put(dependent), putWork(item), { put: 'dependency', item: edge, when: 'none' }],
      release,
      [{ put: 'dependency', item: { ...edge, resolved: true }, when: 'none' }, put({ ...dependent, openBlockers: 1, version: 2 })],
    );
    expect((await ports.store.get('bead', { townId, beadId: 'web-a002' }))?.openBlockers).toBe(1);
  });
  it('does so although the dependent itself was not touched by the rival', async () => {
    const edge = newEdge({ townId, beadId: 'web-a002', dependsOnId: 'web-a001', type: 'blocks', at: iso() });
    const item = work('release', 'web-a001');
    const release: Action = { rule: 'B8', kind: 'release', subject: 'web-a001', sentence: '', item };
    const { ports } = await against(
      [
        put(anIssue('web-a001', { status: 'closed' })),
        put(anIssue('web-a002', { openBlockers: 1 })),
        putWork(item),
        { put: 'dependency', item: edge, when: 'none' },
      ],
      release,
      [{ put: 'dependency', item: { ...edge, resolved: true }, when: 'none' }],
    );
    expect((await ports.store.get('bead', { townId, beadId: 'web-a002' }))?.openBlockers).toBe(1);
  });
});

describe('losing an agent', () => {
  it('gives way when the agent has moved on', async () => {
    const toast = hooked('toast', 'web-a001');
    const bead = anIssue('web-a001', { status: 'in_progress', assigneeAgentId: 'toast' });
    const lose: Action = {
      rule: 'A1',
      kind: 'lose-agent',
      subject: 'toast',
      sentence: '',
      agentId: 'toast',
      epoch: 1,
      blame: 'own',
      reason: 'gone',
    };
    const { ports, applied } = await against([put(bead), { put: 'agent', item: toast, when: 'none' }], lose, [
      { put: 'agent', item: { ...toast, epoch: 2, version: 2 }, when: 'none' },
    ]);
    expect(applied).toBe('lost');
    expect((await ports.store.get('bead', { townId, beadId: 'web-a001' }))?.status).toBe('in_progress');
  });
});
