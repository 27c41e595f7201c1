// Acts that an Idempotency-Key makes happen once: the record of the answer is written in the effect's own transaction.
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { z } from 'zod';
import type { IdempotencyRecord } from '../contracts/work.schema.ts';
import type { Ports, Write } from '../ports.ts';
import { unprocessable } from '../api/problems.ts';
import { transact } from './transact.ts';
import type { Decision } from './transact.ts';

const recordLifeSeconds = 24 * 60 * 60;
/** Longest first delay before a transaction is tried again, in milliseconds; it doubles. */
const firstDelayMs = 20;

export interface OnceRequest<T> {
  /** What is being done, for the message when it cannot be. */
  readonly what: string;
  /** Town id, or `user#<id>` for what belongs to no town. */
  readonly scope: string;
  /** Absent: the caller does not mind a repetition. */
  readonly key?: string | undefined;
  /** Name of the act; the same key on another act is another request. */
  readonly act: string;
  /** Everything that makes the request what it is, also who asked. */
  readonly request: unknown;
  readonly answer: z.ZodType<T>;
}

const hashOf = (request: Pick<OnceRequest<unknown>, 'act' | 'request'>): string =>
  createHash('sha256')
    .update(JSON.stringify([request.act, request.request]))
    .digest('hex');

/** The stored answer of an earlier request with this key. Throws a 422 problem when that request was another one. */
export const replayed = async <T>(ports: Pick<Ports, 'store'>, request: OnceRequest<T>): Promise<{ readonly answer: T } | undefined> => {
  if (request.key === undefined) return undefined;
  const record = await ports.store.get('idempotency', { scope: request.scope, key: request.key });
  if (record === undefined) return undefined;
  if (record.requestHash !== hashOf(request)) throw unprocessable('This Idempotency-Key was used for another request; use a new key.');
  const stored: unknown = JSON.parse(record.response);
  return { answer: request.answer.parse(stored) };
};

/** The write that stores the answer; empty without a key. */
export const recordOf = <T>(ports: Pick<Ports, 'clock'>, request: OnceRequest<T>, answer: T): Write[] => {
  if (request.key === undefined) return [];
  const item: IdempotencyRecord = {
    scope: request.scope,
    key: request.key,
    requestHash: hashOf(request),
    status: 200,
    response: JSON.stringify(answer),
    deleteAfterEpochSeconds: Math.ceil(ports.clock.nowMs() / 1000) + recordLifeSeconds,
  };
  return [{ put: 'idempotency', item, when: { absent: true } }];
};

/** Waits before the next try, longer each time and a little differently for each caller. */
const backOff = async (ports: Pick<Ports, 'ids'>, attempt: number): Promise<void> => {
  const share = (1 + Number.parseInt(ports.ids.base36(2), 36) / 1296) / 2;
  await pause(share * firstDelayMs * 2 ** (attempt - 1));
};

/**
 * Reads, decides and commits, again when somebody else was faster; with a key at most once in effect.
 * `decide` gets the number of the try, from 0: ids grow longer with it. Throws what `decide` throws, 422 for a reused key, 409 when the items keep changing.
 */
export const actOnce = async <T>(
  ports: Pick<Ports, 'store' | 'clock' | 'ids'>,
  request: OnceRequest<T>,
  decide: (attempt: number) => Promise<Decision<T>>,
): Promise<T> => {
  let attempt = 0;
  return transact(ports, request.what, async () => {
    if (attempt > 0) await backOff(ports, attempt);
    const earlier = await replayed(ports, request);
    if (earlier !== undefined) return { writes: [], result: earlier.answer };
    const { writes, result } = await decide(attempt);
    attempt += 1;
    return { writes: [...writes, ...recordOf(ports, request, result)], result };
  });
};
