// The Mayor's tools about formulas: list, cook, pour, and gt_sling with a formula.
import { describe, expect, it } from 'vitest';
import { callTool } from '../../functions/tools/tool-set.ts';
import { aMessage, anAgent, beadIn, identity, rigId, townId, townWith } from './town.ts';

const scene = async () => {
  const { hookBeadId: _hook, slot: _slot, ...mayor } = anAgent({ agentId: 'mayor', name: 'Mayor', role: 'mayor', epoch: 1 });
  const ports = await townWith({ agents: [mayor], messages: [aMessage({ state: 'working' })] });
  const call = (name: string, args: object = {}) => callTool(ports, identity({ agentId: 'mayor', role: 'mayor', epoch: 1 }), name, args);
  return { ports, call };
};
const jsonOf = (text: string): unknown => JSON.parse(text.split('\n').find((line) => line.startsWith('{')) ?? '{}');

describe('gt_formula_list', () => {
  it('names the built-ins, and the variables of one', async () => {
    const { call } = await scene();
    const { text } = await call('gt_formula_list');
    for (const name of ['shiny', 'tdd-cycle', 'rule-of-five', 'security-audit', 'code-review', 'polecat-work', 'conflict-resolve'])
      expect(text).toContain(`"${name}"`);
    expect(jsonOf((await call('gt_formula_list', { name: 'code-review' })).text)).toMatchObject({
      kind: 'convoy',
      variables: [
        { name: 'scope', required: true },
        { name: 'depth', enum: ['quick', 'normal', 'thorough'] },
      ],
    });
  });
});

describe('gt_formula_cook', () => {
  it('shows the steps, or every problem with its step, and makes nothing', async () => {
    const { ports, call } = await scene();
    expect(jsonOf((await call('gt_formula_cook', { name: 'shiny', title: 'Add a badge' })).text)).toMatchObject({
      kind: 'workflow',
      steps: [{ step: 'design', title: 'Design: Add a badge' }, { step: 'implement', needs: ['design'] }, {}, {}, {}],
    });
    const refused = await call('gt_formula_cook', { name: 'code-review', variables: '{"depth":"deep"}' });
    expect(refused.isError).toBe(true);
    expect(refused.text).toContain('the variable scope is required');
    expect(refused.text).toContain('the variable depth must be one of quick, normal, thorough');
    expect((await ports.store.beadsBy({ townId, type: 'issue', status: 'open' }, { limit: 5 })).items).toEqual([]);
  });
});

describe('gt_formula_pour and gt_sling', () => {
  it('make work for the person who asked, once for the same call', async () => {
    const { ports, call } = await scene();
    const pour = () => call('gt_formula_pour', { name: 'code-review', rig_id: rigId, variables: { scope: 'src' } });
    const first = await pour();
    expect(first.text).toContain('with 6 beads is on its way');
    expect((await pour()).text).toBe(first.text);
    const { items } = await ports.store.beadsBy({ townId, type: 'issue', status: 'open' }, { limit: 20 });
    expect(items).toHaveLength(6);
    expect(new Set(items.map(({ requestedBy }) => requestedBy))).toEqual(new Set(['ada']));
  });
  it('sling one bead with steps', async () => {
    const { ports, call } = await scene();
    const slung = await call('gt_sling', { rig_id: rigId, title: 'Add a badge', body: 'x', formula: 'shiny', molecule: 'poured' });
    expect(slung.isError).toBe(false);
    const [molecule] = (await ports.store.beadsBy({ townId, type: 'molecule', status: 'open' }, { limit: 5 })).items;
    expect(molecule).toMatchObject({ title: 'shiny: Add a badge', details: { mode: 'poured', formula: 'shiny' } });
    expect((await beadIn(ports, `${molecule?.beadId}.5`)).title).toBe('Submit');
  });
});
