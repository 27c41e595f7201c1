// Settings over REST: of a town, a rig, an organisation and a person; who may; what holds, and who said so.
import { describe, expect, it } from 'vitest';
import { desired } from '../../functions/operations/desired.ts';
import { fakePorts } from '../fakes/ports.ts';
import { aLease, anAgent, anIssue, rigId, townId, townWith } from '../tools/town.ts';
import { bodyOf, client } from './call.ts';

const params = { townId };
const ofRig = { townId, rigId };
const ofOrg = { orgId: 'ada' };

const scene = async () => {
  const secrets = new Map<string, string>();
  const ports = await townWith(
    { agents: [anAgent()], beads: [anIssue()] },
    fakePorts({
      secrets: {
        ...fakePorts().secrets,
        put: async (name, value) => {
          secrets.set(name, value);
        },
        get: async (name) => secrets.get(name),
        remove: async (name) => {
          secrets.delete(name);
        },
      },
    }),
  );
  const call = client(ports);
  const polecat = async () => (await desired(ports, aLease())).assignments.find((each) => each.role === 'polecat');
  const row = async (key: string, query: Record<string, string> = {}) =>
    bodyOf('listSettings', await call('listSettings', { as: 'ada', params, query })).items.find((item) => item.key === key);
  return { ports, secrets, call, polecat, row };
};

describe('settings of a rig', () => {
  it('come before those of the town, until null takes them away', async () => {
    const { call, row } = await scene();
    await call('updateConfig', { as: 'ada', params, body: { 'limits.maxPolecatsPerRig': 4 } });
    await call('updateRigConfig', { as: 'ada', params: ofRig, body: { 'limits.maxPolecatsPerRig': 2 } });
    expect(await row('limits.maxPolecatsPerRig', { rigId })).toMatchObject({ value: 2, from: 'rig', default: 5 });
    expect(await row('limits.maxPolecatsPerRig')).toMatchObject({ value: 4, from: 'town' });
    await call('updateRigConfig', { as: 'ada', params: ofRig, body: { 'limits.maxPolecatsPerRig': null } });
    expect(await row('limits.maxPolecatsPerRig', { rigId })).toMatchObject({ value: 4, from: 'town' });
  });
  it('keep what a change does not name, and say in an event which keys were changed, never a value', async () => {
    const { ports, call } = await scene();
    await call('updateRigConfig', { as: 'ada', params: ofRig, body: { 'instructions.polecat': 'Mind the secret door.' } });
    await call('updateRigConfig', { as: 'ada', params: ofRig, body: { 'merge.codeReview': false } });
    const config = bodyOf('getRigConfig', await call('getRigConfig', { as: 'ada', params: ofRig }));
    expect(config).toMatchObject({ 'instructions.polecat': 'Mind the secret door.', 'merge.codeReview': false });
    const { items } = await ports.store.eventsOf(townId, {}, { limit: 100 });
    expect(items.map((event) => event.data['changed'])).toEqual([['instructions.polecat'], ['merge.codeReview']]);
    expect(JSON.stringify(items)).not.toContain('secret door');
  });
  it('and its gates are one thing, whichever route changes them', async () => {
    const { call } = await scene();
    const gates = [{ name: 'lint', command: 'npm run lint', timeoutSeconds: 60, phase: 'both' }];
    await call('updateRigConfig', { as: 'ada', params: ofRig, body: { gates } });
    expect(bodyOf('getRig', await call('getRig', { as: 'ada', params: ofRig })).gates).toEqual(gates);
  });
});

