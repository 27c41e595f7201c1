import { describe, expect, it } from 'vitest';
import type { Assignment } from '../../functions/contracts/runner.schema.ts';
import { agentSteps } from './reconcile.ts';
import type { RunningAgent } from './reconcile.ts';

const anAssignment = (change: Partial<Assignment> = {}): Assignment => ({
  agentId: 'toast',
  name: 'Toast',
  role: 'polecat',
  epoch: 3,
  bead: { beadId: 'web-1a2b', title: 'Work', requestedBy: 'ada' },
  workspace: { kind: 'branch', rigId: 'r-8d2k1m0p', branch: 'gt/toast/web-1a2b', startPoint: 'main' },
  model: { kind: 'scripted' },
  systemPrompt: 's',
  prompts: [],
  agentToken: 'token',
  gates: [],
  env: {},
  ...change,
});
const running = (assignment: Assignment, stopping = false): RunningAgent => ({
  agentId: assignment.agentId,
  epoch: assignment.epoch,
  assignment,
  stopping,
});

describe('the steps from what runs to what is desired', () => {
  it('start what is missing and stop what is not wanted', () => {
    const other = anAssignment({ agentId: 'badge' });
    expect(agentSteps([other], [running(anAssignment())])).toEqual([
      { kind: 'stop', agentId: 'toast' },
      { kind: 'start', assignment: other },
    ]);
  });
  it('are none when nothing changed', () => {
    expect(agentSteps([anAssignment()], [running(anAssignment())])).toEqual([]);
  });
  it('update prompts and tokens in the same life', () => {
    const next = anAssignment({
      prompts: [{ promptId: 'mail-1', text: 'mail' }],
      agentToken: 'newer',
      workspace: { kind: 'branch', rigId: 'r-8d2k1m0p', branch: 'gt/toast/web-1a2b', startPoint: 'a'.repeat(40) },
    });
    expect(agentSteps([next], [running(anAssignment())])).toEqual([{ kind: 'update', assignment: next }]);
  });
  it('replace an agent of a new epoch, bead or model', () => {
    const changes: Partial<Assignment>[] = [
      { epoch: 4 },
      { bead: { beadId: 'web-2b3c', title: 'Other', requestedBy: 'ada' } },
      { model: { kind: 'bedrock', model: 'm' } },
    ];
    for (const change of changes)
      expect(agentSteps([anAssignment(change)], [running(anAssignment())])).toEqual([{ kind: 'replace', agentId: 'toast' }]);
  });
  it('never turn a newer life back', () => {
    expect(agentSteps([anAssignment({ epoch: 2 })], [running(anAssignment())])).toEqual([]);
  });
  it('leave an agent alone that is stopping', () => {
    expect(agentSteps([anAssignment({ epoch: 4 })], [running(anAssignment(), true)])).toEqual([]);
    expect(agentSteps([], [running(anAssignment(), true)])).toEqual([]);
  });
});
