// Tools about money.
import { z } from 'zod';
import { lineSchema } from '../primitives.schema.ts';
import { tool } from './tool.ts';
import type { Tool } from './tool.ts';

export const costTools = {
  gt_cost: tool('gt_cost', ['mayor'], 'What was spent, in US dollars: of the town today, or by bead, convoy, agent, user, rig or model.', {
    scope: z.enum(['town', 'bead', 'convoy', 'agent', 'user', 'rig', 'model']),
    id: lineSchema
      .max(200)
      .optional()
      .describe('One bead or convoy: its whole life with its budget. One agent, user, rig or model: only that.'),
    days: z.int().min(1).max(92).optional().describe('How many UTC days back, today included; 1 when absent.'),
  }),
} satisfies Record<string, Tool>;
