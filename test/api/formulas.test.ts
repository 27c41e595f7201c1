// "Towns can store their own, publish them to the account's registry and install from it", over REST.
import { describe, expect, it } from 'vitest';
import { fakePorts } from '../fakes/ports.ts';
import { bodyOf, client } from './call.ts';

const release = `formula = "release"
description = "Cut a release."
version = 1
type = "workflow"
extends = ["shiny"]
phase = "liquid"

[vars.version]
required = true
pattern = '^\\d+\\.\\d+\\.\\d+$'

[[steps]]
id = "tag"
title = "Tag {{version}}"
needs = ["submit"]
`;
const scene = async () => {
  const ports = fakePorts();
  const call = client(ports);
  const town = bodyOf('createTown', await call('createTown', { as: 'ada', body: { name: 'Harbour' } }));
  const params = { townId: town.townId };
  const create = (text: string, as = 'ada') => call('createFormula', { as, params, body: { text } });
  return { ports, call, params, townId: town.townId, create };
};

describe('formulas of a town', () => {
  it('lists the built-in ones from the start', async () => {
    const { call, params } = await scene();
    const { items } = bodyOf('listFormulas', await call('listFormulas', { as: 'ada', params }));
    expect(items.map(({ name }) => name)).toEqual([
      'code-review',
      'conflict-resolve',
      'polecat-work',
      'rule-of-five',
      'security-audit',
      'shiny',
      'shiny-secure',
      'tdd-cycle',
    ]);
    const shiny = bodyOf('getFormula', await call('getFormula', { as: 'ada', params: { ...params, name: 'shiny' } }));
    expect(shiny).toMatchObject({ source: 'built-in', kind: 'workflow', problems: [] });
    expect(shiny.toml).toContain('formula = "shiny"');
  });
  it('stores, reads, replaces and removes one', async () => {
    const { call, params, create } = await scene();
    const stored = bodyOf('createFormula', await create(release));
    expect(stored).toMatchObject({
      name: 'release',
      source: 'town',
      version: 1,
      problems: [],
      variables: [{ name: 'version', required: true }],
    });
    expect(stored.toml).toContain('phase = "liquid"');
    expect((await create(release)).status).toBe(409);
    const named = { ...params, name: 'release' };
    const replace = (text: string, version: string) =>
      call('replaceFormula', { as: 'ada', params: named, body: { text }, headers: { 'If-Match': version } });
    expect(bodyOf('replaceFormula', await replace(release.replace('Cut', 'Make'), '1'))).toMatchObject({
      version: 2,
      description: 'Make a release.',
    });
    expect((await replace(release, '1')).status).toBe(409);
    expect((await replace(release.replace('"release"', '"other"'), '2')).status).toBe(422);
    expect((await call('deleteFormula', { as: 'ada', params: named })).status).toBe(200);
    expect((await call('getFormula', { as: 'ada', params: named })).status).toBe(404);
    expect((await call('deleteFormula', { as: 'ada', params: { ...params, name: 'shiny' } })).status).toBe(404);
  });
  it('shows what is wrong with one, and takes a text that is none with the place of the mistake', async () => {
    const { create } = await scene();
    const broken = bodyOf('createFormula', await create('formula = "broken"\n[[steps]]\nid = "a"\ntitle = "A"\nneeds = ["ghost"]'));
    expect(broken.problems).toEqual([{ step: 'a', message: 'it needs "ghost", and there is no such step' }]);
    const refused = await create('formula = "broken');
    expect(refused.status).toBe(422);
    expect(JSON.stringify(refused.body)).toContain('not TOML');
  });
  it('of the same name as a built-in one takes its place', async () => {
    const { call, params, create } = await scene();
    bodyOf('createFormula', await create('formula = "shiny"\n[[steps]]\nid = "one"\ntitle = "Only one"'));
    const cooked = bodyOf('cookFormula', await call('cookFormula', { as: 'ada', params: { ...params, name: 'shiny' }, body: {} }));
    expect(cooked.steps.map(({ title }) => title)).toEqual(['Only one']);
  });
  it('belong to the town: others may not touch them', async () => {
    const { call, params, create } = await scene();
    expect((await create(release, 'eve')).status).toBe(403);
    for (const id of ['getFormula', 'cookFormula', 'installFormula'] as const)
      expect((await call(id, { as: 'eve', params: { ...params, name: 'shiny' }, body: {} })).status).toBe(403);
  });
});

