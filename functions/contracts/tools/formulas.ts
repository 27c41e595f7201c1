// Tools about formulas and molecules: the Mayor cooks and pours, working agents go through the steps.
import { z } from 'zod';
import { formulaNameSchema, variablesSchema } from '../formula.schema.ts';
import { beadIdSchema, bodySchema, lineSchema, prioritySchema, rigIdSchema, textOfBytes, titleSchema } from '../primitives.schema.ts';
import { objectOrJson, tool, working } from './tool.ts';
import type { Tool } from './tool.ts';

const variables = objectOrJson(variablesSchema).optional().describe("Values of the formula's variables; gt_formula_list names them.");
const stepwise = [...working, 'crew'] as const;

export const formulaTools = {
  gt_formula_list: tool(
    'gt_formula_list',
    ['mayor'],
    'Formulas (templates of steps) of this town with their variables. Use one in gt_sling, or pour it.',
    { name: formulaNameSchema.optional().describe('Only this one, with its variables.') },
  ),
  gt_formula_cook: tool('gt_formula_cook', ['mayor'], 'Show the steps that a formula becomes. Changes nothing.', {
    name: formulaNameSchema,
    variables,
    title: titleSchema.optional().describe('Title of the work; texts of the steps may use it.'),
  }),
  gt_formula_pour: tool(
    'gt_formula_pour',
    ['mayor'],
    'Make work of a formula: a bead with its steps, steps for an open bead (bead_id), or, for a convoy formula, several beads.',
    {
      name: formulaNameSchema,
      variables,
      rig_id: rigIdSchema.optional().describe('Where to work; not needed with bead_id.'),
      bead_id: beadIdSchema.optional().describe('An open bead that gets these steps.'),
      as: z
        .enum(['checklist', 'poured', 'convoy'])
        .optional()
        .describe('checklist: steps inside the bead; poured: a bead per step for its one agent; convoy: beads for several agents.'),
      title: titleSchema.optional(),
      body: bodySchema.optional(),
      priority: prioritySchema.optional(),
    },
  ),
  gt_mol_current: tool('gt_mol_current', stepwise, 'The step of your bead that comes next, in full, and where you are in the list.', {}),
  gt_mol_advance: tool('gt_mol_advance', stepwise, 'Finish the current step of your bead, and get the next one.', {
    step: lineSchema.min(1).max(300).describe('Id of the step, as gt_mol_current says it.'),
    outcome: z
      .enum(['done', 'skipped', 'failed'])
      .optional()
      .describe('done when absent. Only optional steps can be skipped. failed ends the bead.'),
    note: textOfBytes(4000).optional().describe('What came of it; for failed the reason.'),
    loop_done: z.boolean().optional().describe('At the end of a round of a loop: whether its condition holds now.'),
  }),
} satisfies Record<string, Tool>;
