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

/** fetch says only "fetch failed"; the reason is in `cause`. */
export const causeOf = (error: Error): string =>
  error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;

/** The sentence of anything that was thrown, with its cause, at most 900 characters. */
export const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error).slice(0, 900);
  const cause = causeOf(error);
  return (cause === error.message ? error.message : `${error.message}: ${cause}`).slice(0, 900);
};
