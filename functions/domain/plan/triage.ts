// T2: open triage requests get one triage agent, all of them together; it rests when they are decided. Its failures wait and never make requests.
import { triageBatch } from '../../contracts/triage.schema.ts';
import { isLive } from '../agent-state.ts';
import { nextTriageMs, triageAgentId, triageRequestOf, triageTries, triagerOf } from '../triage.ts';
import type { WorkItem } from '../../contracts/work.schema.ts';
import { counted } from '../words.ts';
import type { Findings } from './action.ts';
import { findings } from './action.ts';
import { breakerGate } from './breakers.ts';
import type { View } from './view.ts';

/** Requests that the triage agent of this epoch was given and has not decided. */
export const batchOf = (items: readonly WorkItem[], epoch: number): WorkItem[] =>
  items.filter((item) => item.kind === 'triage' && triageRequestOf(item)?.batch === epoch);

const isUsedUp = (item: WorkItem): boolean => (triageRequestOf(item)?.tries ?? 0) >= triageTries;

export const triageRules = (view: View): Findings => {
  const found = findings();
  const open = view.work('triage').filter((item) => triageRequestOf(item) !== undefined);
  const agent = view.agent(triageAgentId);
  if (agent !== undefined && isLive(agent)) {
    if (batchOf(open, agent.epoch).length === 0)
      found.actions.push({
        rule: 'T2',
        kind: 'stop-agent',
        subject: agent.agentId,
        agentId: agent.agentId,
        epoch: agent.epoch,
        sentence: 'Everything that triage was asked is decided: it rests.',
      });
    return found;
  }
  for (const item of open.filter(isUsedUp))
    found.actions.push({
      rule: 'T2',
      kind: 'give-up-triage',
      subject: item.workId,
      item,
      sentence: `${counted(triageTries, 'triage agent')} did not decide ${item.workId}: people are asked.`,
    });
  const requests = open.filter((item) => !isUsedUp(item)).slice(0, triageBatch);
  if (requests.length === 0) return found;
  const startAtMs = nextTriageMs(triagerOf(view.work('triager')[0], view.nowMs));
  const gate = breakerGate(view);
  if (startAtMs > view.nowMs) found.waits.push(startAtMs);
  else if (gate.waits.length > 0) found.waits.push(...gate.waits);
  else
    found.actions.push({
      rule: 'T2',
      kind: 'start-triage',
      subject: triageAgentId,
      requests,
      sentence: `Triage decides ${counted(requests.length, 'case')}.`,
    });
  return found;
};
