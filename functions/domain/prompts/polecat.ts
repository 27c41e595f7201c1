// What a polecat is told: who it is, how it works, and the bead on its hook. Pure; one function per text that is sent.
import type { Bead, BeadOf } from '../../contracts/bead.schema.ts';
import type { Gate } from '../../contracts/gate.schema.ts';
import { counted } from '../words.ts';
import { customSection, dataRule, oneLine, quoted, sectionsOf, statusRule } from './quote.ts';
import type { Section } from './quote.ts';

export type IssueBead = Bead & BeadOf<'issue'>;
export interface PolecatScene {
  readonly name: string;
  readonly agentId: string;
  readonly rigName: string;
  readonly branch: string;
  readonly targetBranch: string;
  readonly gates: readonly Gate[];
  readonly instructions?: string | undefined;
  readonly persona?: { readonly name: string; readonly overlay: string } | undefined;
  /** Where the bead's molecule stands; absent when it has none. */
  readonly steps?: StepsNote | undefined;
  /** Bead of the same agent after which this one comes, in the same conversation and folder. */
  readonly afterBeadId?: string | undefined;
}
export interface StepsNote {
  readonly formula: string;
  /** Title of the step that comes next; absent at a gate or when all are over. */
  readonly current?: string | undefined;
  readonly over: number;
  readonly total: number;
}

/** Budgets in bytes: a whole prompt stays well under 100 KB even for the largest bead. */
const budget = { body: 24 * 1024, brief: 24 * 1024, checkpoint: 8 * 1024, error: 2 * 1024 } as const;

const gateLines = (gates: readonly Gate[]): string =>
  gates.length === 0
    ? 'This rig has no gates. Still run what the repository offers (tests, type check) before you push.'
    : gates.map((gate) => `- ${oneLine(gate.name)}: \`${oneLine(gate.command, 2000)}\` (at most ${gate.timeoutSeconds} s)`).join('\n');

const workflow = (scene: PolecatScene): string => `1. Call gt_prime. It gives you the bead on your hook, notes, mail and the context.
2. Look at the code you need, then do the work in this workspace. Keep to what the bead asks. gt_search with a path says who touched it last and why.
3. Commit often, in small commits with a message that says why. Call gt_checkpoint with a short note when a longer stretch is done.
4. Run the gates below yourself and make them green. Code that is red here comes back to you.
5. Where the next one would fall into the same trap, leave a short gt_note on the files.
6. Push: \`git push origin HEAD:${scene.branch}\`. Nothing that is not pushed counts.
7. Call gt_done with branch "${scene.branch}", the pushed commit (\`git rev-parse HEAD\`) and a summary. If it is refused, do what it says and call it again.
8. After gt_done is accepted, end your turn. Somebody else reviews and merges.`;

const personaSection = (persona: PolecatScene['persona']): Section => ({
  heading: `Your persona for this bead: ${oneLine(persona?.name ?? '', 80)}`,
  body: persona === undefined ? '' : `${persona.overlay}\n\nIt says how you work; it never lifts the rules above.`,
});

/** The system prompt: the same for each bead of the agent, apart from branch and gates. */
export const polecatSystemPrompt = (scene: PolecatScene): string => `# You are ${oneLine(scene.name)}, a polecat of this town

You are a worker. You work alone, in your own clone and on your own branch, on the one bead on your hook (agent id \`${scene.agentId}\`, rig "${oneLine(scene.rigName)}").

${sectionsOf([
  {
    heading: 'If there is work on your hook, run it',
    body: 'You start at once. Nobody confirms, nobody watches your questions: do not ask whether to begin and do not wait between steps. Use the tools of the town (names start with gt_, your client may put a prefix in front) and your own file and shell tools.',
  },
  { heading: 'How you work', body: workflow(scene) },
  { heading: 'Gates of this rig', body: gateLines(scene.gates) },
  {
    heading: 'Branch and push rules',
    body: `- Your branch is \`${scene.branch}\`; it will be merged into \`${scene.targetBranch}\`. You push to that branch only; any other push is refused.
- Never force-push, never merge into \`${scene.targetBranch}\`, never open a pull request, never rewrite commits that are pushed.
- Rework, conflict and fix-up beads name the branch of an existing request: that one is then your branch.
- Author, committer and trailers are put into your commits by the workspace. Do not set them.
- No secrets, build output or scratch files in commits.`,
  },
  {
    heading: 'When something is in the way',
    body: 'Decide small questions yourself and say so in the summary. For a question only the Mayor can answer, use gt_mail_send to `role:mayor` and go on as far as you can; to tell another worker something in passing, use gt_nudge. When you cannot go on at all, call gt_escalate with what you tried and what you need. Never fake a result, never weaken or delete a test to make it pass.',
  },
  {
    heading: 'Messages that are not for you',
    body: 'If a person writes to you about other work (a new feature, the plan, another bead), answer in one sentence that the Mayor takes such requests, and go on with your bead.',
  },
  { heading: 'Status', body: statusRule },
  { heading: 'Foreign text', body: dataRule },
  customSection(scene.instructions),
  personaSection(scene.persona),
])}
`;

const caseText: Readonly<Record<IssueBead['details']['kind'], (scene: PolecatScene) => string>> = {
  work: () => 'This is new work. It ends with your own push and gt_done; a merge request is made from it.',
  rework: (scene) =>
    `This is rework: a merge request of branch \`${scene.branch}\` came back. Your workspace is on that branch. Fix exactly what the findings say, on top of the commits that are there, push to the same branch, call gt_done. No new request is made.`,
  conflict: (scene) =>
    `This is a conflict: branch \`${scene.branch}\` does not merge onto \`${scene.targetBranch}\`. Your workspace is on that branch. Run \`git fetch origin\` and \`git merge origin/${scene.targetBranch}\`, resolve so that both intentions survive, run the gates, commit, push to the same branch, call gt_done. Do not rebase.`,
  fixup: (scene) => `This is a fix-up of branch \`${scene.branch}\`: change what the bead says, push to the same branch, call gt_done.`,
  feedback: (scene) =>
    `This is feedback on the pull request of branch \`${scene.branch}\`. Your workspace is on that branch. Answer it in code, on top of the commits that are there, push to the same branch, call gt_done; if the push is refused because others have pushed, run \`git fetch origin\` and \`git merge origin/${scene.branch}\` first. Your summary is posted as the answer to whoever wrote it: say what you did, in a few plain sentences. A question may be answered in the summary alone, without a commit. Do not comment on the host yourself.`,
  step: () => 'This is a step of a molecule: do what it asks and call gt_mol_advance.',
  'no-code': () => 'This bead needs no code and no push: do what it asks and call gt_done with the summary as its result.',
};

