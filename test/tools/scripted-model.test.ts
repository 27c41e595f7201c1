// The scripted model plays each role through its scenarios on a real repository, with the real tools.
import { execFile } from 'node:child_process';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startScriptedModel } from '../../infra/local/scripted-model/server.ts';
import type { ScriptedModel } from '../../infra/local/scripted-model/server.ts';
import { makeSampleRepository } from '../../infra/local/scripted-model/sample-repository.ts';
import { planFor } from '../../infra/local/scripted-model/plans.ts';
import type { Scenario } from '../../infra/local/scripted-model/scenario.ts';
import { exists, git, takeTurn } from './scripted-client.ts';
import { builtInFormulas } from '../../functions/domain/formulas/built-in/built-in.ts';
import { cook } from '../../functions/domain/formulas/cook.ts';
import { newMolecule } from '../../functions/domain/molecules/molecule.ts';
import { aMessage, aRequest, anAgent, anIssue, beadIn, sha, townId, townWith } from './town.ts';

const facts = { javascript: true, modules: true, files: new Set<string>(), underWay: new Set<string>() };
const taskBody = (...wanted: Scenario[]): string => planFor('string functions', new Set(wanted), facts, 'x').tasks[0]?.body ?? '';
const branch = 'gt/toast/lib-work';
const gate = (cwd: string): Promise<'green' | 'red'> =>
  new Promise((resolve) => {
    execFile(process.execPath, ['--test'], { cwd }, (error) => resolve(error === null ? 'green' : 'red'));
  });

