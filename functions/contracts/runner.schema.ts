// The protocol between the control plane and the town runner: bootstrap, desired set, report, commands, push check.
import { z } from 'zod';
import { agentRoleSchema, observedAgentSchema, usageRowSchema } from './agent.schema.ts';
import { commitSchema, gateResultSchema } from './commit.schema.ts';
import { nudgeModeSchema } from './nudge.schema.ts';
import { pushIntentSchema } from './merge-request.schema.ts';
import {
  agentIdSchema,
  beadIdSchema,
  branchSchema,
  epochMsSchema,
  isoTimeSchema,
  limits,
  rigIdSchema,
  shaSchema,
  townIdSchema,
  ulidSchema,
  userIdSchema,
} from './primitives.schema.ts';
import { storedGateSchema } from './gate.schema.ts';
import { completeModelRouteSchema } from './model.schema.ts';
import { timingsSchema } from './timings.schema.ts';

/** The runtime lease of a town: at most one holder. Taking over raises `runtimeEpoch`. */
export const runtimeLeaseSchema = z.object({
  townId: townIdSchema,
  /** `absent`: nothing runs · `starting`: started, not yet bootstrapped · `live`: a runner reports · `draining` · `stopping`. */
  state: z.enum(['absent', 'starting', 'live', 'draining', 'stopping']),
  runtimeEpoch: z.int().nonnegative(),
  /** Child process id or task ARN, as the runtime port knows it. */
  runtimeRef: z.string().max(500).optional(),
  /** Random id that the runner process makes at its start; a second exchange by the same instance is answered alike for 10 minutes. */
  instanceId: z.string().max(100).optional(),
  /** SHA-256 of the bootstrap token, and when it was made; retries reuse it. */
  bootstrapTokenHash: z.string().max(128).optional(),
  reportSeq: z.int().nonnegative(),
  lastReportAtMs: epochMsSchema.optional(),
  startedAtMs: epochMsSchema.optional(),
  /** When `instanceId` exchanged the token; the same instance may repeat the exchange for 10 minutes. */
  bootstrappedAtMs: epochMsSchema.optional(),
  idleSinceMs: epochMsSchema.optional(),
  /** Its time is paid up to here. */
  paidUntilMs: epochMsSchema.optional(),
  /** How long runtimes before this one ran on their last day (UTC, `yyyy-mm-dd`). */
  ran: z.object({ day: z.string().regex(/^\d{4}-\d{2}-\d{2}$/), ms: z.int().nonnegative() }).optional(),
  /** Somebody outside said that the process or task of `runtimeRef` has ended; a pass asks the runtime port and acts on its answer. */
  endedAtMs: epochMsSchema.optional(),
  /** It was stopped from outside, with its machine or by a person: no sign of a fault. */
  endedWell: z.boolean().optional(),
  /** Runtimes in a row that did not report in, or ended soon after they had. */
  startFailures: z.int().nonnegative(),
  lastError: z.string().max(2000).optional(),
  notBeforeMs: epochMsSchema.optional(),
  version: z.int().min(1),
  updatedAt: isoTimeSchema,
});
export type RuntimeLease = z.infer<typeof runtimeLeaseSchema>;

export const bootstrapRequestSchema = z.strictObject({
  townId: townIdSchema,
  bootstrapToken: z.string().min(16).max(4000),
  instanceId: z.string().min(8).max(100),
  protocolVersion: z.literal(1),
});
export const bootstrapResponseSchema = z.object({
  runnerToken: z.string(),
  runtimeEpoch: z.int().nonnegative(),
  apiUrl: z.url(),
  wsUrl: z.url(),
  timings: timingsSchema,
});
export type BootstrapResponse = z.infer<typeof bootstrapResponseSchema>;

