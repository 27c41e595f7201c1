// Tools of the refinery: its verdict.
import { z } from 'zod';
import { limits, lineSchema, textOfBytes } from '../primitives.schema.ts';
import { objectOrJson, tool } from './tool.ts';
import type { Tool } from './tool.ts';

export const reviewTools = {
  gt_request_changes: tool(
    'gt_request_changes',
    ['refinery'],
    'The work under review needs changes: say exactly what. A polecat gets it as a new bead.',
    {
      feedback: textOfBytes(limits.feedbackBytes),
      files: z.array(lineSchema.max(500)).max(200).optional(),
      comments: objectOrJson(
        z
          .array(z.strictObject({ path: lineSchema.min(1).max(500), line: z.int().positive().optional(), text: textOfBytes(4 * 1024) }))
          .max(50),
      )
        .optional()
        .describe('Findings at lines of the change; where there is a pull request each becomes a thread there.'),
    },
  ),
  gt_approve: tool('gt_approve', ['refinery'], 'The work under review is good: it goes to the merge train.', {
    summary: textOfBytes(4000),
    score: z
      .number()
      .min(0)
      .max(10)
      .overwrite((score) => Math.round(score * 100) / 100)
      .optional(),
  }),
} satisfies Record<string, Tool>;
