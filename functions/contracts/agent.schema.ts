// Agents and what the town runner reports about them.
import { z } from 'zod';
import {
  agentIdSchema,
  beadIdSchema,
  epochMsSchema,
  isoTimeSchema,
  rigIdSchema,
  shaSchema,
  townIdSchema,
  microUsdSchema,
  userIdSchema,
} from './primitives.schema.ts';

export const agentRoleSchema = z.enum(['mayor', 'polecat', 'refinery', 'triage', 'crew']);
export type AgentRole = z.infer<typeof agentRoleSchema>;
export const agentStateSchema = z.enum(['idle', 'starting', 'working', 'waiting', 'stalled', 'stopping', 'parked', 'gone']);
export type AgentState = z.infer<typeof agentStateSchema>;

const count = z.int().nonnegative();
/** At most so many models and languages are kept of one agent: those with most to show. */
export const mostSkills = 12;
const skills = {
  /** By model: calls, and what they cost. */
  models: z.record(z.string().max(200), z.object({ calls: count, costMicroUsd: microUsdSchema })).optional(),
  /** By language: files that it changed in beads that it handed in. */
  languages: z.record(z.string().max(40), count).optional(),
};
/** What an agent has done, as counted where its own item is written anyway. */
export const agentRecordSchema = z.object({
  /** Beads handed in: work that went to review, and work that needs no merge. */
  done: count,
  /** Rework, conflicts and the like that it handed in, its own or another's. */
  repairs: count,
  /** Times that it was lost or gave up by its own fault. */
  failures: count,
  workedMs: count,
  /** What its model calls have cost on UTC days before `spentBefore`; those of later days are in the day's tallies. */
  costMicroUsd: microUsdSchema.optional(),
  spentBefore: z
    .string()
    .regex(/^\d{8}$/)
    .optional(),
  ...skills,
});
export type AgentRecord = z.infer<typeof agentRecordSchema>;

export const agentSchema = z.object({
  townId: townIdSchema,
  agentId: agentIdSchema,
  name: z.string().min(1).max(64),
  role: agentRoleSchema,
  rigId: rigIdSchema.optional(),
  state: agentStateSchema,
  /** Of a crew agent: the person whose own agent it is. Its process is on that person's machine, and no rule starts, judges or stops it. */
  crew: z.object({ userId: userIdSchema }).optional(),
  /** The one bead on the hook. */
  hookBeadId: beadIdSchema.optional(),
  /** What was on the hook before; for a while the agent can still be spoken to about it. */
  lastBeadId: beadIdSchema.optional(),
  /** Fencing number: grows with each dispatch, start after loss, and runtime take-over. Tokens and reports with an older one are refused. */
  epoch: z.int().nonnegative(),
  /** The persona that it wears for the bead on its hook. */
  personaId: z.string().max(40).optional(),
  /** The slot item that this agent's dispatch claimed, e.g. `r-8d2k1m0p#3`. */
  slot: z.string().max(80).optional(),
  sessionId: z.string().max(100).optional(),
  statusLine: z.object({ text: z.string().max(300), at: isoTimeSchema }).optional(),
  startedAt: isoTimeSchema.optional(),
  lastActivityAt: isoTimeSchema.optional(),
  /** Prompts to go on that this epoch has had because a turn ended with the bead still on the hook. */
  continues: z.int().nonnegative().optional(),
  /** When each quiet tier was last acted on in this epoch (A5): one nudge per tier per hour. */
  quiet: z.object({ nudgedAtMs: epochMsSchema.optional(), triagedAtMs: epochMsSchema.optional() }).optional(),
  /** Time that it worked on the bead on its hook in lives before this one (a runtime that stopped), in ms. */
  workedMs: z.int().nonnegative().optional(),
  /** Since when it is stalled; the time to its reset counts from here, never from a heartbeat. */
  stalledAt: isoTimeSchema.optional(),
  /** Since this item exists; what came before is in the identity (CV). */
  record: agentRecordSchema.optional(),
  /** Beads that it was given last, newest first: its own timeline is found by them. */
  recentBeadIds: z.array(beadIdSchema).max(20).optional(),
  /** Why it stopped last, in plain words. */
  lastExit: z.string().max(1000).optional(),
  version: z.int().min(1),
  createdAt: isoTimeSchema,
  updatedAt: isoTimeSchema,
});
export type Agent = z.infer<typeof agentSchema>;