/** Text to put into an agent's session exactly once; the runner looks for the id in the session before it posts. */
export const promptSchema = z.object({
  promptId: z.string().min(1).max(100),
  /** Mayor threads: one session per user. Absent for the agent's only session. */
  threadUserId: userIdSchema.optional(),
  /**
   * Mail and nudges; those of one mode that wait for one session go in together, as one message. Absent: at once, by itself.
   * `immediate`: a turn that runs takes it up before its next model call; opencode has no way to interrupt a call that runs but to lose it.
   */
  mode: nudgeModeSchema.optional(),
  text: z.string().min(1),
});
export type Prompt = z.infer<typeof promptSchema>;

export const workspaceSchema = z.discriminatedUnion('kind', [
  /** A shared clone with a branch of its own, pushing only to `branch`. */
  z.object({
    kind: z.literal('branch'),
    rigId: rigIdSchema,
    branch: branchSchema,
    /** Branch or commit to start from when `branch` is not on the host yet. */ startPoint: z.string().min(1).max(200),
  }),
  /** Detached at a commit of the mirror (a refinery's test merge, under `refs/gastown/`), nothing may be pushed. */
  z.object({ kind: z.literal('detached'), rigId: rigIdSchema, sha: shaSchema }),
  /** Read copies of the town's rigs' default branches, nothing may be pushed. */
  z.object({ kind: z.literal('browse') }),
  /** An empty folder: for a role that decides and needs no code. */
  z.object({ kind: z.literal('none') }),
]);
export type Workspace = z.infer<typeof workspaceSchema>;

export const assignmentSchema = z.object({
  agentId: agentIdSchema,
  name: z.string(),
  role: agentRoleSchema,
  epoch: z.int().nonnegative(),
  bead: z.object({ beadId: beadIdSchema, title: z.string(), requestedBy: userIdSchema }).optional(),
  workspace: workspaceSchema,
  /** It goes on in the conversation and the folder of this earlier bead of the agent, when they are still on disk. */
  chain: z.object({ beadId: beadIdSchema }).optional(),
  /** Keep the conversation of an earlier life of this agent on this bead, when its session is still on disk. */
  resumeSessionId: z.string().optional(),
  model: completeModelRouteSchema,
  /** The persona that the agent wears. */
  personaId: z.string().optional(),
  /** Name of the model for small steps, at the same provider; absent: the same model. */
  smallModel: z.string().optional(),
  /** Variables for the agent's processes, from the settings; secrets in the clear. */
  env: z.record(z.string(), z.string()).default({}),
  systemPrompt: z.string(),
  prompts: z.array(promptSchema),
  /** For `/mcp`; carries town, agent, role, epoch; refreshed through POST /runner/tokens. */
  agentToken: z.string(),
  commit: z
    .object({
      authorName: z.string(),
      authorEmail: z.string(),
      committerName: z.string(),
      committerEmail: z.string(),
      /** `Key: value` lines appended to each commit message by the hook that the runner installs. */
      trailers: z.array(z.string().max(300)),
    })
    .optional(),
  gates: z.array(storedGateSchema),
});
export type Assignment = z.infer<typeof assignmentSchema>;

export const rigForRunnerSchema = z.object({
  rigId: rigIdSchema,
  name: z.string(),
  gitUrl: z.string(),
  defaultBranch: branchSchema,
  hasCredential: z.boolean(),
});

