// Sling with a formula, pour, and rule G1: over REST and through passes.
import { describe, expect, it } from 'vitest';
import { isMolecule } from '../../functions/domain/molecules/molecule.ts';
import { pourFormula } from '../../functions/operations/pour.ts';
import { reconcileTown } from '../../functions/reconcile/reconcile.ts';
import { fakePorts } from '../fakes/ports.ts';
import { bodyOf, client } from './call.ts';

const scene = async () => {
  const ports = fakePorts();
  const call = client(ports);
  const town = bodyOf('createTown', await call('createTown', { as: 'ada', body: { name: 'Harbour' } }));
  const params = { townId: town.townId };
  const rig = bodyOf(
    'createRig',
    await call('createRig', { as: 'ada', params, body: { name: 'web', gitUrl: 'https://git.example.com/web.git' } }),
  );
  const store = (text: string) => call('createFormula', { as: 'ada', params, body: { text } });
  const slingRaw = (more: object) => call('sling', { as: 'ada', params, body: { rigId: rig.rigId, title: 'Add a badge', ...more } });
  const sling = async (more: object) => bodyOf('sling', await slingRaw(more));
  const pourRaw = (name: string, body: object) => call('pourFormula', { as: 'ada', params: { ...params, name }, body });
  const pour = async (name: string, body: object) => bodyOf('pourFormula', await pourRaw(name, body));
  const bead = async (beadId: string) => bodyOf('getBead', await call('getBead', { as: 'ada', params: { ...params, beadId } })).bead;
  const molecule = async (beadId: string) => bodyOf('getMolecule', await call('getMolecule', { as: 'ada', params: { ...params, beadId } }));
  const onBead = (id: 'closeBead' | 'failBead' | 'retryBead' | 'advanceMolecule' | 'openMoleculeGate', beadId: string, body: object = {}) =>
    call(id, { as: 'ada', params: { ...params, beadId }, body });
  return { ports, call, params, townId: town.townId, rigId: rig.rigId, store, slingRaw, sling, pourRaw, pour, bead, molecule, onBead };
};
const gated =
  'formula = "gated"\n[[steps]]\nid = "a"\ntitle = "A"\n[[steps]]\nid = "b"\ntitle = "B"\nneeds = ["a"]\n[steps.gate]\ntype = "human"\nid = "a word"';

const long = 'formula = "long"\n[[steps]]\nid = "l"\n[steps.loop]\ncount = 100\n[[steps.loop.body]]\nid = "x"\ntitle = "X"';

describe('sling with a formula and variables', () => {
  it('attaches a checklist to the bead, in the same act', async () => {
    const { ports, townId, sling, molecule } = await scene();
    const slung = await sling({ formula: 'tdd-cycle', variables: { rounds: '1' } });
    const view = await molecule(slung.beadId);
    expect(view).toMatchObject({
      over: 0,
      total: 5,
      current: { stepId: 'list', title: 'List the behaviours of: Add a badge' },
      waiting: [],
    });
    expect(view.molecule).toMatchObject({
      type: 'molecule',
      parentId: slung.beadId,
      details: { mode: 'checklist', variables: { rounds: '1' } },
    });
    expect((await ports.store.eventsOf(townId, { beadId: slung.beadId }, { limit: 9 })).items).toHaveLength(1);
  });
  it('takes what fits one act and refuses the rest, whatever the bead depends on and however many steps it has', async () => {
    const { sling, slingRaw, store } = await scene();
    await store(long.replace('count = 100', 'count = 30'));
    const others: string[] = [];
    while (others.length < 30) others.push((await sling({})).beadId);
    for (const type of ['waits-for', 'blocks', 'related'])
      for (const more of [{}, { formula: 'long', molecule: 'poured' }])
        for (const count of [6, 10, 14, 18, 22, 26, 30]) {
          const dependencies = others.slice(0, count).map((dependsOnId) => ({ dependsOnId, type }));
          expect([201, 422]).toContain((await slingRaw({ ...more, dependencies })).status);
        }
    const dependencies = others.slice(0, 18).map((dependsOnId) => ({ dependsOnId, type: 'waits-for' }));
    expect((await slingRaw({ dependencies })).status).toBe(201);
  });
  it('refuses what cannot be cooked, an unknown formula and a convoy formula, and creates nothing', async () => {
    const { ports, townId, slingRaw } = await scene();
    const detail = async (more: object) => JSON.stringify((await slingRaw(more)).body);
    expect(await detail({ formula: 'tdd-cycle', variables: { rounds: '99' } })).toContain('the variable rounds must match');
    expect(await detail({ formula: 'ghost' })).toContain('There is no formula ghost');
    expect(await detail({ formula: 'code-review', variables: { scope: 'src' } })).toContain('Pour it instead');
    expect((await ports.store.beadsBy({ townId, type: 'issue', status: 'open' }, { limit: 5 })).items).toEqual([]);
    expect((await ports.store.beadsBy({ townId, type: 'molecule', status: 'open' }, { limit: 5 })).items).toEqual([]);
  });
  it('costs a bead without one nothing: no more items than before', async () => {
    const { ports, townId, sling } = await scene();
    await sling({});
    expect((await ports.store.workOf(townId)).map(({ kind }) => kind)).toEqual(['queue']);
    expect((await ports.store.beadsBy({ townId, type: 'molecule', status: 'open' }, { limit: 5 })).items).toEqual([]);
  });
});

