// Bounded retries of table calls and their typed end. The SDK retries inside each attempt as well; this covers longer throttling.
import { StoreUnavailable } from '../../store-errors.ts';

export interface RetryPolicy {
  readonly attempts: number;
  /** The wait doubles from here, with jitter between half and full. */
  readonly firstDelayMs: number;
  readonly sleep: (ms: number) => Promise<void>;
}
export const defaultRetryPolicy: RetryPolicy = {
  attempts: 5,
  firstDelayMs: 40,
  sleep: (ms) =>
    new Promise((resolve) => {
      setTimeout(resolve, ms);
    }),
};

const retryableNames = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'TransactionInProgressException',
  'TransactionConflictException',
  'InternalServerError',
  'ServiceUnavailable',
  'TimeoutError',
  'RequestTimeout',
]);
/** Socket errors reach us with their system code. */
const retryableCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);

export const isRetryable = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  if (retryableNames.has(error.name)) return true;
  return 'code' in error && typeof error.code === 'string' && retryableCodes.has(error.code);
};

export const backOff = (policy: RetryPolicy, attempt: number): Promise<void> =>
  policy.sleep(policy.firstDelayMs * 2 ** attempt * (0.5 + Math.random() / 2));

/** Calls until it succeeds, fails for good (rethrown as it is), or the attempts are used up. Throws `StoreUnavailable`. */
export const withRetries = async <T>(policy: RetryPolicy, call: () => Promise<T>): Promise<T> => {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (!isRetryable(error)) throw error;
      if (attempt + 1 >= policy.attempts)
        throw new StoreUnavailable(`The table does not answer: ${error instanceof Error ? error.message : 'unknown error'}`, {
          cause: error,
        });
      await backOff(policy, attempt);
    }
  }
};
