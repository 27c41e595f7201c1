// Tokens of an app, from the connection that a person makes to the push of the runner, against a server that speaks GitHub and git.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHosts } from '../../functions/adapters/git/hosts.ts';
import { createSmartHttpProbe } from '../../functions/adapters/git/smart-http-probe.ts';
import { atHost } from '../../functions/operations/host-access.ts';
import { gitCredential } from '../../functions/operations/runner-tokens.ts';
import type { Ports } from '../../functions/ports.ts';
import { bodyOf, client } from '../api/call.ts';
import { startGithub } from '../fakes/github-server.ts';
import type { FakeGithub } from '../fakes/github-server.ts';
import type { FakeInstallation, FakeRepository } from '../fakes/github/world.ts';
import { fakeClock, fakePorts } from '../fakes/ports.ts';
import type { FakePorts } from '../fakes/ports.ts';
import { aLease } from '../rules/build.ts';
import { bare, gitBeside, nextNumber } from './repositories.ts';

let github: FakeGithub;
const clock = fakeClock();
beforeAll(async () => {
  github = await startGithub(() => clock.nowMs());
});
afterAll(() => github.close());
beforeEach(() => {
  clock.set(Date.parse('2026-11-21T10:00:00.000Z'));
  github.requests.length = 0;
});
afterEach(() => {
  github.heal();
});

const scene = async (installation: Partial<FakeInstallation> = {}) => {
  const source = bare();
  source.push('main');
  const fake = github.addRepository(`acme/shop-${nextNumber()}`, source.folder);
  const app = github.addApp({ account: 'acme', ...installation });
  const ports: FakePorts = fakePorts({
    gitHost: { probe: createSmartHttpProbe({ timeoutMs: 30_000, reach: 'any' }) },
    ...createHosts({ clock, timeoutMs: 30_000, reach: 'any' }),
  });
  const call = client(ports);
  const { townId } = bodyOf('createTown', await call('createTown', { as: 'ada', body: { name: 'Harbour' } }));
  const params = { townId };
  const input = { kind: 'app', name: 'our app', origin: github.origin, ...app };
  const connect = async () => bodyOf('connectHost', await call('connectHost', { as: 'ada', params, body: input }));
  return { ports, call, params, fake, source, app, input, connect, gitUrl: github.gitUrl(fake) };
};
type Scene = Awaited<ReturnType<typeof scene>>;
const rigOf = async ({ call, params, gitUrl }: Scene, more: object) =>
  bodyOf('createRig', await call('createRig', { as: 'ada', params, body: { name: 'shop', gitUrl, ...more } }));
const connected = async (installation: Partial<FakeInstallation> = {}) => {
  const made = await scene(installation);
  const connection = await made.connect();
  const rig = await rigOf(made, { hostConnectionId: connection.hostConnectionId });
  return { ...made, connection, rig };
};
const forRunner = (ports: Ports, rig: { townId: string; rigId: string }) =>
  gitCredential(ports, { ...aLease(), townId: rig.townId }, rig.rigId);
const minted = (): number => github.requests.filter(({ line }) => line.endsWith('/access_tokens')).length;
const everything = (ports: FakePorts): string => JSON.stringify([ports.logged, ports.frames, ports.measured]);
/** Pushes as the runner's git does it. */
const pushWith = (
  folder: string,
  repository: FakeRepository,
  credential: { username?: string | undefined; password?: string | undefined },
): Promise<void> => {
  const url = new URL(github.gitUrl(repository));
  url.username = credential.username ?? '';
  url.password = credential.password ?? '';
  return gitBeside(folder, 'push', '--quiet', url.href, 'refs/heads/main:refs/heads/gt/web-1');
};

