// One whole life: whoever asked for it is on every record that follows, so that the human is billed and not a bot or the owner.
import { describe, expect, it } from 'vitest';
import type { UsageRow } from '../../functions/contracts/agent.schema.ts';
import type { Bead } from '../../functions/contracts/bead.schema.ts';
import type { PushCheckRequest, RunnerReport } from '../../functions/contracts/runner.schema.ts';
import { isIssue, isMergeRequest, writesOf } from '../../functions/domain/bead-writes.ts';
import { sentToRepair, givenUp } from '../../functions/domain/merge/repair.ts';
import type { MergeScene } from '../../functions/domain/merge/repair.ts';
import { waitsForTarget } from '../../functions/domain/merge/target-red.ts';
import { desired } from '../../functions/operations/desired.ts';
import { pushCheck } from '../../functions/operations/push-check.ts';
import { applyReport } from '../../functions/operations/report.ts';
import { reconcileTown } from '../../functions/reconcile/reconcile.ts';
import { callTool } from '../../functions/tools/tool-set.ts';
import type { FakePorts } from '../fakes/ports.ts';
import { aLease, aMessage, agentIn, anAgent, beadIn, identity, rigId, sha, townId, townWith } from './town.ts';

const mayor = identity({ agentId: 'mayor', role: 'mayor', epoch: 1 });
let reportSeq = 0;
const spent = (agentId: string, beadId: string | undefined, callId: string): RunnerReport => {
  const row: UsageRow = {
    callId,
    agentId,
    epoch: 4,
    ...(beadId === undefined ? {} : { beadId }),
    provider: 'openai',
    model: 'gpt-5',
    inputTokens: 100,
    outputTokens: 10,
    cacheReadTokens: 0,
    durationMs: 5,
    atMs: Date.parse('2026-11-21T10:00:00.000Z'),
  };
  return {
    runtimeEpoch: 3,
    reportSeq: (reportSeq += 1),
    agents: [],
    turns: [],
    usage: [row],
    commandResults: [],
    runningCommandIds: [],
    host: { rssBytes: 1, diskFreeBytes: 1, isolation: 'none' },
  };
};
/** The town is Ada's; Bob asks its Mayor. */
const askedByBob = async () => {
  const { hookBeadId: _hook, slot: _slot, ...mayorAgent } = anAgent({ agentId: 'mayor', name: 'Mayor', role: 'mayor', epoch: 1 });
  const ports = await townWith({
    agents: [mayorAgent],
    lease: aLease({ lastReportAtMs: Date.parse('2026-11-21T10:00:00.000Z') }),
    messages: [aMessage({ userId: 'bob', state: 'working' })],
  });
  const slung = await callTool(ports, mayor, 'gt_sling', { rig_id: rigId, title: 'Add a sum function', body: 'With a test.' });
  expect(slung.isError).toBe(false);
  await reconcileTown(ports, townId);
  const work = (await ports.store.beadsBy({ townId, type: 'issue', status: 'in_progress' }, { limit: 5 })).items[0];
  if (work?.assigneeAgentId === undefined) throw new Error('nothing was given out');
  return { ports, beadId: work.beadId, agentId: work.assigneeAgentId };
};
const everyBead = async (ports: FakePorts): Promise<Bead[]> => {
  const found: Bead[] = [];
  for (const type of ['issue', 'merge_request', 'escalation', 'message', 'convoy'] as const)
    for (const status of ['open', 'in_progress', 'in_review', 'closed', 'failed'] as const)
      found.push(...(await ports.store.beadsBy({ townId, type, status }, { limit: 50 })).items);
  return found;
};