/** Branches that agents and convoys work on, and nothing else. */
const townBranchSchema = branchSchema.regex(/^(gt|convoy)\//, 'a branch of the town starts with gt/ or convoy/');
const mergeIdentity = z.object({ name: z.string(), email: z.string() });
/** Work for the runner that is not an agent; idempotent: the same command done twice gives the same result. */
export const commandPayloadSchema = z.discriminatedUnion('kind', [
  /** Fetch, then merge `headSha` of `branch` onto the head of the target. Same inputs, same commit ids: the dates come from `commitAt`. */
  z.object({
    kind: z.literal('prepare'),
    rigId: rigIdSchema,
    mergeRequestId: beadIdSchema,
    branch: branchSchema,
    headSha: shaSchema,
    targetBranch: branchSchema,
    /** Made from the head of this branch when the host does not have the target yet. */
    createTargetFrom: branchSchema.optional(),
    /** Merge the branch as the host has it, if it holds `headSha`: what people pushed to it counts. */
    followBranch: z.boolean().optional(),
    message: z.string(),
    author: mergeIdentity,
    committer: mergeIdentity,
    commitAt: isoTimeSchema,
  }),
  /** Run gates in a clean checkout of `sha`. */
  z.object({ kind: z.literal('gates'), rigId: rigIdSchema, sha: shaSchema, gates: z.array(storedGateSchema) }),
  /** Push by the intention that is persisted already. The remote head is read first. */
  z.object({ kind: z.literal('push'), rigId: rigIdSchema, intent: pushIntentSchema }),
  /** Clone and push rights of a repository, tried before a rig is used. */
  z.object({ kind: z.literal('check-rig'), rigId: rigIdSchema }),
  /** What the host has on a branch that a person's own agent pushed. */
  z.object({
    kind: z.literal('check-branch'),
    rigId: rigIdSchema,
    branch: branchSchema,
    targetBranch: branchSchema,
    defaultBranch: branchSchema,
  }),
  /** The town's own branches (`gt/`, `convoy/`) on the host, at most `limit`. */
  z.object({ kind: z.literal('list-branches'), rigId: rigIdSchema, defaultBranch: branchSchema, limit: z.int().positive() }),
  /** Remove branches that still stand at these commits; never another than the town's own. */
  z.object({
    kind: z.literal('delete-branches'),
    rigId: rigIdSchema,
    defaultBranch: branchSchema,
    branches: z.array(z.object({ name: townBranchSchema, sha: shaSchema })).max(200),
  }),
  z.object({ kind: z.literal('diff'), rigId: rigIdSchema, baseSha: shaSchema, headSha: shaSchema, maxBytes: z.int().positive() }),
]);
export type CommandPayload = z.infer<typeof commandPayloadSchema>;

export const fileDiffSchema = z.object({
  path: z.string(),
  oldPath: z.string().optional(),
  additions: z.int(),
  deletions: z.int(),
  binary: z.boolean(),
  patch: z.string(),
});
export type FileDiff = z.infer<typeof fileDiffSchema>;
export const commandResultSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('prepare'),
    outcome: z.enum(['merged', 'conflict', 'already-merged', 'source-missing']),
    targetSha: shaSchema.optional(),
    tip: shaSchema.optional(),
    /** The commit that was merged, when the branch was followed. */
    headSha: shaSchema.optional(),
    conflictFiles: z.array(z.string()).default([]),
    commits: z.array(commitSchema).default([]),
  }),
  z.object({ kind: z.literal('gates'), ok: z.boolean(), results: z.array(gateResultSchema) }),
  /** `pushed` or `already-there`: the remote contains newTip. `moved`: the remote is elsewhere; prepare again. */
  z.object({ kind: z.literal('push'), outcome: z.enum(['pushed', 'already-there', 'moved']), remoteHead: shaSchema }),
  z.object({ kind: z.literal('check-rig'), ok: z.boolean(), defaultBranch: branchSchema.optional(), message: z.string() }),
  z.object({
    kind: z.literal('check-branch'),
    /** Absent: the host has no such branch. */
    head: z
      .object({
        sha: shaSchema,
        /** Where the branch parted from its target. */
        baseSha: shaSchema,
        aheadBy: z.int().nonnegative(),
        commits: z.array(commitSchema).max(50),
        changedPaths: z.array(z.string().min(1).max(limits.changedPathCharacters)).max(limits.changedPaths),
      })
      .optional(),
  }),
  z.object({
    kind: z.literal('list-branches'),
    /** `unmerged`: commits that the default branch does not have. */
    branches: z.array(z.object({ name: townBranchSchema, sha: shaSchema, unmerged: z.int().nonnegative() })).max(500),
  }),
  z.object({ kind: z.literal('delete-branches'), deleted: z.array(z.string()), kept: z.array(z.string()) }),
  z.object({ kind: z.literal('diff'), files: z.array(fileDiffSchema), truncated: z.boolean() }),
  /** The command could not be carried out; `retryable` is false when trying again cannot help (bad credential, missing repository). */
  z.object({ kind: z.literal('error'), retryable: z.boolean(), message: z.string().max(2000) }),
]);
export type CommandResult = z.infer<typeof commandResultSchema>;

