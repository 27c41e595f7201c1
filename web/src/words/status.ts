// Plain words and tones for what the product calls by its own names.
import type { Agent, AgentRole, AgentState } from '../../../functions/contracts/agent.schema.ts';
import type { Bead, BeadStatus, BeadType } from '../../../functions/contracts/bead.schema.ts';
import type { IssueKind } from '../../../functions/contracts/issue.schema.ts';
import type { MergeStage } from '../../../functions/contracts/merge-request.schema.ts';

export type Tone = 'plain' | 'busy' | 'review' | 'ok' | 'warn' | 'bad';

export const statuses: readonly BeadStatus[] = ['open', 'in_progress', 'in_review', 'closed', 'failed'];
export const statusWord: Readonly<Record<BeadStatus, string>> = {
  open: 'Open',
  in_progress: 'In progress',
  in_review: 'In review',
  closed: 'Closed',
  failed: 'Failed',
};
export const statusTone: Readonly<Record<BeadStatus, Tone>> = {
  open: 'plain',
  in_progress: 'busy',
  in_review: 'review',
  closed: 'ok',
  failed: 'bad',
};

export const typeWord: Readonly<Record<BeadType, string>> = {
  issue: 'Task',
  message: 'Mail',
  escalation: 'Escalation',
  merge_request: 'Merge request',
  convoy: 'Convoy',
  molecule: 'Steps',
  agent: 'Agent',
};
export const kindWord: Readonly<Record<IssueKind, string>> = {
  work: 'Work',
  rework: 'Rework',
  conflict: 'Conflict to resolve',
  fixup: 'Fix-up',
  feedback: 'Review feedback',
  'no-code': 'No code',
  step: 'Step of a molecule',
};
export const stageWord: Readonly<Record<MergeStage, string>> = {
  new: 'Waiting for checks',
  blocked: 'Waiting for a repair',
  target_red: 'Target branch is red',
  queued: 'In the merge queue',
  pr_open: 'Pull request open',
  held: 'Held for a person',
};

export const roleWord: Readonly<Record<AgentRole, string>> = {
  mayor: 'Mayor',
  polecat: 'Polecat',
  refinery: 'Refinery',
  triage: 'Triage',
  crew: 'Crew',
};
/** The plain word beside the lore. */
export const rolePlainWord: Readonly<Record<AgentRole, string>> = {
  mayor: 'plans and answers',
  polecat: 'worker',
  refinery: 'reviewer',
  triage: 'decides unclear cases',
  crew: 'your own agent',
};
export const agentStateWord: Readonly<Record<AgentState, string>> = {
  idle: 'Idle',
  starting: 'Starting',
  working: 'Working',
  waiting: 'Waiting',
  stalled: 'Stalled',
  stopping: 'Stopping',
  parked: 'Parked',
  gone: 'Gone',
};
export const agentTone: Readonly<Record<AgentState, Tone>> = {
  idle: 'plain',
  starting: 'busy',
  working: 'busy',
  waiting: 'plain',
  stalled: 'warn',
  stopping: 'plain',
  parked: 'warn',
  gone: 'plain',
};
export const isLive = (agent: Agent): boolean => agent.state === 'starting' || agent.state === 'working' || agent.state === 'waiting';
/** The one count of agents, in the navigation and on their page: those whose pill says that they work. */
export const workingOf = (agents: readonly { readonly agent: Agent }[]): number =>
  agents.filter(({ agent }) => agent.state === 'working').length;

/** A convoy that waits for its start. */
export const isPlan = (bead: Bead): boolean => bead.details.type === 'convoy' && bead.details.staged && bead.status === 'open';

/** What is shown on the pill of a bead: a merge request says its stage, a held one that it is held. */
export const beadPill = (bead: Bead): { readonly word: string; readonly tone: Tone } => {
  if (bead.details.type === 'merge_request' && bead.status === 'closed') return { word: 'Merged', tone: 'ok' };
  if (bead.details.type === 'merge_request' && bead.status === 'in_progress' && bead.details.stage === 'queued')
    return { word: 'Merging', tone: 'review' };
  if (bead.details.type === 'merge_request' && bead.status === 'in_progress')
    return { word: bead.details.review === undefined ? 'Checking' : 'In review', tone: 'review' };
  if (bead.details.type === 'merge_request' && bead.status === 'open') {
    const isStuck = bead.details.stage === 'held' || bead.details.stage === 'target_red';
    return { word: stageWord[bead.details.stage], tone: isStuck ? 'warn' : 'plain' };
  }
  if (isPlan(bead)) return { word: 'Plan', tone: 'warn' };
  if (bead.details.type === 'convoy' && (bead.status === 'open' || bead.status === 'in_progress'))
    return { word: 'Under way', tone: 'busy' };
  if (bead.details.type === 'convoy' && bead.status === 'closed') return { word: 'Complete', tone: 'ok' };
  if (bead.held && bead.status === 'open') return { word: 'Held', tone: 'warn' };
  return { word: statusWord[bead.status], tone: statusTone[bead.status] };
};

const initialCap = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
/** Who did it, for people: `you`, `Toast`, `the Mayor`, `the town`. */
export const actorWord = (principal: string, userId: string | undefined): string => {
  const colon = principal.indexOf(':');
  const kind = principal.slice(0, colon);
  const id = principal.slice(colon + 1);
  if (kind === 'user') return id === userId ? 'you' : id;
  if (kind === 'agent') return agentWord(id);
  if (kind === 'runner' || kind === 'patrol') return 'the town';
  if (kind === 'workflow') return 'the merge';
  return id;
};
export const agentWord = (agentId: string): string => {
  if (agentId === 'mayor') return 'the Mayor';
  if (agentId.startsWith('refinery-')) return 'the Refinery';
  return initialCap(agentId);
};
export const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
