// Tools of a person's own agent: it takes work by itself.
import { beadIdSchema, proseSchema } from '../primitives.schema.ts';
import { tool } from './tool.ts';
import type { Tool } from './tool.ts';

const crew = ['crew'] as const;

export const crewTools = {
  gt_bead_claim: tool(
    'gt_bead_claim',
    crew,
    'Take a ready bead onto your hook. Nobody else works on it until you hand it in with gt_done or give it back. gt_prime lists what is ready.',
    { bead_id: beadIdSchema },
  ),
  gt_bead_release: tool('gt_bead_release', crew, 'Give the bead on your hook back to its queue, for somebody else.', {
    reason: proseSchema.trim().min(1).max(1000).describe('Why, and what is done so far: whoever goes on reads it.'),
  }),
} satisfies Record<string, Tool>;
