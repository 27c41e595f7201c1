import { expect, it } from 'vitest';
import type { GitCredential, Secrets } from '../../functions/ports.ts';
import { fakePorts } from '../fakes/ports.ts';
import { bodyOf, client } from './call.ts';

const key = 'sk-live-abcdefgh12345678';
const withTown = async (overrides: Parameters<typeof fakePorts>[0] = {}) => {
  const ports = fakePorts(overrides);
  const call = client(ports);
  const town = bodyOf('createTown', await call('createTown', { as: 'ada', body: { name: 'Harbour' } }));
  return { ports, call, town, params: { townId: town.townId } };
};
const countingSecrets = (): Secrets & { names: () => string[] } => {
  const values = new Map<string, string>();
  return {
    put: async (name, value) => {
      values.set(name, value);
    },
    get: async (name) => values.get(name),
    remove: async (name) => {
      values.delete(name);
    },
    removePrefix: async (prefix) => {
      for (const name of values.keys()) if (name.startsWith(prefix)) values.delete(name);
    },
    names: () => [...values.keys()],
  };
};

it('creates a town with the documented defaults', async () => {
  const { town } = await withTown();
  expect(town.ownerId).toBe('ada');
  expect(town.config).toEqual({ 'models.default': { kind: 'scripted' } });
});

it('uses Bedrock by default where the deployment says so', async () => {
  const { ports } = await withTown();
  const call = client({ ...ports, deployment: { ...ports.deployment, defaultModel: 'bedrock' } });
  expect(bodyOf('createTown', await call('createTown', { as: 'ada', body: { name: 'Cloud' } })).config['models.default']?.kind).toBe(
    'bedrock',
  );
});

it('creates a town once for one Idempotency-Key and refuses the key for another body', async () => {
  const { call, ports } = await withTown();
  const headers = { 'Idempotency-Key': 'k-1' };
  const first = bodyOf('createTown', await call('createTown', { as: 'ada', body: { name: 'Twice' }, headers }));
  const again = bodyOf('createTown', await call('createTown', { as: 'ada', body: { name: 'Twice' }, headers }));
  expect(again).toEqual(first);
  expect((await ports.store.townsOf('ada', { limit: 100 })).items).toHaveLength(2);
  expect((await call('createTown', { as: 'ada', body: { name: 'Other' }, headers })).status).toBe(422);
  expect((await call('createTown', { as: 'bob', body: { name: 'Other' }, headers })).status).toBe(201);
});

it('stops a write whose If-Match is not the stored version', async () => {
  const { call, params } = await withTown();
  const renamed = bodyOf(
    'updateTown',
    await call('updateTown', { as: 'ada', params, body: { name: 'Port' }, headers: { 'If-Match': '1' } }),
  );
  expect(renamed).toMatchObject({ name: 'Port', version: 2 });
  expect((await call('updateTown', { as: 'ada', params, body: { name: 'Late' }, headers: { 'If-Match': '1' } })).status).toBe(409);
});

it('keeps what a partial update does not name, masks keys, and keeps the stored key when its mask is sent back', async () => {
  const { call, params, ports } = await withTown();
  const route = { kind: 'openai-compatible', baseUrl: 'https://models.example.com/v1', apiKey: key, model: 'large' };
  const config = bodyOf(
    'updateConfig',
    await call('updateConfig', { as: 'ada', params, body: { 'models.polecat': route, 'limits.maxPolecatsPerRig': 2 } }),
  );
  expect(config['models.polecat']).toEqual({ ...route, apiKey: '****5678' });
  expect(config['limits.maxPolecatsPerRig']).toBe(2);
  expect(config['models.default']).toEqual({ kind: 'scripted' });
  await call('updateConfig', { as: 'ada', params, body: { 'models.polecat': { ...route, apiKey: '****5678', model: 'small' } } });
  const stored = await ports.store.get('town', params);
  expect(stored?.config['models.polecat']).toMatchObject({ kind: 'openai-compatible', model: 'small', keyMask: '****5678' });
  expect(JSON.stringify((await call('getTown', { as: 'ada', params })).body)).not.toContain(key);
});

it('does not send a stored key to another address, and refuses the mask of an unknown key', async () => {
  const { call, params } = await withTown();
  const route = { kind: 'openai-compatible', baseUrl: 'https://models.example.com/v1', apiKey: key, model: 'large' };
  await call('updateConfig', { as: 'ada', params, body: { 'models.polecat': route } });
  expect(
    (
      await call('updateConfig', {
        as: 'ada',
        params,
        body: { 'models.polecat': { ...route, apiKey: '****5678', baseUrl: 'https://evil.example.com/v1' } },
      })
    ).status,
  ).toBe(422);
  expect((await call('updateConfig', { as: 'ada', params, body: { 'models.mayor': { ...route, apiKey: '****0000' } } })).status).toBe(422);
});

