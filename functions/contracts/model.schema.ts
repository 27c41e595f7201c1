// Where model calls go: as people write it, as it is stored, and as people read it.
import { z } from 'zod';
import { lineSchema } from './primitives.schema.ts';

/** It becomes part of a host name that signed requests go to. */
const awsRegionSchema = z.string().regex(/^[a-z]{2}(-[a-z]{2,12}){1,3}-\d{1,2}$/, 'an AWS region looks like us-east-1');

const httpUrlSchema = z.url({ protocol: /^https?$/ }).max(500);
const hasCredentials = (text: string): boolean => {
  const url = URL.parse(text);
  return url !== null && (url.username !== '' || url.password !== '');
};
const providerSchema = z.string().regex(/^[a-z0-9-]{2,40}$/);

const addressSchema = httpUrlSchema
  .refine((url) => !/[\p{Cc}\s]/u.test(url), { error: 'an address without spaces and control characters' })
  .refine((url) => !hasCredentials(url), { error: 'leave user name and password out of the address; give the key as apiKey' });
const newModelSchema = lineSchema.min(1).max(200);
const newKeySchema = lineSchema.max(1000).optional();

/** A model of the provider in the setting `models.provider`. */
const ofProvider = <T extends z.ZodType>(model: T) => z.strictObject({ kind: z.literal('provider'), model });
/** Where a role's model calls go, as people write it. */
export const modelRouteSchema = z.discriminatedUnion('kind', [
  ofProvider(newModelSchema),
  /** The model server that ships with the product and plays every role from a scenario; needs no key. */
  z.strictObject({ kind: z.literal('scripted') }),
  z.strictObject({
    kind: z.literal('openai-compatible'),
    baseUrl: addressSchema,
    apiKey: newKeySchema,
    model: newModelSchema,
  }),
  /** Amazon Bedrock through the task role (or the machine's own AWS credentials locally); no key is stored. */
  z.strictObject({ kind: z.literal('bedrock'), model: newModelSchema, region: awsRegionSchema.optional() }),
  /** Any provider that opencode knows by name, e.g. `anthropic`, `openai`, `google`. */
  z.strictObject({
    kind: z.literal('opencode-provider'),
    provider: providerSchema,
    apiKey: newKeySchema,
    model: newModelSchema,
  }),
]);
/**
 * A stored route with its key, as people read it and as the runner gets it. A person reads the mask of a key (`****last4`); the whole one is
 * in the secrets and in the runner's model proxy only.
 */
export const completeModelRouteSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('scripted') }),
  z.strictObject({
    kind: z.literal('openai-compatible'),
    baseUrl: httpUrlSchema,
    apiKey: z.string().max(1000).optional(),
    model: z.string().min(1).max(200),
  }),
  z.strictObject({ kind: z.literal('bedrock'), model: z.string().min(1).max(200), region: awsRegionSchema.optional() }),
  z.strictObject({
    kind: z.literal('opencode-provider'),
    provider: providerSchema,
    apiKey: z.string().max(1000).optional(),
    model: z.string().min(1).max(200),
  }),
]);
export type ModelRoute = z.infer<typeof completeModelRouteSchema>;
/** A route as people read it. */
export const viewModelRouteSchema = z.discriminatedUnion('kind', [
  ofProvider(z.string().min(1).max(200)),
  ...completeModelRouteSchema.options,
]);
export type ModelRouteView = z.infer<typeof viewModelRouteSchema>;

/** Names the secret that holds a key, and what people see of the key; both or neither. */
const keyShape = { keyRef: z.string().min(1).max(200).optional(), keyMask: z.string().max(8).optional() };
/** A route as the town stores it: without the key. Whatever else is stored is dropped, a key above all. */
export const storedModelRouteSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('provider'), model: z.string().min(1).max(200) }),
  z.object({ kind: z.literal('scripted') }),
  z.object({ kind: z.literal('openai-compatible'), baseUrl: z.string().max(500), model: z.string().min(1).max(200), ...keyShape }),
  z.object({ kind: z.literal('bedrock'), model: z.string().min(1).max(200), region: z.string().min(1).max(40).optional() }),
  z.object({ kind: z.literal('opencode-provider'), provider: z.string().max(40), model: z.string().min(1).max(200), ...keyShape }),
]);
export type StoredModelRoute = z.infer<typeof storedModelRouteSchema>;
/** A stored route that says where its calls go. */
export type ResolvedModelRoute = Exclude<StoredModelRoute, { kind: 'provider' }>;

/** A route without a key, for one bead: a key is taken from the town's or rig's route to the same place, if there is one. */
export const keylessModelRouteSchema = z.discriminatedUnion('kind', [
  ofProvider(newModelSchema),
  z.strictObject({ kind: z.literal('scripted') }),
  z.strictObject({ kind: z.literal('openai-compatible'), baseUrl: addressSchema, model: newModelSchema }),
  z.strictObject({ kind: z.literal('bedrock'), model: newModelSchema, region: awsRegionSchema.optional() }),
  z.strictObject({ kind: z.literal('opencode-provider'), provider: providerSchema, model: newModelSchema }),
]);

/** Where models are called that name no provider of their own. */
export const modelProviderSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('openai-compatible'), baseUrl: addressSchema, apiKey: newKeySchema }),
  z.strictObject({ kind: z.literal('bedrock'), region: awsRegionSchema.optional() }),
  z.strictObject({ kind: z.literal('opencode-provider'), provider: providerSchema, apiKey: newKeySchema }),
]);
export const viewModelProviderSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('openai-compatible'), baseUrl: z.string().max(500), apiKey: z.string().max(1000).optional() }),
  z.strictObject({ kind: z.literal('bedrock'), region: z.string().max(40).optional() }),
  z.strictObject({ kind: z.literal('opencode-provider'), provider: z.string().max(40), apiKey: z.string().max(1000).optional() }),
]);
export const storedModelProviderSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('openai-compatible'), baseUrl: z.string().max(500), ...keyShape }),
  z.object({ kind: z.literal('bedrock'), region: z.string().min(1).max(40).optional() }),
  z.object({ kind: z.literal('opencode-provider'), provider: z.string().max(40), ...keyShape }),
]);
export type StoredModelProvider = z.infer<typeof storedModelProviderSchema>;
