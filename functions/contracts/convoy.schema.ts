// Details of a convoy: a tracked batch of beads.
import { z } from 'zod';
import { beadIdSchema, isoTimeSchema, mergeModeSchema } from './primitives.schema.ts';
import { slungSettingsSchema } from './settings.schema.ts';

export const convoyDetailsSchema = z.object({
  type: z.literal('convoy'),
  totalBeads: z.int().nonnegative(),
  closedBeads: z.int().nonnegative(),
  failedBeads: z.int().nonnegative(),
  mergeMode: mergeModeSchema,
  staged: z.boolean(),
  /** Beads in the order of creation; `tracks` edges say the same and are what other tools read. */
  memberIds: z.array(beadIdSchema).max(500),
  /** A person has said that it may go on to the end of its budget. */
  budgetContinued: z.boolean().optional(),
  landedAt: isoTimeSchema.optional(),
  /** Settings that were given when it was slung. */
  settings: slungSettingsSchema.optional(),
});
export type ConvoyDetails = z.infer<typeof convoyDetailsSchema>;
