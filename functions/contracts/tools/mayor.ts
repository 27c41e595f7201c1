// Tools of the Mayor: look, sling, watch.
import { z } from 'zod';
import { dependencyTypeSchema, gateSchema } from '../dependency.schema.ts';
import { formulaNameSchema, variablesSchema } from '../formula.schema.ts';
import {
  agentIdSchema,
  beadIdSchema,
  labelSchema,
  limits,
  proseSchema,
  metadataSchema,
  prioritySchema,
  rigIdSchema,
  titleSchema,
  wholeBodySchema,
} from '../primitives.schema.ts';
import { personaIdSchema } from '../persona.schema.ts';
import { objectOrJson, tool } from './tool.ts';
import type { Tool } from './tool.ts';

const persona = personaIdSchema.describe(
  'Way of working for this bead: backend-architect, frontend-master, pentester, test-writer, docs-writer, or one of the town.',
);
export const slingTaskShape = {
  rig_id: rigIdSchema.describe('The rig (repository) to work in; see gt_list_rigs.'),
  title: titleSchema.describe('Short imperative title.'),
  body: wholeBodySchema.describe('What to do, where, and how to know that it is done.'),
  kind: z.enum(['work', 'no-code']).optional(),
  labels: z.array(labelSchema).max(20).optional(),
  metadata: objectOrJson(metadataSchema).optional(),
  depends_on: z.array(beadIdSchema).max(50).optional().describe('Ids of beads that must be merged first.'),
  dependencies: objectOrJson(
    z.array(z.strictObject({ bead_id: beadIdSchema, type: dependencyTypeSchema.optional(), gate: gateSchema.optional() })).max(50),
  )
    .optional()
    .describe(
      'Dependencies of other types: conditional-blocks (run only if the other fails), waits-for (children; gate all or any), related, …',
    ),
  parent_id: beadIdSchema.optional().describe('Id of a larger bead that this one is part of.'),
  priority: prioritySchema.optional(),
  persona: persona.optional(),
  formula: formulaNameSchema.optional().describe('The agent works through the steps of this formula; see gt_formula_list.'),
  variables: objectOrJson(variablesSchema).optional().describe("Values of the formula's variables."),
  molecule: z.enum(['checklist', 'poured']).optional().describe('How the steps are kept; a checklist when absent.'),
};

export const batchTaskSchema = z.strictObject({
  title: titleSchema,
  body: wholeBodySchema,
  rig_id: rigIdSchema.optional(),
  depends_on: z
    .array(z.int().min(0))
    .max(limits.batchTasks)
    .optional()
    .describe('Indexes (from 0) of tasks in this list that must be merged first.'),
  priority: prioritySchema.optional(),
  persona: persona.optional(),
});

const byHand = {
  agent_id: agentIdSchema.describe('The agent, e.g. toast; see gt_convoy_status or the beads it works on.'),
  reason: proseSchema.max(500).optional().describe('Why, in plain words; people see it.'),
};

export const mayorTools = {
  gt_agent_reset: tool('gt_agent_reset', ['mayor'], 'Take an agent off its bead and let the bead be started anew.', byHand),
  gt_agent_stop: tool('gt_agent_stop', ['mayor'], 'Stop an agent; its bead is held until somebody releases it.', byHand),
  gt_persona_list: tool(
    'gt_persona_list',
    ['mayor'],
    "Personas (ways of working) of this town, for gt_sling; or those of the account's registry with their results.",
    { registry: z.boolean().optional().describe('true: what others have published, with beads done, first-pass rate and cost.') },
  ),
  gt_persona_install: tool('gt_persona_install', ['mayor'], "Copy a persona of the account's registry into this town.", {
    persona_id: personaIdSchema.describe('As gt_persona_list with registry names it.'),
  }),
  gt_list_rigs: tool(
    'gt_list_rigs',
    ['mayor'],
    'List the rigs (repositories) of this town with their ids, default branches and gates.',
    {},
  ),
  gt_list_beads: tool('gt_list_beads', ['mayor'], 'List beads (work items) of the town, newest change first.', {
    status: z.enum(['open', 'in_progress', 'in_review', 'closed', 'failed']).optional(),
    rig_id: rigIdSchema.optional(),
    limit: z.int().min(1).max(50).optional(),
  }),
  gt_sling: tool('gt_sling', ['mayor'], 'Create one bead of work; a polecat picks it up at once when nothing blocks it.', slingTaskShape),
  gt_sling_batch: tool(
    'gt_sling_batch',
    ['mayor'],
    'Create a convoy: several beads in one act. With two or more tasks give depends_on on some task, or say parallel: true.',
    {
      convoy_title: titleSchema,
      rig_id: rigIdSchema.optional().describe('Rig of every task that names none.'),
      tasks: objectOrJson(z.array(batchTaskSchema).min(1).max(limits.batchTasks)),
      merge_mode: z
        .enum(['review-then-land', 'review-and-merge'])
        .optional()
        .describe('review-then-land: all beads come to the default branch together, once the last is done. Absent: as the town says.'),
      parallel: z.boolean().optional(),
      staged: z
        .boolean()
        .optional()
        .describe('true makes a plan: nothing starts before gt_convoy_start. Above 8 tasks or 20 USD estimated this is the default.'),
      series: z
        .enum(['fan-out', 'single-agent'])
        .optional()
        .describe(
          'single-agent: one agent works all tasks, one after another, each on the merged work of the one before. fan-out (default): side by side.',
        ),
      budget_usd: z.number().positive().max(1_000_000).optional(),
    },
  ),
  gt_convoy_status: tool('gt_convoy_status', ['mayor'], 'Progress of a convoy: each bead with its status and what it waits for.', {
    convoy_id: beadIdSchema,
  }),
  gt_list_convoys: tool('gt_list_convoys', ['mayor'], 'List the convoys of the town with their progress, newest change first.', {
    status: z.enum(['open', 'closed', 'failed']).optional(),
  }),
  gt_convoy_update: tool(
    'gt_convoy_update',
    ['mayor'],
    'Rename a convoy; while it is staged also order its beads and choose its merge mode.',
    {
      convoy_id: beadIdSchema,
      title: titleSchema.optional(),
      merge_mode: z.enum(['review-then-land', 'review-and-merge']).optional(),
      order: z.array(beadIdSchema).max(limits.convoyMembers).optional().describe('Every bead of the plan once, in the new order.'),
      series: z.enum(['fan-out', 'single-agent']).optional(),
    },
  ),
  gt_convoy_add_bead: tool('gt_convoy_add_bead', ['mayor'], 'Make an open bead a member of a convoy.', {
    convoy_id: beadIdSchema,
    bead_id: beadIdSchema,
  }),
  gt_convoy_remove_bead: tool(
    'gt_convoy_remove_bead',
    ['mayor'],
    'Take a bead out of a convoy, also one that failed. What waited for it in the convoy goes on without it; an open bead is held.',
    { convoy_id: beadIdSchema, bead_id: beadIdSchema },
  ),
  gt_convoy_close: tool('gt_convoy_close', ['mayor'], 'End a convoy. Only when the person asks for it.', {
    convoy_id: beadIdSchema,
    reason: proseSchema.trim().min(1).max(2000),
    cancel_members: z.boolean().optional().describe('true gives up the beads that are not finished.'),
  }),
  gt_convoy_start: tool(
    'gt_convoy_start',
    ['mayor'],
    'Start a staged convoy: from now on its beads are given out. Only when the person agrees.',
    {
      convoy_id: beadIdSchema,
    },
  ),
} satisfies Record<string, Tool>;
