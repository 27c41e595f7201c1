// How finished work reaches its target: by the town's own train, or as a pull request of the rig's host. Pure.
import type { Bead } from '../../contracts/bead.schema.ts';
import type { MergeRequestDetails } from '../../contracts/merge-request.schema.ts';
import type { MergeMethod } from '../../contracts/pull-request.schema.ts';
import type { Rig, Town } from '../../contracts/town.schema.ts';
import { isFeatureBranch } from '../convoy/branches.ts';
import { mayUse } from '../flags.ts';
import { settingFor } from '../settings.ts';
import { mergeNeeds, mergeRounds } from './needs.ts';

export interface MergeOwners {
  readonly town: Town;
  readonly rig: Rig;
  /** The source of the request: what was said when it was slung. */
  readonly bead?: Bead | undefined;
  readonly userId: string;
}
export type Strategy = 'pr' | 'direct';

/**
 * A pull request where somebody says so, or where nobody says anything and the rig's host has them. Within a convoy that lands as a whole
 * members are merged directly: its landing is the pull request. Switched off, everything is direct.
 */
export const strategyFor = (details: Pick<MergeRequestDetails, 'kind' | 'targetBranch'>, owners: MergeOwners): Strategy => {
  if (details.kind !== 'landing' && isFeatureBranch(details.targetBranch)) return 'direct';
  if (!mayUse('flags.prStrategy', owners.town, owners.userId)) return 'direct';
  return settingFor('merge.strategy', owners) ?? (owners.rig.pullRequests === undefined ? 'direct' : 'pr');
};

/** Whether findings of a review become comments on the pull request or a rework bead. Without a pull request there is nothing to comment. */
export const reviewModeFor = (strategy: Strategy, owners: MergeOwners): 'comments' | 'rework' =>
  strategy === 'direct' ? 'rework' : (settingFor('merge.reviewMode', owners) ?? 'comments');

export interface PullRequestOptions {
  readonly autoMerge: boolean;
  readonly autoMergeDelayMs: number;
  readonly autoResolveFeedback: boolean;
  readonly maxFeedbackRounds: number;
  readonly maxConflictRounds: number;
  /** In the order in which they are tried. */
  readonly methods: readonly MergeMethod[];
  /** A new head must pass the town's own gates or review again. */
  readonly needsCheck: boolean;
}
const minuteMs = 60_000;
/** An automatic merge needs the switch of pull requests and its own: both are read at every look, also when the timer is over. */
export const pullRequestOptions = (owners: MergeOwners): PullRequestOptions => {
  const needs = mergeNeeds(owners, false);
  return {
    autoMerge: settingFor('merge.autoMerge', owners) && mayUse('flags.prStrategy', owners.town, owners.userId),
    autoMergeDelayMs: settingFor('merge.autoMergeDelayMinutes', owners) * minuteMs,
    autoResolveFeedback: settingFor('merge.autoResolveFeedback', owners),
    maxFeedbackRounds: settingFor('merge.maxFeedbackRounds', owners),
    maxConflictRounds: mergeRounds(owners).maxConflictRounds,
    methods: settingFor('merge.methods', owners),
    needsCheck: needs.gates || needs.review,
  };
};
