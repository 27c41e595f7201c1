// Settings about work and merging: gates, convoys, limits, reviews.
import { z } from 'zod';
import { gateSchema, storedGateSchema } from '../gate.schema.ts';
import { mergeModeSchema, proseSchema } from '../primitives.schema.ts';
import { plain, sealed } from './setting.ts';

const rounds = z.int().min(0).max(20);
const gates = { input: z.array(gateSchema).max(10), stored: z.array(storedGateSchema), view: z.array(storedGateSchema) };
const instructions = proseSchema.max(2000);
const strategy = 'functions/domain/merge/strategy.ts';

export const mergeSettings = {
  'merge.strategy': plain(z.enum(['pr', 'direct']), {
    default: undefined,
    scopes: ['bead', 'rig', 'town'],
    readBy: strategy,
    sentence:
      'Whether finished work is merged by the town itself or becomes a pull request; without it, a pull request where the host has them and the credential may open them.',
  }),
  'merge.autoMerge': plain(z.boolean(), {
    default: false,
    scopes: ['rig', 'town'],
    readBy: strategy,
    sentence: 'Whether approved pull requests are merged without a person.',
  }),
  'merge.autoMergeDelayMinutes': plain(z.int().min(0).max(1440), {
    default: 5,
    scopes: ['rig', 'town'],
    readBy: strategy,
    sentence: 'Minutes in which a person can stop an automatic merge; counts only while automatic merging is on.',
  }),
  'merge.codeReview': plain(z.boolean(), {
    default: true,
    scopes: ['rig', 'town'],
    readBy: 'functions/domain/merge/needs.ts',
    sentence: 'Whether the refinery reviews work before it is merged.',
  }),
  'merge.reviewMode': plain(z.enum(['rework', 'comments']), {
    default: undefined,
    scopes: ['rig', 'town'],
    readBy: strategy,
    sentence:
      'Whether findings of a review become a rework bead or comments on the pull request; without it, comments where there is a pull request.',
  }),
  'merge.autoResolveFeedback': plain(z.boolean(), {
    default: true,
    scopes: ['rig', 'town'],
    readBy: strategy,
    sentence: 'Whether comments of people on a pull request are given to an agent.',
  }),
  'merge.autoResolveConflicts': plain(z.boolean(), {
    default: true,
    scopes: ['rig', 'town'],
    readBy: 'functions/domain/merge/needs.ts',
    sentence: 'Whether an agent resolves merge conflicts; otherwise a person is asked at once.',
  }),
  'merge.prAuthor': plain(z.enum(['app', 'requester']), {
    default: 'app',
    scopes: ['rig', 'town'],
    waitsFor: 'people have not given keys of their own for a git host yet',
    sentence: 'Who opens pull requests; the requester is assigned and named either way.',
  }),
  'merge.methods': plain(
    z
      .array(z.enum(['squash', 'merge', 'rebase']))
      .min(1)
      .max(3),
    {
      default: ['squash', 'merge', 'rebase'],
      scopes: ['rig'],
      readBy: strategy,
      sentence: 'Merge methods of the git host in the order in which they are tried.',
    },
  ),
  'merge.deleteBranches': plain(z.boolean(), {
    default: true,
    scopes: ['rig', 'town'],
    readBy: 'functions/domain/plan/branches.ts',
    sentence: 'Whether the branch of merged work is removed from the remote.',
  }),
  'merge.trainSize': plain(z.int().min(1).max(20), {
    default: 5,
    scopes: ['rig', 'town'],
    waitsFor: 'a merge train carries one request at a time',
    sentence: 'Merge requests that are tested together at most.',
  }),
  'merge.maxReworkRounds': plain(rounds, {
    default: 3,
    scopes: ['rig', 'town'],
    readBy: 'functions/domain/merge/needs.ts',
    sentence: 'Rounds of rework before a person is asked.',
  }),
  'merge.maxConflictRounds': plain(rounds, {
    default: 3,
    scopes: ['rig', 'town'],
    readBy: 'functions/domain/merge/needs.ts',
    sentence: 'Rounds of resolving conflicts before a person is asked.',
  }),
  'merge.maxFeedbackRounds': plain(rounds, {
    default: 5,
    scopes: ['rig', 'town'],
    readBy: strategy,
    sentence: 'Rounds of answering comments before a person is asked.',
  }),
} as const;