describe('the human who asked (L28 and L64)', () => {
  it('is on the bead, its dispatch, commits, merge request, repairs, escalations, mail and every call that is paid', async () => {
    const { ports, beadId, agentId } = await askedByBob();
    expect((await beadIn(ports, beadId)).requestedBy).toBe('bob');
    const dispatched = (await ports.store.eventsOf(townId, { beadId }, { limit: 20 })).items.find(({ type }) => type === 'dispatched');
    expect(dispatched?.data).toMatchObject({ requestedBy: 'bob' });

    const assignment = (await desired(ports, aLease())).assignments.find((each) => each.agentId === agentId);
    const { name, email } = await ports.people.identity('bob');
    expect(assignment).toMatchObject({ bead: { beadId, requestedBy: 'bob' }, commit: { authorName: name, authorEmail: email } });
    expect(assignment?.commit?.trailers).toContain(`Requested-by: ${name} <${email}>`);

    const { epoch } = await agentIn(ports, agentId);
    const polecat = identity({ agentId, epoch });
    await callTool(ports, polecat, 'gt_escalate', { severity: 'medium', category: 'decision', title: 'Which one?', message: 'Two ways.' });
    await callTool(ports, polecat, 'gt_mail_send', { to: 'mayor', subject: 'A question', body: 'Which one?' });
    const branch = `gt/${agentId}/${beadId}`;
    const pushed: PushCheckRequest = {
      phase: 'after',
      agentId,
      epoch,
      rigId,
      branch,
      sha: sha('b'),
      baseSha: sha('a'),
      aheadBy: 1,
      commits: [],
    };
    expect((await pushCheck(ports, aLease(), pushed)).allowed).toBe(true);
    expect((await callTool(ports, polecat, 'gt_done', { branch, summary: 'Added.' })).isError).toBe(false);
    await reconcileTown(ports, townId);
    const source = await beadIn(ports, beadId);
    const request = (await everyBead(ports)).find((bead) => bead.type === 'merge_request');
    if (request === undefined || !isMergeRequest(request) || !isIssue(source)) throw new Error('no merge request was made');

    const scene = (round: number): MergeScene => ({
      request,
      source,
      rig: { rigId, prefix: 'lib' },
      rounds: { maxReworkRounds: round, maxConflictRounds: round },
      actor: 'workflow:merge',
      moment: { nowMs: ports.clock.nowMs(), stamp: 's' },
      at: '2026-11-21T10:00:00.000Z',
      freshIds: { repair: 'aaa1', escalation: 'aaa2', mail: 'aaa3' },
    });
    const repair = { kind: 'rework', message: 'the tests are red', brief: 'red' } as const;
    const red = [{ name: 'test', ok: false, exitCode: 1, durationMs: 1, timedOut: false, output: 'red' }];
    const made = [
      sentToRepair(scene(3), repair),
      sentToRepair(scene(3), { ...repair, kind: 'conflict' }),
      sentToRepair(scene(0), repair),
      givenUp(scene(3), 'RunnerCommandFailed', 'no'),
      waitsForTarget(scene(3), sha('c'), red, undefined),
    ].flatMap(({ changes }) => changes.map(({ after }) => after));
    expect(made.map(({ type }) => type)).toEqual(expect.arrayContaining(['issue', 'escalation', 'message']));
    expect(made.filter((bead) => bead.requestedBy !== 'bob')).toEqual([]);
    const rework = made.find((bead) => bead.labels.includes('gt:rework'));
    if (rework === undefined) throw new Error('no rework was made');
    await ports.store.commit(writesOf([{ after: rework }], undefined, { nowMs: ports.clock.nowMs(), stamp: 'r' }));

    const caller = { townId, runtimeEpoch: 3 };
    await applyReport(ports, caller, spent('mayor', undefined, 'planning'));
    await applyReport(ports, caller, spent(agentId, beadId, 'work'));
    await applyReport(ports, caller, spent('refinery-r-rig1', request.beadId, 'review'));
    await applyReport(ports, caller, spent(agentId, rework.beadId, 'rework'));
    const rows = await ports.store.usageOf(townId, '20261121');
    expect(rows.map(({ callId, requestedBy }) => [callId, requestedBy])).toEqual([
      ['planning', 'bob'],
      ['review', 'bob'],
      ['rework', 'bob'],
      ['work', 'bob'],
    ]);
    expect(await ports.store.get('tally', { townId, period: 'life', scope: `bead#${beadId}` })).toMatchObject({
      calls: 3,
      requestedBy: 'bob',
    });
    expect((await everyBead(ports)).filter((bead) => bead.requestedBy !== 'bob')).toEqual([]);
  });
});
