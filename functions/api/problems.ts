// Errors of the API as values: RFC 9457 problems. Operations throw them; one middleware turns them into answers.
import type { Problem } from '../contracts/problem.schema.ts';

interface ProblemParts {
  readonly title: string;
  readonly detail: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
  readonly allowed?: readonly string[];
}

/** An answer other than success. Not retryable unless the status says so (429, 503). */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: number;
  readonly parts: ProblemParts;
  constructor(status: number, parts: ProblemParts) {
    super(parts.detail);
    this.status = status;
    this.parts = parts;
  }
  toProblem(): Problem {
    const { title, detail, errors, allowed } = this.parts;
    return {
      type: `https://gastown.dev/problems/${title.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`,
      title,
      status: this.status,
      detail,
      ...(errors === undefined ? {} : { errors: [...errors] }),
      ...(allowed === undefined ? {} : { allowed: [...allowed] }),
    };
  }
}

type FieldErrors = NonNullable<ProblemParts['errors']>;
/** 400: malformed or unknown fields. */
export const invalid = (detail: string, errors?: FieldErrors): ProblemError =>
  new ProblemError(400, { title: 'Invalid request', detail, ...(errors === undefined ? {} : { errors }) });
/** 401: no token, or one that is not valid any more. */
export const unauthorised = (detail = 'Sign in again: the token is missing or has ended.'): ProblemError =>
  new ProblemError(401, { title: 'Not signed in', detail });
/** 403: a valid token, for something that is not the caller's. */
export const forbidden = (detail = 'This is not yours.'): ProblemError => new ProblemError(403, { title: 'Not allowed', detail });
export const notFound = (detail: string): ProblemError => new ProblemError(404, { title: 'Not found', detail });
/** 409: the state does not allow it now; `allowed` says what it does allow. */
export const conflict = (detail: string, allowed?: readonly string[]): ProblemError =>
  new ProblemError(409, { title: 'Conflict', detail, ...(allowed === undefined ? {} : { allowed }) });
export const tooLarge = (detail: string): ProblemError => new ProblemError(413, { title: 'Too large', detail });
/** 422: well-formed, but it cannot be done as asked. */
export const unprocessable = (detail: string, errors?: FieldErrors): ProblemError =>
  new ProblemError(422, { title: 'Cannot be done', detail, ...(errors === undefined ? {} : { errors }) });
/** 503: something behind us is down; try again. */
export const unavailable = (detail: string): ProblemError => new ProblemError(503, { title: 'Unavailable', detail });
