// Molecules as their agent works them: gt_mol_current, gt_mol_advance, gates at which the bead waits without an agent, gt_done.
import { describe, expect, it } from 'vitest';
import type { FormulaDocument } from '../../functions/domain/formulas/built-in/document.ts';
import { formulaSchema } from '../../functions/contracts/formula.schema.ts';
import { writesOf } from '../../functions/domain/bead-writes.ts';
import { isMolecule } from '../../functions/domain/molecules/molecule.ts';
import { closeBead } from '../../functions/operations/beads.ts';
import { explainBead } from '../../functions/operations/explain.ts';
import { openGate } from '../../functions/operations/molecules.ts';
import { slingOne } from '../../functions/operations/sling.ts';
import { reconcileTown } from '../../functions/reconcile/reconcile.ts';
import { callTool } from '../../functions/tools/tool-set.ts';
import type { FakePorts } from '../fakes/ports.ts';
import { agentIn, anAgent, anIssue, at, beadIn, identity, issueIn, rigId, sha, townId, townWith } from './town.ts';

const step = (id: string, more: object = {}) => ({ id, title: `Do ${id}`, description: `About ${id}.`, ...more });
const three = [step('plan'), step('build', { needs: ['plan'], acceptance: 'It builds.' }), step('ship', { needs: ['build'] })];
const pushed = { sha: sha('b'), baseSha: sha('a'), aheadBy: 1, epoch: 4, at };

/** A bead with a molecule of these steps, in the hands of toast. */
const scene = async (
  steps: readonly object[],
  more: { molecule?: 'checklist' | 'poured'; document?: Partial<FormulaDocument>; taken?: boolean } = {},
) => {
  const document = formulaSchema.parse({ formula: 'mine', steps, ...more.document });
  const item = {
    townId,
    name: 'mine',
    kind: document.type,
    description: '',
    document: JSON.stringify(document),
    version: 1,
    createdAt: at,
    updatedAt: at,
    createdBy: 'user:ada' as const,
  };
  const ports = await townWith({
    beads: [anIssue({}, { beadId: 'lib-other', status: 'open', held: true })],
    more: [{ put: 'formula', item, when: 'none' }],
  });
  const bead = await slingOne(ports, {
    townId,
    userId: 'ada',
    actor: 'user:ada',
    input: {
      rigId,
      title: 'Add a badge',
      body: 'On the start page.',
      kind: 'work',
      issueType: 'task',
      labels: [],
      metadata: {},
      dependsOn: [],
      priority: 'medium',
      formula: 'mine',
      molecule: more.molecule ?? 'checklist',
    },
  });
  if (more.taken !== false) await take(ports, bead.beadId);
  return { ports, beadId: bead.beadId };
};
/** What a dispatch does to the bead and its agent. */
const take = async (ports: FakePorts, beadId: string): Promise<void> => {
  const bead = await beadIn(ports, beadId);
  if (bead.details.type !== 'issue') throw new Error('no issue');
  const details = { ...bead.details, branch: `gt/toast/${beadId}`, targetBranch: 'main', pushed };
  const item = {
    ...bead,
    status: 'in_progress' as const,
    assigneeAgentId: 'toast',
    dispatchAttempts: bead.dispatchAttempts + 1,
    version: bead.version + 1,
    details,
  };
  await ports.store.commit(
    writesOf([{ before: bead, after: item }], undefined, { nowMs: ports.clock.nowMs(), stamp: 'stamp' }, [
      { put: 'agent', item: anAgent({ hookBeadId: beadId }), when: 'none' },
    ]),
  );
};
const moleculeIn = async (ports: FakePorts, beadId: string) => {
  const molecule = await beadIn(ports, (await issueIn(ports, beadId)).moleculeId ?? '');
  if (!isMolecule(molecule)) throw new Error('no molecule');
  return molecule;
};
const call = async (ports: FakePorts, name: string, args: object = {}) => callTool(ports, identity(), name, args);
const advance = (ports: FakePorts, id: string, more: object = {}) => call(ports, 'gt_mol_advance', { step: id, ...more });
const done = (ports: FakePorts, beadId: string) => call(ports, 'gt_done', { branch: `gt/toast/${beadId}`, summary: 'Done.' });
const states = async (ports: FakePorts, beadId: string) => (await moleculeIn(ports, beadId)).details.steps.map(({ state }) => state);

