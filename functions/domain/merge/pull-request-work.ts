// Beads that are made of what was said or failed on a pull request, and how the request remembers them. Pure: ids and times come from outside.
import type { Bead } from '../../contracts/bead.schema.ts';
import type { IssueDetails } from '../../contracts/issue.schema.ts';
import type { Verdict } from '../../contracts/merge-request.schema.ts';
import { maxFeedbackEntries } from '../../contracts/pull-request-watch.schema.ts';
import type { FeedbackEntry, PullRequestWatch } from '../../contracts/pull-request-watch.schema.ts';
import type { PullRequestFacts, ReviewThread } from '../../contracts/pull-request.schema.ts';
import { newBead } from '../new-bead.ts';
import type { MergeRequestBead } from '../prompts/refinery.ts';
import { verdictBrief } from './brief.ts';
import { checksBrief, classOf, threadBrief, threadTitle } from './feedback.ts';
import type { Work } from './pull-request.ts';

export interface WorkScene {
  readonly request: MergeRequestBead;
  readonly facts: PullRequestFacts;
  readonly rig: { readonly rigId: string; readonly prefix: string };
  readonly at: string;
}
export interface MadeWork {
  readonly bead: Bead;
  readonly entry: FeedbackEntry;
  /** The same one is made once. */
  readonly mark: string;
}
/** Beads of one round; the next looks make the rest. */
export const mostWorkAtOnce = 10;

type Feedback = NonNullable<IssueDetails['feedback']>;
const issue = (scene: WorkScene, beadId: string, made: { title: string; brief: string; feedback: Feedback }): Bead => {
  const { request, rig, at } = scene;
  const { branch, targetBranch, sourceBeadId } = request.details;
  const kind = made.feedback.about === 'conflict' ? 'conflict' : 'feedback';
  return newBead(
    {
      townId: request.townId,
      beadId,
      title: made.title,
      requestedBy: request.requestedBy,
      createdBy: 'patrol:M6',
      at,
      details: {
        type: 'issue',
        issueType: 'task',
        kind,
        branch,
        targetBranch,
        mergeRequestId: request.beadId,
        brief: made.brief,
        feedback: made.feedback,
        commits: [],
      },
    },
    {
      rigId: rig.rigId,
      priority: request.priority,
      parentId: sourceBeadId,
      labels: [kind === 'conflict' ? 'gt:pr-conflict' : 'gt:pr-feedback'],
    },
  );
};

const ofThread = (scene: WorkScene, beadId: string, thread: ReviewThread): MadeWork => {
  const { request, facts } = scene;
  const found = classOf(thread);
  const feedback: Feedback = {
    number: facts.number,
    about: thread.kind,
    class: found === 'question' || found === 'nit' ? found : 'fix',
    threadId: thread.id,
  };
  return {
    bead: issue(scene, beadId, { title: threadTitle(thread, request.title), brief: threadBrief(thread, facts), feedback }),
    entry: { beadId, about: thread.kind, threadId: thread.id, commentId: thread.lastCommentId, state: 'open' },
    mark: `feedback#${request.beadId}#${thread.id}#${thread.lastCommentId}`.slice(0, 300),
  };
};

export const workFor = (scene: WorkScene, beadId: string, work: Work): MadeWork => {
  if ('thread' in work) return ofThread(scene, beadId, work.thread);
  const { request, facts } = scene;
  if (work.about === 'findings')
    return {
      bead: issue(scene, beadId, {
        title: `Findings of the refinery on ${request.title}`.slice(0, 500),
        brief: work.text,
        feedback: { number: facts.number, about: 'review', class: 'fix' },
      }),
      entry: { beadId, about: 'review', headSha: work.headSha, state: 'open' },
      mark: `feedback#${request.beadId}#findings#${work.headSha}`,
    };
  const { about, headSha } = work;
  const isConflict = about === 'conflict';
  return {
    bead: issue(scene, beadId, {
      title: `${isConflict ? 'Resolve conflicts of' : 'Failing checks of'} ${request.title}`.slice(0, 500),
      brief: isConflict
        ? `The host says that pull request ${facts.number} (${facts.url}) conflicts with ${facts.baseBranch} at ${headSha}.`
        : checksBrief(facts),
      feedback: { number: facts.number, about, class: about },
    }),
    entry: { beadId, about, headSha, state: 'open' },
    mark: `feedback#${request.beadId}#${about}#${headSha}`,
  };
};

/** The newest are kept, and all that are still open. */
export const withEntries = (entries: readonly FeedbackEntry[], more: readonly FeedbackEntry[]): FeedbackEntry[] => {
  const all = [...entries, ...more];
  const excess = Math.max(0, all.length - maxFeedbackEntries);
  const dropped = new Set(all.filter(({ state }) => state !== 'open').slice(0, excess));
  return all.filter((entry) => !dropped.has(entry)).slice(-maxFeedbackEntries);
};

/** Without what is only true while nothing has happened: the timer, the merge under way, a person's wish. */
export const calmed = (watch: PullRequestWatch): PullRequestWatch => {
  const { ready: _ready, mergeAt: _at, mergeAtSha: _sha, merging: _merging, asked: _asked, waitsFor: _waits, ...kept } = watch;
  return kept;
};
/** After a look that succeeded. */
export const wellSeen = (watch: PullRequestWatch): PullRequestWatch => {
  const { lastError: _error, claimed: _claimed, ...kept } = watch;
  return { ...kept, badPolls: 0 };
};

export interface Reviewed {
  readonly key: string;
  readonly headSha: string;
  readonly verdict: Verdict | undefined;
}
/** After an execution has checked this head: what the refinery said goes to the host, and what it wants changed is remembered. */
export const reviewedAs = (known: PullRequestWatch | undefined, { key, headSha, verdict }: Reviewed): PullRequestWatch => {
  const { review: _review, wanted: _wanted, ...kept } = known ?? { entries: [], feedbackRounds: 0, badPolls: 0 };
  const watch = { ...kept, checkedSha: headSha };
  if (verdict === undefined) return watch;
  const changes = verdict.outcome === 'changes';
  const text = verdictBrief(verdict);
  return {
    ...watch,
    review: { key, sha: headSha, event: changes ? 'request_changes' : 'approve', text, comments: changes ? (verdict.comments ?? []) : [] },
    ...(changes ? { wanted: { sha: headSha, text } } : {}),
  };
};
