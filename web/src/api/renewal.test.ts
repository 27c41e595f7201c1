import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SignInRefused } from '../sign-in/cognito.ts';
import { Unreachable } from './errors.ts';
import { createRenewal } from './renewal.ts';
import type { RenewableSession, Session } from './session.ts';

const minuteMs = 60_000;
beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 21, 10) });
});
afterEach(() => {
  vi.useRealTimers();
});
const hourLong = (number: number): RenewableSession => ({
  token: `token-${number}`,
  userId: 'ada',
  expiresAtMs: Date.now() + 60 * minuteMs,
  cognito: { url: 'https://sign-in.example.com', clientId: 'client-1', refreshToken: 'r-1', renewAtMs: Date.now() + 55 * minuteMs },
});

/** The page: a change of the session sets the timer again. */
const page = (first: Session) => {
  let current: Session | undefined;
  const renewed = { times: 0 };
  const away: { error: Error | undefined } = { error: undefined };
  const put = (next: Session | undefined): void => {
    current = next;
    renewal.follow(next);
  };
  const renewal = createRenewal({
    session: () => current,
    renew: async () => {
      renewed.times += 1;
      await Promise.resolve();
      if (away.error !== undefined) throw away.error;
      return hourLong(renewed.times + 1);
    },
    keep: put,
    end: () => put(undefined),
    nowMs: () => Date.now(),
  });
  put(first);
  return { renewal, renewed, away, put, token: () => current?.token };
};

describe('an access token', () => {
  it('is renewed five minutes before its end, again and again, without any call', async () => {
    const { renewed, token } = page(hourLong(1));
    await vi.advanceTimersByTimeAsync(55 * minuteMs - 1);
    expect(renewed.times).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(token()).toBe('token-2');
    await vi.advanceTimersByTimeAsync(55 * minuteMs);
    expect(token()).toBe('token-3');
  });
  it('is renewed once for all calls of a machine that slept beyond its end', async () => {
    const { renewal, renewed } = page(hourLong(1));
    vi.setSystemTime(Date.now() + 600 * minuteMs);
    const calls = await Promise.all([renewal.fresh(), renewal.fresh(), renewal.fresh()]);
    expect(calls.map((session) => session?.token)).toEqual(['token-2', 'token-2', 'token-2']);
    expect(renewed.times).toBe(1);
  });
  it('serves calls to its end while the sign-in service is away, then the calls say so, then it heals', async () => {
    const { renewal, away, token } = page(hourLong(1));
    away.error = new Unreachable();
    await vi.advanceTimersByTimeAsync(57 * minuteMs);
    expect((await renewal.fresh())?.token).toBe('token-1');
    await vi.advanceTimersByTimeAsync(4 * minuteMs);
    await expect(renewal.fresh()).rejects.toThrow(Unreachable);
    away.error = undefined;
    await vi.advanceTimersByTimeAsync(minuteMs);
    expect(token()).not.toBe('token-1');
  });
  it('ends the sign-in when the renewal is refused, and is not tried again', async () => {
    const { renewal, away, renewed, token } = page(hourLong(1));
    away.error = new SignInRefused('invalid_grant');
    await vi.advanceTimersByTimeAsync(120 * minuteMs);
    expect(token()).toBeUndefined();
    expect(await renewal.fresh()).toBeUndefined();
    expect(renewed.times).toBe(1);
  });
  it('does not come back when the person signed out during its renewal', async () => {
    const { renewal, put, token } = page(hourLong(1));
    vi.setSystemTime(Date.now() + 56 * minuteMs);
    const call = renewal.fresh();
    put(undefined);
    expect(await call).toBeUndefined();
    await vi.advanceTimersByTimeAsync(120 * minuteMs);
    expect(token()).toBeUndefined();
  });
  it('of a local link is never renewed', async () => {
    const { renewal, renewed } = page({ token: 'local', userId: 'ada', expiresAtMs: Date.now() + minuteMs });
    await vi.advanceTimersByTimeAsync(120 * minuteMs);
    expect((await renewal.fresh())?.token).toBe('local');
    expect(renewed.times).toBe(0);
  });
});