describe("the bead's agent reads the current step and advances it", () => {
  it('in the order of the needs, one event per step; all closed → molecule closed', async () => {
    const { ports, beadId } = await scene(three);
    const first = await call(ports, 'gt_mol_current');
    expect(first.text).toContain('About plan.');
    expect(first.text).toContain('Step 1 of 3');
    const second = await advance(ports, 'plan', { note: 'Planned.' });
    expect(second.text).toContain('It builds.');
    await advance(ports, 'build');
    const last = await advance(ports, 'ship');
    expect(last.text).toContain('All steps are finished');
    expect(await moleculeIn(ports, beadId)).toMatchObject({
      status: 'closed',
      details: { formula: 'mine', issueId: beadId, mode: 'checklist' },
    });
    const { items } = await ports.store.eventsOf(townId, { beadId }, { limit: 50 });
    expect(items.map(({ type, old, new: next }) => [type, old, next])).toEqual([
      ['created', undefined, 'Add a badge'],
      ['molecule_advanced', 'plan', 'build'],
      ['molecule_advanced', 'build', 'ship'],
      ['molecule_advanced', 'ship', 'closed'],
    ]);
  });
  it('reading changes nothing, and the same advance again is a success that changes nothing', async () => {
    const { ports, beadId } = await scene(three);
    await call(ports, 'gt_mol_current');
    expect((await moleculeIn(ports, beadId)).version).toBe(1);
    await advance(ports, 'plan');
    const before = await moleculeIn(ports, beadId);
    expect((await advance(ports, 'plan')).isError).toBe(false);
    expect(await moleculeIn(ports, beadId)).toEqual(before);
  });
  it('a step out of turn, an unknown one, and a skipped one that is not optional are refused with what to do', async () => {
    const { ports, beadId } = await scene([...three, step('extra', { optional: true })]);
    expect((await advance(ports, 'ship')).text).toContain('Step ship comes after build. Do these first.');
    expect((await advance(ports, 'deploy')).text).toContain('The steps are plan, build, ship, extra');
    expect((await advance(ports, 'plan', { outcome: 'failed' })).text).toContain('Say in note why');
    expect(await states(ports, beadId)).toEqual(['open', 'open', 'open', 'open']);
  });
  it('a bead without a molecule has no steps', async () => {
    const { ports, beadId } = await scene(three);
    const bead = await beadIn(ports, beadId);
    if (bead.details.type !== 'issue') throw new Error('no issue');
    const { moleculeId: _none, ...details } = bead.details;
    await ports.store.commit([{ put: 'bead', item: { ...bead, details }, when: 'none' }]);
    expect((await call(ports, 'gt_mol_current')).text).toContain('has no molecule');
  });
});

describe('a failed step fails the molecule with its reason', () => {
  it('and the bead shows it; the agent is free', async () => {
    const { ports, beadId } = await scene(three);
    await advance(ports, 'plan');
    const answer = await advance(ports, 'build', { outcome: 'failed', note: 'The compiler is broken.' });
    expect(answer.text).toContain('End your turn');
    const reason = 'Step build "Do build" failed: The compiler is broken.';
    expect(await moleculeIn(ports, beadId)).toMatchObject({ status: 'failed', failure: { code: 'step_failed', message: reason } });
    expect(await beadIn(ports, beadId)).toMatchObject({ status: 'failed', failure: { code: 'molecule_failed', message: reason } });
    expect((await agentIn(ports, 'toast')).hookBeadId).toBeUndefined();
    expect((await explainBead(ports, townId, beadId)).sentence).toBe(`It failed: ${reason}`);
  });
});

