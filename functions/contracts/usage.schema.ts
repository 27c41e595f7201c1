// What was spent: one row per model call or stretch of machine time, and totals that are added up in the transaction that stores the row.
import { z } from 'zod';
import type { ModelRoute } from './model.schema.ts';
import {
  agentIdSchema,
  beadIdSchema,
  isoTimeSchema,
  microUsdSchema,
  rigIdSchema,
  townIdSchema,
  userIdSchema,
} from './primitives.schema.ts';

const providersByHost: Readonly<Record<string, string>> = {
  'api.openai.com': 'openai',
  'api.anthropic.com': 'anthropic',
  'generativelanguage.googleapis.com': 'google',
};
/** Whose list prices count for a route. The scripted model is known by its address. */
export const priceProviderOf = (route: ModelRoute, scriptedModelUrl: string | undefined): string => {
  if (route.kind === 'opencode-provider') return route.provider;
  if (route.kind !== 'openai-compatible') return route.kind;
  if (scriptedModelUrl !== undefined && route.baseUrl === scriptedModelUrl) return 'scripted';
  const host = URL.parse(route.baseUrl)?.hostname ?? 'unknown';
  return providersByHost[host] ?? host.slice(0, 40);
};

/** A UTC day, `yyyymmdd`. */
export const daySchema = z.string().regex(/^\d{8}$/);
/** Who pays and for what. The bead is the one that the work is for: a review and a repair count for the bead that they serve. */
const attribution = {
  agentId: agentIdSchema.optional(),
  beadId: beadIdSchema.optional(),
  convoyId: beadIdSchema.optional(),
  rigId: rigIdSchema.optional(),
  /** The human who started the chain of work. */
  requestedBy: userIdSchema.optional(),
};

/** Keyed by call, so that a repeated report counts once. Never without a price: `estimated` says that the configured ceiling stood in for one. */
export const usageItemSchema = z.object({
  townId: townIdSchema,
  day: daySchema,
  callId: z.string(),
  ...attribution,
  /** The bead on the agent's hook where that is not `beadId`: a merge request under review, a repair. */
  workBeadId: beadIdSchema.optional(),
  kind: z.enum(['model', 'compute']).default('model'),
  provider: z.string().max(40).optional(),
  model: z.string(),
  inputTokens: z.int(),
  outputTokens: z.int(),
  cacheReadTokens: z.int(),
  cacheWriteTokens: z.int().default(0),
  costMicroUsd: microUsdSchema.optional(),
  /** `listed`: by the table of prices · `estimated`: no known price, charged at the ceiling · `free`: the product's own scripted model, this machine's time. */
  price: z.enum(['listed', 'estimated', 'free']).optional(),
  /** Version of the table of prices. */
  prices: z.string().max(20).optional(),
  /** Marks every model call of this product in exports. */
  feature: z.literal('gastown').default('gastown'),
  durationMs: z.int(),
  at: isoTimeSchema,
});
export type UsageItem = z.infer<typeof usageItemSchema>;

/**
 * Sums of rows. `period` is a day, with one item per (bead, agent, model) so that every view of the day can be made of them, or `life`, with
 * one item per bead (`bead#<id>`) and convoy (`convoy#<id>`) for their budgets.
 */
export const tallySchema = z.object({
  townId: townIdSchema,
  period: z.union([daySchema, z.literal('life')]),
  scope: z.string().min(1).max(500),
  ...attribution,
  /** In the life of a bead: the model that its worker used last. */
  model: z.string().optional(),
  calls: z.int().nonnegative(),
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  cacheReadTokens: z.int().nonnegative(),
  cacheWriteTokens: z.int().nonnegative(),
  durationMs: z.int().nonnegative(),
  costMicroUsd: microUsdSchema,
  /** The part of the cost that was charged at the ceiling. */
  estimatedMicroUsd: microUsdSchema,
  /** The part of the cost that is machine time. */
  computeMicroUsd: microUsdSchema,
});
export type Tally = z.infer<typeof tallySchema>;
export const tallyNumbers = [
  'calls',
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'durationMs',
  'costMicroUsd',
  'estimatedMicroUsd',
  'computeMicroUsd',
] as const satisfies readonly (keyof Tally)[];

/** A UTC day as people write it, `2026-11-21`. */
const isoDaySchema = z.iso.date();
export const usageGroupings = ['bead', 'convoy', 'agent', 'user', 'rig', 'day', 'model'] as const;
export type UsageGrouping = (typeof usageGroupings)[number];
export const usageQuerySchema = z.strictObject({
  by: z.enum(usageGroupings).default('day'),
  /** First and last UTC day; today when absent. */
  from: isoDaySchema.optional(),
  to: isoDaySchema.optional(),
});
export const usageSumSchema = z.object({
  calls: z.int(),
  inputTokens: z.int(),
  outputTokens: z.int(),
  cacheReadTokens: z.int(),
  cacheWriteTokens: z.int(),
  durationMs: z.int(),
  costMicroUsd: z.int(),
  /** The part of the cost that stands in for prices that are not known. */
  estimatedMicroUsd: z.int(),
  computeMicroUsd: z.int(),
});
export type UsageSum = z.infer<typeof usageSumSchema>;
export const usageViewSchema = z.object({
  by: z.enum(usageGroupings),
  from: isoDaySchema,
  to: isoDaySchema,
  /** Dearest first; days in their order. `key` is absent for what belongs to none, e.g. the Mayor's calls by bead. */
  items: z.array(usageSumSchema.extend({ key: z.string().optional() })),
  total: usageSumSchema,
});
export type UsageView = z.infer<typeof usageViewSchema>;
/** What a bead or convoy has cost in its life so far, with its reviews and repairs. */
export const lifeCostSchema = usageSumSchema.extend({ budgetMicroUsd: microUsdSchema.optional() });
export type LifeCost = z.infer<typeof lifeCostSchema>;
