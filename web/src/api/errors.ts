// What can go wrong when the control plane is asked, and how it is said to people.
import type { Problem } from '../../../functions/contracts/problem.schema.ts';

/** The control plane refused or failed; `problem` is what it said. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** No answer came: the control plane (or the sign-in service) is down or cannot be reached. Trying again can help. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
  constructor(sentence = 'The control plane cannot be reached. Check that it is running.') {
    super(sentence);
  }
}

/** The answer was not what this version of the page understands. Reloading can help. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';
  constructor(what: string) {
    super(`The answer was not understood (${what}). Reload the page; it may be older than the control plane.`);
  }
}

/** One sentence for people. */
export const sentenceOf = (error: unknown): string => {
  if (error instanceof ApiError && error.problem.status === 403) return 'You have no access to this.';
  if (error instanceof Error && error.message !== '') return asSentence(error.message);
  return 'Something went wrong.';
};

export const isNotFound = (error: unknown): boolean => error instanceof ApiError && error.problem.status === 404;

/** Messages by field, e.g. `gitUrl` or `models.default.apiKey`; the place (`body.`) is left out. */
export const fieldErrorsOf = (error: unknown): ReadonlyMap<string, string> => {
  const fields = new Map<string, string>();
  if (!(error instanceof ApiError)) return fields;
  for (const { path, message } of error.problem.errors ?? []) {
    const field = path.replace(/^(body|query|path)\.?/, '');
    if (!fields.has(field)) fields.set(field, asSentence(message));
  }
  return fields;
};

/**
 * As `fieldErrorsOf`; but a refusal about one field alone is said there in its own words, which say what to do, too.
 * Not for refusals whose sentence names the field's path.
 */
export const fieldRefusalOf = (error: unknown): ReadonlyMap<string, string> => {
  const fields = fieldErrorsOf(error);
  const [field, ...others] = fields.keys();
  const isOfOne = error instanceof ApiError && error.problem.status === 422 && others.length === 0;
  return field !== undefined && isOfOne ? new Map([[field, sentenceOf(error)]]) : fields;
};

/** Host names, paths and addresses are written as they are, also at the beginning. */
const beginsWithName = (text: string): boolean => {
  const first = (text.split(/\s/, 1)[0] ?? '').replace(/[.,:;!?…]+$/, '');
  return first === 'localhost' || /[./\\~@:_]/.test(first);
};
const asSentence = (text: string): string => {
  const first = beginsWithName(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(first) ? first : `${first}.`;
};
