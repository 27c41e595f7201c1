// Where people are told of escalations, and what they are told.
import { z } from 'zod';

/** Keeps a channel for the worst. */
const only = z.literal('critical').optional();
/**
 * A channel of the setting `notify.channels`. The town's own pages (`ui`) always show an escalation. `secretRef` names the secret that signs
 * the calls of a webhook.
 */
export const notifyChannelSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ui') }),
  z.object({ kind: z.literal('email'), only }),
  z.object({ kind: z.literal('webhook'), url: z.string().min(1).max(500), secretRef: z.string().max(200).optional(), only }),
  z.object({ kind: z.literal('slack'), url: z.string().min(1).max(500), only }),
]);
export type NotifyChannel = z.infer<typeof notifyChannelSchema>;

/** One message to people. A receiver that sees an `id` twice drops the second: after a kill it may be sent again. */
export const notificationSchema = z.object({
  id: z.string().min(1).max(200),
  townId: z.string(),
  townName: z.string(),
  escalationId: z.string(),
  /** How often the escalation was raised before. */
  round: z.int().nonnegative(),
  severity: z.enum(['low', 'medium', 'high', 'critical']),
  category: z.string(),
  title: z.string(),
  text: z.string(),
  aboutBeadId: z.string().optional(),
  at: z.string(),
});
export type Notification = z.infer<typeof notificationSchema>;
