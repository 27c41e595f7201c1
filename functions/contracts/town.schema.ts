// Towns, rigs, their configuration, and the Mayor's conversation.
import { z } from 'zod';
import {
  branchSchema,
  isoTimeSchema,
  limits,
  lineSchema,
  proseSchema,
  rigIdSchema,
  storedTextOfBytes,
  townIdSchema,
  ulidSchema,
  userIdSchema,
} from './primitives.schema.ts';
import { townStopSchema } from './stop.schema.ts';

/** It becomes part of a host name that signed requests go to. */
const awsRegionSchema = z.string().regex(/^[a-z]{2}(-[a-z]{2,12}){1,3}-\d{1,2}$/, 'an AWS region looks like us-east-1');

const httpUrlSchema = z.url({ protocol: /^https?$/ }).max(500);
const hasCredentials = (text: string): boolean => {
  const url = URL.parse(text);
  return url !== null && (url.username !== '' || url.password !== '');
};
const providerSchema = z.string().regex(/^[a-z0-9-]{2,40}$/);

/** Where a role's model calls go, as people write it. */
export const modelRouteSchema = z.discriminatedUnion('kind', [
  /** The model server that ships with the product and plays every role from a scenario; needs no key. */
  z.strictObject({ kind: z.literal('scripted') }),
  z.strictObject({
    kind: z.literal('openai-compatible'),
    baseUrl: httpUrlSchema
      .refine((url) => !/[\p{Cc}\s]/u.test(url), { error: 'an address without spaces and control characters' })
      .refine((url) => !hasCredentials(url), { error: 'leave user name and password out of the address; give the key as apiKey' }),
    apiKey: lineSchema.max(1000).optional(),
    model: lineSchema.min(1).max(200),
  }),
  /** Amazon Bedrock through the task role (or the machine's own AWS credentials locally); no key is stored. */
  z.strictObject({ kind: z.literal('bedrock'), model: lineSchema.min(1).max(200), region: awsRegionSchema.optional() }),
  /** Any provider that opencode knows by name, e.g. `anthropic`, `openai`, `google`. */
  z.strictObject({
    kind: z.literal('opencode-provider'),
    provider: providerSchema,
    apiKey: lineSchema.max(1000).optional(),
    model: lineSchema.min(1).max(200),
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

/** Names the secret that holds a key, and what people see of the key; both or neither. */
const keyShape = { keyRef: z.string().min(1).max(200).optional(), keyMask: z.string().max(8).optional() };
/** A route as the town stores it: without the key. Whatever else is stored is dropped, a key above all. */
export const storedModelRouteSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('scripted') }),
  z.object({ kind: z.literal('openai-compatible'), baseUrl: z.string().max(500), model: z.string().min(1).max(200), ...keyShape }),
  z.object({ kind: z.literal('bedrock'), model: z.string().min(1).max(200), region: z.string().min(1).max(40).optional() }),
  z.object({ kind: z.literal('opencode-provider'), provider: z.string().max(40), model: z.string().min(1).max(200), ...keyShape }),
]);
export type StoredModelRoute = z.infer<typeof storedModelRouteSchema>;

export const gateSchema = z.strictObject({
  name: lineSchema.min(1).max(60),
  /** One shell command line, run in the root of a clean checkout. */
  command: proseSchema.min(1).max(2000),
  timeoutSeconds: z.int().min(1).max(3600).default(600),
  phase: z.enum(['polecat', 'merge', 'both']).default('both'),
});
export const storedGateSchema = gateSchema.extend({ name: z.string().min(1).max(60), command: z.string().min(1).max(2000) });
export type Gate = z.infer<typeof storedGateSchema>;