it('connects a repository with a prefix made from its name, unique in the town', async () => {
  const { call, params } = await withTown();
  const one = bodyOf(
    'createRig',
    await call('createRig', { as: 'ada', params, body: { name: 'web', gitUrl: 'https://git.example.com/web.git' } }),
  );
  const two = bodyOf(
    'createRig',
    await call('createRig', {
      as: 'ada',
      params,
      body: { name: 'web', gitUrl: 'https://git.example.com/web2.git', gates: [{ name: 'test', command: 'npm test' }] },
    }),
  );
  expect(one).toMatchObject({ prefix: 'web', defaultBranch: 'main', gates: [] });
  expect(two.prefix).not.toBe('web');
  expect(two.gates).toEqual([{ name: 'test', command: 'npm test', timeoutSeconds: 600, phase: 'both' }]);
  expect(
    (await call('createRig', { as: 'ada', params, body: { name: 'api', gitUrl: 'https://git.example.com/api.git', prefix: 'web' } }))
      .status,
  ).toBe(409);
  expect(
    (await call('createRig', { as: 'ada', params, body: { name: 'api', gitUrl: 'https://git.example.com/api.git', prefix: 'hq' } })).status,
  ).toBe(409);
});

it('leaves nothing behind when the repository cannot be reached', async () => {
  const secrets = countingSecrets();
  const { call, params, ports } = await withTown({
    secrets,
    probe: { ok: false, reason: 'unauthorised', message: 'The host refused the credential.' },
  });
  const answer = await call('createRig', {
    as: 'ada',
    params,
    body: { name: 'web', gitUrl: 'https://git.example.com/web.git', credential: { username: 'x', password: 'y' } },
  });
  expect(answer).toMatchObject({ status: 422, body: { detail: 'The host refused the credential.' } });
  expect(await ports.store.rigsOf(params.townId)).toEqual([]);
  expect(secrets.names()).toEqual([]);
});

it('asks the repository with the given credential, stores it as a secret, and removes it when the rig cannot be stored', async () => {
  const secrets = countingSecrets();
  const asked: (GitCredential | undefined)[] = [];
  const gitHost = {
    probe: async (_url: string, credential?: GitCredential) => {
      asked.push(credential);
      return { ok: true as const, defaultBranch: 'trunk', branches: ['trunk'], moreBranches: false };
    },
  };
  const { call, params } = await withTown({ secrets, gitHost });
  const body = {
    name: 'web',
    gitUrl: 'https://git.example.com/web.git',
    prefix: 'web',
    credential: { username: 'bot', password: 'hunter22' },
  };
  const answer = await call('createRig', { as: 'ada', params, body });
  const rig = bodyOf('createRig', answer);
  expect(asked).toEqual([{ username: 'bot', password: 'hunter22' }]);
  expect(rig.defaultBranch).toBe('trunk');
  expect(JSON.parse((await secrets.get(rig.credentialRef ?? '')) ?? '')).toEqual({ username: 'bot', password: 'hunter22' });
  expect(JSON.stringify(answer.body)).not.toContain('hunter22');
  expect((await call('createRig', { as: 'ada', params, body })).status).toBe(409);
  expect(secrets.names()).toHaveLength(1);
});

it.each([
  ['a branch that the repository does not have', { branches: ['dev', 'trunk'], moreBranches: false }, 'no branch main; it has dev, trunk'],
  ['a repository without commits', { branches: [], moreBranches: false }, 'no commits yet'],
])('refuses %s and stores nothing', async (_name, found, text) => {
  const { call, params, ports } = await withTown({ probe: { ok: true, defaultBranch: 'dev', ...found } });
  const body = { name: 'web', gitUrl: 'https://git.example.com/web.git', defaultBranch: 'main' };
  expect(await call('createRig', { as: 'ada', params, body })).toMatchObject({
    status: 422,
    body: { detail: expect.stringContaining(text) },
  });
  expect(await ports.store.rigsOf(params.townId)).toEqual([]);
});

it('takes a branch that may be among those that were not read', async () => {
  const { call, params } = await withTown({ probe: { ok: true, defaultBranch: 'dev', branches: ['dev'], moreBranches: true } });
  const body = { name: 'web', gitUrl: 'https://git.example.com/web.git', defaultBranch: 'release/9' };
  expect(bodyOf('createRig', await call('createRig', { as: 'ada', params, body })).defaultBranch).toBe('release/9');
});

it('refuses a path where repositories on a path are not allowed', async () => {
  const { ports, params } = await withTown();
  const call = client({ ...ports, deployment: { ...ports.deployment, localRepositories: false } });
  expect((await call('createRig', { as: 'ada', params, body: { name: 'web', gitUrl: '/srv/web.git' } })).status).toBe(422);
});
