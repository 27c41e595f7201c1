// The words of a pull request: its title and text, the commit of its merge, our answers. What agents and people wrote is quoted or one line. Pure.
import type { Identity } from '../commit-identity.ts';
import type { IssueBead } from '../prompts/polecat.ts';
import { oneLine, quoted } from '../prompts/quote.ts';
import type { MergeRequestBead } from '../prompts/refinery.ts';

const titleCharacters = 200;
const summaryBytes = 8 * 1024;

export const pullRequestTitle = (request: MergeRequestBead): string => oneLine(request.title, titleCharacters);

export interface Authors {
  readonly source: IssueBead | undefined;
  /** Who did the work. */
  readonly agent: { readonly name: string; readonly model: string } | undefined;
  /** Who asked for it. */
  readonly person: Identity;
}

const gateLines = (request: MergeRequestBead): string =>
  request.details.gates.length === 0
    ? 'No gates ran: this rig has none.'
    : request.details.gates
        .map((gate) => `- ${oneLine(gate.name)}: ${gate.ok ? 'green' : 'red'} in ${Math.round(gate.durationMs / 1000)} s`)
        .join('\n');

const summaryOf = (request: MergeRequestBead, source: IssueBead | undefined): string => {
  const text = (source?.details.doneSummary ?? request.body).trim();
  return text === '' ? '' : `${quoted({ origin: 'the agent that did the work', text, maxBytes: summaryBytes })}\n\n`;
};

export const pullRequestBody = (request: MergeRequestBead, { source, agent, person }: Authors): string =>
  `${summaryOf(request, source)}| | |
|---|---|
| Bead | ${request.details.sourceBeadId}${source === undefined ? '' : `: ${oneLine(source.title, titleCharacters).replaceAll('|', '/')}`} |
| Merge request | ${request.beadId} |
| Agent | ${agent === undefined ? 'several' : `${oneLine(agent.name, 80)} (${oneLine(agent.model, 120)})`} |
| Requested by | ${oneLine(person.name, 120).replaceAll('|', '/')} |

**Gates**

${gateLines(request)}
`;

const plain = (text: string): string => oneLine(text.replaceAll(/[<>]/g, ''), 120);
/** Title and text of the commit that lands it, with the trailers of every merge of a town. */
export const mergeCommit = (
  request: MergeRequestBead,
  number: number,
  { source, person }: Authors,
): { readonly title: string; readonly message: string } => ({
  title: `${pullRequestTitle(request)} (#${number})`,
  message: [
    ...(source === undefined ? [] : [`Bead-ID: ${source.beadId}`]),
    ...(request.details.kind === 'landing' ? [`Convoy-ID: ${request.details.sourceBeadId}`] : []),
    `Merge-Request: ${request.beadId}`,
    `Requested-by: ${plain(person.name)} <${plain(person.email)}>`,
  ].join('\n'),
});

/** What is said in a thread when its bead is finished. */
export const answerText = (beadId: string, summary: string | undefined): string => `${(summary ?? 'Done.').trim()}\n\n_${beadId}_`;