describe('gt_done on a bead with an unfinished molecule', () => {
  it('is refused with what is missing, and accepted when the steps are finished', async () => {
    const { ports, beadId } = await scene(three);
    await advance(ports, 'plan');
    const refused = await done(ports, beadId);
    expect(refused.isError).toBe(true);
    expect(refused.text).toContain('build "Do build", ship "Do ship"');
    await advance(ports, 'build');
    await advance(ports, 'ship');
    expect((await done(ports, beadId)).isError).toBe(false);
    expect((await beadIn(ports, beadId)).status).toBe('in_review');
  });
  it('is accepted when only optional steps are left, which it skips', async () => {
    const { ports, beadId } = await scene([step('plan'), step('polish', { needs: ['plan'], optional: true })]);
    await advance(ports, 'plan');
    expect((await done(ports, beadId)).isError).toBe(false);
    expect(await states(ports, beadId)).toEqual(['done', 'skipped']);
    expect((await moleculeIn(ports, beadId)).status).toBe('closed');
  });
});

describe('loops that end when a condition holds', () => {
  const loop = [{ id: 'fix', loop: { until: 'the tests are green', max: 2, body: [step('try')] } }, step('end', { needs: ['fix'] })];
  it('ask after each round, and skip the rest when it holds', async () => {
    const { ports, beadId } = await scene(loop);
    expect((await advance(ports, 'fix.iter1.try')).text).toContain('Say loop_done: true if this holds now: the tests are green');
    await advance(ports, 'fix.iter1.try', { loop_done: true });
    expect(await states(ports, beadId)).toEqual(['done', 'skipped', 'open']);
  });
  it('fail when it does not hold after the last round', async () => {
    const { ports, beadId } = await scene(loop);
    await advance(ports, 'fix.iter1.try', { loop_done: false });
    await advance(ports, 'fix.iter2.try', { loop_done: false });
    expect((await beadIn(ports, beadId)).failure?.message).toContain('After 2 rounds of fix this still does not hold: the tests are green');
  });
});

