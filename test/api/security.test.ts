// Every route for people, from the route table: tokens, other people's towns, unknown fields, and bodies made from the schemas.
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { routes } from '../../functions/contracts/routes.ts';
import type { Route, RouteId } from '../../functions/contracts/routes.ts';
import { fakePorts } from '../fakes/ports.ts';
import { bodyOf, client, isPeopleGroup } from './call.ts';
import { arbitraryOf, changedFrom } from './schema-arbitrary.ts';

const isRouteId = (id: string): id is RouteId => id in routes;
const table: { id: RouteId; route: Route }[] = Object.entries(routes).flatMap(([id, route]) =>
  isRouteId(id) && isPeopleGroup(route.group) ? [{ id, route }] : [],
);
const needsUser = table.filter(({ route }) => route.auth === 'user');
const ofTown = needsUser.filter(({ route }) => route.path.includes('{townId}'));
/** JSON lines have no fields of a body; what is wrong with them is told line by line. */
const withBody = needsUser.filter(({ route }) => route.body !== undefined && route.jsonLines !== true);

/** A body that each route accepts, so that only what is tested can be wrong. */
const goodBodies: Partial<Record<RouteId, (rigId: string) => object>> = {
  createTown: () => ({ name: 'Town' }),
  updateTown: () => ({ name: 'Town' }),
  updateConfig: () => ({}),
  updateRigConfig: () => ({}),
  updateOrgConfig: () => ({}),
  updateMyConfig: () => ({}),
  deleteTown: () => ({ confirm: 'Another name' }),
  debugReplay: () => ({ passId: '2026-11-21_01KAJ000000000000000000000' }),
  debugAudit: () => ({}),
  resetAgent: () => ({}),
  registerCrew: () => ({ name: 'Ada at home' }),
  renewCrew: () => ({}),
  stopAgent: () => ({}),
  createRig: () => ({ name: 'api', gitUrl: 'https://git.example.com/api.git' }),
  updateRig: () => ({}),
  connectHost: () => ({ kind: 'token', name: 'ours', token: 'a-long-enough-token' }),
  updateHost: () => ({ name: 'theirs' }),
  sling: (rigId) => ({ rigId, title: 'x' }),
  createBead: (rigId) => ({ rigId, title: 'x' }),
  slingBatch: (rigId) => ({ title: 'x', rigId, tasks: [{ title: 'y' }] }),
  createConvoy: (rigId) => ({ title: 'x', rigId, tasks: [{ title: 'y' }] }),
  updateBead: () => ({}),
  closeBead: () => ({}),
  decideMerge: () => ({ decision: 'hold' }),
  failBead: () => ({ reason: 'x' }),
  startBead: () => ({}),
  retryBead: () => ({}),
  commentBead: () => ({ text: 'x' }),
  archiveBead: () => ({}),
  unarchiveBead: () => ({}),
  archiveClosed: () => ({}),
  bulkBeads: () => ({ action: 'archive', ids: ['web-ab12'] }),
  updateConvoy: () => ({ title: 'x' }),
  closeConvoy: () => ({ reason: 'x' }),
  landConvoy: () => ({}),
  addConvoyBead: () => ({ beadId: 'web-ab12' }),
  addDependency: () => ({ dependsOnId: 'web-ab12' }),
  replaceDependencies: () => ({ dependsOn: [] }),
  stopTown: () => ({}),
  resumeTown: () => ({}),
  decideBudget: () => ({ choice: 'continue' }),
  acknowledgeEscalation: () => ({}),
  sendMail: () => ({ to: 'role:mayor', subject: 'x', body: 'y' }),
  nudgeAgent: () => ({ text: 'x' }),
  messageAgent: () => ({ text: 'x' }),
  sayToMayor: () => ({ text: 'x' }),
  createPersona: () => ({ personaId: 'harbour-master', name: 'Harbour Master', overlay: 'You know every quay.' }),
  updatePersona: () => ({}),
  publishPersona: () => ({ fromTownId: 't-unknown1', personaId: 'pentester' }),
  createFormula: () => ({ text: 'formula = "mine"\n[[steps]]\nid = "a"\ntitle = "A"' }),
  replaceFormula: () => ({ text: 'formula = "shiny"\n[[steps]]\nid = "a"\ntitle = "A"' }),
  cookFormula: () => ({}),
  installFormula: () => ({}),
  installPersona: () => ({}),
  pourFormula: (rigId) => ({ rigId }),
  advanceMolecule: () => ({ stepId: 'design' }),
  openMoleculeGate: () => ({ stepId: 'design' }),
  publishFormula: () => ({ fromTownId: 't-unknown1', name: 'shiny' }),
};

/** Queries of routes that need one. */
const goodQueries: Partial<Record<RouteId, Record<string, string>>> = { removeDependency: { dependsOnId: 'web-ab12' } };

