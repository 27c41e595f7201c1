// Keeps an access token fresh: before it ends by a timer, and at the latest before a call that needs it (a sleeping machine has no timers).
import { SignInRefused, renewSession } from '../sign-in/cognito.ts';
import { isRenewable, session, signOut, signedIn } from './session.ts';
import type { RenewableSession, Session } from './session.ts';

/** After a renewal that got no answer. */
const retryMs = 30_000;
/** A call takes a moment on its way. */
const marginMs = 5000;

export interface RenewalOptions {
  readonly session: () => Session | undefined;
  readonly renew: (session: RenewableSession, nowMs: number) => Promise<RenewableSession>;
  readonly keep: (session: RenewableSession) => void;
  /** The sign-in has ended. */
  readonly end: () => void;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
}
export interface Renewal {
  /** The session to call with, renewed when it is due. Throws what the renewal threw when the token has ended already. */
  readonly fresh: () => Promise<Session | undefined>;
  /** Sets the timer for this session, instead of the one before. */
  readonly follow: (session: Session | undefined) => void;
}

export const createRenewal = (options: RenewalOptions): Renewal => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> | undefined;

  const renewOnce = async (old: RenewableSession): Promise<void> => {
    const isStillThere = (): boolean => options.session()?.token === old.token;
    try {
      const next = await options.renew(old, options.nowMs());
      // Signed out, or renewed by another tab, in the meantime: that holds.
      if (isStillThere()) options.keep(next);
    } catch (error) {
      if (error instanceof SignInRefused && isStillThere()) options.end();
      throw error;
    }
  };
  /** One at a time, however many calls wait for it. */
  const renew = (old: RenewableSession): Promise<void> => {
    running ??= renewOnce(old).finally(() => {
      running = undefined;
    });
    return running;
  };
  const onTimer = (old: RenewableSession): void => {
    renew(old).catch(() => {
      // No answer: what is shown stays; the next call and the next timer try again. Refused: the page asks to sign in.
      if (options.session()?.token === old.token) wait(old, retryMs);
    });
  };
  const wait = (current: RenewableSession, delayMs: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => onTimer(current), delayMs);
  };

  return {
    follow: (current) => {
      clearTimeout(timer);
      if (isRenewable(current)) wait(current, Math.max(0, current.cognito.renewAtMs - options.nowMs()));
    },
    fresh: async () => {
      const current = options.session();
      if (!isRenewable(current) || options.nowMs() < current.cognito.renewAtMs) return current;
      try {
        await renew(current);
      } catch (error) {
        if (error instanceof SignInRefused) return options.session();
        if (options.nowMs() + marginMs >= current.expiresAtMs) throw error;
      }
      return options.session();
    },
  };
};

export const renewal = createRenewal({ session, renew: renewSession, keep: signedIn, end: signOut, nowMs: () => Date.now() });