describe('pour', () => {
  it('makes a bead with step beads', async () => {
    const { pour, rigId, bead } = await scene();
    const poured = await pour('shiny', { rigId, title: 'Add a badge' });
    expect(poured.bead).toMatchObject({ title: 'Add a badge', type: 'issue' });
    const first = await bead(`${poured.molecule?.beadId}.1`);
    expect(first).toMatchObject({ title: 'Design: Add a badge', parentId: poured.molecule?.beadId, details: { kind: 'step' } });
  });
  it('gives an open bead its steps, once', async () => {
    const { sling, pour, pourRaw, molecule } = await scene();
    const slung = await sling({});
    expect((await pour('shiny', { beadId: slung.beadId, as: 'checklist' })).bead?.beadId).toBe(slung.beadId);
    expect((await molecule(slung.beadId)).total).toBe(5);
    expect((await pourRaw('shiny', { beadId: slung.beadId })).status).toBe(409);
  });
  it('a convoy formula pours a real convoy of issues with dependencies', async () => {
    const { ports, townId, rigId, pour } = await scene();
    const { convoy } = await pour('code-review', { rigId, variables: { scope: 'src/' }, title: 'Review src/' });
    expect(convoy?.members.map(({ bead }) => bead.title)).toEqual([
      'Review src/: correctness',
      'Review src/: security',
      'Review src/: tests',
      'Review src/: design',
      'Review src/: performance',
      'Bring the review of src/ together',
    ]);
    const members = convoy?.members.map(({ bead }) => bead) ?? [];
    expect(members.map(({ openBlockers }) => openBlockers)).toEqual([0, 0, 0, 0, 0, 5]);
    expect(members[0]).toMatchObject({ details: { kind: 'no-code' }, labels: ['gt:no-code'] });
    expect(members[0]?.body).toContain('Does it do what it says');
    expect(await ports.store.readyOf(townId, rigId, convoy?.convoy.beadId ?? '', 10)).toHaveLength(5);
  });
  it('says what keeps steps from being a convoy', async () => {
    const { store, pourRaw, rigId } = await scene();
    await store(gated);
    expect(JSON.stringify((await pourRaw('gated', { rigId, as: 'convoy' })).body)).toContain('Step b has a gate');
  });
  it('makes 100 steps as beads in one act, with the edges between them', async () => {
    const { ports, townId, store, sling, pour, rigId, bead, molecule, onBead } = await scene();
    await store(long);
    const poured = await pour('long', { rigId, title: 'Hundred' });
    const moleculeId = poured.molecule?.beadId ?? '';
    expect(await bead(`${moleculeId}.100`)).toMatchObject({ parentId: moleculeId, openBlockers: 1, details: { kind: 'step' } });
    expect((await ports.store.dependenciesOf(townId, `${moleculeId}.100`)).map((edge) => edge.dependsOnId)).toEqual([`${moleculeId}.99`]);
    expect(await molecule(poured.bead?.beadId ?? '')).toMatchObject({ total: 100, over: 0 });
    expect((await ports.store.workOf(townId)).map(({ kind }) => kind)).not.toContain('batch');
    // So does a bead that gets its steps later, and the successor of one that failed.
    const slung = await sling({});
    await pour('long', { beadId: slung.beadId });
    expect((await molecule(slung.beadId)).total).toBe(100);
    await onBead('failBead', slung.beadId, { reason: 'Not so' });
    for (let pass = 0; pass < 12; pass += 1) await reconcileTown(ports, townId);
    const heir = bodyOf('retryBead', await onBead('retryBead', slung.beadId));
    expect((await molecule(heir.beadId)).total).toBe(100);
  });
  it('makes all of a large molecule or nothing, killed at whichever write', async () => {
    const { ports, townId, params, call, store, rigId } = await scene();
    await store(long);
    let left = 0;
    const commit: typeof ports.store.commit = async (writes) => {
      if ((left -= 1) < 0) throw new Error('killed');
      return ports.store.commit(writes);
    };
    const dying = { ...ports, store: { ...ports.store, commit } };
    const request = { townId, userId: 'ada', actor: 'user:ada', name: 'long', input: { rigId, variables: {} } } as const;
    const listed = async () => bodyOf('listBeads', await call('listBeads', { as: 'ada', params, query: { limit: '100' } })).items;
    const poured = () => pourFormula(dying, request).catch(() => undefined);
    let kills = 0;
    for (left = 0; (await poured()) === undefined; left = kills) {
      kills += 1;
      expect(await listed()).toEqual([]);
      ports.clock.advance(20 * 60_000);
      await reconcileTown(ports, townId);
      expect((await ports.store.everyBead(townId, { limit: 1000 })).items).toEqual([]);
      expect(await ports.store.workOf(townId)).toEqual([]);
    }
    expect(kills).toBeGreaterThan(4);
    expect((await ports.store.everyBead(townId, { limit: 1000 })).items).toHaveLength(102);
  });
});