describe('cooking over REST', () => {
  it('shows the checklist and changes nothing', async () => {
    const { ports, call, params, townId, create } = await scene();
    await create(release);
    const before = (await ports.store.eventsOf(townId, {}, { limit: 50 })).items.length;
    const body = { variables: { version: '1.2.3' }, title: 'Version 1.2.3' };
    const cooked = bodyOf('cookFormula', await call('cookFormula', { as: 'ada', params: { ...params, name: 'release' }, body }));
    expect(cooked.steps.map(({ stepId }) => stepId)).toEqual(['design', 'implement', 'review', 'test', 'submit', 'tag']);
    expect(cooked.steps[0]?.title).toBe('Design: Version 1.2.3');
    expect((await ports.store.eventsOf(townId, {}, { limit: 50 })).items).toHaveLength(before);
  });
  it('says every problem with its step', async () => {
    const { call, params, create } = await scene();
    await create(
      'formula = "bad"\n[vars.x]\nrequired = true\n[[steps]]\nid = "a"\ntitle = "{{y}}"\nneeds = ["b"]\n[[steps]]\nid = "b"\ntitle = "B"\nneeds = ["a"]',
    );
    const answer = await call('cookFormula', { as: 'ada', params: { ...params, name: 'bad' }, body: {} });
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({
      errors: [
        { path: 'bad', message: 'the variable x is required' },
        { path: 'bad.a', message: 'the variable y has no value' },
        { path: 'bad.a', message: 'steps need each other in a circle: a → b → a' },
      ],
    });
  });
});

describe("the account's registry", () => {
  it('takes a formula from a town and gives it to another one, also a newer version', async () => {
    const { call, params, townId, create } = await scene();
    await create(release);
    const publish = (as: string, of: string) => call('publishFormula', { as, body: { fromTownId: of, name: 'release' } });
    expect(bodyOf('publishFormula', await publish('ada', townId))).toMatchObject({ name: 'release', version: 1, publishedBy: 'ada' });
    const other = bodyOf('createTown', await call('createTown', { as: 'bob', body: { name: 'Inland' } }));
    const named = { townId: other.townId, name: 'release' };
    const install = () => call('installFormula', { as: 'bob', params: named });
    expect(bodyOf('installFormula', await install())).toMatchObject({ source: 'town', installedVersion: 1, version: 1 });
    expect(bodyOf('installFormula', await install())).toMatchObject({ installedVersion: 1, version: 1 });
    expect((await publish('bob', other.townId)).status).toBe(403);
    await call('replaceFormula', { as: 'ada', params: { ...params, name: 'release' }, body: { text: release.replace('Cut', 'Make') } });
    expect(bodyOf('publishFormula', await publish('ada', townId)).version).toBe(2);
    expect(bodyOf('installFormula', await install())).toMatchObject({ installedVersion: 2, version: 2, description: 'Make a release.' });
    expect(bodyOf('listPublishedFormulas', await call('listPublishedFormulas', { as: 'bob' })).items).toMatchObject([
      { name: 'release', version: 2 },
    ]);
    const published = { params: { name: 'release' } };
    expect(bodyOf('getPublishedFormula', await call('getPublishedFormula', { as: 'bob', ...published })).toml).toContain('Make a release.');
    expect((await call('withdrawFormula', { as: 'bob', ...published })).status).toBe(403);
    expect((await call('withdrawFormula', { as: 'ada', ...published })).status).toBe(200);
    expect((await install()).status).toBe(404);
    expect((await call('getFormula', { as: 'bob', params: named })).status).toBe(200);
  });
});
