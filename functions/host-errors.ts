// What can go wrong when a git host is asked about pull requests, for every adapter of the port. Names are stable.

/** The host did not answer, is out of order, or asks for patience. Retryable, not before `retryAfterMs` where the host gave a hint. */
export class HostUnavailable extends Error {
  override readonly name = 'HostUnavailable';
  readonly reason: 'outage' | 'rate_limit';
  /** The host's own hint: milliseconds from now. */
  readonly retryAfterMs: number | undefined;
  constructor(message: string, { reason, retryAfterMs }: { reason: 'outage' | 'rate_limit'; retryAfterMs?: number | undefined }) {
    super(message);
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}

export type RefusalCode = 'unauthorised' | 'forbidden' | 'not_found' | 'invalid' | 'unsupported';
/** The host said no, and will again. Not retryable; the message is a sentence that says what a person has to do. */
export class HostRefused extends Error {
  override readonly name = 'HostRefused';
  readonly code: RefusalCode;
  constructor(message: string, code: RefusalCode) {
    super(message);
    this.code = code;
  }
}