export const workSettings = {
  gates: sealed(gates, {
    default: [],
    scopes: ['persona', 'rig', 'town'],
    readBy: 'functions/domain/gates.ts',
    sentence: "Commands that must succeed before work is done or merged; a rig without gates of its own has the town's.",
  }),
  'gates.runner': plain(z.enum(['town', 'hostChecks', 'codebuild']), {
    default: 'town',
    scopes: ['rig'],
    waitsFor: 'gates run on the town runtime only',
    sentence: 'Where the gates of a merge run.',
  }),
  'convoy.mergeMode': plain(mergeModeSchema, {
    default: 'review-then-land',
    scopes: ['convoy', 'rig', 'town'],
    readBy: 'functions/domain/convoy/defaults.ts',
    sentence: 'Whether members of a convoy are merged one by one or land together.',
  }),
  'convoy.staged': plain(z.boolean(), {
    default: false,
    scopes: ['convoy', 'rig', 'town'],
    readBy: 'functions/domain/convoy/defaults.ts',
    sentence: 'Whether a new convoy is a plan that waits for its start.',
  }),
  'convoy.stagedAboveBeads': plain(z.int().min(1).max(250), {
    default: 8,
    scopes: ['rig', 'town'],
    readBy: 'functions/domain/convoy/defaults.ts',
    sentence: 'A convoy of the Mayor with more beads than this is a plan that waits for its start.',
  }),
  'convoy.stagedAboveUsd': plain(z.number().min(0).max(1_000_000), {
    default: 20,
    scopes: ['rig', 'town'],
    readBy: 'functions/domain/convoy/defaults.ts',
    sentence: 'A convoy of the Mayor that is estimated to cost more US dollars than this is a plan that waits for its start.',
  }),
  'refinery.maxConvoyConcurrency': plain(z.int().min(1).max(20), {
    default: 3,
    scopes: ['town'],
    readBy: 'functions/domain/plan/agents.ts',
    sentence: 'Convoys that have a refinery of their own at the same time.',
  }),
  'limits.maxPolecatsPerRig': plain(z.int().min(1).max(50), {
    default: 5,
    scopes: ['rig', 'town'],
    readBy: 'functions/domain/plan/places.ts',
    sentence: 'Workers on one rig at the same time.',
  }),
  'limits.maxAgents': plain(z.int().min(1).max(200), {
    default: 12,
    scopes: ['rig', 'town'],
    readBy: 'functions/domain/plan/places.ts',
    sentence: 'Workers in the town at the same time; at a rig: workers that the rig may have at most, whatever else allows more.',
  }),
  'limits.maxDispatchAttempts': plain(z.int().min(1).max(50), {
    default: 5,
    scopes: ['bead', 'rig', 'town'],
    readBy: 'functions/domain/plan/places.ts',
    sentence: 'Attempts at a bead before it fails.',
  }),
  'limits.beadTimeoutMinutes': plain(z.int().min(1).max(10_080), {
    default: 240,
    scopes: ['bead', 'rig', 'town'],
    readBy: 'functions/domain/plan/timeouts.ts',
    sentence: 'Minutes of agent time that a bead may take.',
  }),
  'instructions.polecat': plain(instructions, {
    default: undefined,
    scopes: ['rig', 'town'],
    readBy: 'functions/operations/assignments.ts',
    sentence: 'Text under its own heading at the end of the prompt of every worker.',
  }),
  'instructions.refinery': plain(instructions, {
    default: undefined,
    scopes: ['rig', 'town'],
    readBy: 'functions/operations/assignments.ts',
    sentence: 'Text under its own heading at the end of the prompt of every reviewer.',
  }),
  'instructions.mayor': plain(instructions, {
    default: undefined,
    scopes: ['town'],
    readBy: 'functions/operations/assignments.ts',
    sentence: "Text under its own heading at the end of the Mayor's prompt.",
  }),
} as const;
