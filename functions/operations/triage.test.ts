import { describe, expect, it } from 'vitest';
import { busyTown } from '../../test/rules/busy-town.ts';
import type { BusyTown } from '../../test/rules/busy-town.ts';
import { anAgent, anIssue, aTown, hooked, iso, rigId, townId } from '../../test/rules/build.ts';
import { triageActions } from '../contracts/triage.schema.ts';
import type { TriageAction, TriageKind } from '../contracts/triage.schema.ts';
import { nudgeIn } from '../domain/nudges.ts';
import { triageItem } from '../domain/triage.ts';
import { triageSystemPrompt } from '../domain/prompts/triage.ts';
import { reconcileTown } from '../reconcile/reconcile.ts';
import { callTool, toolsFor } from '../tools/tool-set.ts';
import { tools } from '../contracts/tools.schema.ts';
import type { AgentIdentity } from './agent-caller.ts';
import { escalate } from './escalate.ts';
import { resolveTriage } from './triage.ts';

const caller: AgentIdentity = { townId, agentId: 'triage', epoch: 7, role: 'triage', runtimeEpoch: 3 };
const put = async (town: BusyTown, kind: TriageKind, agentId = 'toast', beadId = 'web-a001'): Promise<string> => {
  const { clock, ids, store } = town.ports;
  const moment = { nowMs: clock.nowMs(), stamp: ids.ulid() };
  const request = { kind, agentId, beadId, reason: 'It looks stuck.', atMs: moment.nowMs, batch: 7, tries: 1 };
  await store.commit([
    { put: 'work', item: triageItem(townId, request, moment), when: 'none' },
    { put: 'agent', item: anAgent('triage', { role: 'triage', state: 'working', epoch: 7, name: 'Triage' }), when: 'none' },
  ]);
  return `${agentId}#${kind}`;
};
/** Toast stalled on web-a001, and one request about it. */
const stalled = async (): Promise<BusyTown> => {
  const town = await busyTown({ agent: { state: 'stalled', stalledAt: iso() } });
  await put(town, 'stalled');
  return town;
};
/** Toast gave web-a001 back, which waits in its queue. */
const crashed = async (): Promise<BusyTown> => {
  const town = await busyTown({ agent: { state: 'idle', hookBeadId: undefined, slot: undefined } });
  const bead = anIssue(
    'web-a001',
    { dispatchAttempts: 3 },
    { notBefore: iso(60_000), checkpoint: 'Half done.', branch: 'gt/toast/web-a001' },
  );
  await town.ports.store.commit([{ put: 'bead', item: bead, when: 'none' }]);
  await put(town, 'crash_loop');
  return town;
};
const decide = (town: BusyTown, action: TriageAction, request = 'toast#stalled') =>
  resolveTriage(town.ports, caller, { request, action, notes: 'Because I say so.' });
const details = async (town: BusyTown) => {
  const bead = await town.bead();
  return bead?.details.type === 'issue' ? bead.details : undefined;
};

