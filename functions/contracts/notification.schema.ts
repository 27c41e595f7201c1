// What people are told of an escalation, on whatever channel.
import { z } from 'zod';

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
