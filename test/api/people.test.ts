import { expect, it } from 'vitest';
import type { Agent, AgentState } from '../../functions/contracts/agent.schema.ts';
import { writesOf } from '../../functions/domain/bead-writes.ts';
import { newBead } from '../../functions/domain/new-bead.ts';
import { sayToMayor } from '../../functions/operations/mayor.ts';
import { reconcileTown } from '../../functions/reconcile/reconcile.ts';
import { fakePorts } from '../fakes/ports.ts';
import { bodyOf, client } from './call.ts';

const scene = async () => {
  const ports = fakePorts();
  const call = client(ports);
  const { townId } = bodyOf('createTown', await call('createTown', { as: 'ada', body: { name: 'Harbour' } }));
  return { ports, call, townId, params: { townId } };
};
const agent = (townId: string, agentId: string, state: AgentState, more: Partial<Agent> = {}): Agent => ({
  townId,
  agentId,
  name: agentId,
  role: 'polecat',
  state,
  epoch: 1,
  version: 1,
  createdAt: '2026-11-21T10:00:00.000Z',
  updatedAt: '2026-11-21T10:00:00.000Z',
  ...more,
});

it('signs in by a one-time code and says who one is', async () => {
  const { call } = await scene();
  expect(bodyOf('signIn', await call('signIn', { body: { code: 'good-code' } })).userId).toBe('ada');
  expect((await call('signIn', { body: { code: 'stale-code' } })).status).toBe(401);
  expect(bodyOf('me', await call('me', { as: 'ada' }))).toEqual({ userId: 'ada' });
});

it('stores what is said to the Mayor with the work that answers it, once per key', async () => {
  const { ports, call, townId, params } = await scene();
  const say = () =>
    call('sayToMayor', {
      as: 'ada',
      params,
      body: { text: 'Add search', context: { page: '/beads', openBeadId: 'web-none1' } },
      headers: { 'Idempotency-Key': 'm' },
    });
  const message = bodyOf('sayToMayor', await say());
  expect(bodyOf('sayToMayor', await say())).toEqual(message);
  expect(message).toMatchObject({ role: 'user', state: 'queued', text: 'Add search', context: { page: '/beads' } });
  expect(message.context).not.toHaveProperty('openBeadId');
  expect((await ports.store.workOf(townId)).map((work) => [work.kind, work.workId])).toEqual([['mayor', `ada#${message.messageId}`]]);
  const second = await sayToMayor(ports, { townId, userId: 'ada', input: { text: 'And sort' } });
  expect(bodyOf('mayorMessages', await call('mayorMessages', { as: 'ada', params })).items.map((item) => item.messageId)).toEqual([
    second.messageId,
    message.messageId,
  ]);
  expect(JSON.stringify((await call('listEvents', { as: 'ada', params })).body)).not.toContain('Add search');
});

it('lists agents active first with their reports, and pages', async () => {
  const { ports, call, townId, params } = await scene();
  for (const item of [
    agent(townId, 'maple', 'idle'),
    agent(townId, 'birch', 'working', { hookBeadId: 'web-x1y2' }),
    agent(townId, 'toast', 'waiting'),
  ])
    await ports.store.commit([{ put: 'agent', item, when: 'none' }]);
  const first = bodyOf('listAgents', await call('listAgents', { as: 'ada', params, query: { limit: '2' } }));
  expect(first.items.map((view) => view.agent.agentId)).toEqual(['birch', 'toast']);
  const rest = bodyOf('listAgents', await call('listAgents', { as: 'ada', params, query: { limit: '2', cursor: first.cursor ?? '' } }));
  expect(rest.items.map((view) => view.agent.agentId)).toEqual(['maple']);
  expect((await call('getAgent', { as: 'ada', params: { townId, agentId: 'nobody' } })).status).toBe(404);
});

it('gives the overview in one call, without secrets of the runtime', async () => {
  const { ports, call, townId, params } = await scene();
  const rig = bodyOf(
    'createRig',
    await call('createRig', { as: 'ada', params, body: { name: 'web', gitUrl: 'https://git.example.com/web.git' } }),
  );
  bodyOf(
    'slingBatch',
    await call('slingBatch', {
      as: 'ada',
      params,
      body: { title: 'Two', rigId: rig.rigId, parallel: true, tasks: [{ title: 'A' }, { title: 'B' }] },
    }),
  );
  const at = '2026-11-21T10:00:00.000Z';
  await ports.store.commit([
    {
      put: 'lease',
      item: {
        townId,
        state: 'live',
        runtimeEpoch: 3,
        instanceId: 'instance-secret',
        bootstrapTokenHash: 'hash-secret',
        reportSeq: 1,
        startFailures: 0,
        version: 2,
        updatedAt: at,
      },
      when: 'none',
    },
  ]);
  const answer = await call('snapshot', { as: 'ada', params });
  const snapshot = bodyOf('snapshot', answer);
  expect(snapshot.counters).toEqual({ open: 2, in_progress: 0, in_review: 0, closed: 0, failed: 0 });
  expect(snapshot.convoys.map((convoy) => convoy.title)).toEqual(['Two']);
  expect(snapshot.runtime).toMatchObject({ state: 'live', runtimeEpoch: 3 });
  expect(JSON.stringify(answer.body)).not.toMatch(/instance-secret|hash-secret/);
  const [newest] = bodyOf('listEvents', await call('listEvents', { as: 'ada', params, query: { newest: 'true', limit: '1' } })).items;
  expect(snapshot.lastEventId).toBe(newest?.eventId);
  expect(bodyOf('listEvents', await call('listEvents', { as: 'ada', params, query: { after: newest?.eventId ?? '' } })).items).toEqual([]);
});

