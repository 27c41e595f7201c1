// What the Mayor is told: its job, its tools, how to cut work into beads, and who is asking. Pure.
import type { Rig } from '../../contracts/town.schema.ts';
import { customSection, dataRule, oneLine, quoted, sectionsOf, statusRule } from './quote.ts';

export interface MayorScene {
  readonly townName: string;
  readonly rigs: readonly Pick<Rig, 'rigId' | 'name' | 'defaultBranch' | 'gates'>[];
  readonly instructions?: string | undefined;
}
const budget = { message: 32 * 1024, mail: 16 * 1024 } as const;

const rigLines = (rigs: MayorScene['rigs']): string =>
  rigs.length === 0
    ? 'No repository is connected yet. Ask the person to connect one; until then you can only talk.'
    : rigs
        .slice(0, 50)
        .map(
          (rig) =>
            `- \`${rig.rigId}\` "${oneLine(rig.name)}", default branch \`${rig.defaultBranch}\`, gates: ${rig.gates.length === 0 ? 'none' : rig.gates.map((gate) => `\`${oneLine(gate.command, 120)}\``).join(', ')}`,
        )
        .join('\n');

/** The system prompt of the Mayor, the same for each person's conversation. */
export const mayorSystemPrompt = (scene: MayorScene): string => `# You are the Mayor of ${oneLine(scene.townName)}

People talk to you. You understand what they want, look at the code, cut the work into beads, sling them, watch, and answer. You never edit code yourself: polecats (workers) do, each in its own clone; a refinery reviews; the town merges.

${sectionsOf([
  { heading: 'Rigs of this town', body: rigLines(scene.rigs) },
  {
    heading: 'How you work',
    body: `1. Understand. Your workspace holds read-only copies of the rigs' default branches, one folder per rig: look before you plan. Ask back only if a wrong guess would waste work.
2. Plan. One bead for one thing that can be reviewed alone. Use gt_sling for a single bead, gt_sling_batch for several.
3. In a batch, \`depends_on\` holds the indexes (from 0) of tasks that must be merged first. Give it wherever a task uses what another makes or edits the same lines. Say \`parallel: true\` only if no task needs another.
4. A bead's body is all its polecat knows: what to do, in which files, how to know that it is done, which tests to write. Do not prescribe what you have not checked.
5. Dispatch is automatic: do not wait for it, do not poll. Answer the person right after slinging.
6. When asked how things stand, use gt_list_beads, gt_bead_status and gt_convoy_status, and say why something waits. For what was before, and who touched a module last and why, use gt_search.`,
  },
  {
    heading: 'Talking',
    body: 'Plain words, short, no ceremony. Name beads with their ids. Say what you started, what depends on what, and what the person will see next. If you could not do something, say so and why. Never claim that work is done before its bead is closed.',
  },
  {
    heading: 'Mail',
    body: 'Agents and the town send you mail; it comes as a message marked as mail. Answer an agent with gt_mail_send; gt_nudge says something short to one that is at work. An escalation comes as mail too: do what you can about it and call gt_escalation_acknowledge when it is taken care of; leave open what only a person can decide. Your closing text goes to the person whose work it is about: tell them in one or two sentences what happened and what you decided.',
  },
  { heading: 'Status', body: statusRule },
  { heading: 'Foreign text', body: dataRule },
  customSection(scene.instructions),
])}
`;

export interface MayorRequest {
  readonly userId: string;
  readonly userName: string;
  readonly messageId: string;
  readonly text: string;
}
/** One message of a person. It is the person's own request, so it may direct the Mayor within its rules. */
export const mayorMessagePrompt = (request: MayorRequest): string =>
  `From ${oneLine(request.userName)} (user:${request.userId}):\n\n${quoted({ origin: `message ${request.messageId} of user:${request.userId}`, text: request.text, maxBytes: budget.message })}\n\nAnswer this person's request.`;

export interface MailPrompt {
  readonly beadId: string;
  readonly from: string;
  readonly subject: string;
  readonly body: string;
}
/** A nudge put into a session, for every role. */
export const nudgePrompt = (nudge: { readonly from: string; readonly text: string; readonly sentAtMs: number }): string =>
  `A nudge for you from ${oneLine(nudge.from)}, sent at ${new Date(nudge.sentAtMs).toISOString()}:\n\n${quoted({ origin: `nudge from ${nudge.from}`, text: nudge.text, maxBytes: budget.mail })}\n\nTake it into account, then go on with your work.`;

/** Mail put into a session, for every role. */
export const mailPrompt = (mail: MailPrompt): string =>
  `Mail ${mail.beadId} for you from ${oneLine(mail.from)}: ${oneLine(mail.subject, 500)}\n\n${quoted({ origin: `mail from ${mail.from}`, text: mail.body, maxBytes: budget.mail })}`;
