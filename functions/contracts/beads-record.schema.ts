// One line of a Beads JSONL file, as far as this product reads it. Everything else of a line is kept as it is.
import { z } from 'zod';
import { beadStatusSchema, failureSchema } from './bead.schema.ts';
import { issueKindSchema } from './issue.schema.ts';
import { isoTimeSchema, metadataSchema } from './primitives.schema.ts';

const timeText = z.string().refine((text) => !Number.isNaN(Date.parse(text)), { error: 'a time such as 2026-11-21T10:00:00Z' });

export const beadsDependencySchema = z.looseObject({ depends_on_id: z.string().min(1).max(200), type: z.string().max(200).nullish() });

/** What this product writes beside the format's own keys, and understands again. */
export const ownFieldsSchema = z.looseObject({
  type: z.string().optional().catch(undefined),
  status: beadStatusSchema.optional().catch(undefined),
  held: z.boolean().optional().catch(undefined),
  kind: issueKindSchema.optional().catch(undefined),
  archivedAt: isoTimeSchema.optional().catch(undefined),
  failure: failureSchema.optional().catch(undefined),
  metadata: metadataSchema.optional().catch(undefined),
});

export const beadsRecordSchema = z.looseObject({
  id: z.string().min(1).max(200),
  title: z.string().min(1, 'a title is needed'),
  description: z.string().nullish(),
  design: z.string().nullish(),
  acceptance_criteria: z.string().nullish(),
  notes: z.string().nullish(),
  status: z.string().max(200).nullish(),
  /** 0 is the most urgent. */
  priority: z.int().min(0).max(4).nullish(),
  issue_type: z.string().max(200).nullish(),
  created_at: timeText.nullish(),
  updated_at: timeText.nullish(),
  closed_at: timeText.nullish(),
  defer_until: timeText.nullish(),
  close_reason: z.string().nullish(),
  labels: z.array(z.string()).nullish(),
  dependencies: z.array(beadsDependencySchema).nullish(),
  pinned: z.boolean().nullish(),
  is_template: z.boolean().nullish(),
  gastown: ownFieldsSchema.nullish(),
});
export type BeadsRecord = z.infer<typeof beadsRecordSchema>;