describe('the app of a host', () => {
  it('is connected when it may do what the town needs, and shown without its key', async () => {
    const { ports, call, params, connect, app } = await scene();
    const connection = await connect();
    expect(connection).toMatchObject({ kind: 'app', account: 'acme', appId: app.appId, secretMask: '****' });
    expect(connection).toMatchObject({ advice: [expect.stringContaining('workflows: write')] });
    const list = await call('listHosts', { as: 'ada', params });
    const town = await call('getTown', { as: 'ada', params });
    for (const answer of [connection, list.body, town.body]) expect(JSON.stringify(answer)).not.toContain('PRIVATE KEY');
    expect(JSON.stringify(town.body)).not.toContain('secretRef');
    expect(everything(ports)).not.toContain('PRIVATE KEY');
  });
  it.each([
    [
      'lacks a permission',
      { permissions: { contents: 'read', metadata: 'read', pull_requests: 'write', checks: 'read', statuses: 'read' } },
      'contents: write',
    ],
    ['is suspended', { isSuspended: true }, 'suspended'],
  ] as const)('is refused with what to do when it %s, and nothing is kept', async (_name, installation, text) => {
    const { ports, call, params, input } = await scene(installation);
    const answer = await call('connectHost', { as: 'ada', params, body: input });
    expect(answer).toMatchObject({ status: 422, body: { detail: expect.stringContaining(text) as string } });
    expect((await ports.store.get('town', params))?.hostConnections).toBeUndefined();
  });
  it('is refused by a wrong key, a wrong installation and a host that is away, each with its own sentence', async () => {
    const { call, params, input, app } = await scene();
    const other = github.addApp({ account: 'acme' });
    const trial = (change: object) => call('connectHost', { as: 'ada', params, body: { ...input, ...change } });
    expect(await trial({ privateKey: other.privateKey })).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining('by this key') as string },
    });
    expect(await trial({ installationId: app.installationId + 9000 })).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining('no installation') as string },
    });
    github.fail({ matches: /installations/, status: 502 });
    expect((await trial({})).status).toBe(503);
  });
});

describe('tokens of an app', () => {
  it('L7 are tried at the repository before it is connected, and refused where a push would be', async () => {
    const readOnly = await scene({
      permissions: { contents: 'write', metadata: 'read', pull_requests: 'write', checks: 'read', statuses: 'read' },
    });
    const connection = await readOnly.connect();
    const installation = github.world.apps.get(readOnly.app.appId)?.installations.get(readOnly.app.installationId);
    if (installation !== undefined) installation.permissions = { ...installation.permissions, contents: 'read' };
    const body = { name: 'shop', gitUrl: readOnly.gitUrl, hostConnectionId: connection.hostConnectionId };
    expect(await readOnly.call('createRig', { as: 'ada', params: readOnly.params, body })).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining('does not let this credential push') as string },
    });
    expect(await readOnly.ports.store.rigsOf(readOnly.params.townId)).toEqual([]);
  });
  it('L7 reach the runner fresh for every clone and push, long after the first one has ended', async () => {
    const { ports, rig, fake, source } = await connected();
    const first = await forRunner(ports, rig);
    expect(first).toMatchObject({ username: 'x-access-token', password: expect.stringMatching(/^ghs_/) as string });
    clock.advance(3 * 3_600_000);
    await expect(pushWith(source.folder, fake, first)).rejects.toThrow('Authentication failed');
    const second = await forRunner(ports, rig);
    await pushWith(source.folder, fake, second);
    expect(fake.git.headOf('gt/web-1')).toBe(fake.git.headOf('main'));
  });
  it('L79 are kept in memory until shortly before they end, never stored, and each lives at least ten minutes when it is given out', async () => {
    const { ports, rig } = await connected();
    const before = minted();
    const first = await forRunner(ports, rig);
    clock.advance(49 * 60_000);
    expect(await forRunner(ports, rig)).toEqual(first);
    expect(minted()).toBe(before);
    clock.advance(60_001);
    const second = await forRunner(ports, rig);
    expect(second.password).not.toBe(first.password);
    expect((await ports.store.rigsOf(rig.townId)).map(({ credentialRef }) => credentialRef)).toEqual([undefined]);
    expect(everything(ports)).not.toContain('ghs_');
  });
  it('L79 come before a credential that was stored, which is used when there is none to be had', async () => {
    const made = await scene();
    const { ports, fake, app } = made;
    github.addToken('pat-of-ada', 'ada');
    fake.people.set('ada', 'write');
    const connection = await made.connect();
    const rig = await rigOf(made, {
      hostConnectionId: connection.hostConnectionId,
      credential: { username: 'ada', password: 'pat-of-ada' },
    });
    expect((await forRunner(ports, rig)).password).toMatch(/^ghs_/);
    github.world.apps.get(app.appId)?.installations.clear();
    clock.advance(3_600_000);
    expect(await forRunner(ports, rig)).toEqual({ username: 'ada', password: 'pat-of-ada' });
  });
  it('L79 that were taken back are made again at once', async () => {
    const { ports, rig } = await connected();
    const { password = '' } = await forRunner(ports, rig);
    github.world.tokens.delete(password);
    const stored = await ports.store.get('rig', rig);
    if (stored === undefined) throw new Error('no rig');
    expect(await atHost(ports, stored, (repository) => ports.pullRequests.findByHead(repository, 'gt/web-1'))).toBeUndefined();
    expect((await forRunner(ports, rig)).password).not.toBe(password);
  });
  it('may touch one repository only, and never go to another host', async () => {
    const { ports, rig, fake, call, params, connection } = await connected();
    const other = bare();
    other.push('main');
    const second = github.addRepository(`acme/other-${nextNumber()}`, other.folder);
    const credential = await forRunner(ports, rig);
    await expect(pushWith(other.folder, second, credential)).rejects.toThrow('not found');
    expect(fake.name).not.toBe(second.name);
    const elsewhere = { name: 'elsewhere', gitUrl: 'https://git.example.com/acme/shop.git', hostConnectionId: connection.hostConnectionId };
    expect(await call('createRig', { as: 'ada', params, body: elsewhere })).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining(`is for ${github.origin}`) as string },
    });
  });
  it('that cannot be made now are an answer to try again, with the reason', async () => {
    const { ports, rig } = await connected();
    clock.advance(3_600_000);
    github.fail({ matches: /installations/, status: 503 });
    await expect(forRunner(ports, rig)).rejects.toMatchObject({ status: 503, message: expect.stringContaining('out of order') as string });
  });
});