/** The town's configuration as people read it: complete, keys masked. */
export const townConfigSchema = z.strictObject({
  models: z.strictObject({
    default: completeModelRouteSchema,
    mayor: completeModelRouteSchema.optional(),
    polecat: completeModelRouteSchema.optional(),
    refinery: completeModelRouteSchema.optional(),
  }),
  merge: z.strictObject({ codeReview: z.boolean(), maxReworkRounds: z.int().min(0).max(20), maxConflictRounds: z.int().min(0).max(20) }),
  limits: z.strictObject({
    maxPolecatsPerRig: z.int().min(1).max(50),
    maxAgents: z.int().min(1).max(200),
    maxDispatchAttempts: z.int().min(1).max(50),
  }),
  instructions: z.strictObject({
    mayor: z.string().max(2000).optional(),
    polecat: z.string().max(2000).optional(),
    refinery: z.string().max(2000).optional(),
  }),
});
export type TownConfig = z.infer<typeof townConfigSchema>;
/** The town's configuration as stored: complete, keys by reference. */
export const storedTownConfigSchema = townConfigSchema.extend({
  models: z.strictObject({
    default: storedModelRouteSchema,
    mayor: storedModelRouteSchema.optional(),
    polecat: storedModelRouteSchema.optional(),
    refinery: storedModelRouteSchema.optional(),
  }),
});
export type StoredTownConfig = z.infer<typeof storedTownConfigSchema>;
/** A partial update. It has no defaults: what is absent stays as it is. A masked key (`****last4`) keeps the stored one. */
export const townConfigPatchSchema = z.strictObject({
  models: z
    .strictObject({
      default: modelRouteSchema.optional(),
      mayor: modelRouteSchema.optional(),
      polecat: modelRouteSchema.optional(),
      refinery: modelRouteSchema.optional(),
    })
    .optional(),
  merge: z
    .strictObject({
      codeReview: z.boolean().optional(),
      maxReworkRounds: z.int().min(0).max(20).optional(),
      maxConflictRounds: z.int().min(0).max(20).optional(),
    })
    .optional(),
  limits: z
    .strictObject({
      maxPolecatsPerRig: z.int().min(1).max(50).optional(),
      maxAgents: z.int().min(1).max(200).optional(),
      maxDispatchAttempts: z.int().min(1).max(50).optional(),
    })
    .optional(),
  instructions: z
    .strictObject({
      mayor: proseSchema.max(2000).optional(),
      polecat: proseSchema.max(2000).optional(),
      refinery: proseSchema.max(2000).optional(),
    })
    .optional(),
});
export type TownConfigPatch = z.infer<typeof townConfigPatchSchema>;

export const townSchema = z.object({
  townId: townIdSchema,
  name: z.string().min(1).max(80),
  ownerId: userIdSchema,
  config: storedTownConfigSchema,
  /** `yyyymm` of every month that holds events, oldest first. */
  eventMonths: z.array(z.string().regex(/^\d{6}$/)),
  deletedAt: isoTimeSchema.optional(),
  /** The emergency stop that holds. */
  stopped: townStopSchema.optional(),
  version: z.int().min(1),
  createdAt: isoTimeSchema,
  updatedAt: isoTimeSchema,
});
export type Town = z.infer<typeof townSchema>;
/** A town as people read it. */
export const townViewSchema = townSchema.extend({ config: townConfigSchema });
export type TownView = z.infer<typeof townViewSchema>;

/** `https://…`, `ssh://…`, `git@host:path`, `file:///…` or an absolute path (local towns only). Credentials in a URL are refused. */
export const gitUrlSchema = lineSchema
  .min(1)
  .max(1000)
  .regex(/^(https?:\/\/|ssh:\/\/|file:\/\/\/|\/|[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:)[^\s]*$/, 'give an https or ssh URL, or an absolute path')
  .refine((url) => !/^https?:\/\/[^/]*@/.test(url), { error: 'leave user name and password out of the URL; give them as credential' });

export const rigSchema = z.object({
  townId: townIdSchema,
  rigId: rigIdSchema,
  name: z.string().min(1).max(80),
  gitUrl: z.string().min(1).max(1000),
  defaultBranch: branchSchema,
  /** 2 to 6 letters in front of this rig's bead ids. */
  prefix: z.string().regex(/^[a-z]{2,6}$/),
  gates: z.array(storedGateSchema).max(10),
  /** Name of the secret that holds the git credential, if one was given. */
  credentialRef: z.string().max(200).optional(),
  version: z.int().min(1),
  createdAt: isoTimeSchema,
  updatedAt: isoTimeSchema,
});
export type Rig = z.infer<typeof rigSchema>;

/** What the person is looking at; ids are resolved by the server before they reach the model. */
export const mayorContextSchema = z.strictObject({ page: lineSchema.max(200).optional(), openBeadId: lineSchema.max(40).optional() });
export const mayorMessageSchema = z.object({
  townId: townIdSchema,
  userId: userIdSchema,
  messageId: ulidSchema,
  role: z.enum(['user', 'mayor', 'system']),
  text: storedTextOfBytes(limits.chatBytes),
  /** User messages: queued → working → answered (or failed with a sentence in `error`). Others are `final`. */
  state: z.enum(['queued', 'working', 'answered', 'failed', 'final']),
  /** A Mayor message answers this user message. */
  replyTo: ulidSchema.optional(),
  /** What the person was looking at; the bead is one of this town. */
  context: z.strictObject({ page: z.string().max(200).optional(), openBeadId: z.string().max(40).optional() }).optional(),
  error: z.string().max(1000).optional(),
  at: isoTimeSchema,
  version: z.int().min(1),
});
export type MayorMessage = z.infer<typeof mayorMessageSchema>;
