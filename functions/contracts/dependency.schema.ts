// Edges between beads, and the number that orders changes of the graph which they make.
import { z } from 'zod';
import { beadIdSchema, isoTimeSchema, lineSchema, townIdSchema } from './primitives.schema.ts';

/** Types that the product knows. Any other short name is kept and does not block. */
export const knownDependencyTypes = [
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
] as const;
const typeCharacters = 40;
/** As it comes in: one line without the sign that separates the parts of a key. */
export const dependencyTypeSchema = lineSchema
  .trim()
  .min(1)
  .max(typeCharacters)
  .refine((type) => !type.includes('#'), { error: 'a type has no #' });
export type DependencyType = (typeof knownDependencyTypes)[number];

/** When a `waits-for` edge is met: all children of the target closed, or any of them. */
export const gateSchema = z.enum(['all', 'any']);
export type Gate = z.infer<typeof gateSchema>;

/** `beadId` depends on `dependsOnId`. `resolved` is kept on blocking edges, in the transaction that lowers `openBlockers`. */
export const dependencySchema = z.object({
  townId: townIdSchema,
  beadId: beadIdSchema,
  dependsOnId: beadIdSchema,
  type: z.string().min(1).max(typeCharacters),
  resolved: z.boolean(),
  /** Of `waits-for` edges only; absent means all. */
  gate: gateSchema.optional(),
  createdAt: isoTimeSchema,
});
export type Dependency = z.infer<typeof dependencySchema>;

/** One per town: raised by every edge between beads that exist already, so that two edges that together close a cycle cannot both be written. */
export const graphVersionSchema = z.object({ townId: townIdSchema, version: z.int().min(1) });
export type GraphVersion = z.infer<typeof graphVersionSchema>;
