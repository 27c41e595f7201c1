// Task tokens of steps that wait for the runner or a verdict, with heartbeats and time limits; the interpreter knows none of these.
import { randomUUID } from 'node:crypto';

/** A step that waits ended with an error: the name is what the state machine's Retry and Catch compare. */
export class StepFailed extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

interface Waiting {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: Error) => void;
  beat(): void;
  close(): void;
}
export interface TokenLimits {
  readonly heartbeatMs: number;
  readonly timeoutMs: number;
}

export interface TaskTokens {
  mint(execution: string): string;
  /** Starts to wait; the answer is the output that the token is settled with. Rejects with `StepFailed`. */
  wait(token: string, limits: TokenLimits): Promise<unknown>;
  close(token: string): void;
  succeed(token: string, output: unknown): 'taken' | 'gone';
  fail(token: string, name: string, cause: string): 'taken' | 'gone';
  heartbeat(token: string): 'taken' | 'gone';
  /** Rejects everything that waits. */
  closeAll(reason: Error): void;
}

export const createTaskTokens = (): TaskTokens => {
  const waiting = new Map<string, Waiting>();
  const settle = (token: string, how: (entry: Waiting) => void): 'taken' | 'gone' => {
    const entry = waiting.get(token);
    if (entry === undefined) return 'gone';
    waiting.delete(token);
    entry.close();
    how(entry);
    return 'taken';
  };
  const timed = (token: string, limitMs: number, name: string): NodeJS.Timeout =>
    setTimeout(() => {
      settle(token, (entry) => {
        entry.reject(new StepFailed(name, `no answer within ${Math.round(limitMs / 1000)} s`));
      });
    }, limitMs).unref();
  return {
    mint: (execution) => `local.${execution}.${randomUUID()}`,
    wait: (token, { heartbeatMs, timeoutMs }) => {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const limit = timed(token, timeoutMs, 'States.Timeout');
      let silence = timed(token, heartbeatMs, 'States.HeartbeatTimeout');
      waiting.set(token, {
        resolve,
        reject,
        beat: () => {
          clearTimeout(silence);
          silence = timed(token, heartbeatMs, 'States.HeartbeatTimeout');
        },
        close: () => {
          clearTimeout(limit);
          clearTimeout(silence);
        },
      });
      // It may be settled before anybody listens.
      promise.catch(() => {
        /* the waiting step sees it */
      });
      return promise;
    },
    close: (token) => {
      settle(token, () => {
        /* nobody waits for it any more */
      });
    },
    succeed: (token, output) =>
      settle(token, (entry) => {
        entry.resolve(output);
      }),
    fail: (token, name, cause) =>
      settle(token, (entry) => {
        entry.reject(new StepFailed(name, cause));
      }),
    heartbeat: (token) => {
      const entry = waiting.get(token);
      entry?.beat();
      return entry === undefined ? 'gone' : 'taken';
    },
    closeAll: (reason) => {
      for (const token of waiting.keys())
        settle(token, (entry) => {
          entry.reject(reason);
        });
    },
  };
};