describe('T2, what a decision does', () => {
  it('T2 RESTART starts the stalled agent again with bead, place and a new epoch', async () => {
    const town = await stalled();
    await decide(town, 'RESTART');
    expect(await town.agent()).toMatchObject({ state: 'starting', epoch: 2, hookBeadId: 'web-a001', slot: `${rigId}#1` });
    expect((await town.agent())?.stalledAt).toBeUndefined();
    expect(await town.workIds('triage')).toEqual([]);
  });
  it('T2 RESTART keeps to the caps, also when they were lowered meanwhile (L69)', async () => {
    const town = await stalled();
    await town.ports.store.commit([
      { put: 'agent', item: hooked('maple', 'web-a002', { slot: `${rigId}#2` }), when: 'none' },
      { put: 'town', item: aTown({ maxPolecatsPerRig: 1 }), when: 'none' },
    ]);
    await expect(decide(town, 'RESTART')).rejects.toThrow('all places for workers are taken');
    expect(await town.agent()).toMatchObject({ state: 'stalled', epoch: 1 });
    expect(await town.workIds('triage')).toEqual(['toast#stalled']);
  });
  it('T2 RESTART takes no place that somebody else holds (L69)', async () => {
    const town = await stalled();
    await town.ports.store.commit([
      { put: 'slot', item: { townId, slotId: `${rigId}#1`, holder: 'maple', claimedAt: iso() }, when: 'none' },
    ]);
    await expect(decide(town, 'RESTART')).rejects.toThrow('places');
  });
  it('T2 RESTART of a crashed agent goes through the queue: its bead is due now, for the same agent', async () => {
    const town = await crashed();
    await decide(town, 'RESTART', 'toast#crash_loop');
    expect(await details(town)).toMatchObject({ preferAgentId: 'toast' });
    expect((await details(town))?.notBefore).toBeUndefined();
  });
  it('T2 RESTART_WITH_BACKOFF gives the bead back with a wait, for the same agent', async () => {
    const town = await stalled();
    await decide(town, 'RESTART_WITH_BACKOFF');
    expect(await town.agent()).toMatchObject({ state: 'idle', epoch: 2 });
    expect(await town.bead()).toMatchObject({ status: 'open', details: { preferAgentId: 'toast' } });
    expect(Date.parse((await details(town))?.notBefore ?? '')).toBeGreaterThan(town.ports.clock.nowMs() + 40_000);
  });
  it('T2 REASSIGN gives the bead to another agent at once', async () => {
    const town = await stalled();
    await decide(town, 'REASSIGN');
    await reconcileTown(town.ports, townId);
    expect(await town.bead()).toMatchObject({ status: 'in_progress', assigneeAgentId: 'maple' });
  });
  it('T2 CLOSE_BEAD ends the bead: failed with the notes, or closed when it needs no code', async () => {
    const town = await stalled();
    await decide(town, 'CLOSE_BEAD');
    expect(await town.bead()).toMatchObject({ status: 'failed', failure: { code: 'closed_by_triage', message: 'Because I say so.' } });
    expect(await town.agent()).toMatchObject({ state: 'idle' });
    const other = await stalled();
    const bead = await other.bead();
    if (bead?.details.type === 'issue')
      await other.ports.store.commit([{ put: 'bead', item: { ...bead, details: { ...bead.details, kind: 'no-code' } }, when: 'none' }]);
    await decide(other, 'CLOSE_BEAD');
    expect((await other.bead())?.status).toBe('closed');
  });
  it('T2 ESCALATE asks people, with the notes', async () => {
    const town = await stalled();
    await decide(town, 'ESCALATE');
    expect(await town.open('escalation')).toMatchObject([
      { createdBy: 'agent:triage', details: { severity: 'high', category: 'help', aboutBeadId: 'web-a001' } },
    ]);
  });
  it('T2 NUDGE nudges the agent, and starts a stalled one again', async () => {
    const town = await stalled();
    await decide(town, 'NUDGE');
    const nudges = (await town.ports.store.workOf(townId)).flatMap((item) => nudgeIn(item) ?? []);
    expect(nudges).toMatchObject([{ to: 'toast', from: 'patrol:T2', mode: 'immediate', priority: 'urgent', beadId: 'web-a001' }]);
    expect(await town.open('message')).toEqual([]);
    expect((await town.agent())?.state).toBe('starting');
  });
  it('T2 PROVIDE_GUIDANCE gives the notes to the agent, or keeps them on the bead for the next one', async () => {
    const town = await stalled();
    await decide(town, 'PROVIDE_GUIDANCE');
    expect(await town.open('message')).toMatchObject([{ body: 'Because I say so.' }]);
    const other = await crashed();
    await decide(other, 'PROVIDE_GUIDANCE', 'toast#crash_loop');
    expect((await details(other))?.checkpoint).toBe('Half done.\n\nGuidance from triage: Because I say so.');
  });
  it('T2 DISCARD gives up what was not pushed: note and branch go, the next agent starts over', async () => {
    const town = await crashed();
    await decide(town, 'DISCARD', 'toast#crash_loop');
    const after = await details(town);
    expect([after?.branch, after?.checkpoint, after?.notBefore]).toEqual([undefined, undefined, undefined]);
  });
  it('T2 is recorded with its reason, and decided once', async () => {
    const town = await stalled();
    await decide(town, 'ESCALATE');
    const events = await town.ports.store.eventsOf(townId, { newestFirst: true }, { limit: 1 });
    expect(events.items).toMatchObject([{ type: 'triage_resolved', new: 'ESCALATE', data: { notes: 'Because I say so.' } }]);
    await expect(decide(town, 'ESCALATE')).rejects.toThrow('There is no open request');
  });
});

describe('T2, one list of actions', () => {
  it('T2 offers in prompt and tool exactly what the resolver understands', async () => {
    const prompt = triageSystemPrompt({ agentId: 'triage', townName: 'Harbour' });
    for (const action of Object.keys(triageActions)) {
      expect(prompt).toContain(`- ${action}: `);
      expect(tools.gt_triage_resolve.description).toContain(`${action}: `);
      const town = await stalled();
      const answer = await callTool(town.ports, caller, 'gt_triage_resolve', { request: 'toast#stalled', action, notes: 'Why not.' });
      expect([action, answer.isError]).toEqual([action, false]);
    }
    expect(toolsFor('triage')).toContain('gt_triage_resolve');
    expect(toolsFor('polecat')).not.toContain('gt_triage_resolve');
  });
});

describe('T1, a call for help', () => {
  const toast: AgentIdentity = { townId, agentId: 'toast', epoch: 1, role: 'polecat', runtimeEpoch: 3 };
  const help = { severity: 'medium', category: 'help', title: 'Which library?', message: 'There are two.' } as const;
  it('T1 makes a request of an escalation of category help, one at a time, and of no other', async () => {
    const town = await busyTown();
    await escalate(town.ports, toast, { ...help, category: 'decision' });
    expect(await town.workIds('triage')).toEqual([]);
    await escalate(town.ports, toast, help);
    await escalate(town.ports, toast, help);
    expect(await town.workIds('triage')).toEqual(['toast#help']);
  });
  it('T1 leaves at most five requests open', async () => {
    const town = await busyTown();
    for (const agentId of ['birch', 'maple', 'shadow', 'clover', 'ember']) await put(town, 'stalled', agentId);
    await escalate(town.ports, toast, help);
    expect(await town.workIds('triage')).toHaveLength(5);
  });
  it('T1 makes no case of what the triage agent itself asks (L16)', async () => {
    const town = await stalled();
    await escalate(town.ports, caller, help);
    expect(await town.workIds('triage')).toEqual(['toast#stalled']);
  });
});
