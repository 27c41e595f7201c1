// Triage from end to end: a rule asks, the scripted model decides with the real tools, the agent goes on.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startScriptedModel } from '../../infra/local/scripted-model/server.ts';
import type { ScriptedModel } from '../../infra/local/scripted-model/server.ts';
import { triageItem } from '../../functions/domain/triage.ts';
import { desired } from '../../functions/operations/desired.ts';
import { reconcileTown } from '../../functions/reconcile/reconcile.ts';
import { takeTurn } from './scripted-client.ts';
import { aLease, agentIn, anAgent, anIssue, at, issueIn, rigId, townId, townWith } from './town.ts';
import { fakePorts } from '../fakes/ports.ts';

describe('triage', () => {
  let model: ScriptedModel;
  beforeAll(async () => {
    model = await startScriptedModel();
  });
  afterAll(() => model.stop());

  const town = async (kind: 'stalled' | 'help') => {
    const ports = fakePorts({ deployment: { ...fakePorts().deployment, scriptedModelUrl: model.url } });
    const agent = anAgent(kind === 'stalled' ? { state: 'stalled', stalledAt: at } : { startedAt: at });
    await townWith(
      {
        agents: [agent],
        beads: [anIssue()],
        lease: aLease({ lastReportAtMs: ports.clock.nowMs() }),
        more: [
          { put: 'slot', item: { townId, slotId: `${rigId}#1`, holder: 'toast', claimedAt: at }, when: 'none' },
          {
            put: 'work',
            item: triageItem(
              townId,
              { kind, agentId: 'toast', beadId: 'lib-work', reason: 'Nothing happens.', atMs: ports.clock.nowMs(), tries: 0 },
              { nowMs: ports.clock.nowMs(), stamp: 's' },
            ),
            when: 'none',
          },
        ],
      },
      ports,
    );
    await reconcileTown(ports, townId);
    return ports;
  };

  it('T2 gives the triage agent a prompt with every case, no code, and its own model', async () => {
    const ports = await town('stalled');
    const lease = await ports.store.get('lease', { townId });
    const set = lease === undefined ? undefined : await desired(ports, lease);
    const assignment = set?.assignments.find((each) => each.agentId === 'triage');
    expect(assignment).toMatchObject({ role: 'triage', workspace: { kind: 'none' }, model: { model: 'scripted-triage' } });
    expect(assignment?.prompts[0]?.text).toContain('Request toast#stalled');
    // The stalled agent itself has no process.
    expect(set?.assignments.map((each) => each.agentId)).toEqual(['triage']);
  });
  it('T2 decides a stalled agent: it starts again, and the triage agent rests', async () => {
    const ports = await town('stalled');
    const turn = await takeTurn({ ports, modelUrl: model.url, agentId: 'triage', cwd: '/' });
    expect(turn.tools).toEqual(['gt_prime', 'gt_triage_resolve']);
    expect(await agentIn(ports, 'toast')).toMatchObject({ state: 'starting', epoch: 5, hookBeadId: 'lib-work' });
    await reconcileTown(ports, townId);
    expect(await agentIn(ports, 'triage')).toMatchObject({ state: 'idle' });
  });
  it('T2 answers a call for help with guidance', async () => {
    const ports = await town('help');
    await takeTurn({ ports, modelUrl: model.url, agentId: 'triage', cwd: '/' });
    const mails = await ports.store.beadsBy({ townId, type: 'message', status: 'open' }, { limit: 5 });
    expect(mails.items).toMatchObject([{ title: 'Guidance', details: { to: 'toast' } }]);
    expect((await issueIn(ports, 'lib-work')).type).toBe('issue');
  });
});