describe('rule G1', () => {
  it('all closed → molecule closed, also when its step beads are closed by hand', async () => {
    const { ports, townId, rigId, pour, onBead, bead, molecule } = await scene();
    const poured = await pour('conflict-resolve', { rigId });
    const moleculeId = poured.molecule?.beadId ?? '';
    for (const number of [1, 2]) await onBead('closeBead', `${moleculeId}.${number}`);
    await reconcileTown(ports, townId);
    expect(await molecule(poured.bead?.beadId ?? '')).toMatchObject({ over: 2, current: { stepId: 'verify' } });
    for (const number of [3, 4]) await onBead('closeBead', `${moleculeId}.${number}`);
    await reconcileTown(ports, townId);
    expect((await bead(moleculeId)).status).toBe('closed');
    await reconcileTown(ports, townId);
    expect((await ports.store.workOf(townId)).filter(({ kind }) => kind === 'molecule')).toEqual([]);
  });
  it('a step bead that is failed by hand fails the molecule, its bead and the other steps with the reason', async () => {
    const { ports, townId, rigId, pour, onBead, bead } = await scene();
    const poured = await pour('conflict-resolve', { rigId });
    const moleculeId = poured.molecule?.beadId ?? '';
    await onBead('failBead', `${moleculeId}.1`, { reason: 'Cannot be understood.' });
    for (let pass = 0; pass < 3; pass += 1) await reconcileTown(ports, townId);
    expect((await bead(moleculeId)).failure?.message).toContain('Cannot be understood.');
    expect(await bead(poured.bead?.beadId ?? '')).toMatchObject({ status: 'failed', failure: { code: 'molecule_failed' } });
    expect((await bead(`${moleculeId}.4`)).status).toBe('failed');
  });
  it('a bead that is closed or given up by hand takes its molecule with it', async () => {
    const { ports, townId, sling, onBead, bead } = await scene();
    const ends = async (id: 'closeBead' | 'failBead', body: object) => {
      const slung = await sling({ formula: 'shiny' });
      await onBead(id, slung.beadId, body);
      await reconcileTown(ports, townId);
      const moleculeId = slung.details.type === 'issue' ? (slung.details.moleculeId ?? '') : '';
      const ended = await bead(moleculeId);
      return isMolecule(ended) ? [ended.status, ended.details.steps.every(({ state }) => state === 'skipped'), ended.failure?.code] : [];
    };
    expect(await ends('closeBead', {})).toEqual(['closed', true, undefined]);
    expect(await ends('failBead', { reason: 'Not wanted.' })).toEqual(['failed', false, 'bead_failed']);
  });
});

it('a person may finish steps and open gates', async () => {
  const { store, sling, onBead, molecule } = await scene();
  await store(gated);
  const { beadId } = await sling({ formula: 'gated' });
  expect((await onBead('openMoleculeGate', beadId, { stepId: 'a' })).status).toBe(409);
  expect((await onBead('advanceMolecule', beadId, { stepId: 'a' })).status).toBe(200);
  expect(await molecule(beadId)).toMatchObject({ waiting: [{ stepId: 'b', sentence: 'waits for a person: a word' }] });
  expect((await onBead('advanceMolecule', beadId, { stepId: 'b' })).status).toBe(409);
  expect((await onBead('openMoleculeGate', beadId, { stepId: 'b', note: 'Yes.' })).status).toBe(200);
  expect(bodyOf('advanceMolecule', await onBead('advanceMolecule', beadId, { stepId: 'b' }))).toMatchObject({
    over: 2,
    molecule: { status: 'closed' },
  });
});

it('the successor of a failed bead starts its steps anew', async () => {
  const { sling, onBead, molecule } = await scene();
  const slung = await sling({ formula: 'shiny' });
  await onBead('advanceMolecule', slung.beadId, { stepId: 'design' });
  await onBead('failBead', slung.beadId, { reason: 'Wrong way.' });
  const heir = bodyOf('retryBead', await onBead('retryBead', slung.beadId));
  expect(await molecule(heir.beadId)).toMatchObject({ over: 0, total: 5, molecule: { status: 'open' } });
});

it('a bead that is deleted leaves neither its molecule nor its step beads', async () => {
  const { ports, call, params, townId, rigId, pour } = await scene();
  const poured = await pour('conflict-resolve', { rigId });
  const beadId = poured.bead?.beadId ?? '';
  expect((await call('deleteBead', { as: 'ada', params: { ...params, beadId } })).status).toBeLessThan(300);
  for (let pass = 0; pass < 8; pass += 1) await reconcileTown(ports, townId);
  const moleculeId = poured.molecule?.beadId ?? '';
  for (const id of [beadId, moleculeId, `${moleculeId}.1`, `${moleculeId}.4`])
    expect(await ports.store.get('bead', { townId, beadId: id })).toBeUndefined();
  expect((await ports.store.workOf(townId)).filter(({ kind }) => kind === 'molecule' || kind === 'delete')).toEqual([]);
});
