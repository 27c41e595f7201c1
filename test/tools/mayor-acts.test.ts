// What only the Mayor's tools do: plans, convoys, agents by hand, escalations. And no tool is there that no test has called.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tools } from '../../functions/contracts/tools.schema.ts';
import { callTool } from '../../functions/tools/tool-set.ts';
import { aMessage, agentIn, anAgent, anIssue, beadIn, identity, rigId, townId, townWith } from './town.ts';

const chief = identity({ agentId: 'mayor', role: 'mayor', epoch: 1 });
const scene = async () => {
  const mayor = anAgent({ agentId: 'mayor', role: 'mayor', epoch: 1, hookBeadId: undefined, slot: undefined, rigId: undefined });
  const ports = await townWith({ agents: [anAgent(), mayor], beads: [anIssue()], messages: [aMessage({ state: 'working' })] });
  const call = async (name: string, args: object, as = chief): Promise<string> => (await callTool(ports, as, name, args)).text;
  /** Queues that a pass looks at. */
  const queues = async (): Promise<readonly string[]> =>
    (await ports.store.passOf(townId)).work.flatMap((item) => (item.kind === 'queue' ? [item.workId] : []));
  const only = async (type: 'convoy' | 'escalation'): Promise<string> => {
    const { items } = await ports.store.beadsBy({ townId, type, status: 'open' }, { limit: 2 });
    if (items.length !== 1 || items[0] === undefined) throw new Error(`${items.length} ${type}s`);
    return items[0].beadId;
  };
  return { ports, call, queues, only };
};
const plan = {
  convoy_title: 'Statistics',
  rig_id: rigId,
  staged: true,
  tasks: [
    { title: 'Mean', body: 'Write mean.' },
    { title: 'Median', body: 'Write median.' },
    { title: 'Report', body: 'Use both.', depends_on: [0, 1] },
  ],
};

describe("the Mayor's tools for convoys", () => {
  it('show a plan, change it, and start it when the person agrees', async () => {
    const { call, queues, only } = await scene();
    expect(await call('gt_sling_batch', plan)).toContain('nothing starts yet');
    const convoyId = await only('convoy');
    expect(await queues()).toEqual([]);
    expect(await call('gt_list_convoys', { status: 'open' })).toMatch(/^1 convoy, .*"staged":true/s);
    expect(await call('gt_convoy_update', { convoy_id: convoyId, title: 'Numbers', merge_mode: 'review-and-merge' })).toContain(
      '"Numbers"',
    );
    expect(await call('gt_convoy_start', { convoy_id: convoyId })).toContain(`${convoyId} is started.`);
    expect(await queues()).toEqual([`${rigId}#${convoyId}`]);
    expect(await call('gt_convoy_update', { convoy_id: convoyId, merge_mode: 'review-then-land' })).toContain('has started');
  });
  it('take a bead in and out, and end a convoy with its members', async () => {
    const { ports, call, only } = await scene();
    await call('gt_sling_batch', plan);
    const convoyId = await only('convoy');
    const slung = await call('gt_sling', { rig_id: rigId, title: 'Mode', body: 'Write mode.' });
    const beadId = /lib-[0-9a-z]+/.exec(slung)?.[0] ?? '';
    expect(await call('gt_convoy_add_bead', { convoy_id: convoyId, bead_id: beadId })).toContain(`${beadId} is a member`);
    expect(await call('gt_convoy_status', { convoy_id: convoyId })).toContain(beadId);
    expect(await call('gt_convoy_remove_bead', { convoy_id: convoyId, bead_id: beadId })).toContain(`${beadId} is no member`);
    expect((await beadIn(ports, beadId)).held).toBe(true);
    expect(await call('gt_convoy_close', { convoy_id: convoyId, reason: 'not wanted', cancel_members: true })).toContain(convoyId);
    expect((await ports.store.passOf(townId)).work.find((item) => item.kind === 'convoy')?.workId).toBe(convoyId);
  });
});

describe("the Mayor's tools for agents and escalations", () => {
  it('reset an agent, whose bead is worked anew, or stop it, whose bead is held', async () => {
    for (const [tool, held] of [
      ['gt_agent_reset', false],
      ['gt_agent_stop', true],
    ] as const) {
      const { ports, call } = await scene();
      const said = await call(tool, { agent_id: 'toast', reason: 'goes in circles' });
      expect(said).toContain('lib-work');
      expect(await beadIn(ports, 'lib-work')).toMatchObject({ status: 'open', held });
      expect(await agentIn(ports, 'toast')).not.toMatchObject({ hookBeadId: 'lib-work' });
    }
  });
  it('close an escalation that is taken care of', async () => {
    const { ports, call, only } = await scene();
    await call('gt_escalate', { severity: 'high', category: 'blocked', title: 'No network', message: 'npm fails' }, identity());
    const escalationId = await only('escalation');
    await call('gt_escalation_acknowledge', { escalation_id: escalationId, note: 'I look after it' });
    expect((await beadIn(ports, escalationId)).status).toBe('closed');
  });
});

it('no tool is there that no test calls', () => {
  const folders = [import.meta.dirname, join(import.meta.dirname, '..', 'api')];
  const tested = folders
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
  expect(Object.values(tools).flatMap((tool) => (tested.includes(`'${tool.name}'`) ? [] : [tool.name]))).toEqual([]);
});
