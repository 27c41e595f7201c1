// Tools that change beads: the Mayor's, and the few of working agents.
import { z } from 'zod';
import { gateSchema, dependencyTypeSchema } from '../dependency.schema.ts';
import {
  agentIdSchema,
  beadIdSchema,
  labelSchema,
  limits,
  lineSchema,
  metadataSchema,
  prioritySchema,
  proseSchema,
  titleSchema,
  wholeBodySchema,
} from '../primitives.schema.ts';
import { bulkBeads } from '../routes/bead-care.ts';
import { objectOrJson, tool } from './tool.ts';
import type { Tool } from './tool.ts';

const mayor = ['mayor'] as const;
const workers = ['polecat', 'refinery', 'crew'] as const;
/** Models send a word for nothing more reliably than null. */
const orWord = (word: string, id: z.ZodString) =>
  z.string().refine((text) => text === word || id.safeParse(text).success, { error: `an id, or ${word}` });

export const beadTools = {
  gt_bead_create: tool(
    'gt_bead_create',
    workers,
    'Record work that you found beside your own. It is held until the Mayor or a person lets it be worked; go on with your bead.',
    {
      title: titleSchema.describe('Short imperative title.'),
      body: wholeBodySchema.describe('What you saw, where, and how to know that it is done.'),
      issue_type: lineSchema.min(1).max(40).optional(),
      priority: prioritySchema.optional(),
      labels: z.array(labelSchema).max(20).optional(),
    },
  ),
  gt_bead_close: tool(
    'gt_bead_close',
    ['mayor', ...workers],
    'Close a bead that needs no work any more. Workers close only what they recorded themselves; your own bead ends with gt_done.',
    {
      bead_id: beadIdSchema,
      reason: proseSchema.max(2000).optional(),
    },
  ),
  gt_bead_update: tool(
    'gt_bead_update',
    mayor,
    'Change a bead that is not over. depends_on replaces what it waits for as a whole; held: false lets it be worked.',
    {
      bead_id: beadIdSchema,
      title: titleSchema.optional(),
      body: wholeBodySchema.optional(),
      priority: prioritySchema.optional(),
      labels: z.array(labelSchema).max(limits.labelsPerBead).optional(),
      metadata: objectOrJson(metadataSchema).optional(),
      issue_type: lineSchema.min(1).max(40).optional(),
      held: z.boolean().optional(),
      parent_id: orWord('none', beadIdSchema).optional().describe('Id of the parent bead, or none.'),
      depends_on: objectOrJson(z.array(beadIdSchema).max(50))
        .optional()
        .describe('Ids of all beads that must be merged first; [] for none.'),
    },
  ),
  gt_bead_add_dependency: tool(
    'gt_bead_add_dependency',
    mayor,
    'Make an open bead wait for another one, or note how two beads belong together.',
    {
      bead_id: beadIdSchema,
      depends_on: beadIdSchema,
      type: dependencyTypeSchema
        .optional()
        .describe(
          'blocks (usual), conditional-blocks (run only if the other fails), waits-for (the children of the other), parent-child, related, …',
        ),
      gate: gateSchema.optional().describe('For waits-for: all or any of the children.'),
    },
  ),
  gt_bead_remove_dependency: tool('gt_bead_remove_dependency', mayor, 'Let a bead not wait for another one any more.', {
    bead_id: beadIdSchema,
    depends_on: beadIdSchema,
    type: dependencyTypeSchema.optional().describe('Leave out to remove every dependency on that bead.'),
  }),
  gt_bead_reassign: tool('gt_bead_reassign', mayor, 'Take a bead from its worker and put it back in its queue, for another worker.', {
    bead_id: beadIdSchema,
    agent: orWord('anybody', agentIdSchema).optional().describe('Id of the worker that should get it if it is free, or anybody else.'),
  }),
  gt_bead_delete: tool(
    'gt_bead_delete',
    mayor,
    'Remove a bead and its children for good. Prefer gt_bead_close or gt_bead_archive; ask the person first.',
    {
      bead_id: beadIdSchema,
      force: z.boolean().optional().describe('Also stop what is being worked on.'),
    },
  ),
  gt_bead_archive: tool(
    'gt_bead_archive',
    mayor,
    'Put beads away that are over or not begun, or take them back. A convoy takes its members along.',
    {
      bead_ids: objectOrJson(z.array(beadIdSchema).min(1).max(bulkBeads)).optional(),
      all_closed: z.boolean().optional().describe('Everything that is closed by now, instead of bead_ids.'),
      take_back: z.boolean().optional(),
    },
  ),
  gt_bead_retry: tool(
    'gt_bead_retry',
    mayor,
    'Try a failed bead again: a successor takes its place, also in its convoy and for what waits for it.',
    {
      bead_id: beadIdSchema,
    },
  ),
  gt_list_agents: tool(
    'gt_list_agents',
    mayor,
    'List the agents of the town: who they are, what they work on, and how long ago they did something.',
    {},
  ),
} satisfies Record<string, Tool>;
