// Channels on which people hear of escalations. What would let others write there is kept by the secrets.
import { z } from 'zod';
import { lineSchema } from '../primitives.schema.ts';

/** `critical` keeps a channel for the worst. */
const only = z.literal('critical').optional();
const httpUrl = z.url({ protocol: /^https?$/ }).max(500);
const secretRef = z.string().min(1).max(200);
const mask = z.string().max(8);
/** What people see of a secret, sent back: it stays. */
const maskText = z.string().regex(/^\*{4}.{0,4}$/);
/** The town's pages. */
const ui = z.strictObject({ kind: z.literal('ui') });
/** Everybody who has subscribed to the deployment's topic. */
const email = z.strictObject({ kind: z.literal('email'), only });

export const channelsInputSchema = z
  .array(
    z.discriminatedUnion('kind', [
      ui,
      email,
      /** `secret` signs each call as https://www.standardwebhooks.com describes. */
      z.strictObject({
        kind: z.literal('webhook'),
        url: httpUrl,
        secret: z.union([maskText, lineSchema.min(16).max(200)]).optional(),
        only,
      }),
      /** The address of an incoming webhook of Slack is a secret as a whole. */
      z.strictObject({
        kind: z.literal('slack'),
        url: z.union([z.url({ protocol: /^https$/ }).max(500), maskText]),
        only,
      }),
    ]),
  )
  .max(20);
/** The names of the secrets, and what people see of them. */
export const storedChannelsSchema = z.array(
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('ui') }),
    z.object({ kind: z.literal('email'), only }),
    z.object({ kind: z.literal('webhook'), url: z.string().max(500), secretRef: secretRef.optional(), secretMask: mask.optional(), only }),
    z.object({ kind: z.literal('slack'), urlRef: secretRef, urlMask: mask, only }),
  ]),
);
export type StoredChannels = z.infer<typeof storedChannelsSchema>;
export const channelsViewSchema = z.array(
  z.discriminatedUnion('kind', [
    ui,
    email,
    z.strictObject({ kind: z.literal('webhook'), url: z.string(), secret: z.string().optional(), only }),
    z.strictObject({ kind: z.literal('slack'), url: z.string(), only }),
  ]),
);
