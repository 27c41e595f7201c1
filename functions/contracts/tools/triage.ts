// Tools of triage: its decisions.
import { lineSchema, textOfBytes } from '../primitives.schema.ts';
import { triageActionSchema, triageActions } from '../triage.schema.ts';
import { tool } from './tool.ts';
import type { Tool } from './tool.ts';

const choices = Object.entries(triageActions).map(([action, sentence]) => `${action}: ${sentence}`);

export const triageTools = {
  gt_triage_resolve: tool('gt_triage_resolve', ['triage'], `Decide one request. ${choices.join(' ')}`, {
    request: lineSchema.min(1).max(200).describe('Id of the request, as gt_prime shows it.'),
    action: triageActionSchema,
    notes: textOfBytes(2000).describe('Why, in plain words; for ESCALATE, CLOSE_BEAD and PROVIDE_GUIDANCE this is what others read.'),
  }),
} satisfies Record<string, Tool>;