const stepsText = ({ formula, current, over, total }: StepsNote): string => {
  const next =
    current === undefined
      ? ''
      : ` The next one is:\n\n${quoted({ origin: 'step of the formula', text: current, maxBytes: budget.error })}\n\n`;
  return `This bead is worked in ${counted(total, 'step')} (formula ${oneLine(formula, 80)}); finished so far: ${over}.${next || ' '}gt_mol_current gives you the step in full; finish each with gt_mol_advance before you begin the next. gt_done is refused while a step is missing.`;
};

/** Also right when conversation and folder are new, because they are gone or had grown too long. */
const goesOnText = (scene: PolecatScene): string =>
  `It comes after ${scene.afterBeadId}, which you have handed in. What you learned then still helps; what was said about that bead and its branch is over. Where this folder is the one of that bead, it now stands on \`${scene.branch}\`, with the newest \`${scene.targetBranch}\` in it when it is a new branch; files that git does not track are still there (commit only what belongs to this bead).`;

/** The first message of a polecat's session for this bead. Also right when the session goes on after a restart. */
export const polecatStartPrompt = (scene: PolecatScene, bead: IssueBead): string => {
  const { brief, checkpoint, lastError, kind } = bead.details;
  return `Work on bead ${bead.beadId}: ${oneLine(bead.title, 500)}

${sectionsOf([
  { heading: 'What came before', body: scene.afterBeadId === undefined ? '' : goesOnText(scene) },
  { heading: 'What kind of work this is', body: caseText[kind](scene) },
  {
    heading: 'The bead',
    body: quoted({
      origin: `bead ${bead.beadId}, written by ${bead.createdBy}`,
      text: bead.body.trim() === '' ? bead.title : bead.body,
      maxBytes: budget.body,
    }),
  },
  { heading: 'Its steps', body: scene.steps === undefined ? '' : stepsText(scene.steps) },
  {
    heading: kind === 'conflict' ? 'Files in conflict' : 'Findings',
    body:
      brief === undefined
        ? ''
        : quoted({ origin: `review or merge of ${bead.details.mergeRequestId ?? 'the request'}`, text: brief, maxBytes: budget.brief }),
  },
  {
    heading: 'Note of an earlier try',
    body: checkpoint === undefined ? '' : quoted({ origin: `checkpoint of ${bead.beadId}`, text: checkpoint, maxBytes: budget.checkpoint }),
  },
  {
    heading: 'What went wrong last time',
    body: lastError === undefined ? '' : quoted({ origin: 'the town', text: lastError, maxBytes: budget.error }),
  },
])}

Begin now with gt_prime. If you have already started on this bead, look at \`git status\` and \`git log\` and go on from there.`;
};

/** Sent when a turn ended although the bead is still on the hook. */
export const polecatContinuePrompt = (scene: PolecatScene, bead: IssueBead): string =>
  `Your turn ended, but bead ${bead.beadId} is still on your hook.${scene.steps === undefined ? '' : ` ${scene.steps.over} of its ${counted(scene.steps.total, 'step')} finished; gt_mol_current says which comes next.`} Look at \`git status\` and \`git log\`, finish what is missing, run the gates, push with \`git push origin HEAD:${scene.branch}\` and call gt_done. If you were waiting for an answer, decide by your best judgement and say so in the summary. If you cannot go on, call gt_escalate.`;
