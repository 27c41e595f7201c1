// Details of a convoy: a tracked batch of beads.
import { z } from 'zod';
import {
  agentIdSchema,
  beadIdSchema,
  branchSchema,
  isoTimeSchema,
  limits,
  mergeModeSchema,
  microUsdSchema,
  principalSchema,
  rigIdSchema,
} from './primitives.schema.ts';
import { slungSettingsSchema } from './settings.schema.ts';

/** `fan-out`: ready beads are given out side by side. `single-agent`: one agent works them, one after another. */
export const convoySeriesSchema = z.enum(['fan-out', 'single-agent']);
export type ConvoySeries = z.infer<typeof convoySeriesSchema>;

/** What a bead of each repository is taken to cost, as found when the plan was made. `stated`: too few beads were finished with the model. */
export const convoyEstimateSchema = z.object({
  rigs: z
    .array(
      z.object({
        rigId: rigIdSchema,
        name: z.string().max(80),
        model: z.string().max(200),
        from: z.enum(['rig', 'town', 'stated', 'free']),
        /** Finished beads of which it is the mean. */
        beads: z.int().nonnegative(),
        beadMicroUsd: microUsdSchema,
      }),
    )
    .max(limits.convoyRigs),
});
export type ConvoyEstimate = z.infer<typeof convoyEstimateSchema>;

/** The way of one rig's feature branch to the default branch. `waiting`: members are missing, or the next attempt backs off. */
export const landingSchema = z.object({
  rigId: rigIdSchema,
  state: z.enum(['waiting', 'landing', 'landed', 'failed']),
  /** Landing requests made so far. */
  attempts: z.int().nonnegative(),
  /** Not before this time (back-off after a failed attempt). */
  nextAt: isoTimeSchema.optional(),
  /** The newest landing request. */
  mergeRequestId: beadIdSchema.optional(),
  /** Why the last attempt failed. */
  reason: z.string().max(2000).optional(),
});
export type Landing = z.infer<typeof landingSchema>;

export const convoyDetailsSchema = z.object({
  type: z.literal('convoy'),
  totalBeads: z.int().nonnegative(),
  closedBeads: z.int().nonnegative(),
  failedBeads: z.int().nonnegative(),
  mergeMode: mergeModeSchema,
  staged: z.boolean(),
  /** Beads in the order of the plan; `tracks` edges say the same and are what other tools read. */
  memberIds: z.array(beadIdSchema).max(limits.convoyMembers),
  /** Members that the convoy lands without; they stay listed. */
  leftOutIds: z.array(beadIdSchema).max(limits.convoyMembers).optional(),
  /** Branch into which members are merged, the same name in every rig; review-then-land only. */
  featureBranch: branchSchema.optional(),
  landings: z.array(landingSchema).max(limits.convoyRigs).optional(),
  series: convoySeriesSchema.optional(),
  /** Of a single-agent series: what was given out last, and to whom in each rig. */
  serial: z
    .object({ beadId: beadIdSchema, agents: z.array(z.object({ rigId: rigIdSchema, agentId: agentIdSchema })).max(limits.convoyRigs) })
    .optional(),
  /** Of a plan. */
  estimate: convoyEstimateSchema.optional(),
  /** A person has said that it may go on to the end of its budget. */
  budgetContinued: z.boolean().optional(),
  /** It is being cancelled: members that are not finished are given up one by one, then the convoy ends. */
  closing: z.object({ reason: z.string().max(2000), by: principalSchema, at: isoTimeSchema }).optional(),
  landedAt: isoTimeSchema.optional(),
  /** Settings that were given when it was slung. */
  settings: slungSettingsSchema.optional(),
});
export type ConvoyDetails = z.infer<typeof convoyDetailsSchema>;