describe('variables for agents', () => {
  const env = [
    { name: 'REGION', value: 'north', secret: false },
    { name: 'NPM_TOKEN', value: 'npm_0123456789', secret: true },
  ];
  it('reach the agent, the secret ones by the secrets only; people read a mask, which may be sent back (L77)', async () => {
    const { ports, secrets, call, polecat } = await scene();
    const stored = bodyOf('updateConfig', await call('updateConfig', { as: 'ada', params, body: { env } }));
    expect(stored.env).toEqual([env[0], { ...env[1], value: '****6789' }]);
    expect((await polecat())?.env).toEqual({ REGION: 'north', NPM_TOKEN: 'npm_0123456789' });
    expect(JSON.stringify(await ports.store.get('town', params))).not.toContain('npm_0123456789');
    await call('updateConfig', { as: 'ada', params, body: { env: stored.env } });
    expect((await polecat())?.env).toMatchObject({ NPM_TOKEN: 'npm_0123456789' });
    await call('updateConfig', { as: 'ada', params, body: { env: [] } });
    expect(secrets.size).toBe(0);
  });
  it('of a rig take the place of those of the town with the same name', async () => {
    const { call, polecat } = await scene();
    await call('updateConfig', { as: 'ada', params, body: { env } });
    await call('updateRigConfig', { as: 'ada', params: ofRig, body: { env: [{ name: 'REGION', value: 'south' }] } });
    expect((await polecat())?.env).toEqual({ REGION: 'south', NPM_TOKEN: 'npm_0123456789' });
  });
  it.each(['PATH', 'HOME', 'AWS_ACCESS_KEY_ID', 'GIT_SSH_COMMAND', 'NODE_OPTIONS', 'OPENCODE_CONFIG_CONTENT', 'LD_PRELOAD', 'https_proxy'])(
    'cannot be called %s: the runner sets that itself',
    async (name) => {
      const { call } = await scene();
      const answer = await call('updateConfig', { as: 'ada', params, body: { env: [{ name, value: 'x' }] } });
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'body.env.0.name' }] } });
    },
  );
});

describe('settings of an organisation', () => {
  it('hold in all its towns at once, also in one that is made later, below what the town says itself', async () => {
    const { call, row } = await scene();
    const answer = await call('updateOrgConfig', { as: 'ada', params: ofOrg, body: { 'budget.dayUsd': 20 } });
    expect(answer).toMatchObject({ status: 200, body: { 'budget.dayUsd': 20 } });
    expect(await row('budget.dayUsd')).toMatchObject({ value: 20, from: 'organisation' });
    const later = bodyOf('createTown', await call('createTown', { as: 'ada', body: { name: 'Later' } }));
    const rows = bodyOf('listSettings', await call('listSettings', { as: 'ada', params: { townId: later.townId } })).items;
    expect(rows.find((item) => item.key === 'budget.dayUsd')).toMatchObject({ value: 20, from: 'organisation' });
    await call('updateConfig', { as: 'ada', params, body: { 'budget.dayUsd': 5 } });
    expect(await row('budget.dayUsd')).toMatchObject({ value: 5, from: 'town' });
  });
  it('reach a town whose copy was missed when its settings are looked at', async () => {
    const { ports, call, row } = await scene();
    const settings = { 'budget.dayUsd': 7 };
    const updatedAt = '2026-11-21T10:00:00.000Z';
    const item = { scope: 'organisation' as const, ownerId: 'ada', settings, version: 1, updatedAt };
    await ports.store.commit([{ put: 'ownerSettings', item, when: 'none' }]);
    expect(await row('budget.dayUsd')).toMatchObject({ value: 7, from: 'organisation' });
    expect((await ports.store.get('town', params))?.inherited?.organisation).toEqual(settings);
    const version = (await ports.store.get('town', params))?.version;
    await call('listSettings', { as: 'ada', params });
    expect((await ports.store.get('town', params))?.version).toBe(version);
  });
  it('give the provider and its key to models that name none', async () => {
    const { call, polecat, secrets } = await scene();
    const provider = { kind: 'opencode-provider', provider: 'anthropic', apiKey: 'sk-ant-0123456789' };
    const stored = bodyOf(
      'updateOrgConfig',
      await call('updateOrgConfig', { as: 'ada', params: ofOrg, body: { 'models.provider': provider } }),
    );
    expect(stored['models.provider']).toEqual({ ...provider, apiKey: '****6789' });
    expect([...secrets.keys()]).toEqual([expect.stringMatching(/^orgs\/[0-9a-f]{24}\/models\/provider-/)]);
    await call('updateConfig', { as: 'ada', params, body: { 'models.polecat': { kind: 'provider', model: 'claude' } } });
    expect((await polecat())?.model).toEqual({ ...provider, model: 'claude' });
  });
  it('are for its own people', async () => {
    const { call } = await scene();
    expect((await call('getOrgConfig', { as: 'bob', params: ofOrg })).status).toBe(403);
    expect((await call('updateOrgConfig', { as: 'bob', params: ofOrg, body: {} })).status).toBe(403);
  });
  it('switch a feature off for everybody at once', async () => {
    const { call } = await scene();
    const batch = () => call('slingBatch', { as: 'ada', params, body: { title: 'Quay', rigId, tasks: [{ title: 'Paint' }] } });
    await call('updateOrgConfig', { as: 'ada', params: ofOrg, body: { 'flags.convoys': { to: 'off' } } });
    expect(await batch()).toMatchObject({ status: 403, body: { detail: expect.stringContaining('switched off') } });
    await call('updateOrgConfig', { as: 'ada', params: ofOrg, body: { 'flags.convoys': null } });
    expect((await batch()).status).toBe(201);
  });
});