describe('the scripted model', { timeout: 60_000 }, () => {
  let model: ScriptedModel;
  let folder: string;
  let count = 0;
  beforeAll(async () => {
    model = await startScriptedModel();
    folder = await mkdtemp(join(tmpdir(), 'scripted-model-'));
  });
  afterAll(async () => {
    await model.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const clone = async (onto = branch): Promise<{ cwd: string; bare: string }> => {
    count += 1;
    const bare = join(folder, `${count}.git`);
    await makeSampleRepository(bare);
    const cwd = join(folder, `${count}`);
    await git(folder, 'clone', '-q', bare, cwd);
    await git(cwd, 'checkout', '-q', '-b', onto);
    return { cwd, bare };
  };
  const polecat = async (body: string, details = {}) => {
    const ports = await townWith({
      agents: [anAgent()],
      beads: [
        anIssue(details, { body, title: 'Add capitalise' }),
        ...('mergeRequestId' in details ? [aRequest({ stage: 'blocked' })] : []),
      ],
    });
    return { ports, modelUrl: model.url, agentId: 'toast' };
  };

  it('as a polecat writes code and test, runs the gate, pushes and hands in', async () => {
    const { cwd, bare } = await clone();
    const session = await polecat(taskBody());
    const turn = await takeTurn({ ...session, cwd });
    expect(turn.text).toContain('# Done');
    expect(turn.tools).toEqual(['gt_prime', 'bash', 'write', 'write', 'bash', 'bash', 'gt_done']);
    expect(turn.results.join('\n')).toContain('gate exit: 0');
    expect((await beadIn(session.ports, 'lib-work')).status).toBe('in_review');
    expect(await git(bare, 'log', '--format=%s', `main..${branch}`)).toBe('Add capitalise');
    expect(await gate(cwd)).toBe('green');
  });
  it('works through the steps of a molecule before it hands in', async () => {
    const { cwd } = await clone();
    const session = await polecat(taskBody(), { moleculeId: 'lib-mol1' });
    const issue = await beadIn(session.ports, 'lib-work');
    const formula = builtInFormulas.get('shiny');
    if (formula === undefined) throw new Error('no shiny');
    const cooked = cook(formula, builtInFormulas, { values: {}, known: { title: issue.title } }, { title: issue.title, description: '' });
    if (!cooked.ok) throw new Error('shiny is broken');
    const made = newMolecule(
      { townId, userId: 'ada', actor: 'user:ada', at: issue.createdAt },
      { moleculeId: 'lib-mol1', issue },
      { checklist: cooked.checklist, mode: 'checklist', variables: {} },
    );
    await session.ports.store.commit([{ put: 'bead', item: made.molecule, when: { absent: true } }]);
    const turn = await takeTurn({ ...session, cwd });
    expect(turn.tools.filter((tool) => tool.startsWith('gt_'))).toEqual([
      'gt_prime',
      'gt_mol_current',
      ...Array.from({ length: 5 }, () => 'gt_mol_advance'),
      'gt_done',
    ]);
    expect((await beadIn(session.ports, 'lib-mol1')).status).toBe('closed');
    expect((await beadIn(session.ports, 'lib-work')).status).toBe('in_review');
  });
  it('hands in without pushing first when the scenario says so, and does as it is told then', async () => {
    const { cwd } = await clone();
    const session = await polecat(taskBody('done-without-push'));
    const turn = await takeTurn({ ...session, cwd });
    expect(turn.tools.filter((tool) => tool === 'gt_done')).toHaveLength(2);
    expect(turn.results.join('\n')).toContain('Nothing is pushed');
    expect((await beadIn(session.ports, 'lib-work')).status).toBe('in_review');
  });
  it('pushes red code in the red-gate scenario and repairs it as rework', async () => {
    const { cwd } = await clone();
    const session = await polecat(taskBody('red-gate'));
    await takeTurn({ ...session, cwd });
    expect((await beadIn(session.ports, 'lib-work')).status).toBe('in_review');
    expect(await gate(cwd)).toBe('red');
    const rework = await polecat('', { kind: 'rework', mergeRequestId: 'lib-mr1', brief: 'gate tests: red' });
    const turn = await takeTurn({ ...rework, cwd });
    expect(turn.text).toContain('# Done');
    expect(await gate(cwd)).toBe('green');
    expect((await beadIn(rework.ports, 'lib-work')).status).toBe('closed');
  });
  it('breaks and repairs code of any shape', async () => {
    const { cwd } = await clone();
    const body =
      "[scenario: red-gate]\n\n```file path=src/one.js\nexport const one = 1;\n```\n\n```file path=test/one.test.js\nimport assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { one } from '../src/one.js';\n\ntest('one', () => { assert.equal(one, 1); });\n```\n";
    await takeTurn({ ...(await polecat(body)), cwd });
    expect(await gate(cwd)).toBe('red');
    await takeTurn({ ...(await polecat(body, { kind: 'rework', mergeRequestId: 'lib-mr1', brief: 'gate tests: red' })), cwd });
    expect(await readFile(join(cwd, 'src/one.js'), 'utf8')).toBe('export const one = 1;\n');
    expect(await gate(cwd)).toBe('green');
  });
  it('follows the block in a change request', async () => {
    const { cwd } = await clone();
    await takeTurn({ ...(await polecat(taskBody())), cwd });
    const brief = 'Please:\n\n```append path=src/capitalise.js\n// No side effects.\n```';
    const rework = await polecat('', { kind: 'rework', mergeRequestId: 'lib-mr1', brief });
    expect((await takeTurn({ ...rework, cwd })).text).toContain('# Done');
    expect(await readFile(join(cwd, 'src/capitalise.js'), 'utf8')).toContain('// No side effects.');
    expect((await beadIn(rework.ports, 'lib-work')).status).toBe('closed');
  });
  it('keeps both sides of a conflict', async () => {
    const { cwd } = await clone();
    await takeTurn({ ...(await polecat(taskBody('conflict'))), cwd });
    await git(cwd, 'checkout', '-q', 'main');
    const other = "export { truncate } from './truncate.js';";
    await appendFile(join(cwd, 'src/index.js'), `${other}\n`);
    await writeFile(join(cwd, 'src/truncate.js'), 'export const truncate = 1;\n');
    await git(cwd, 'add', '--all');
    await git(cwd, 'commit', '-q', '-m', 'Add truncate');
    await git(cwd, 'push', '-q', 'origin', 'main');
    await git(cwd, 'checkout', '-q', branch);
    const conflict = await polecat('', { kind: 'conflict', mergeRequestId: 'lib-mr1', brief: 'src/index.js' });
    const turn = await takeTurn({ ...conflict, cwd });
    expect(turn.results.join('\n')).toContain('both sides kept: src/index.js');
    const index = await readFile(join(cwd, 'src/index.js'), 'utf8');
    expect(index).toContain(other);
    expect(index).toContain("export { capitalise } from './capitalise.js';");
    expect(index).not.toContain('<<<<');
    expect((await beadIn(conflict.ports, 'lib-work')).status).toBe('closed');
  });
  it('asks the Mayor once and goes on', async () => {
    const { cwd } = await clone();
    const session = await polecat(taskBody('question'));
    const turn = await takeTurn({ ...session, cwd });
    expect(turn.tools.filter((tool) => tool === 'gt_mail_send')).toHaveLength(1);
    expect((await session.ports.store.workOf(townId)).filter((item) => item.kind === 'mail')).toHaveLength(1);
    expect((await beadIn(session.ports, 'lib-work')).status).toBe('in_review');
  });
  it('breaks off once in the crash scenario and finishes when it is asked again', async () => {
    const { cwd } = await clone();
    const session = await polecat(taskBody('crash'));
    expect((await takeTurn({ ...session, cwd })).broken).toBe(true);
    expect((await takeTurn({ ...session, cwd })).text).toContain('# Done');
    expect((await beadIn(session.ports, 'lib-work')).status).toBe('in_review');
  });
  it('makes a change of its own for a bead without files, in code or as a note', async () => {
    const { cwd } = await clone();
    const session = await polecat('Please.');
    await takeTurn({ ...session, cwd });
    expect(await exists(join(cwd, 'src/add-capitalise.js'))).toBe(true);
    expect(await gate(cwd)).toBe('green');
  });
  it('as a refinery approves, and asks once for changes where the source says so', async () => {
    const { cwd } = await clone();
    const review = { token: 'task-token', tip: sha('c'), refineryId: 'refinery-r-rig1', tokenTaken: false };
    const refinery = anAgent({ agentId: 'refinery-r-rig1', name: 'Refinery', role: 'refinery', hookBeadId: 'lib-mr1' });
    const town = (body: string, rounds: number) =>
      townWith({
        agents: [refinery],
        beads: [
          anIssue({}, { status: 'in_review', body }),
          aRequest(
            { review, reworkRounds: rounds, prepared: { targetSha: sha('d'), tip: sha('c'), headSha: sha('a') } },
            { status: 'in_progress' },
          ),
        ],
      });
    const outcomes: unknown[] = [];
    for (const [body, rounds] of [
      ['Plain.', 0],
      [taskBody('change-request'), 0],
      [taskBody('change-request'), 1],
    ] as const) {
      const ports = await town(body, rounds);
      await takeTurn({ ports, modelUrl: model.url, agentId: 'refinery-r-rig1', cwd });
      outcomes.push(ports.workflow.settled[0]?.output);
      expect(ports.workflow.settled[0]?.token).toBe('task-token');
    }
    expect(outcomes).toMatchObject([
      { outcome: 'approved', tip: sha('c') },
      { outcome: 'changes', files: ['src/capitalise.js'] },
      { outcome: 'approved' },
    ]);
  });
  it('as the Mayor slings a convoy of three, one after another of them, and answers', async () => {
    const mayor = anAgent({ agentId: 'mayor', name: 'Mayor', role: 'mayor', epoch: 1 });
    const { hookBeadId: _hook, slot: _slot, ...free } = mayor;
    const ports = await townWith({ agents: [free], messages: [aMessage({ text: 'Please add string functions.' })] });
    const session = { ports, modelUrl: model.url, agentId: 'mayor', cwd: folder };
    const turn = await takeTurn(session);
    expect(turn.text).toMatch(/^# Convoy hq-\w+ is on its way/);
    expect(turn.text).toContain('each bead is reviewed, and they land together');
    const convoys = await ports.store.beadsBy({ townId, type: 'convoy', status: 'open' }, { limit: 10 });
    expect(convoys.items).toHaveLength(1);
    const members = await ports.store.beadsBy({ townId, type: 'issue', status: 'open' }, { limit: 10 });
    expect(members.items.map((bead) => bead.openBlockers).toSorted((one, other) => one - other)).toEqual([0, 0, 1]);
    expect(members.items.every((bead) => bead.requestedBy === 'ada')).toBe(true);
    // The same turn again (its answer was lost): nothing is slung twice.
    await takeTurn(session);
    expect((await ports.store.beadsBy({ townId, type: 'convoy', status: 'open' }, { limit: 10 })).items).toHaveLength(1);
  });
  it('answers a request without tools with a short title', async () => {
    const response = await fetch(`${model.url}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'scripted-mayor', messages: [{ role: 'user', content: 'Generate a title: add string functions' }] }),
    });
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text).toContain('Generate a title');
  });
});
