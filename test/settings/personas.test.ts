// A persona from the request to the model: chosen per bead, worn by whoever works on it, taken off with the bead. Never the Mayor's.
import { describe, expect, it } from 'vitest';
import { desired } from '../../functions/operations/desired.ts';
import { reconcileTown } from '../../functions/reconcile/reconcile.ts';
import { callTool, toolsOf } from '../../functions/tools/tool-set.ts';
import { bodyOf, client } from '../api/call.ts';
import { fakePorts } from '../fakes/ports.ts';
import type { Agent } from '../../functions/contracts/agent.schema.ts';
import type { AgentIdentity } from '../../functions/operations/agent-caller.ts';
import { aLease, aRig, anAgent, townId, townWith } from '../tools/town.ts';

const params = { townId };
const gates = [{ name: 'tests only', command: 'npm run tests', timeoutSeconds: 60, phase: 'both' }];
const own = { personaId: 'harbour-master', name: 'Harbour Master', overlay: 'You know every quay.', withoutTools: ['gt_mail_send'], gates };

const callerOf = ({ agentId, epoch, role }: Agent, runtimeEpoch = aLease().runtimeEpoch): AgentIdentity => ({
  townId,
  agentId,
  epoch,
  role,
  runtimeEpoch,
});

const scene = async () => {
  const ports = await townWith({}, fakePorts());
  const call = client(ports);
  const create = (body: object) => call('createPersona', { as: 'ada', params, body });
  const sling = (body: object) => call('sling', { as: 'ada', params, body: { rigId: aRig().rigId, title: 'Paint the quay', ...body } });
  const assignment = async () => (await desired(ports, aLease())).assignments[0];
  return { ports, call, create, sling, assignment };
};

describe('personas of a town', () => {
  it('are made, listed with the built-in ones, changed and removed', async () => {
    const { call, create } = await scene();
    expect(bodyOf('createPersona', await create(own))).toEqual({ ...own, builtIn: false, version: 1 });
    const list = bodyOf('listPersonas', await call('listPersonas', { as: 'ada', params }));
    expect(list.items.map((persona) => persona.personaId)).toEqual([
      'backend-architect',
      'docs-writer',
      'frontend-master',
      'harbour-master',
      'pentester',
      'test-writer',
    ]);
    const one = { ...params, personaId: own.personaId };
    const changed = await call('updatePersona', { as: 'ada', params: one, body: { overlay: 'You know every ship.' } });
    expect(bodyOf('updatePersona', changed)).toMatchObject({ name: own.name, overlay: 'You know every ship.', gates, version: 2 });
    expect((await call('deletePersona', { as: 'ada', params: one })).status).toBe(200);
    expect((await call('getPersona', { as: 'ada', params: one })).status).toBe(404);
  });
  it('may take the place of a built-in one, which itself cannot be changed', async () => {
    const { call, create } = await scene();
    const one = { ...params, personaId: 'pentester' };
    expect((await call('updatePersona', { as: 'ada', params: one, body: { overlay: 'x' } })).status).toBe(409);
    await create({ ...own, personaId: 'pentester' });
    expect(bodyOf('getPersona', await call('getPersona', { as: 'ada', params: one }))).toMatchObject({
      overlay: own.overlay,
      builtIn: false,
    });
  });
  it('cannot lack a tool that does not exist', async () => {
    const { create } = await scene();
    expect(await create({ ...own, withoutTools: ['gt_fly'] })).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'body.withoutTools' }] },
    });
  });
});

describe('a bead that is slung with a persona', () => {
  it('must name one that there is', async () => {
    const { sling } = await scene();
    expect(await sling({ personaId: 'pirate' })).toMatchObject({ status: 422, body: { errors: [{ path: 'body.personaId' }] } });
  });
  it('gives its worker the overlay, the gates and fewer tools, and nothing to the next bead of the same worker', async () => {
    const { ports, create, sling, assignment } = await scene();
    await create(own);
    const bead = bodyOf('sling', await sling({ personaId: own.personaId }));
    await reconcileTown(ports, townId);
    const [agent] = await ports.store.agentsOf(townId);
    expect(agent).toMatchObject({ personaId: own.personaId, hookBeadId: bead.beadId });
    const now = await assignment();
    expect(now?.systemPrompt).toContain('## Your persona for this bead: Harbour Master\nYou know every quay.');
    expect(now?.gates.map((gate) => gate.name)).toEqual(['tests only']);
    if (agent === undefined) throw new Error('nobody works');
    const caller = { ...callerOf(agent), personaId: own.personaId };
    expect(await toolsOf(ports, caller)).not.toContain('gt_mail_send');
    const lease = await ports.store.get('lease', { townId });
    const answer = await callTool(ports, callerOf(agent, lease?.runtimeEpoch), 'gt_mail_send', {
      to: 'role:mayor',
      subject: 'Ahoy',
      body: 'Ahoy',
    });
    expect(answer).toMatchObject({ isError: true, text: expect.stringContaining('is not a tool of your persona harbour-master') });
  });
  it('has another one, or none, for the next bead of the same worker', async () => {
    const { ports, sling } = await scene();
    await sling({ personaId: 'test-writer' });
    await reconcileTown(ports, townId);
    const [first] = await ports.store.agentsOf(townId);
    if (first === undefined) throw new Error('nobody works');
    const { hookBeadId: _hook, slot: _slot, ...rest } = first;
    await ports.store.commit([{ put: 'agent', item: { ...rest, state: 'idle', version: first.version + 1 }, when: 'none' }]);
    await sling({ personaId: 'docs-writer' });
    await reconcileTown(ports, townId);
    expect(await ports.store.get('agent', { townId, agentId: first.agentId })).toMatchObject({ personaId: 'docs-writer' });
  });
});

it('is never the Mayor: its prompt and tools are the same whatever its item says', async () => {
  const mayor = anAgent({ agentId: 'mayor', name: 'Mayor', role: 'mayor', personaId: 'pentester', hookBeadId: undefined });
  const ports = await townWith({ agents: [mayor] }, fakePorts());
  expect(await toolsOf(ports, callerOf(mayor))).toContain('gt_mail_send');
  const { assignments } = await desired(ports, aLease());
  expect(assignments.find((each) => each.role === 'mayor')?.systemPrompt).not.toContain('persona');
});
