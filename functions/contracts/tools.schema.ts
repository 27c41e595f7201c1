// Tools that agents call over MCP: argument schema, roles, and the sentence the model reads. A JSON string of an object is accepted for object arguments.
import { z } from 'zod';
import type { AgentRole } from './agent.schema.ts';
import {
  beadIdSchema,
  bodySchema,
  branchSchema,
  labelSchema,
  limits,
  lineSchema,
  metadataSchema,
  prioritySchema,
  rigIdSchema,
  shaSchema,
  textOfBytes,
  titleSchema,
} from './primitives.schema.ts';

/** Models often send objects as JSON text; parse such a string before the object is checked. */
const objectOrJson = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => {
    if (typeof value !== 'string') return value;
    try {
      return JSON.parse(value) as unknown;
    } catch {
      return value;
    }
  }, schema);

export const slingTaskShape = {
  rig_id: rigIdSchema.describe('The rig (repository) to work in; see gt_list_rigs.'),
  title: titleSchema.describe('Short imperative title.'),
  body: bodySchema.describe('What to do, where, and how to know that it is done.'),
  kind: z.enum(['work', 'no-code']).optional(),
  labels: z.array(labelSchema).max(20).optional(),
  metadata: objectOrJson(metadataSchema).optional(),
  depends_on: z.array(beadIdSchema).max(50).optional().describe('Ids of beads that must be merged first.'),
  priority: prioritySchema.optional(),
};

export const batchTaskSchema = z.strictObject({
  title: titleSchema,
  body: bodySchema,
  rig_id: rigIdSchema.optional(),
  depends_on: z
    .array(z.int().min(0))
    .max(limits.batchTasks)
    .optional()
    .describe('Indexes (from 0) of tasks in this list that must be merged first.'),
  priority: prioritySchema.optional(),
});

export interface Tool {
  readonly name: string;
  readonly roles: readonly AgentRole[];
  readonly description: string;
  readonly input: z.ZodObject;
}
const tool = <N extends string, S extends z.ZodRawShape>(name: N, roles: readonly AgentRole[], description: string, shape: S) =>
  ({ name, roles, description, input: z.strictObject(shape) }) as const;

const working = ['polecat', 'refinery'] as const;
const everyone = ['mayor', 'polecat', 'refinery', 'triage', 'crew'] as const;
export const tools = {
  gt_list_rigs: tool(
    'gt_list_rigs',
    ['mayor'],
    'List the rigs (repositories) of this town with their ids, default branches and gates.',
    {},
  ),
  gt_list_beads: tool('gt_list_beads', ['mayor'], 'List beads (work items) of the town, newest change first.', {
    status: z.enum(['open', 'in_progress', 'in_review', 'closed', 'failed']).optional(),
    rig_id: rigIdSchema.optional(),
    limit: z.int().min(1).max(50).optional(),
  }),
  gt_sling: tool('gt_sling', ['mayor'], 'Create one bead of work; a polecat picks it up at once when nothing blocks it.', slingTaskShape),
  gt_sling_batch: tool(
    'gt_sling_batch',
    ['mayor'],
    'Create a convoy: several beads in one act. With two or more tasks give depends_on on some task, or say parallel: true.',
    {
      convoy_title: titleSchema,
      rig_id: rigIdSchema.optional().describe('Rig of every task that names none.'),
      tasks: objectOrJson(z.array(batchTaskSchema).min(1).max(limits.batchTasks)),
      merge_mode: z.enum(['review-then-land', 'review-and-merge']).optional(),
      parallel: z.boolean().optional(),
      staged: z.boolean().optional(),
    },
  ),
  gt_convoy_status: tool('gt_convoy_status', ['mayor'], 'Progress of a convoy: each bead with its status and what it waits for.', {
    convoy_id: beadIdSchema,
  }),
  gt_prime: tool('gt_prime', everyone, 'Who you are, what is on your hook, mail, and the context you need. Call it first.', {}),
  gt_bead_status: tool('gt_bead_status', everyone, 'Read one bead: fields, blockers, newest events.', { bead_id: beadIdSchema }),
  gt_done: tool(
    'gt_done',
    ['polecat', 'crew'],
    'Say that the bead on your hook is done. Push first: the server checks that the commit is on your branch.',
    {
      branch: branchSchema,
      commit: shaSchema.optional(),
      summary: textOfBytes(4000).describe('What was changed and why, for the reviewer.'),
    },
  ),
  gt_request_changes: tool(
    'gt_request_changes',
    ['refinery'],
    'The work under review needs changes: say exactly what. A polecat gets it as a new bead.',
    {
      feedback: textOfBytes(limits.feedbackBytes),
      files: z.array(lineSchema.max(500)).max(200).optional(),
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
  gt_escalate: tool('gt_escalate', everyone, 'Tell people that something needs them: a decision, help, or an emergency.', {
    severity: z.enum(['low', 'medium', 'high', 'critical']),
    category: z.enum(['decision', 'help', 'blocked', 'failed', 'emergency', 'gate', 'lifecycle', 'merge_conflict', 'budget']),
    title: titleSchema,
    message: bodySchema,
  }),
  gt_mail_send: tool('gt_mail_send', everyone, 'Send durable mail to an agent (its id), a role (role:mayor), or a person (user:<id>).', {
    to: lineSchema.min(1).max(140),
    subject: titleSchema,
    body: textOfBytes(limits.mailBodyBytes),
  }),
  gt_mail_check: tool('gt_mail_check', everyone, 'Read your undelivered mail; it counts as delivered afterwards.', {}),
  gt_checkpoint: tool('gt_checkpoint', working, 'Save a short note on where you are, so that you can go on after a restart.', {
    note: textOfBytes(8 * 1024),
  }),
} satisfies Record<string, Tool>;
export type ToolName = keyof typeof tools;
