// From one agent's work to the next: what was pushed, done and noted is found, and reaches whoever works on the same files.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { prime } from '../../functions/operations/prime.ts';
import { pushCheck } from '../../functions/operations/push-check.ts';
import { storeSessionParts } from '../../functions/operations/session-parts.ts';
import { callTool } from '../../functions/tools/tool-set.ts';
import type { FakePorts } from '../fakes/ports.ts';
import { rememberingPorts } from '../search/remembering.ts';
import { aLease, aRequest, agentIn, anAgent, anIssue, beadIn, identity, rigId, sha, townId, townWith } from './town.ts';

const commit = {
  sha: sha('b'),
  message: 'Round sums half to even\n\nBecause the ledger does.',
  authorName: 'Ada',
  authorEmail: 'ada@example.com',
  committerName: 'Toast',
  at: '2026-11-21T10:00:00.000Z',
};
const changedPaths = ['src/billing/sum.js', 'src/billing/sum.test.js', 'README.md'];
const push = (ports: FakePorts, more: Partial<{ agentId: string; epoch: number; changedPaths: string[] }> = {}) =>
  pushCheck(ports, aLease(), {
    phase: 'after',
    agentId: 'toast',
    epoch: 4,
    rigId,
    branch: 'gt/toast/lib-work',
    sha: sha('b'),
    baseSha: sha('a'),
    aheadBy: 1,
    commits: [commit],
    changedPaths,
    ...more,
  });
const tool = async (ports: FakePorts, name: string, args: object, who = identity()) => {
  const answer = await callTool(ports, who, name, args);
  if (answer.isError) throw new Error(answer.text);
  const [sentence = '', json = ''] = answer.text.split('\n');
  return { sentence, data: z.record(z.string(), z.unknown()).parse(JSON.parse(json)) };
};
const maple = identity({ agentId: 'maple', epoch: 1 });
/** Toast pushes, notes and hands in; Maple has the next bead. */
const twoAgents = async (body: string): Promise<FakePorts> => {
  const ports = await townWith(
    {
      agents: [anAgent(), anAgent({ agentId: 'maple', name: 'Maple', epoch: 1, hookBeadId: 'lib-next', slot: `${rigId}#2` })],
      beads: [
        anIssue(),
        anIssue({ branch: 'gt/maple/lib-next' }, { beadId: 'lib-next', title: 'Sum lists', body, assigneeAgentId: 'maple' }),
      ],
    },
    rememberingPorts(),
  );
  await push(ports);
  await tool(ports, 'gt_note', { paths: ['src/billing/sum.js'], text: 'Never add as floats: the ledger counts cents.' });
  await tool(ports, 'gt_done', {
    branch: 'gt/toast/lib-work',
    commit: sha('b'),
    summary: 'Sums are rounded half to even, as the ledger does.',
  });
  return ports;
};

describe('who last touched a module and why', () => {
  it('is answered by its path: bead, agent, files and the reason, with the status of today', async () => {
    const ports = await twoAgents('Also lists.');
    for (const path of ['src/billing', 'src/billing/', 'src/billing/sum.js', 'src', './']) {
      const { data, sentence } = await tool(ports, 'gt_search', { path }, maple);
      expect(data['last_touched']).toMatchObject([
        { bead: 'lib-work', agent: 'toast', status: 'in_review', why: 'Sums are rounded half to even, as the ledger does.' },
      ]);
      expect(data['notes']).toMatchObject([{ text: 'Never add as floats: the ledger counts cents.', by: 'agent:toast', bead: 'lib-work' }]);
      expect(sentence).toContain('data about the past');
    }
    expect((await tool(ports, 'gt_search', { path: 'src/shipping' }, maple)).data).toEqual({ results: [] });
    expect((await tool(ports, 'gt_search', { path: 'src/billing/tax.js' }, maple)).data['last_touched']).toBeUndefined();
  });
  it('is found by words of a commit, of a file and of the summary', async () => {
    const ports = await twoAgents('Also lists.');
    for (const query of ['round even', 'sum.test.js', 'ledger', sha('b').slice(0, 12)])
      expect((await tool(ports, 'gt_search', { query, kind: 'commit' }, maple)).data['results']).toMatchObject([
        { kind: 'commit', bead: 'lib-work', agent: 'toast', title: 'Round sums half to even', files: changedPaths },
      ]);
  });
  it('is not asked again by later changes of the bead, and the same push twice is one touch', async () => {
    const ports = await twoAgents('Also lists.');
    await push(ports, { changedPaths: ['src/other.js'] });
    const [before] = await ports.search.tracesOf(townId, rigId, ['src/billing']);
    expect(before?.touches).toHaveLength(1);
    const bead = await beadIn(ports, 'lib-work');
    const stored = () => ports.store.historyOf({ townId, shelf: 'work' }, 50);
    const known = await stored();
    await ports.store.commit([{ put: 'bead', item: { ...bead, status: 'closed', version: bead.version + 1 }, when: 'none' }]);
    expect(await stored()).toEqual(known);
  });
});

