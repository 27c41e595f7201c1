// Reads and acts that nothing else asks for; and no route for people is there that no test calls.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { routes } from '../../functions/contracts/routes.ts';
import { anAgent } from '../rules/build.ts';
import { beadTown } from '../beads/bead-town.ts';
import { bodyOf } from './call.ts';

const sha = 'b'.repeat(40);
const at = '2026-11-21T10:00:00.000Z';
const commit = { sha, message: 'Add sum', authorName: 'Ada', authorEmail: 'ada@example.com', committerName: 'Toast (gastown)', at };

it('lists the repositories of a town', async () => {
  const { call, townId, rigId } = await beadTown();
  expect(bodyOf('listRigs', await call('listRigs', { as: 'ada', params: { townId } })).items).toMatchObject([{ rigId, name: 'web' }]);
});

it('lists the commits of a bead', async () => {
  const town = await beadTown();
  const { beadId, details } = await town.sling('Sum');
  expect(bodyOf('beadCommits', await town.on('beadCommits', beadId)).items).toEqual([]);
  if (details.type !== 'issue') throw new Error('not an issue');
  await town.force(beadId, { details: { ...details, commits: [commit] } });
  expect(bodyOf('beadCommits', await town.on('beadCommits', beadId)).items).toMatchObject([{ sha, authorName: 'Ada' }]);
});

it('shows what an agent has done, and its events', async () => {
  const { call, townId, ports } = await beadTown();
  const toast = { ...anAgent('toast'), townId, record: { done: 3, repairs: 1, failures: 0, workedMs: 60_000 } };
  const event = {
    townId,
    eventId: '01KAJ000000000000000000001',
    type: 'agent_started',
    agentId: 'toast',
    actor: 'patrol:B1',
    data: {},
    at,
  } as const;
  await ports.store.commit([
    { put: 'agent', item: toast, when: 'none' },
    { put: 'event', item: event, when: 'none' },
  ]);
  const about = { as: 'ada', params: { townId, agentId: 'toast' } };
  expect(bodyOf('agentCv', await call('agentCv', about))).toMatchObject({ name: 'toast', beadsDone: 3, repairs: 1, firstPassRate: 1 });
  expect(bodyOf('agentEvents', await call('agentEvents', about)).items.map((each) => each.type)).toEqual(['agent_started']);
});

it('shows what I have set for myself, and nothing of others', async () => {
  const { call } = await beadTown();
  await call('updateMyConfig', { as: 'ada', body: { 'identity.authorName': 'Ada L.' } });
  expect((await call('getMyConfig', { as: 'ada' })).body).toMatchObject({ 'identity.authorName': 'Ada L.' });
  expect(JSON.stringify((await call('getMyConfig', { as: 'bob' })).body)).not.toContain('Ada L.');
});

it('makes a convoy by either of its two names', async () => {
  const { call, townId, rigId } = await beadTown();
  const body = { title: 'Statistics', rigId, parallel: true, tasks: [{ title: 'Mean' }, { title: 'Median' }] };
  const { convoy, progress } = bodyOf('createConvoy', await call('createConvoy', { as: 'ada', params: { townId }, body }));
  expect(progress).toMatchObject({ total: 2, closed: 0 });
  const shown = await call('getConvoy', { as: 'ada', params: { townId, beadId: convoy.beadId } });
  expect(bodyOf('getConvoy', shown).members).toHaveLength(2);
});

it('says that it is up, to anybody', async () => {
  const { call } = await beadTown();
  expect(bodyOf('health', await call('health')).status).toBe('ok');
});

it('no route for people is there that no test calls', () => {
  const folders = ['api', 'beads', 'rules', 'settings', 'tools', 'e2e', 'merges', 'hosts', 'search'].map((name) =>
    join(import.meta.dirname, '..', name),
  );
  const tested = folders
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
  const ids = Object.entries(routes).flatMap(([id, { group }]) => (['runner', 'mcp'].includes(group) ? [] : [id]));
  expect(ids.length).toBeGreaterThan(80);
  expect(ids.filter((id) => !tested.includes(`'${id}'`))).toEqual([]);
});