const scene = async () => {
  const ports = fakePorts();
  const call = client(ports);
  const { townId } = bodyOf('createTown', await call('createTown', { as: 'ada', body: { name: 'Harbour' } }));
  const rig = bodyOf(
    'createRig',
    await call('createRig', { as: 'ada', params: { townId }, body: { name: 'web', gitUrl: 'https://git.example.com/web.git' } }),
  );
  const bead = bodyOf('sling', await call('sling', { as: 'ada', params: { townId }, body: { rigId: rig.rigId, title: 'x' } }));
  const host = bodyOf('connectHost', await call('connectHost', { as: 'ada', params: { townId }, body: goodBodies.connectHost?.('') }));
  const params: Record<string, string> = {
    townId,
    rigId: rig.rigId,
    beadId: bead.beadId,
    agentId: 'mayor',
    name: 'shiny',
    personaId: 'pentester',
    memberId: 'web-ab12',
    hostConnectionId: host.hostConnectionId,
    partId: '01JD5N0000000000000000BAT1-1',
    noteId: '01KAJ000000000000000000000',
  };
  const paramsOf = (route: Route) => Object.fromEntries(Object.keys(route.params.shape).map((name) => [name, params[name] ?? '']));
  const body = (id: RouteId) => goodBodies[id]?.(rig.rigId);
  return { ports, call, rigId: rig.rigId, paramsOf, body };
};

it('has an acceptable body for every route that takes one', () => {
  expect(Object.keys(goodBodies).toSorted()).toEqual(withBody.map(({ id }) => id).toSorted());
});

it.each(needsUser)('$id answers 401 without a token or with a wrong one', async ({ id, route }) => {
  const { call, paramsOf, body } = await scene();
  expect((await call(id, { params: paramsOf(route), body: body(id) })).status).toBe(401);
  for (const Authorization of ['Bearer nonsense-token', 'Basic YWRhOmFkYQ==', 'Bearer'])
    expect((await call(id, { params: paramsOf(route), body: body(id), headers: { Authorization } })).status).toBe(401);
});

it.each(ofTown)('$id answers 403 for the town of another person and 404 for none', async ({ id, route }) => {
  const { ports, call, paramsOf, body } = await scene();
  const before = await ports.store.eventsOf(paramsOf(route)['townId'] ?? '', {}, { limit: 100 });
  const sent = { as: 'bob', body: body(id), query: goodQueries[id] ?? {} };
  expect((await call(id, { ...sent, params: paramsOf(route) })).status).toBe(403);
  expect((await call(id, { ...sent, params: { ...paramsOf(route), townId: 't-unknown1' } })).status).toBe(404);
  expect((await ports.store.eventsOf(paramsOf(route)['townId'] ?? '', {}, { limit: 100 })).items).toEqual(before.items);
});

it.each(withBody)('$id answers 400 to an unknown field, to no JSON, and to a town in the body', async ({ id, route }) => {
  const { call, paramsOf, body } = await scene();
  const params = paramsOf(route);
  for (const bad of [{ ...body(id), surprise: 1 }, { ...body(id), townId: 't-other123' }, '{"name":', '[]', '"text"'])
    expect((await call(id, { as: 'ada', params, body: bad })).status).toBe(400);
});

const problem = z.object({ title: z.string(), status: z.int(), detail: z.string().min(1) });

it.each(withBody)('$id never answers 500, whatever fits or does not fit its schema', async ({ id, route }) => {
  const { ports, call, paramsOf, body: good } = await scene();
  const schema = route.body ?? z.json();
  const body = fc.oneof(
    { weight: 4, arbitrary: changedFrom(good(id) ?? {}, schema) },
    { weight: 2, arbitrary: arbitraryOf(schema) },
    { weight: 1, arbitrary: fc.jsonValue() },
  );
  await fc.assert(
    fc.asyncProperty(body, async (value) => {
      const answer = await call(id, { as: 'ada', params: paramsOf(route), body: value });
      const refused = answer.status >= 400 && answer.status < 500 && problem.safeParse(answer.body).success;
      expect({ answered: answer.status === route.status || refused, logged: ports.logged }).toEqual({ answered: true, logged: [] });
    }),
    { numRuns: 40 },
  );
});

it.each(needsUser.filter(({ route }) => Object.keys(route.query.shape).length > 0))(
  '$id never answers 500 to a query',
  async ({ id, route }) => {
    const { call, paramsOf } = await scene();
    const names = fc.constantFrom(...Object.keys(route.query.shape), 'surprise');
    const values = fc.oneof(
      fc.string(),
      fc.integer().map(String),
      fc.constantFrom('issue', 'open', '', '0', '1e9', 'null', 'eyJuZXh0Ijp7fX0', 'WyJ4IiwieSJd'),
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, values, { maxKeys: 3 }), async (query) => {
        expect((await call(id, { as: 'ada', params: paramsOf(route), query })).status).toBeLessThan(500);
      }),
      { numRuns: 40 },
    );
  },
);

it('answers 400 to a body that is nested too deeply, instead of running out of stack', async () => {
  const { call, rigId, paramsOf } = await scene();
  const say = (depth: number) =>
    call('createBead', {
      as: 'ada',
      params: paramsOf(routes.createBead),
      body: `{"rigId":"${rigId}","title":"x","metadata":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}`,
    });
  expect((await say(20)).status).toBe(201);
  expect((await say(20_000)).status).toBe(400);
});

it('makes one line of a title, and takes no region that is part of another address', async () => {
  const { call, rigId, paramsOf } = await scene();
  const params = paramsOf(routes.createBead);
  const title = ' Add a sum\r\nSigned-off-by:\teve\u2028 ';
  const bead = bodyOf('createBead', await call('createBead', { as: 'ada', params, body: { rigId, title } }));
  expect(bead.title).toBe('Add a sum Signed-off-by: eve');
  const body = { 'models.default': { kind: 'bedrock', model: 'm', region: 'x@127.0.0.1:9/?' } };
  expect((await call('updateConfig', { as: 'ada', params, body })).status).toBe(400);
});