export const commandSchema = z.object({
  townId: townIdSchema,
  /** Made from the workflow execution and step, so that a repeated step finds the same command. */
  commandId: z.string().min(1).max(160),
  payload: commandPayloadSchema,
  state: z.enum(['queued', 'done']),
  deadlineAtMs: epochMsSchema,
  /** Task token of the workflow step that waits, and whether the step has taken the result. */
  token: z.string().max(2000).optional(),
  tokenTaken: z.boolean(),
  /** The step that waits is told at this time that its runner lives. */
  beatAtMs: epochMsSchema.optional(),
  result: commandResultSchema.optional(),
  /** The answer to a person, or to a rule, is of no use after a day (H3). */
  deleteAfterEpochSeconds: z.int().positive().optional(),
  version: z.int().min(1),
  createdAt: isoTimeSchema,
  updatedAt: isoTimeSchema,
});
export type Command = z.infer<typeof commandSchema>;

const leftSchema = z.object({
  /** Below 0 when more was spent than the budget. */ leftMicroUsd: z.int(),
  /** How far a turn that has begun may go beyond. */ graceMicroUsd: z.int().nonnegative(),
});
const usdPerMTok = z.number().nonnegative();
/** What the model proxy may spend until it hears again. */
export const moneyLeftSchema = z.object({
  town: leftSchema,
  tokensLeft: z.int(),
  /** By agent: the price of its model, US dollars per million tokens, and what its rig, convoy or bead has left, whichever is least. */
  agents: z.record(
    agentIdSchema,
    z.object({
      price: z.object({ input: usdPerMTok, output: usdPerMTok, cacheRead: usdPerMTok, cacheWrite: usdPerMTok }),
      own: leftSchema.optional(),
    }),
  ),
});
export type MoneyLeft = z.infer<typeof moneyLeftSchema>;

export const desiredSchema = z.object({
  townId: townIdSchema,
  runtimeEpoch: z.int().nonnegative(),
  /** Hash of everything below; a changed value means: read again. */
  desiredVersion: z.string(),
  assignments: z.array(assignmentSchema),
  rigs: z.array(rigForRunnerSchema),
  commands: z.array(z.object({ commandId: z.string(), payload: commandPayloadSchema, deadlineAtMs: epochMsSchema })),
  drain: z.boolean(),
  /** Not part of the version. Absent for a town that is gone. */
  money: moneyLeftSchema.optional(),
});
export type Desired = z.infer<typeof desiredSchema>;

/** A finished turn of a prompt: what the agent said at the end, in its own words. */
export const turnSchema = z.object({
  agentId: agentIdSchema,
  epoch: z.int().nonnegative(),
  promptId: z.string().max(100),
  outcome: z.enum(['completed', 'failed']),
  text: z.string().max(32_000),
});
export const reportSchema = z.strictObject({
  runtimeEpoch: z.int().nonnegative(),
  /** Applied only if it grows. */
  reportSeq: z.int().nonnegative(),
  agents: z.array(observedAgentSchema).max(200),
  turns: z.array(turnSchema).max(200),
  commandResults: z.array(z.object({ commandId: z.string(), result: commandResultSchema })).max(50),
  runningCommandIds: z.array(z.string()).max(50),
  usage: z.array(usageRowSchema).max(500),
  host: z.object({ rssBytes: z.int().nonnegative(), diskFreeBytes: z.int().nonnegative(), isolation: z.enum(['agent', 'none']) }),
});
export type RunnerReport = z.infer<typeof reportSchema>;
export const reportResponseSchema = z.object({
  desiredVersion: z.string(),
  runtimeEpoch: z.int(),
  accepted: z.boolean(),
  /** Absent for a town that is gone. */
  money: moneyLeftSchema.optional(),
});