describe('a connection', () => {
  it('gets a new key that is tried first, and the old one is forgotten', async () => {
    const { ports, call, params, connection, input } = await connected();
    const wrong = github.addApp({ account: 'acme' });
    const ofHost = { ...params, hostConnectionId: connection.hostConnectionId };
    const before = (await ports.store.get('town', params))?.hostConnections?.[0]?.secretRef ?? '';
    expect((await call('updateHost', { as: 'ada', params: ofHost, body: { privateKey: wrong.privateKey } })).status).toBe(422);
    expect(await ports.secrets.get(before)).toBeDefined();
    expect((await call('updateHost', { as: 'ada', params: ofHost, body: { name: 'renamed', privateKey: input.privateKey } })).status).toBe(
      200,
    );
    expect(await ports.secrets.get(before)).toBeUndefined();
    expect((await call('updateHost', { as: 'ada', params: ofHost, body: { token: 'x' } })).status).toBe(422);
  });
  it('stays while a repository uses it, which can be given another credential first', async () => {
    const { ports, call, params, connection, rig, fake } = await connected();
    const ofHost = { ...params, hostConnectionId: connection.hostConnectionId };
    const ofRig = { ...params, rigId: rig.rigId };
    expect(await call('disconnectHost', { as: 'ada', params: ofHost })).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('shop still uses') as string },
    });
    github.addToken('reader', 'rita');
    github.addToken('writer', 'wanda');
    fake.people.set('rita', 'read').set('wanda', 'write');
    const give = (password: string) =>
      call('updateRig', { as: 'ada', params: ofRig, body: { hostConnectionId: null, credential: { username: 'x', password } } });
    expect(await give('reader')).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining('does not let this credential push') as string },
    });
    expect((await give('writer')).status).toBe(200);
    expect(await forRunner(ports, rig)).toEqual({ username: 'x', password: 'writer' });
    expect((await call('disconnectHost', { as: 'ada', params: ofHost })).status).toBe(200);
    expect(bodyOf('listHosts', await call('listHosts', { as: 'ada', params })).items).toEqual([]);
  });
  it('by a token of a person names the person, and is refused when the host does not know the token', async () => {
    const { call, params } = await scene();
    github.addToken('token-of-grace', 'grace');
    const body = { kind: 'token', name: 'mine', origin: github.origin };
    expect(
      bodyOf('connectHost', await call('connectHost', { as: 'ada', params, body: { ...body, token: 'token-of-grace' } })),
    ).toMatchObject({
      kind: 'token',
      account: 'grace',
      secretMask: '****race',
    });
    expect((await call('connectHost', { as: 'ada', params, body: { ...body, token: 'nobodys-token' } })).status).toBe(422);
  });
  it('says for a repository what works and what does not', async () => {
    const { call, params, rig, fake } = await connected();
    const check = async () => bodyOf('checkRig', await call('checkRig', { as: 'ada', params: { ...params, rigId: rig.rigId } }));
    expect(await check()).toMatchObject({
      push: { ok: true },
      pullRequests: { ok: true, message: expect.stringContaining('gastown-town') as string },
    });
    fake.isArchived = true;
    expect(await check()).toMatchObject({
      push: { ok: true },
      pullRequests: { ok: false, message: expect.stringContaining('archived') as string },
    });
  });
});
