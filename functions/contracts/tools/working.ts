// Tools of all who work: their bead, mail, escalations, the end of their work.
import { z } from 'zod';
import { beadIdSchema, branchSchema, limits, lineSchema, shaSchema, textOfBytes } from '../primitives.schema.ts';
import { everyone, tool, working } from './tool.ts';
import type { Tool } from './tool.ts';

export const workingTools = {
  gt_prime: tool('gt_prime', everyone, 'Who you are, what is on your hook, mail, and the context you need. Call it first.', {}),
  gt_bead_status: tool('gt_bead_status', everyone, 'Read one bead: fields, blockers, newest events.', {
    bead_id: beadIdSchema,
    body_from: z.int().min(0).max(limits.wholeBodyBytes).optional().describe('Reads the whole body page by page: 0, then each body_next.'),
  }),
  gt_done: tool(
    'gt_done',
    ['polecat', 'crew'],
    'Say that the bead on your hook is done. Push first: the server checks that the commit is on your branch.',
    {
      branch: branchSchema,
      commit: shaSchema.optional(),
      pr_url: lineSchema.max(1000).optional().describe('Only when there is a pull request of your branch already: its address.'),
      summary: textOfBytes(4000).describe('What was changed and why, for the reviewer.'),
    },
  ),
  gt_checkpoint: tool('gt_checkpoint', working, 'Save a short note on where you are, so that you can go on after a restart.', {
    note: textOfBytes(8 * 1024),
  }),
} satisfies Record<string, Tool>;
