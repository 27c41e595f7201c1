import { describe, expect, it } from 'vitest';
import type { Agent, AgentState } from '../../../functions/contracts/agent.schema.ts';
import type { RuntimeLease } from '../../../functions/contracts/runner.schema.ts';
import { mayorStep, waitingSince } from './mayor-step.ts';

const townId = 't-4f9k2m1q';
const at = '2026-11-21T10:00:00.000Z';
const runtime = (state: RuntimeLease['state']): RuntimeLease => ({
  townId,
  state,
  runtimeEpoch: 4,
  reportSeq: 80,
  startFailures: 0,
  version: 9,
  updatedAt: at,
});
const mayor = (state: AgentState, more: Partial<Agent> = {}): { agent: Agent } => ({
  agent: { townId, agentId: 'mayor', name: 'Mayor', role: 'mayor', state, epoch: 3, version: 4, createdAt: at, updatedAt: at, ...more },
});

describe('while one waits for the Mayor', () => {
  it('each step of waking up is named', () => {
    const steps = [
      mayorStep({ agents: [] }, at),
      mayorStep({ runtime: runtime('absent'), agents: [mayor('idle')] }, at),
      mayorStep({ runtime: runtime('starting'), agents: [mayor('idle')] }, at),
      mayorStep({ runtime: runtime('live'), agents: [] }, at),
      mayorStep({ runtime: runtime('live'), agents: [mayor('starting')] }, at),
      mayorStep({ runtime: runtime('live'), agents: [mayor('working')] }, at),
    ];
    expect([...new Set(steps)]).toEqual(["Starting the town's machine…", 'Starting the Mayor…', 'The Mayor is thinking…']);
  });
  it('what the Mayor says of its work is shown, unless it is of earlier work', () => {
    const working = [mayor('working', { statusLine: { text: 'Reading the repository', at } })];
    expect(mayorStep({ runtime: runtime('live'), agents: working }, '2026-11-21T09:59:59.000Z')).toBe('Reading the repository');
    expect(mayorStep({ runtime: runtime('live'), agents: working }, '2026-11-21T10:00:01.000Z')).toBe('The Mayor is thinking…');
  });
});

describe('what is waited for', () => {
  const message = (role: 'user' | 'mayor', state: 'queued' | 'working' | 'answered' | 'final', minute: number) => ({
    role,
    state,
    at: `2026-11-21T10:0${minute}:00.000Z`,
  });
  it('counts from the message, or from an answer to another one that came later', () => {
    expect(waitingSince([message('user', 'answered', 1), message('mayor', 'final', 2)])).toBeUndefined();
    expect(waitingSince([message('mayor', 'final', 2), message('user', 'queued', 3)])).toBe('2026-11-21T10:03:00.000Z');
    expect(waitingSince([message('user', 'answered', 1), message('user', 'working', 2), message('mayor', 'final', 4)])).toBe(
      '2026-11-21T10:04:00.000Z',
    );
  });
});
