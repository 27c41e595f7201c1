// Edges between beads.
import { z } from 'zod';
import { beadIdSchema, isoTimeSchema, townIdSchema } from './primitives.schema.ts';

export const dependencyTypeSchema = z.enum([
  'blocks',
  'conditional-blocks',
  'waits-for',
  'tracks',
  'parent-child',
  'related',
  'discovered-from',
  'duplicates',
  'supersedes',
  'replies-to',
]);
export type DependencyType = z.infer<typeof dependencyTypeSchema>;
/** `beadId` depends on `dependsOnId`. `resolved` is kept on blocking edges, in the transaction that lowers `openBlockers`. */
export const dependencySchema = z.object({
  townId: townIdSchema,
  beadId: beadIdSchema,
  dependsOnId: beadIdSchema,
  type: dependencyTypeSchema,
  resolved: z.boolean(),
  createdAt: isoTimeSchema,
});
export type Dependency = z.infer<typeof dependencySchema>;
