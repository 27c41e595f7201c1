// What the facts of a pull request lead to: one pure decision, made again at every look and once more right before a merge. Knows no host.
import type { MergeRequestDetails } from '../../contracts/merge-request.schema.ts';
import type { MergeMethod, PullRequestFacts, ReviewThread } from '../../contracts/pull-request.schema.ts';
import { manyFeedbackEntries } from '../../contracts/pull-request-watch.schema.ts';
import type { FeedbackEntry, PullRequestSight, PullRequestWatch } from '../../contracts/pull-request-watch.schema.ts';
import { counted } from '../words.ts';
import { classOf, failedChecks, isBlocking } from './feedback.ts';
import type { PullRequestOptions } from './strategy.ts';

export interface Look {
  readonly facts: PullRequestFacts;
  readonly watch: PullRequestWatch;
  /** Repository of the rig, as its host names it. */
  readonly repo: string;
  readonly request: Pick<MergeRequestDetails, 'branch' | 'targetBranch' | 'conflictRounds' | 'headSha'>;
  /** Beads of entries that are still worked on. */
  readonly working: number;
  /** The request waits for a repair of its own: only its end is looked for. */
  readonly onlyItsEnd: boolean;
  readonly options: PullRequestOptions;
  readonly nowMs: number;
  readonly noChecksMs: number;
}

export type Work =
  | { readonly about: 'thread' | 'review'; readonly thread: ReviewThread }
  | { readonly about: 'checks' | 'conflict'; readonly headSha: string }
  /** The refinery's, where no thread of its own came of them. */
  | { readonly about: 'findings'; readonly headSha: string; readonly text: string };
export type Judgement =
  | { readonly do: 'complete'; readonly sha: string; readonly by: string }
  | { readonly do: 'give-up'; readonly why: string }
  /** It is not the pull request of this work. */
  | { readonly do: 'foreign'; readonly why: string }
  /** A head that the town has not looked at. */
  | { readonly do: 'recheck' | 'accept-head'; readonly headSha: string }
  | { readonly do: 'repair'; readonly work: readonly Work[]; readonly tellMayor: readonly ReviewThread[] }
  /** Rounds are used up: a person decides. It is watched further. */
  | { readonly do: 'ask-people'; readonly mark: string; readonly why: string }
  | { readonly do: 'merge'; readonly sha: string; readonly methods: readonly MergeMethod[] }
  | { readonly do: 'wait'; readonly why: string; readonly untilMs?: number }
  | { readonly do: 'ready'; readonly why: string; readonly mergeAtMs?: number };

const isKnown = (entries: readonly FeedbackEntry[], thread: ReviewThread): boolean =>
  entries.some((entry) => entry.threadId === thread.id && entry.commentId === thread.lastCommentId);
const isAbout = (entries: readonly FeedbackEntry[], about: 'checks' | 'conflict' | 'review', headSha: string): boolean =>
  entries.some((entry) => entry.about === about && entry.headSha === headSha);

/** Threads that stop a merge. A review that was answered waits for its reviewer, which the decision of the reviews says. */
export const openThreads = (facts: PullRequestFacts): readonly ReviewThread[] => facts.threads.filter(isBlocking);

const methodsOf = ({ facts, options }: Look): MergeMethod[] => options.methods.filter((method) => facts.allowedMethods.includes(method));

/** Work that nobody has made yet. What was not read makes none. */
const newWork = ({ facts, watch, options }: Look): Extract<Judgement, { do: 'repair' }> | undefined => {
  if (!options.autoResolveFeedback) return undefined;
  const threads = openThreads(facts).filter((thread) => !isKnown(watch.entries, thread));
  const tellMayor = threads.filter((thread) => classOf(thread) === 'architecture');
  const work: Work[] = threads.filter((thread) => !tellMayor.includes(thread)).map((thread) => ({ about: thread.kind, thread }));
  if (failedChecks(facts).length > 0 && !isAbout(watch.entries, 'checks', facts.headSha))
    work.push({ about: 'checks', headSha: facts.headSha });
  const { wanted } = watch;
  if (work.length === 0 && wanted?.sha === facts.headSha && !isAbout(watch.entries, 'review', wanted.sha))
    work.push({ about: 'findings', headSha: wanted.sha, text: wanted.text });
  return work.length + tellMayor.length === 0 ? undefined : { do: 'repair', work, tellMayor };
};