describe('a step that waits', () => {
  const gated = (gate: object) => [step('plan'), step('deploy', { needs: ['plan'], gate }), step('end', { needs: ['deploy'] })];
  it('for a person: the bead is put down without an agent until somebody opens the gate', async () => {
    const { ports, beadId } = await scene(gated({ type: 'human', id: 'release approval' }));
    expect((await call(ports, 'gt_mol_current')).text).toContain('commit and push before you advance');
    const answer = await advance(ports, 'plan');
    expect(answer.text).toContain('waits for a person: release approval');
    expect(answer.text).toContain('end your turn now');
    expect(await beadIn(ports, beadId)).toMatchObject({ status: 'open', dispatchAttempts: 0 });
    expect((await agentIn(ports, 'toast')).hookBeadId).toBeUndefined();
    expect(await ports.store.readyOf(townId, rigId, '-', 5)).toEqual([]);
    expect((await explainBead(ports, townId, beadId)).sentence).toContain(
      'Its step "Do deploy" waits for a person: release approval. Open the gate of step deploy',
    );
    await openGate(ports, { townId, beadId, actor: 'user:ada', stepId: 'deploy', note: 'Go.' });
    expect((await ports.store.readyOf(townId, rigId, '-', 5)).map((entry) => entry.beadId)).toEqual([beadId]);
    await take(ports, beadId);
    expect((await call(ports, 'gt_mol_current')).text).toContain('About deploy.');
    expect((await advance(ports, 'deploy')).isError).toBe(false);
  });
  it('for a time: it is given out again when the time has come', async () => {
    const { ports, beadId } = await scene(gated({ type: 'timer', timeout: '24h' }));
    await advance(ports, 'plan');
    const [entry] = await ports.store.readyOf(townId, rigId, '-', 5);
    expect(entry?.notBeforeMs).toBe(ports.clock.nowMs() + 24 * 3_600_000);
    expect((await explainBead(ports, townId, beadId)).sentence).toContain('Its step "Do deploy" waits until');
    await take(ports, beadId);
    expect((await call(ports, 'gt_mol_current')).text).toContain('Your hook is empty');
    ports.clock.advance(25 * 3_600_000);
    await take(ports, beadId);
    expect((await call(ports, 'gt_mol_current')).text).toContain('About deploy.');
  });
  it('for a bead: that bead becomes a blocker, and closing it gives the work out again', async () => {
    const { ports, beadId } = await scene(gated({ type: 'bead', id: 'lib-other' }));
    await advance(ports, 'plan');
    expect(await beadIn(ports, beadId)).toMatchObject({ status: 'open', openBlockers: 1 });
    expect(await ports.store.dependenciesOf(townId, beadId)).toMatchObject([{ dependsOnId: 'lib-other', type: 'blocks', resolved: false }]);
    expect((await explainBead(ports, townId, beadId)).sentence).toContain('waits for bead lib-other to be closed');
    await closeBead(ports, { townId, beadId: 'lib-other', actor: 'user:ada' });
    await reconcileTown(ports, townId);
    expect((await beadIn(ports, beadId)).openBlockers).toBe(0);
  });
  it('from the start: the bead is not given out at all', async () => {
    const { ports, beadId } = await scene([step('ok', { gate: { type: 'human' } })], { taken: false });
    expect(await ports.store.readyOf(townId, rigId, '-', 5)).toEqual([]);
    await openGate(ports, { townId, beadId, actor: 'user:ada', stepId: 'ok' });
    expect(await ports.store.readyOf(townId, rigId, '-', 5)).toHaveLength(1);
  });
});

describe('poured into step beads', () => {
  it('with dotted ids under the molecule and edges between them; none is given out by itself', async () => {
    const { ports, beadId } = await scene(three, { molecule: 'poured', taken: false });
    const molecule = await moleculeIn(ports, beadId);
    const ids = molecule.details.steps.map((each) => each.beadId ?? '');
    expect(ids).toEqual([1, 2, 3].map((number) => `${molecule.beadId}.${number}`));
    expect(await beadIn(ports, ids[1] ?? '')).toMatchObject({
      parentId: molecule.beadId,
      openBlockers: 1,
      details: { kind: 'step' },
      body: 'About build.',
    });
    expect(await ports.store.dependenciesOf(townId, ids[1] ?? '')).toMatchObject([{ dependsOnId: ids[0], type: 'blocks' }]);
    expect((await ports.store.readyOf(townId, rigId, '-', 9)).map((entry) => entry.beadId)).toEqual([beadId]);
    expect((await explainBead(ports, townId, ids[0] ?? '')).sentence).toContain('it is not given out by itself');
  });
  it('steps go in_progress → closed directly as the agent advances', async () => {
    const { ports, beadId } = await scene(three, { molecule: 'poured' });
    const [first = '', second = ''] = (await moleculeIn(ports, beadId)).details.steps.map((each) => each.beadId ?? '');
    await call(ports, 'gt_mol_current');
    expect((await beadIn(ports, first)).status).toBe('in_progress');
    await advance(ports, 'plan');
    expect((await beadIn(ports, first)).status).toBe('closed');
    expect((await beadIn(ports, second)).status).toBe('in_progress');
    expect((await ports.store.workOf(townId)).filter((item) => item.kind === 'flight').map((item) => item.workId)).not.toContain(second);
  });
});

it('gt_prime names the next step', async () => {
  const { ports } = await scene(three);
  await advance(ports, 'plan');
  const { text } = await call(ports, 'gt_prime');
  expect(text).toContain('"next_step":"Do build"');
  expect(text).toContain('Work through its steps now: gt_mol_current');
});
