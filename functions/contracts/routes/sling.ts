// Sling: create work and let it be worked.
import { z } from 'zod';
import { beadSchema } from '../bead.schema.ts';
import { convoySeriesSchema } from '../convoy.schema.ts';
import { dependencyTypeSchema, gateSchema } from '../dependency.schema.ts';
import { formulaNameSchema, variablesSchema } from '../formula.schema.ts';
import { moleculeModeSchema } from '../molecule.schema.ts';
import {
  beadIdSchema,
  labelSchema,
  limits,
  lineSchema,
  mergeModeSchema,
  metadataSchema,
  prioritySchema,
  rigIdSchema,
  titleSchema,
  wholeBodySchema,
} from '../primitives.schema.ts';
import { personaIdSchema } from '../persona.schema.ts';
import { slingSettingsSchema } from '../settings.schema.ts';
import { none, route, town } from './route.ts';
import { convoyViewSchema } from './views.ts';

const personaId = personaIdSchema.optional();
const typedDependencySchema = z.strictObject({
  dependsOnId: beadIdSchema,
  type: dependencyTypeSchema.default('blocks'),
  gate: gateSchema.optional(),
});
export const slingInputSchema = z.strictObject({
  rigId: rigIdSchema,
  title: titleSchema,
  body: wholeBodySchema.default(''),
  kind: z.enum(['work', 'no-code']).default('work'),
  issueType: lineSchema.min(1).max(40).default('task'),
  labels: z.array(labelSchema).max(20).default([]),
  metadata: metadataSchema.default({}),
  /** Beads that must be merged first: dependencies of type `blocks`. */
  dependsOn: z.array(beadIdSchema).max(50).default([]),
  /** Dependencies of any type, as the dependency routes take them. */
  dependencies: z.array(typedDependencySchema).max(50).optional(),
  parentId: beadIdSchema.optional(),
  priority: prioritySchema.default('medium'),
  /** Persona that its worker wears. */
  personaId,
  /** Settings for this bead alone. */
  settings: slingSettingsSchema('bead').optional(),
  /** Its agent works through the steps of this formula. */
  formula: formulaNameSchema.optional(),
  variables: variablesSchema.optional(),
  /** How the steps are kept; a checklist when absent. */
  molecule: moleculeModeSchema.optional(),
});
export const slingBatchInputSchema = z.strictObject({
  title: titleSchema,
  rigId: rigIdSchema.optional(),
  tasks: z
    .array(
      z.strictObject({
        title: titleSchema,
        body: wholeBodySchema.default(''),
        rigId: rigIdSchema.optional(),
        kind: z.enum(['work', 'no-code']).optional(),
        dependsOn: z.array(z.int().min(0)).max(limits.batchTasks).default([]),
        priority: prioritySchema.default('medium'),
        personaId,
      }),
    )
    .min(1)
    .max(limits.batchTasks),
  /** Absent: as the town's settings say. */
  mergeMode: mergeModeSchema.optional(),
  parallel: z.boolean().default(false),
  /** A plan: nothing is given out before it is started. Absent: as the town's settings say; the Mayor's large ones are plans. */
  staged: z.boolean().optional(),
  series: convoySeriesSchema.optional(),
  budgetUsd: z.number().positive().max(1_000_000).optional(),
});
export type SlingInput = z.infer<typeof slingInputSchema>;
export type SlingBatchInput = z.infer<typeof slingBatchInputSchema>;

export const slingRoutes = {
  sling: route({
    group: 'sling',
    method: 'POST',
    path: '/api/towns/{townId}/sling',
    auth: 'user',
    summary: 'Create one bead and let it be worked.',
    params: town,
    query: none,
    body: slingInputSchema,
    response: beadSchema,
    status: 201,
  }),
  slingBatch: route({
    group: 'sling',
    method: 'POST',
    path: '/api/towns/{townId}/sling-batch',
    auth: 'user',
    summary: 'Create a convoy of beads in one atomic act.',
    params: town,
    query: none,
    body: slingBatchInputSchema,
    response: convoyViewSchema,
    status: 201,
  }),
} as const;