it('shows open escalations until they are acknowledged or the work that they are about has come to a good end', async () => {
  const { ports, call, townId, params } = await scene();
  const at = '2026-11-21T10:00:00.000Z';
  const escalation = (beadId: string, aboutBeadId?: string) =>
    newBead({
      townId,
      beadId,
      title: beadId,
      at,
      createdBy: 'patrol:A1',
      requestedBy: 'ada',
      details: {
        type: 'escalation',
        severity: 'medium',
        category: 'help',
        source: 'patrol:A1',
        ...(aboutBeadId === undefined ? {} : { aboutBeadId }),
      },
    });
  const work = (beadId: string, status: 'closed' | 'failed') =>
    newBead(
      {
        townId,
        beadId,
        title: beadId,
        at,
        createdBy: 'user:ada',
        requestedBy: 'ada',
        details: { type: 'issue', kind: 'work', issueType: 'task', commits: [] },
      },
      { status, ...(status === 'failed' ? { failure: { code: 'dispatch_exhausted', message: 'Five attempts failed.' } } : {}) },
    );
  const beads = [
    work('web-good', 'closed'),
    work('web-bad', 'failed'),
    escalation('hq-esc1', 'web-good'),
    escalation('hq-esc2', 'web-bad'),
    escalation('hq-esc3'),
  ];
  const changes = beads.map((after) => ({ after }));
  await ports.store.commit(writesOf(changes, undefined, { nowMs: ports.clock.nowMs(), stamp: 's' }));
  await reconcileTown(ports, townId);
  const shown = async () =>
    bodyOf('snapshot', await call('snapshot', { as: 'ada', params }))
      .escalations.map((bead) => bead.beadId)
      .toSorted();
  expect(await shown()).toEqual(['hq-esc2', 'hq-esc3']);
  bodyOf('acknowledgeEscalation', await call('acknowledgeEscalation', { as: 'ada', params: { townId, beadId: 'hq-esc3' }, body: {} }));
  expect(await shown()).toEqual(['hq-esc2']);
  const listed = async (query: Record<string, string>) =>
    bodyOf('listEscalations', await call('listEscalations', { as: 'ada', params, query }));
  expect((await listed({})).items.map((bead) => bead.beadId)).toEqual(['hq-esc2']);
  expect((await listed({ status: 'closed' })).items.map((bead) => bead.beadId).toSorted()).toEqual(['hq-esc1', 'hq-esc3']);
  const unknown = await call('acknowledgeEscalation', { as: 'ada', params: { townId, beadId: 'web-bad' }, body: {} });
  expect(unknown).toMatchObject({ status: 404, body: { detail: 'There is no escalation web-bad in this town.' } });
});

it('says what a pass would do, without doing it', async () => {
  const { ports, call, townId, params } = await scene();
  const rig = bodyOf(
    'createRig',
    await call('createRig', { as: 'ada', params, body: { name: 'web', gitUrl: 'https://git.example.com/web.git' } }),
  );
  const bead = bodyOf('sling', await call('sling', { as: 'ada', params, body: { rigId: rig.rigId, title: 'A' } }));
  const dry = bodyOf('debugPlan', await call('debugPlan', { as: 'ada', params }));
  expect(dry.actions).toEqual(expect.arrayContaining([expect.objectContaining({ rule: 'B1', subject: bead.beadId })]));
  expect(await ports.store.agentsOf(townId)).toEqual([]);
});

it('describes every route as OpenAPI 3.1 without dangling references', async () => {
  const { call } = await scene();
  const document = (await call('openapi')).body;
  const text = JSON.stringify(document);
  expect(document).toMatchObject({ openapi: '3.1.0', paths: { '/api/towns/{townId}/sling': { post: { operationId: 'sling' } } } });
  expect(text).not.toMatch(/keyRef|keyMask/);
  const names = new Set([...text.matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1] ?? ''));
  for (const name of names) {
    expect(name).toMatch(/^#\/components\/schemas\//);
    expect(document).toHaveProperty(['components', 'schemas', name.replace('#/components/schemas/', '')]);
  }
});
