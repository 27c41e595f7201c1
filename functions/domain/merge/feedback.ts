// What somebody said on a pull request, as work: who may cause it, of what class it is, and what its agent is told. Pure.
import { limits } from '../../contracts/primitives.schema.ts';
import type { PullRequestCheck, PullRequestFacts, ReviewThread } from '../../contracts/pull-request.schema.ts';
import { withinBytes } from './brief.ts';

/** `architecture` goes to the Mayor, `praise` is left alone. */
export type ThreadClass = 'fix' | 'question' | 'nit' | 'architecture' | 'praise';

const shortCharacters = 200;
const praise = /^(lgtm|nice|great|good (job|work|catch)|well done|love (it|this)|thanks|thank you|looks good|👍|🎉|❤️)\b|^(👍|🎉|❤️)/iu;
const wish = /\b(but|however|please|should|could|must|needs?|instead|except|wrong|missing|fix)\b|\?/iu;
const architecture =
  /\b(architectur\w*|redesign|re-?architect\w*|wrong (layer|abstraction|approach)|separate (service|package|module)|design decision)\b/iu;
const nit = /^\W{0,3}(nit|nitpick|minor|style|typo|optional)\b/iu;
const question = /\?\s*$/u;

/** By its words. Whoever is not sure gets a fix: an answer too many is better than one that is missing. */
export const classOf = ({ text, kind }: Pick<ReviewThread, 'text' | 'kind'>): ThreadClass => {
  const words = text.trim();
  if (kind === 'thread' && words.length <= shortCharacters && praise.test(words) && !wish.test(words)) return 'praise';
  if (architecture.test(words)) return 'architecture';
  if (nit.test(words)) return 'nit';
  return question.test(words) ? 'question' : 'fix';
};

/** Unresolved, said by somebody who may write, and not mere praise. Others can neither make work nor stop a merge. */
export const isBlocking = (thread: ReviewThread): boolean => !thread.resolved && thread.canWrite && classOf(thread) !== 'praise';

const placeOf = ({ path, line }: ReviewThread): string => (path === undefined ? '' : ` at ${path}${line === undefined ? '' : `:${line}`}`);
/** Nothing of what was said: a title is not quoted. */
export const threadTitle = (thread: ReviewThread, title: string): string =>
  `${classOf(thread) === 'question' ? 'Answer' : 'Feedback of'} ${thread.author} on ${title}`.slice(0, 500);

/** Everything that its agent must know; quoted as data in the prompt. */
export const threadBrief = (thread: ReviewThread, { number, url }: Pick<PullRequestFacts, 'number' | 'url'>): string =>
  withinBytes(
    [
      `Pull request ${number} (${url}), ${thread.kind === 'review' ? 'review' : 'thread'} ${thread.id}${placeOf(thread)}, class: ${classOf(thread)}.`,
      `${thread.author} wrote:`,
      '',
      thread.text,
    ].join('\n'),
    limits.feedbackBytes,
  );

export const failedChecks = (facts: PullRequestFacts): readonly PullRequestCheck[] =>
  facts.checks.filter((check) => check.state === 'failed');

const checkText = ({ name, url, logTail, required }: PullRequestCheck): string =>
  `Check "${name}"${required ? ' (required)' : ''} failed${url === undefined ? '' : `: ${url}`}\n${logTail?.trim() || '(no log could be read)'}`;
export const checksBrief = (facts: PullRequestFacts): string =>
  withinBytes(
    `Pull request ${facts.number} (${facts.url}) at ${facts.headSha}:\n\n${failedChecks(facts).map(checkText).join('\n\n')}`,
    limits.feedbackBytes,
  );
