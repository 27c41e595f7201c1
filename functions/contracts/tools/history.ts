// Tools for what was before: search the town's past, leave a note on files for those who come after.
import { z } from 'zod';
import { cursorSchema, lineSchema, rigIdSchema, textOfBytes } from '../primitives.schema.ts';
import { historyKindSchema, pathInputSchema } from '../search.schema.ts';
import { everyone, objectOrJson, tool } from './tool.ts';
import type { Tool } from './tool.ts';

const atFiles = ['polecat', 'refinery', 'crew'] as const;

export const historyTools = {
  gt_search: tool(
    'gt_search',
    everyone,
    'Search the history of the town: beads, what was done in which commits and files, events, what agents said, notes. With path: who touched this file or folder last, and why.',
    {
      query: lineSchema.max(200).optional().describe('A few words; leave out to look only at a path.'),
      path: pathInputSchema.optional().describe('A file or folder from the top of the repository, such as src/billing or src/app.ts.'),
      kind: historyKindSchema.optional(),
      rig_id: rigIdSchema.optional(),
      cursor: cursorSchema.optional().describe('From an earlier answer, to look further back.'),
    },
  ),
  gt_note: tool(
    'gt_note',
    atFiles,
    'Leave a note on files for whoever works on them next: a trap, a reason, a rule that the code does not show. Not for progress (gt_checkpoint) or news (gt_mail_send).',
    {
      paths: objectOrJson(z.array(pathInputSchema).min(1).max(10)).describe('Files or folders (with a slash at the end) that it is about.'),
      text: textOfBytes(2048).refine((text) => text.trim() !== '', { error: 'a note needs words' }),
    },
  ),
} satisfies Record<string, Tool>;