/** More than any call takes, in tokens or ms. What an endpoint claims beyond it counts as this much, so that a report with it is not lost. */
const mostOfOneCall = 1_000_000_000;
const ofOneCall = count.overwrite((value) => Math.min(value, mostOfOneCall));
/** One model call as the runner's proxy counted it. */
export const usageRowSchema = z.object({
  callId: z.string().min(1).max(100),
  agentId: agentIdSchema,
  epoch: z.int().nonnegative(),
  beadId: beadIdSchema.optional(),
  /** Whose prices count: `bedrock`, `anthropic`, …; `scripted` for the model that ships with the product; else the host of the address. */
  provider: z.string().max(40).optional(),
  model: z.string().max(200),
  inputTokens: ofOneCall,
  outputTokens: ofOneCall,
  cacheReadTokens: ofOneCall,
  cacheWriteTokens: ofOneCall.optional(),
  /** The endpoint named no figures: the tokens are made of the sizes of question and answer. */
  estimated: z.boolean().optional(),
  /** What the runner counts the call with until it is reported; the control plane prices it anew. */
  costMicroUsd: microUsdSchema.optional(),
  durationMs: ofOneCall,
  atMs: epochMsSchema,
});
export type UsageRow = z.infer<typeof usageRowSchema>;

/** What the runner sees of one agent's process and session. */
export const observedAgentSchema = z.object({
  agentId: agentIdSchema,
  epoch: z.int().nonnegative(),
  /** `starting`: workspace or server being made · `working`: a turn runs · `waiting`: alive, turn finished · `exited`: process gone · `failed`: could not start. */
  state: z.enum(['starting', 'working', 'waiting', 'exited', 'failed']),
  sessionId: z.string().max(100).optional(),
  lastActivityAtMs: epochMsSchema.optional(),
  activeTools: z.array(z.string().max(100)).max(20).default([]),
  headSha: shaSchema.optional(),
  /** Set on `failed` and `exited`: a sentence for people. `cause` decides whether an attempt is consumed: only `agent` does. */
  error: z
    .object({ cause: z.enum(['infrastructure', 'model', 'git', 'capacity', 'budget', 'agent']), message: z.string().max(1000) })
    .optional(),
  /** Set on `failed`: files in its workspace that were not committed, when that could be seen. */
  dirtyFiles: z.int().nonnegative().optional(),
  statusLine: z.string().max(300).optional(),
  /** Prompts that are in the session for certain, newest 50. */
  deliveredPromptIds: z.array(z.string().max(100)).max(50).default([]),
});
export type ObservedAgent = z.infer<typeof observedAgentSchema>;

/** The newest report about one agent; its own item, outside the stream filter, so that a heartbeat triggers nothing. */
export const agentReportSchema = z.object({
  townId: townIdSchema,
  agentId: agentIdSchema,
  runtimeEpoch: z.int().nonnegative(),
  reportSeq: z.int().nonnegative(),
  observed: observedAgentSchema,
  /** Server time of receipt. */
  receivedAtMs: epochMsSchema,
});
export type AgentReport = z.infer<typeof agentReportSchema>;

/**
 * What stays of an agent for ever: it outlives the agent's item, which is removed after a day of rest, and gives the next agent of that name its
 * history and its epochs. Written when an agent is removed and when its work is sent back, never on the way of work that goes well.
 */
export const identitySchema = z.object({
  townId: townIdSchema,
  agentId: agentIdSchema,
  name: z.string().min(1).max(64),
  role: agentRoleSchema,
  /** Epochs that items before the present one have used. */
  epochs: count,
  done: count,
  repairs: count,
  failures: count,
  workedMs: count,
  /** Beads whose review asked for changes at least once, and rounds of rework in all. */
  sentBack: count,
  reworkRounds: count,
  costMicroUsd: microUsdSchema.optional(),
  ...skills,
  updatedAt: isoTimeSchema,
});
export type Identity = z.infer<typeof identitySchema>;
