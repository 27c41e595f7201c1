// Errors on the wire: RFC 9457 problem JSON.
import { z } from 'zod';
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  /** One entry per wrong field: where and what. */
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  /** 409 on a transition: the statuses that are allowed from here. */
  allowed: z.array(z.string()).optional(),
});
export type Problem = z.infer<typeof problemSchema>;