/** Before a push: may this agent, in this epoch, update this ref? After it: what the host has now (this is what `gt_done` believes). */
export const pushCheckRequestSchema = z.discriminatedUnion('phase', [
  z.strictObject({
    phase: z.literal('before'),
    agentId: agentIdSchema,
    epoch: z.int(),
    rigId: rigIdSchema,
    branch: branchSchema,
    sha: shaSchema,
  }),
  z.strictObject({
    phase: z.literal('after'),
    agentId: agentIdSchema,
    epoch: z.int(),
    rigId: rigIdSchema,
    branch: branchSchema,
    sha: shaSchema,
    baseSha: shaSchema,
    aheadBy: z.int().nonnegative(),
    commits: z.array(commitSchema).max(50),
    /** Files that the branch changes, by path, as far as they fit; those with longer paths are left out. */
    changedPaths: z.array(z.string().min(1).max(limits.changedPathCharacters)).max(limits.changedPaths).optional(),
  }),
]);
export type PushCheckRequest = z.infer<typeof pushCheckRequestSchema>;
export const pushCheckResponseSchema = z.object({ allowed: z.boolean(), reason: z.string() });

export const runnerTokensRequestSchema = z.strictObject({
  runtimeEpoch: z.int(),
  agents: z.array(z.object({ agentId: agentIdSchema, epoch: z.int() })).max(200),
});
export const runnerTokensResponseSchema = z.object({
  runnerToken: z.string(),
  agents: z.array(z.object({ agentId: agentIdSchema, agentToken: z.string() })),
});
export const gitCredentialRequestSchema = z.strictObject({ rigId: rigIdSchema });
export const gitCredentialResponseSchema = z.object({ username: z.string(), password: z.string() }).partial();

/** Complete parts of a session, in order; `seq` grows per agent epoch and a repeated one is dropped. */
/** Characters of a part. `shown`: in lists and in the item; `whole`: what the runner sends, the rest of which is kept in Files. */
export const partCharacters = {
  shown: { text: 20_000, tool: 10_000 },
  whole: { text: 400_000, tool: 200_000 },
} as const;
const partOf = (most: { readonly text: number; readonly tool: number }) =>
  z.object({
    seq: z.int().nonnegative(),
    messageId: z.string().max(100),
    role: z.enum(['user', 'assistant']),
    kind: z.enum(['text', 'reasoning', 'tool', 'step']),
    text: z.string().max(most.text).optional(),
    tool: z
      .object({
        name: z.string().max(100),
        status: z.enum(['running', 'completed', 'error']),
        input: z.string().max(most.tool),
        output: z.string().max(most.tool),
      })
      .optional(),
    atMs: epochMsSchema,
  });
/** `<batch>-<seq>`. */
export const partIdSchema = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}-\d{1,9}$/, 'a part id looks like 01JD5N0000000000000000BAT1-7');
export const sessionPartSchema = partOf(partCharacters.shown).extend({
  /** The texts are beginnings; the whole part is in Files. */
  whole: z.object({ partId: partIdSchema, bytes: z.int().positive(), /** SHA-256. */ hash: z.string().max(64) }).optional(),
});
export type SessionPart = z.infer<typeof sessionPartSchema>;
export const wholePartSchema = partOf(partCharacters.whole);
export type WholePart = z.infer<typeof wholePartSchema>;
export const sessionPartsRequestSchema = z.strictObject({
  runtimeEpoch: z.int(),
  agentId: agentIdSchema,
  epoch: z.int(),
  beadId: beadIdSchema.optional(),
  batchId: ulidSchema,
  parts: z.array(wholePartSchema).min(1).max(100),
});
