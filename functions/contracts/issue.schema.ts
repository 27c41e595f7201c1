// Details of an issue: work for an agent.
import { z } from 'zod';
import { commitSchema } from './commit.schema.ts';
import { agentIdSchema, beadIdSchema, branchSchema, isoTimeSchema, limits, shaSchema, storedTextOfBytes } from './primitives.schema.ts';
import { slungSettingsSchema } from './settings.schema.ts';

/**
 * What an issue is for. `work` ends in its own merge request; `rework`, `conflict`, `fixup` and `feedback` push to an existing
 * request's branch and close on that verified push; `no-code` closes when its agent says it is done; `step` is a step of a poured
 * molecule, worked by the agent of the molecule's issue and never given out by itself.
 */
export const issueKindSchema = z.enum(['work', 'rework', 'conflict', 'fixup', 'feedback', 'no-code', 'step']);
export type IssueKind = z.infer<typeof issueKindSchema>;

/** The line of a Beads JSONL file that a bead came from; its text is kept in Files. */
export const foreignLineSchema = z.object({
  /** The id in the file; the bead's own unless that does not fit this product. */
  id: z.string().min(1).max(200),
  importId: z.string().min(1).max(60),
  part: z.int().min(1),
  /** From 1. */
  line: z.int().min(1),
  /** SHA-256 of the line. */
  hash: z.string().max(64),
});
export type ForeignLine = z.infer<typeof foreignLineSchema>;

export const issueDetailsSchema = z.object({
  type: z.literal('issue'),
  issueType: z.string().min(1).max(40),
  kind: issueKindSchema,
  convoyId: beadIdSchema.optional(),
  /** Place in the plan of its convoy: among beads of one priority and age the first ones are given out first. */
  position: z.int().min(0).max(9999).optional(),
  /** Merged into its convoy's feature branch, which has not landed yet: for others than its convoy in this rig it is not done. */
  awaitsLanding: z.literal(true).optional(),
  /** Branch that the work is merged into; the rig's default branch when the issue was dispatched. */
  targetBranch: branchSchema.optional(),
  /** Branch that the agent pushes to: its own, or the request's for rework and conflict beads. */
  branch: branchSchema.optional(),
  /** Commit from which the branch was cut, set at the first dispatch; dispatches of one bead keep it. */
  baseSha: shaSchema.optional(),
  /** Newest commit that the runner pushed upstream for this bead, with the epoch that pushed it. */
  pushed: z
    .object({
      sha: shaSchema,
      baseSha: shaSchema,
      aheadBy: z.int().nonnegative(),
      epoch: z.int().nonnegative(),
      at: isoTimeSchema,
      /** Files that the branch changes, by language. */
      languages: z.record(z.string().max(40), z.int().positive()).optional(),
    })
    .optional(),
  /** The merge request that this rework or conflict bead repairs. */
  mergeRequestId: beadIdSchema.optional(),
  /** Newest merge request made from this issue; a late result of an older one is recorded, not applied. */
  latestMergeRequestId: beadIdSchema.optional(),
  /** The molecule whose steps its agent works through. */
  moleculeId: beadIdSchema.optional(),
  /** Which step of which molecule this bead is. */
  step: z.object({ moleculeId: beadIdSchema, stepId: z.string().max(300) }).optional(),
  /** The gate of its molecule at which it stands; a person's gate keeps it from being given out, the others keep it by time or blocker. */
  stepGate: z
    .object({
      stepId: z.string().max(300),
      title: z.string().max(1000),
      type: z.enum(['human', 'timer', 'bead']),
      sentence: z.string().max(2000),
      beadId: beadIdSchema.optional(),
      until: isoTimeSchema.optional(),
    })
    .optional(),
  /** Kinds `feedback` and `conflict`: what on the pull request it answers. */
  feedback: z
    .object({
      number: z.int().min(1),
      about: z.enum(['thread', 'review', 'checks', 'conflict']),
      class: z.enum(['fix', 'question', 'nit', 'checks', 'conflict']),
      threadId: z.string().max(200).optional(),
    })
    .optional(),
  doneSummary: z.string().max(4000).optional(),
  /** Findings for rework, files for a conflict: what the agent must know, quoted as data in its prompt. */
  brief: storedTextOfBytes(limits.feedbackBytes).optional(),
  commits: z.array(commitSchema).max(50).default([]),
  checkpoint: storedTextOfBytes(8 * 1024).optional(),
  lastError: z.string().max(2000).optional(),
  /** Agent that did what this bead waited for: it knows the code, and gets the bead if it is free (B1). */
  preferAgentId: agentIdSchema.optional(),
  /** Bead whose end let this one start: its predecessor in the chain. */
  followsBeadId: beadIdSchema.optional(),
  /** The conversation and workspace in which `agentId` works on it, when they are those of an earlier bead (`beadId`) or of a series. */
  chain: z
    .object({
      agentId: agentIdSchema,
      beadId: beadIdSchema,
      /** The bead that it goes on from. */
      afterBeadId: beadIdSchema.optional(),
      /** Beads that the conversation has served with this one. */
      length: z.int().min(1),
      /** Its convoy is worked by one agent. */
      series: z.literal(true).optional(),
    })
    .optional(),
  /** Agent that must not get this bead at the next dispatch: triage has given it to somebody else. */
  avoidAgentId: agentIdSchema.optional(),
  /** Agent time of earlier dispatches, in ms, and how often it has run out (B6). */
  agentMs: z.int().nonnegative().optional(),
  timeouts: z.int().nonnegative().optional(),
  foreign: foreignLineSchema.optional(),
  /** Not before this time (back-off after a failed dispatch), ISO time. */
  notBefore: isoTimeSchema.optional(),
  /** Persona that its worker wears. */
  personaId: z.string().max(40).optional(),
  /** Settings that were given when it was slung. */
  settings: slungSettingsSchema.optional(),
});
export type IssueDetails = z.infer<typeof issueDetailsSchema>;
