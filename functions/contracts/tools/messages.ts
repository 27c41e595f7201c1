// Tools for writing to others: mail that lasts, nudges that pass by.
import { z } from 'zod';
import { nudgeShape } from '../nudge.schema.ts';
import { agentIdSchema, beadIdSchema, limits, lineSchema, textOfBytes, titleSchema } from '../primitives.schema.ts';
import { everyone, tool } from './tool.ts';
import type { Tool } from './tool.ts';

export const addresseeSchema = lineSchema.min(1).max(1000);
export const threadSchema = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'letters, digits, dots and dashes');

export const messageTools = {
  gt_mail_send: tool(
    'gt_mail_send',
    everyone,
    'Send durable mail to an agent (its id), a role (role:mayor), a person (user:<id>), a queue that one reader takes it from (queue:polecat), or a group in which everybody gets it (group:polecat, group:toast,maple).',
    {
      to: addresseeSchema,
      subject: titleSchema,
      body: textOfBytes(limits.mailBodyBytes),
      reply_to: beadIdSchema.optional().describe('The message that you answer; yours goes to its thread.'),
      thread: threadSchema.optional(),
    },
  ),
  gt_mail_check: tool('gt_mail_check', everyone, 'Read your undelivered mail; it counts as delivered afterwards.', {
    queue: lineSchema.min(1).max(63).optional().describe('Take mail from this queue instead; nobody else gets what you take.'),
    thread: threadSchema.optional().describe('Only mail of this thread.'),
  }),
  gt_nudge: tool('gt_nudge', everyone, 'Say something to an agent that is at work. It passes by: what must last is mail.', {
    agent: agentIdSchema,
    message: nudgeShape.text,
    mode: nudgeShape.mode.describe(
      'wait-idle (usual): when its turn has ended · immediate: in the middle of its turn · queue: with its next prompt.',
    ),
    priority: nudgeShape.priority,
    expires_in_seconds: nudgeShape.expiresInSeconds,
  }),
} satisfies Record<string, Tool>;
