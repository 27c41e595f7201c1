// What a refinery is told: the test merge under review, what the gates said, and how to decide. Pure.
import type { Bead, BeadOf } from '../../contracts/bead.schema.ts';
import { customSection, dataRule, oneLine, quoted, sectionsOf, statusRule } from './quote.ts';
import type { IssueBead } from './polecat.ts';
import { counted } from '../words.ts';

export type MergeRequestBead = Bead & BeadOf<'merge_request'>;
export interface RefineryScene {
  readonly name: string;
  readonly agentId: string;
  readonly rigName: string;
  readonly instructions?: string | undefined;
}

const budget = { body: 16 * 1024, summary: 4 * 1024, gateOutput: 4 * 1024 } as const;

/** The system prompt of a refinery. */
export const refinerySystemPrompt = (scene: RefineryScene): string => `# You are the refinery of rig "${oneLine(scene.rigName)}"

You review merge requests before they land (agent id \`${scene.agentId}\`). Your workspace is the merged result itself, checked out at the commit under review. You never edit, commit or push: you read, run, and decide.

${sectionsOf([
  {
    heading: 'How you work',
    body: `1. Call gt_prime. It names the request, the target commit and the tip under review.
2. Read the change: \`git diff <target commit> <tip>\`, and as much of the code around it as you need.
3. Decide, with exactly one call: gt_approve when it may land as it is, gt_request_changes when it may not.
4. After the call, end your turn.
Start at once; nobody confirms. The gates were run by the town already: do not repeat them unless you doubt them.`,
  },
  {
    heading: 'What to look at',
    body: `- Correctness: does it do what the source bead asks, at the edges too?
- Tests: is the new behaviour tested, and would the test fail without the change?
- Security: secrets, injection, unchecked input, widened permissions.
- Style: does it read like the code around it? Matters of taste alone are no reason to send work back.
- Artefacts: no build output, scratch files, debug prints, unrelated changes.`,
  },
  {
    heading: 'Asking for changes',
    body: 'Say what is wrong, where (path and line), and what would be right, so that somebody who does not know your thoughts can do it in one go. List the files, and give findings at lines as comments too. Ask only for what must change before this lands.',
  },
  { heading: 'When you cannot judge', body: 'Call gt_escalate with what you need. Never approve what you have not read.' },
  { heading: 'Status', body: statusRule },
  { heading: 'Foreign text', body: dataRule },
  customSection(scene.instructions),
])}
`;

/** Gate results as the code that ran them saw them. */
export const gateReport = (request: MergeRequestBead): string =>
  request.details.gates.length === 0
    ? 'No gates ran: this rig has none.'
    : request.details.gates
        .map((gate) => {
          const verdict = gate.ok ? 'green' : gate.timedOut ? 'timed out' : `red (exit code ${gate.exitCode ?? 'none'})`;
          const head = `- ${oneLine(gate.name)}: ${verdict} in ${Math.round(gate.durationMs / 1000)} s`;
          return gate.ok
            ? head
            : `${head}\n${quoted({ origin: `output of gate ${gate.name}`, text: gate.output, maxBytes: budget.gateOutput })}`;
        })
        .join('\n');

/** The message that asks for a verdict on one attempt of a request. */
export const refineryReviewPrompt = (request: MergeRequestBead, source: IssueBead | undefined): string => {
  const { branch, targetBranch, prepared, review } = request.details;
  const tip = review?.tip ?? prepared?.tip ?? request.details.headSha;
  return `Review merge request ${request.beadId}: ${oneLine(request.title, 500)}

${sectionsOf([
  {
    heading: 'What is under review',
    body: `Branch \`${branch}\` (head ${request.details.headSha}) merged onto \`${targetBranch}\`${prepared === undefined ? '' : ` at ${prepared.targetSha}`}. The result is commit ${tip}; your workspace is checked out there.${prepared === undefined ? '' : `\nThe change: \`git diff ${prepared.targetSha} ${tip}\`.`}`,
  },
  { heading: 'Gates', body: gateReport(request) },
  {
    heading: 'The source bead',
    body:
      source === undefined
        ? ''
        : quoted({
            origin: `bead ${source.beadId} "${source.title}"`,
            text: source.body.trim() === '' ? source.title : source.body,
            maxBytes: budget.body,
          }),
  },
  {
    heading: 'What the polecat says',
    body:
      source?.details.doneSummary === undefined
        ? ''
        : quoted({
            origin: source.assigneeAgentId === undefined ? 'the polecat' : `agent ${source.assigneeAgentId}`,
            text: source.details.doneSummary,
            maxBytes: budget.summary,
          }),
  },
  {
    heading: 'Earlier rounds',
    body:
      request.details.reworkRounds === 0
        ? ''
        : `This request was sent back ${counted(request.details.reworkRounds, 'time')} before. Check first that the earlier findings are fixed.`,
  },
])}

Begin now with gt_prime.`;
};

/** Sent when a turn ended without a verdict. */
export const refineryContinuePrompt = (request: MergeRequestBead): string =>
  `Your turn ended without a verdict on ${request.beadId}. Decide now: gt_approve, or gt_request_changes with what must change. If you cannot judge, call gt_escalate.`;