it('lets people choose the name on their commits, before what the town says', async () => {
  const { call, polecat } = await scene();
  await call('updateConfig', { as: 'ada', params, body: { 'identity.authorName': 'The harbour' } });
  expect((await polecat())?.commit?.authorName).toBe('The harbour');
  await call('updateMyConfig', { as: 'ada', body: { 'identity.authorName': 'Ada L.' } });
  expect((await polecat())?.commit?.authorName).toBe('Ada L.');
  expect((await call('updateMyConfig', { as: 'ada', body: { 'limits.maxAgents': 3 } })).status).toBe(400);
});

it('answers an unknown setting with 400 and the names near it', async () => {
  const { call } = await scene();
  expect(await call('updateConfig', { as: 'ada', params, body: { 'limits.maxPolecats': 3 } })).toMatchObject({
    status: 400,
    body: { detail: expect.stringContaining('near it: limits.maxPolecatsPerRig') },
  });
});

describe('settings of one bead', () => {
  it('are given when it is slung and hold for it alone; a key is that of the town for the same place', async () => {
    const { call, ports } = await scene();
    const endpoint = { kind: 'openai-compatible', baseUrl: 'https://models.example.com/v1', model: 'large' };
    await call('updateConfig', { as: 'ada', params, body: { 'models.default': { ...endpoint, apiKey: 'sk-0123456789' } } });
    const settings = { 'models.polecat': { ...endpoint, model: 'small' }, 'limits.maxDispatchAttempts': 1 };
    const bead = bodyOf('sling', await call('sling', { as: 'ada', params, body: { rigId, title: 'Paint the quay', settings } }));
    expect(bead.details).toMatchObject({ settings });
    await ports.store.commit([
      { put: 'bead', item: { ...bead, status: 'in_progress', assigneeAgentId: 'maple' }, when: 'none' },
      { put: 'agent', item: anAgent({ agentId: 'maple', name: 'Maple', hookBeadId: bead.beadId }), when: 'none' },
    ]);
    const { assignments } = await desired(ports, aLease());
    expect(assignments.find((each) => each.agentId === 'maple')?.model).toEqual({ ...endpoint, model: 'small', apiKey: 'sk-0123456789' });
    expect(assignments.find((each) => each.agentId === 'toast')?.model).toMatchObject({ model: 'large' });
  });
  it('never hold a key, and no setting of a wider scope', async () => {
    const { call } = await scene();
    const sling = (settings: object) => call('sling', { as: 'ada', params, body: { rigId, title: 'x', settings } });
    const route = { kind: 'opencode-provider', provider: 'openai', model: 'm', apiKey: 'sk-0123456789' };
    expect((await sling({ 'models.default': route })).status).toBe(400);
    expect((await sling({ 'runtime.idleMinutes': 3 })).status).toBe(400);
    expect((await sling({ 'convoy.staged': true })).status).toBe(400);
  });
});
