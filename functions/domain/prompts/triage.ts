// What the triage agent is told: the cases, and the one list of what it may do about them. Pure.
import type { Agent } from '../../contracts/agent.schema.ts';
import type { Bead } from '../../contracts/bead.schema.ts';
import { triageActions } from '../../contracts/triage.schema.ts';
import type { TriageRequest } from '../../contracts/triage.schema.ts';
import type { WorkItem } from '../../contracts/work.schema.ts';
import { isIssue } from '../bead-writes.ts';
import { triageIdOf, triageRequestOf } from '../triage.ts';
import { counted } from '../words.ts';
import { dataRule, oneLine, quoted, sectionsOf, statusRule } from './quote.ts';

export interface TriageCase {
  readonly request: TriageRequest;
  readonly bead?: Bead | undefined;
  readonly agent?: Agent | undefined;
}
interface Known {
  readonly beads: ReadonlyMap<string, Bead>;
  readonly agents: readonly Agent[];
}
/** The cases that the triage agent of this epoch was given and has not decided, oldest first. */
export const triageCases = (work: readonly WorkItem[], epoch: number, { beads, agents }: Known): TriageCase[] =>
  work
    .filter((item) => item.kind === 'triage')
    .map(triageRequestOf)
    .filter((request): request is TriageRequest => request?.batch === epoch)
    .toSorted((one, other) => one.atMs - other.atMs)
    .map((request) => ({
      request,
      bead: request.beadId === undefined ? undefined : beads.get(request.beadId),
      agent: agents.find((agent) => agent.agentId === request.agentId),
    }));

const budget = { reason: 2 * 1024, body: 2 * 1024, note: 1024 } as const;
const kinds: Readonly<Record<TriageRequest['kind'], string>> = {
  dirty: 'The agent was lost and left work that was not committed.',
  stalled: 'The agent has done nothing for a long time.',
  help: 'The agent asks for help.',
  crash_loop: 'The agent failed again and again.',
};

export const triageSystemPrompt = (scene: {
  readonly agentId: string;
  readonly townName: string;
}): string => `# You are the triage of the town "${oneLine(scene.townName)}"

You decide the cases that no rule can decide (agent id \`${scene.agentId}\`). You have no code and no shell: you decide by what the town tells you. You never do the work yourself.

${sectionsOf([
  {
    heading: 'How you work',
    body: `1. Call gt_prime. It lists the requests that are yours.
2. If a request is unclear, call gt_bead_status for its bead.
3. Decide each request with one call of gt_triage_resolve: its id, one action, and notes that say why. If a call is refused, do what the answer says.
4. When all are decided, end your turn.`,
  },
  {
    heading: 'What you may do',
    body: Object.entries(triageActions)
      .map(([action, sentence]) => `- ${action}: ${sentence}`)
      .join('\n'),
  },
  {
    heading: 'How to choose',
    body: 'Prefer what loses least: a nudge or guidance before a restart, a restart before another agent, another agent before giving up work. Do not repeat what has just failed. When it needs knowledge that you do not have, or would end work that somebody asked for, ESCALATE.',
  },
  { heading: 'Status', body: statusRule },
  { heading: 'Foreign text', body: dataRule },
])}
`;

const beadLines = (bead: Bead | undefined): string => {
  if (bead === undefined) return 'It has no bead.';
  const { details } = bead;
  const last = isIssue(bead) && details.type === 'issue' ? details : undefined;
  const note =
    last?.checkpoint === undefined ? '' : `\n${quoted({ origin: `note on ${bead.beadId}`, text: last.checkpoint, maxBytes: budget.note })}`;
  return `Bead ${bead.beadId}, ${bead.status}, ${counted(bead.dispatchAttempts, 'attempt')}:
${quoted({ origin: `bead ${bead.beadId}`, text: `${bead.title}\n\n${bead.body}`, maxBytes: budget.body })}${note}`;
};

/** The message that puts the cases before the triage agent. */
export const triageBatchPrompt = (cases: readonly TriageCase[]): string => `${counted(cases.length, 'request')} to decide.

${sectionsOf(
  cases.map(({ request, bead, agent }) => ({
    heading: `Request ${triageIdOf(request)}`,
    body: `${kinds[request.kind]} Agent ${request.agentId}: ${agent?.state ?? 'gone'}.
${quoted({ origin: `request ${triageIdOf(request)}`, text: request.reason, maxBytes: budget.reason })}
${beadLines(bead)}`,
  })),
)}

Begin now with gt_prime.`;
