// What several routes answer with.
import { z } from 'zod';
import { agentReportSchema, agentRoleSchema, agentSchema } from '../agent.schema.ts';
import { beadSchema } from '../bead.schema.ts';
import { dependencySchema } from '../dependency.schema.ts';
import { isoTimeSchema, agentIdSchema, beadIdSchema } from '../primitives.schema.ts';
import { runtimeLeaseSchema } from '../runner.schema.ts';
import { rigViewSchema, townViewSchema } from '../town.schema.ts';
import { lifeCostSchema } from '../usage.schema.ts';

/** A bead with what it depends on and what depends on it. */
export const beadDetailSchema = z.object({
  bead: beadSchema,
  dependsOn: z.array(dependencySchema),
  dependents: z.array(dependencySchema),
  /** What it has cost so far, with its reviews and repairs. */
  cost: lifeCostSchema.optional(),
});
/** A bead as clients see it: review tokens and other server-only fields are left out by the handler. */
export const convoyViewSchema = z.object({
  convoy: beadSchema,
  members: z.array(z.object({ bead: beadSchema, dependsOn: z.array(beadIdSchema) })),
  progress: z.object({ total: z.int(), closed: z.int(), failed: z.int() }),
  cost: lifeCostSchema.optional(),
  /** While it is a plan: what it will cost, and how that was found. */
  estimate: z.object({ costMicroUsd: z.int(), sentence: z.string() }).optional(),
  /** Members by level: those of a wave wait only for members of the waves before it. */
  waves: z.array(z.array(beadIdSchema)),
  /** What the convoy does or waits for, in plain words. */
  sentence: z.string(),
});
export const mergeViewSchema = z.object({
  request: beadSchema,
  source: beadSchema.optional(),
  needsAttention: z.boolean(),
  sentence: z.string(),
});
export const agentViewSchema = z.object({ agent: agentSchema, report: agentReportSchema.optional(), hookTitle: z.string().optional() });
export const snapshotSchema = z.object({
  town: townViewSchema,
  rigs: z.array(rigViewSchema),
  runtime: runtimeLeaseSchema.omit({ bootstrapTokenHash: true, instanceId: true }).optional(),
  counters: z.object({ open: z.int(), in_progress: z.int(), in_review: z.int(), closed: z.int(), failed: z.int() }),
  convoys: z.array(beadSchema),
  agents: z.array(agentViewSchema),
  escalations: z.array(beadSchema),
  lastEventId: z.string().optional(),
});

/** A crew agent with its token for `/mcp`, which nobody can read again. */
export const crewKeySchema = z.object({ agent: agentSchema, token: z.string(), expiresAt: isoTimeSchema });

/** The history of an agent under its name. Rates are absent as long as there is nothing to divide. */
export const cvSchema = z.object({
  agentId: agentIdSchema,
  name: z.string(),
  role: agentRoleSchema,
  beadsDone: z.int(),
  /** Of those: reviews asked for changes at least once. */
  sentBack: z.int(),
  reworkRounds: z.int(),
  /** Rework and conflicts that it handed in. */
  repairs: z.int(),
  failures: z.int(),
  workedMs: z.int(),
  /** What its model calls have cost, with what stands in for prices that are not known. */
  costMicroUsd: z.int(),
  /** Most calls first. */
  models: z.array(z.object({ model: z.string(), calls: z.int(), costMicroUsd: z.int() })),
  /** Languages of the files that it changed in beads that it handed in, most files first. */
  languages: z.array(z.object({ language: z.string(), files: z.int() })),
  firstPassRate: z.number().min(0).max(1).optional(),
  reworkRate: z.number().min(0).optional(),
});
