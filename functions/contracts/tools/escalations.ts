// Tools about escalations.
import { z } from 'zod';
import { beadIdSchema, bodySchema, metadataSchema, proseSchema, titleSchema } from '../primitives.schema.ts';
import { everyone, objectOrJson, tool } from './tool.ts';
import type { Tool } from './tool.ts';

export const escalationTools = {
  gt_escalate: tool('gt_escalate', everyone, 'Tell people that something needs them: a decision, help, or an emergency.', {
    severity: z
      .enum(['low', 'medium', 'high', 'critical'])
      .describe('low: on record · medium: the Mayor hears of it · high: people are notified · critical: on every channel.'),
    category: z.enum(['decision', 'help', 'blocked', 'failed', 'emergency', 'gate', 'lifecycle', 'merge_conflict', 'budget']),
    title: titleSchema,
    message: bodySchema,
    context: objectOrJson(metadataSchema).optional().describe('What you know about it, as data.'),
  }),
  gt_escalation_acknowledge: tool(
    'gt_escalation_acknowledge',
    ['mayor'],
    'Say that an escalation is taken care of: it closes and is not raised again. Only when you or a person really do.',
    { escalation_id: beadIdSchema, note: proseSchema.max(2000).optional() },
  ),
} satisfies Record<string, Tool>;
