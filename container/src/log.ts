// Structured events as JSON lines; never a token, prompt or body.

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;
export interface RunnerLog {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

export const createLog = (write: (line: string) => void, nowMs: () => number): RunnerLog => {
  const line =
    (level: string) =>
    (event: string, fields: LogFields = {}): void =>
      write(`${JSON.stringify({ at: new Date(nowMs()).toISOString(), level, part: 'runner', event, ...fields })}\n`);
  return { info: line('info'), warn: line('warn'), error: line('error') };
};

/** The sentence of anything that was thrown, at most 900 characters. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 900);
