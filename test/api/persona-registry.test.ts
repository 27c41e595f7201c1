// Ways of working that go from town to town through the account's registry, with what they have done.
import { describe, expect, it } from 'vitest';
import type { Write } from '../../functions/ports.ts';
import { callTool } from '../../functions/tools/tool-set.ts';
import { aMessage, anAgent, identity, townId as toolTown, townWith } from '../tools/town.ts';
import { aRequest, aRig, aTown, anIssue, townId } from '../rules/build.ts';
import { fakePorts } from '../fakes/ports.ts';
import { bodyOf, client } from './call.ts';

const gates = [{ name: 'tests', command: 'npm test', timeoutSeconds: 60, phase: 'both' as const }];
const model = { kind: 'openai-compatible', baseUrl: 'https://models.example.com/v1', model: 'big-1' } as const;
const persona = { personaId: 'harbour-master', name: 'Harbour Master', overlay: 'You know every quay.', gates, model };
const key = 'sk-a-key-of-the-first-town';
const otherTown = 't-0thertwn';
const none = { calls: 1, inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, durationMs: 0 };
/** A finished bead that wore the persona, with what it cost and how often it was sent back. */
const finished = (beadId: string, usd: number, rounds: number, personaId: string = persona.personaId): Write[] => [
  { put: 'bead', item: anIssue(beadId, { status: 'closed' }, { personaId, latestMergeRequestId: `${beadId}m` }), when: 'none' },
  { put: 'bead', item: aRequest(`${beadId}m`, { status: 'closed' }, { reworkRounds: rounds }), when: 'none' },
  {
    put: 'tally',
    item: {
      townId,
      period: 'life',
      scope: `bead#${beadId}`,
      model: 'big-1',
      ...none,
      costMicroUsd: usd * 1_000_000,
      estimatedMicroUsd: 0,
      computeMicroUsd: 0,
    },
    when: 'none',
  },
];
const scene = async () => {
  const ports = fakePorts();
  await ports.store.commit([
    { put: 'town', item: aTown(), when: 'none' },
    { put: 'town', item: { ...aTown(), townId: otherTown, ownerId: 'bob' }, when: 'none' },
    { put: 'rig', item: aRig(), when: 'none' },
    ...[
      finished('web-a001', 1, 0),
      finished('web-a002', 2, 0),
      finished('web-a003', 3, 2),
      finished('web-a004', 90, 0, 'pentester'),
    ].flat(),
  ]);
  const call = client(ports);
  await call('updateConfig', {
    as: 'ada',
    params: { townId },
    body: { 'models.default': { ...model, apiKey: key }, env: [{ name: 'TOKEN', value: 'a-secret-of-the-town', secret: true }] },
  });
  await call('createPersona', { as: 'ada', params: { townId }, body: persona });
  const publish = (as = 'ada', fromTownId = townId) => call('publishPersona', { as, body: { fromTownId, personaId: persona.personaId } });
  const install = (as = 'bob', to = otherTown) => call('installPersona', { as, params: { townId: to, personaId: persona.personaId } });
  return { ports, call, publish, install };
};
const published = { personaId: persona.personaId };

describe('a persona of the registry', () => {
  it('has the configuration with its results: beads, first passes, cost and models of the finished beads that wore it', async () => {
    const { call, publish } = await scene();
    const item = bodyOf('publishPersona', await publish());
    expect(item).toMatchObject({ ...persona, version: 1, publishedBy: 'ada', fromTownId: townId });
    expect(item.results).toEqual({ beads: 3, firstPassRate: 2 / 3, beadMicroUsd: 2_000_000, models: ['big-1'] });
    expect(bodyOf('listPublishedPersonas', await call('listPublishedPersonas', { as: 'bob' })).items).toEqual([item]);
    expect(bodyOf('getPublishedPersona', await call('getPublishedPersona', { as: 'bob', params: published }))).toEqual(item);
  });
  it('is installed into another town, again in its newest version, and worn there', async () => {
    const { call, publish, install } = await scene();
    await publish();
    expect(bodyOf('installPersona', await install())).toEqual({ ...persona, builtIn: false, version: 1, installedVersion: 1 });
    expect(bodyOf('installPersona', await install())).toMatchObject({ version: 1, installedVersion: 1 });
    await call('updatePersona', { as: 'ada', params: { townId, ...published }, body: { overlay: 'You know every ship.' } });
    await publish();
    expect(bodyOf('installPersona', await install())).toMatchObject({ overlay: 'You know every ship.', version: 2, installedVersion: 2 });
  });
  it('holds no key, no variable of the environment and nothing else of its town', async () => {
    const { ports, publish, install } = await scene();
    const texts = [
      JSON.stringify(await publish()),
      JSON.stringify(await install()),
      JSON.stringify(await ports.store.publishedPersonas({ limit: 9 })),
    ];
    for (const text of texts) {
      expect(text).not.toContain(key.slice(-4));
      expect(text).not.toContain('a-secret-of-the-town');
      expect(text).not.toContain('TOKEN');
      expect(text).not.toContain('keyRef');
    }
  });
  it('belongs to who published it, and never takes the place of what a town has made itself', async () => {
    const { call, publish, install } = await scene();
    await publish();
    await call('createPersona', { as: 'bob', params: { townId: otherTown }, body: { ...persona, overlay: 'My own.' } });
    expect((await publish('bob', otherTown)).status).toBe(403);
    expect((await publish('bob', townId)).status).toBe(403);
    expect((await install()).status).toBe(409);
    expect((await call('withdrawPersona', { as: 'bob', params: published })).status).toBe(403);
    expect((await call('withdrawPersona', { as: 'ada', params: published })).status).toBe(200);
    expect((await install('ada', townId)).status).toBe(404);
  });
  it('is found and installed by the Mayor with its results', async () => {
    const { ports: first, publish } = await scene();
    await publish();
    const { items } = await first.store.publishedPersonas({ limit: 1 });
    const mayor = anAgent({ agentId: 'mayor', role: 'mayor', epoch: 1, hookBeadId: undefined, slot: undefined, rigId: undefined });
    const ports = await townWith({ agents: [mayor], messages: [aMessage({ state: 'working' })] });
    for (const item of items) await ports.store.commit([{ put: 'publishedPersona', item, when: 'none' }]);
    const chief = identity({ agentId: 'mayor', role: 'mayor', epoch: 1 });
    const listed = await callTool(ports, chief, 'gt_persona_list', { registry: true });
    expect(listed.text).toMatch(/"id":"harbour-master".*"beads_done":3,"first_pass_percent":67,"usd_per_bead":2,"models":\["big-1"\]/s);
    expect((await callTool(ports, chief, 'gt_persona_install', { persona_id: 'harbour-master' })).text).toContain('gt_sling now');
    expect(await ports.store.get('persona', { townId: toolTown, personaId: 'harbour-master' })).toMatchObject({ installedVersion: 1 });
    expect((await callTool(ports, chief, 'gt_persona_list', {})).text).toContain('harbour-master');
  });
});