const conflict = ({ facts, watch, request, options }: Look): Judgement | undefined => {
  if (facts.mergeable !== 'conflict') return undefined;
  const { headSha } = facts;
  const why = `It conflicts with ${facts.baseBranch}`;
  if (isAbout(watch.entries, 'conflict', headSha)) return { do: 'wait', why: `${why}; the attempt to resolve it did not help.` };
  if (request.conflictRounds < options.maxConflictRounds) return { do: 'repair', work: [{ about: 'conflict', headSha }], tellMayor: [] };
  return {
    do: 'ask-people',
    mark: `conflict#${headSha}`,
    why: `${why} after ${counted(request.conflictRounds, 'round')} of resolving; a person has to do it.`,
  };
};

const named = (names: readonly string[]): string =>
  `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;

/** What people and the host are still to say, as sentences. Empty: everything is good. */
export const missing = (
  facts: PullRequestFacts,
  nowMs: number,
  noChecksMs: number,
): { readonly why: readonly string[]; readonly untilMs?: number } => {
  const why: string[] = [];
  const threads = openThreads(facts);
  const failed = failedChecks(facts).map(({ name }) => name);
  const pending = facts.checks.filter(({ state }) => state === 'pending').map(({ name }) => name);
  if (facts.draft) why.push('It is a draft.');
  if (threads.length > 0)
    why.push(`${counted(threads.length, 'thread')} of ${named([...new Set(threads.map(({ author }) => author))])} must be resolved.`);
  if (facts.reviewDecision === 'changes_requested') why.push('A reviewer has asked for changes.');
  if (facts.approvals < facts.requiredApprovals || facts.reviewDecision === 'review_required')
    why.push(`It has ${facts.approvals} of ${counted(Math.max(facts.requiredApprovals, 1), 'approval')}.`);
  if (failed.length > 0) why.push(`${counted(failed.length, 'check')} failed: ${named(failed)}.`);
  if (pending.length > 0) why.push(`${counted(pending.length, 'check')} not finished: ${named(pending)}.`);
  if (!facts.threadsComplete || !facts.checksComplete) why.push('Not everything could be read of it: the rest counts as unchecked.');
  if (facts.mergeable === 'conflict') why.push(`It conflicts with ${facts.baseBranch}.`);
  if (facts.mergeable === 'unknown') why.push('The host has not worked out yet whether it can be merged.');
  const noneSinceMs = Date.parse(facts.headPushedAt) + noChecksMs;
  if (facts.checks.length > 0 || noneSinceMs <= nowMs) return { why };
  return { why: [...why, 'No check has begun yet.'], untilMs: noneSinceMs };
};

/** A merge needs a person who asks for it, or the switch, the timer of this very head, and nobody who holds it back. */
const whenGreen = (look: Look): Judgement => {
  const { facts, watch, options, nowMs } = look;
  const methods = methodsOf(look);
  const { headSha: sha } = facts;
  if (methods.length === 0)
    return { do: 'ready', why: 'Everything is good, but no merge method is both allowed by the repository and set here.' };
  if (watch.asked !== undefined) return { do: 'merge', sha, methods };
  if (!options.autoMerge) return { do: 'ready', why: 'Everything is good: a person may merge it.' };
  if (watch.heldBackSha === sha)
    return { do: 'ready', why: 'Everything is good; a person has stopped the automatic merge of this commit.' };
  const armedMs = watch.mergeAt !== undefined && watch.mergeAtSha === sha ? Date.parse(watch.mergeAt) : undefined;
  if (armedMs !== undefined && armedMs <= nowMs) return { do: 'merge', sha, methods };
  const mergeAtMs = armedMs ?? nowMs + options.autoMergeDelayMs;
  return mergeAtMs <= nowMs
    ? { do: 'merge', sha, methods }
    : {
        do: 'ready',
        why: `Everything is good: it is merged by itself at ${new Date(mergeAtMs).toISOString()} unless somebody stops it.`,
        mergeAtMs,
      };
};

/** It must be the pull request of this very work, in the repository of the rig. */
const foreign = ({ facts, watch, repo, request }: Look): string | undefined => {
  if (facts.repo !== repo) return `It belongs to ${facts.repo}, not to ${repo}.`;
  if (facts.isFork === true) return `Its commits are in another repository, not in ${repo}.`;
  if (facts.headBranch !== request.branch) return `It is for the branch ${facts.headBranch}, not for ${request.branch}.`;
  if (facts.baseBranch !== request.targetBranch) return `It goes into ${facts.baseBranch}, not into ${request.targetBranch}.`;
  // One that an agent names may have ended before this work was handed in.
  const isPast = facts.state === 'closed' || (facts.state === 'merged' && facts.headSha !== request.headSha);
  return watch.claimed === true && isPast ? `It is ${facts.state} already, without the commit of this work.` : undefined;
};

/** What to do now. Its end on the host counts whatever the town is doing; a merge needs everything to be good at this moment. */
export const judge = (look: Look): Judgement => {
  const { facts, watch, options } = look;
  const alien = foreign(look);
  if (alien !== undefined) return { do: 'foreign', why: alien };
  if (facts.state === 'merged') return { do: 'complete', sha: facts.mergedSha ?? facts.headSha, by: facts.mergedBy ?? 'somebody' };
  if (facts.state === 'closed')
    return {
      do: 'give-up',
      why: `${facts.closedBy ?? 'Somebody'} has closed pull request ${facts.number} without merging it.`,
    };
  if (look.onlyItsEnd) return { do: 'wait', why: 'It is being repaired.' };
  if (look.working > 0)
    return { do: 'wait', why: `${counted(look.working, 'bead')} that answers what was said or failed there must be finished.` };
  if (watch.checkedSha !== facts.headSha) return { do: options.needsCheck ? 'recheck' : 'accept-head', headSha: facts.headSha };
  const conflicting = conflict(look);
  if (conflicting !== undefined) return conflicting;
  const work = newWork(look);
  const isMuch = watch.entries.length >= manyFeedbackEntries;
  if (work !== undefined && !isMuch && (work.work.length === 0 || watch.feedbackRounds < options.maxFeedbackRounds)) return work;
  if (work !== undefined)
    return {
      do: 'ask-people',
      mark: `feedback#${watch.feedbackRounds}`,
      why: `${isMuch ? counted(watch.entries.length, 'answer') : `${counted(watch.feedbackRounds, 'round')} of answering`} did not settle it: ${missing(facts, look.nowMs, look.noChecksMs).why.join(' ')}`,
    };
  const { why, untilMs } = missing(facts, look.nowMs, look.noChecksMs);
  if (watch.wanted?.sha === facts.headSha)
    return { do: 'wait', why: ['The refinery has asked for changes of this commit.', ...why].join(' ') };
  if (why.length > 0) return { do: 'wait', why: why.join(' '), ...(untilMs === undefined ? {} : { untilMs }) };
  return whenGreen(look);
};

const namesShown = 10;
/** What people are shown of this look. */
export const sightOf = (facts: PullRequestFacts, at: string): PullRequestSight => ({
  at,
  headSha: facts.headSha,
  draft: facts.draft,
  mergeable: facts.mergeable,
  reviewDecision: facts.reviewDecision,
  approvals: facts.approvals,
  requiredApprovals: facts.requiredApprovals,
  openThreads: openThreads(facts).length,
  failing: failedChecks(facts)
    .slice(0, namesShown)
    .map(({ name }) => name),
  pending: facts.checks.filter(({ state }) => state === 'pending').length,
  passed: facts.checks.filter(({ state }) => state === 'passed').length,
  unchecked: !facts.threadsComplete || !facts.checksComplete,
});