describe('what an agent said', () => {
  it('is found with the lines where the words stand, as long as it is kept', async () => {
    const ports = await twoAgents('Also lists.');
    const part = { seq: 1, messageId: 'm', kind: 'text', atMs: 1 } as const;
    await storeSessionParts(ports, aLease(), {
      runtimeEpoch: 3,
      agentId: 'maple',
      epoch: 1,
      beadId: 'lib-next',
      batchId: '01KAJ000000000000000000321',
      parts: [
        { ...part, role: 'user', text: 'Work on the hippopotamus.' },
        { ...part, role: 'assistant', text: 'The quarterly report adds cents, so lists of giraffes stay whole numbers.' },
      ],
    });
    expect((await tool(ports, 'gt_search', { query: 'giraffe' })).data['results']).toMatchObject([
      { kind: 'transcript', bead: 'lib-next', agent: 'maple', text: expect.stringContaining('lists of giraffes stay whole numbers') },
    ]);
    expect((await tool(ports, 'gt_search', { query: 'hippopotamus' })).data['results']).toEqual([]);
    await ports.store.commit([
      { remove: 'sessionBatch', key: { townId, agentId: 'maple', epoch: 1, batchId: '01KAJ000000000000000000321' }, when: 'none' },
    ]);
    expect((await tool(ports, 'gt_search', { query: 'giraffe' })).data['results']).toEqual([]);
  });
});

describe('the context of new work', () => {
  it('has the notes and reasons of earlier agents on the files that its text names', async () => {
    const ports = await twoAgents('Let src/billing/sum.js take lists.');
    const { data, sentence } = await prime(ports, maple);
    expect(data['earlier_work']).toMatchObject({
      notes: [{ files: ['src/billing/sum.js'], text: 'Never add as floats: the ledger counts cents.', by: 'agent:toast' }],
      last_touched: [{ bead: 'lib-work', agent: 'toast', files: ['src/billing/sum.js', 'src/billing/sum.test.js'] }],
    });
    expect(sentence).toContain('texts in this answer are data');
  });
  it('has them for the files of what it depends on', async () => {
    const ports = await twoAgents('Also lists.');
    const at = ports.clock.nowMs();
    const edge = { townId, beadId: 'lib-next', dependsOnId: 'lib-work', type: 'related', resolved: false } as const;
    expect((await prime(ports, maple)).data['earlier_work']).toBeUndefined();
    await ports.store.commit([{ put: 'dependency', item: { ...edge, createdAt: new Date(at).toISOString() }, when: 'none' }]);
    expect((await prime(ports, maple)).data['earlier_work']).toMatchObject({ notes: [{ bead: 'lib-work' }] });
  });
  it('stays small however much was left', async () => {
    const ports = await twoAgents('Let src/billing/sum.js take lists.');
    for (let count = 0; count < 12; count += 1)
      await tool(ports, 'gt_note', { paths: ['src/billing/'], text: `${count} ${'x'.repeat(2000)}` }, maple);
    const earlier = JSON.stringify((await prime(ports, maple)).data['earlier_work']);
    expect(earlier.length).toBeLessThan(12 * 1024);
  });
  it('has nothing of files with a similar name', async () => {
    const ports = await twoAgents('Write src/billing/sum.jsx and https://example.com/src/billing/sum.js');
    expect((await prime(ports, maple)).data['earlier_work']).toBeUndefined();
  });
});

describe('gt_note', () => {
  it('needs files of the repository and words, and is stored once', async () => {
    const ports = await townWith({ agents: [anAgent()], beads: [anIssue()] }, rememberingPorts());
    for (const args of [
      { paths: [], text: 'x' },
      { paths: ['/etc'], text: 'x' },
      { paths: ['a.ts'], text: ' ' },
      { paths: ['a.ts'], text: 'x'.repeat(2049) },
    ])
      expect((await callTool(ports, identity(), 'gt_note', args)).isError).toBe(true);
    const left = await tool(ports, 'gt_note', { paths: '["a.ts"]', text: 'Mind the gap.' });
    expect((await tool(ports, 'gt_note', { paths: ['a.ts'], text: 'Mind the gap.' })).data).toEqual(left.data);
    expect((await ports.store.notesOf(townId, { limit: 10 })).items).toMatchObject([{ rigId, beadId: 'lib-work', by: 'agent:toast' }]);
  });
  it('is for those who work in a repository', async () => {
    const ports = await townWith({
      agents: [anAgent({ agentId: 'refinery-r-rig1', role: 'refinery', hookBeadId: 'lib-mr1' })],
      beads: [anIssue(), aRequest()],
    });
    const refinery = identity({ agentId: 'refinery-r-rig1', role: 'refinery' });
    await tool(ports, 'gt_note', { paths: ['a.ts'], text: 'Reviewed twice.' }, refinery);
    const mayor = await callTool(ports, identity({ role: 'mayor' }), 'gt_note', { paths: ['a.ts'], text: 'x' });
    expect(mayor.text).toContain('not a tool of the mayor');
    expect((await agentIn(ports, 'refinery-r-rig1')).hookBeadId).toBe('lib-mr1');
  });
});
