// Molecules: the ordered steps of one bead, cooked from a formula. Also the shape of a checklist that is only shown.
import { z } from 'zod';
import { beadIdSchema, isoTimeSchema, principalSchema } from './primitives.schema.ts';

/** What a step waits for besides other steps: a person's word, a time after it became the next one, another bead. */
export const stepGateSchema = z.object({
  type: z.enum(['human', 'timer', 'bead']),
  /** In words, e.g. `approval of the release` or `24 h`. */
  waitsFor: z.string().max(1000),
  waitMs: z.int().nonnegative().optional(),
  beadId: beadIdSchema.optional(),
});
export type StepGate = z.infer<typeof stepGateSchema>;

/** One round of a loop that ends when a condition holds; all rounds are written out, the ones that are not needed are skipped. */
export const stepRoundSchema = z.object({
  loopId: z.string(),
  round: z.int().min(1),
  max: z.int().min(1),
  until: z.string(),
});

export const cookedStepSchema = z.object({
  stepId: z.string().min(1).max(300),
  title: z.string().min(1).max(1000),
  description: z.string(),
  acceptance: z.string().optional(),
  needs: z.array(z.string()),
  /** One of these is enough. */
  needsAny: z.array(z.string()).optional(),
  /** Work may be handed in without it. */
  optional: z.boolean().optional(),
  gate: stepGateSchema.optional(),
  round: stepRoundSchema.optional(),
  issueType: z.string().optional(),
  kind: z.enum(['work', 'no-code']).optional(),
  priority: z.enum(['low', 'medium', 'high', 'critical']).optional(),
  labels: z.array(z.string()).optional(),
});
export type CookedStep = z.infer<typeof cookedStepSchema>;

export const moleculeModeSchema = z.enum(['checklist', 'poured']);
export type MoleculeMode = z.infer<typeof moleculeModeSchema>;
export const moleculeStepSchema = cookedStepSchema.extend({
  state: z.enum(['open', 'done', 'skipped', 'failed']),
  note: z.string().max(4000).optional(),
  /** When it came to this state. */
  at: isoTimeSchema.optional(),
  /** Since when nothing but its gate keeps it; a timer counts from here. */
  readyAt: isoTimeSchema.optional(),
  gateOpenedBy: principalSchema.optional(),
  /** Its own bead, when the molecule was poured. */
  beadId: beadIdSchema.optional(),
});
export type MoleculeStep = z.infer<typeof moleculeStepSchema>;

export const moleculeDetailsSchema = z.object({
  type: z.literal('molecule'),
  formula: z.string().default(''),
  mode: moleculeModeSchema.default('checklist'),
  /** The issue whose agent works through the steps. */
  issueId: beadIdSchema.optional(),
  variables: z.record(z.string(), z.string()).default({}),
  steps: z.array(moleculeStepSchema).default([]),
});
export type MoleculeDetails = z.infer<typeof moleculeDetailsSchema>;
