// The frame of handlers without a person behind them: zod at the edge, failures logged by name, never by content. Knows middy.
import middy from '@middy/core';
import type { z } from 'zod';
import type { Log } from '../ports.ts';

/** The event is not of the shape that this function is subscribed to. Not retryable; the operator compares the subscription. */
export class EventInvalid extends Error {
  override readonly name = 'EventInvalid';
}

const context = {
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'background',
  functionVersion: '1',
  invokedFunctionArn: '',
  memoryLimitInMB: '0',
  awsRequestId: '',
  logGroupName: '',
  logStreamName: '',
  getRemainingTimeInMillis: () => 30_000,
  done: () => undefined,
  fail: () => undefined,
  succeed: () => undefined,
};

/** Parses the event before `run` sees it. What `run` throws is logged and thrown on: the service that called tries again. */
export const createBackgroundHandler = <S extends z.ZodType, R>(
  name: string,
  schema: S,
  log: Log,
  run: (event: z.output<S>) => Promise<R>,
): ((event: unknown) => Promise<R>) => {
  const handler = middy<unknown, R>()
    .use({
      onError: ({ error }) => {
        log.error('background_failed', { function: name, error: error instanceof Error ? error.name : 'unknown' });
      },
    })
    .handler(async (event) => {
      const parsed = schema.safeParse(event);
      if (!parsed.success)
        throw new EventInvalid(
          `${name}: ${parsed.error.issues
            .map((issue) => `${issue.path.join('.')} ${issue.message}`)
            .slice(0, 3)
            .join('; ')}`,
        );
      return run(parsed.data);
    });
  return (event) => handler(event, context);
};
