// What a merge request is doing or waiting for, in plain words. Pure.
import type { Bead, BeadOf } from '../contracts/bead.schema.ts';
import type { MergeRequestDetails } from '../contracts/merge-request.schema.ts';

type MergeRequest = Bead & BeadOf<'merge_request'>;
const short = (sha: string): string => sha.slice(0, 8);

/** Nothing will happen to it before a person does something. */
export const mergeNeedsAttention = (request: MergeRequest): boolean =>
  request.status === 'open' &&
  (request.details.stage === 'held' ||
    request.details.stage === 'target_red' ||
    (request.details.stage === 'pr_open' && waitsForPeople(request.details.pullRequest)));

/** Nothing runs that would move it: no bead that answers, no check, no timer. */
const waitsForPeople = (watch: MergeRequestDetails['pullRequest']): boolean =>
  watch?.seen !== undefined &&
  watch.seen.pending === 0 &&
  watch.mergeAt === undefined &&
  !watch.entries.some(({ state }) => state === 'open');

const because = (details: MergeRequestDetails): string => {
  const message = details.lastResult?.message.trim().replace(/\.$/, '');
  return message === undefined || message === '' ? '' : ` Last result: ${message}.`;
};

/** Which pull request, and what it waits for. */
const pullRequestSentence = ({ targetBranch, pullRequest }: MergeRequest['details']): string => {
  if (pullRequest?.ref === undefined) return `Its pull request into ${targetBranch} is being opened.${waitsFor(pullRequest?.waitsFor)}`;
  if (pullRequest.merging !== undefined) return `Its pull request ${pullRequest.ref.number} is being merged into ${targetBranch}.`;
  return `Its pull request ${pullRequest.ref.number} into ${targetBranch} is open.${waitsFor(pullRequest.waitsFor)}`;
};
const waitsFor = (sentence: string | undefined): string => (sentence === undefined ? '' : ` ${sentence}`);

const openSentence = ({ details }: MergeRequest): string => {
  const target = details.targetBranch;
  switch (details.stage) {
    case 'new':
      return details.attempt === 1
        ? `Waits for its check before it is merged into ${target}.`
        : `Waits for check ${details.attempt} before it is merged into ${target}.${because(details)}`;
    case 'blocked':
      return `Waits for ${details.repairBeadId ?? 'another bead'} to repair it.${because(details)}`;
    case 'target_red':
      return `The gates fail on ${target} itself, without this work; repair ${target} first.${because(details)}`;
    case 'queued':
      return `Reviewed and good; waits in the merge train for ${target}.`;
    case 'pr_open':
      return pullRequestSentence(details);
    case 'held':
      return `Stopped after ${details.reworkRounds + details.conflictRounds} rounds of repair; a person has to decide.${because(details)}`;
    default:
      return unreachable(details.stage);
  }
};
const unreachable = (value: never): string => String(value);

const workingSentence = ({ details }: MergeRequest): string => {
  if (details.push !== undefined) return `Is being pushed to ${details.targetBranch}.`;
  if (details.stage === 'queued') return `Is on the merge train: merged onto the newest ${details.targetBranch} and checked once more.`;
  if (details.review !== undefined) {
    return details.review.verdict === undefined
      ? 'Is being reviewed by the refinery.'
      : `Was reviewed by the refinery: ${details.review.verdict.outcome === 'approved' ? 'approved' : 'changes wanted'}.`;
  }
  if (details.prepared !== undefined) return `Is merged with ${details.targetBranch} for a test; the gates run.`;
  return `Is being merged with ${details.targetBranch} for a test.`;
};

/** One sentence, or two when the last result explains the state. */
export const mergeSentence = (request: MergeRequest): string => {
  const { details } = request;
  switch (request.status) {
    case 'open':
      return openSentence(request);
    case 'in_progress':
    case 'in_review':
      return workingSentence(request);
    case 'closed':
      return details.landedSha === undefined
        ? 'Closed without a merge.'
        : `Merged into ${details.targetBranch} as ${short(details.landedSha)}.`;
    case 'failed':
      return `Given up: ${request.failure?.message ?? 'no reason was recorded'}`;
    default:
      return unreachable(request.status);
  }
};
