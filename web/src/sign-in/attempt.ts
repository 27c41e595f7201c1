// One attempt to sign in at the hosted pages: what must be remembered until they send the person back, and whether what comes back belongs to it.
import { z } from 'zod';

const storageKey = 'gastown.sign-in';
const attemptSchema = z.object({ state: z.string().min(1), verifier: z.string().min(43), next: z.string() });
export type Attempt = z.infer<typeof attemptSchema>;

/** Only paths of this site: a link must not lead elsewhere after the sign-in. */
export const safeNext = (next: string | undefined): string => (next !== undefined && /^\/(?![/\\])/.test(next) ? next : '/');

export type Returned =
  | { readonly kind: 'code'; readonly code: string; readonly attempt: Attempt }
  /** The hosted pages did not sign the person in. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Not the answer to an attempt of this tab: used before, made up by someone else, or begun in another tab. */
  | { readonly kind: 'stranger' };

/** A wrong `state` is never exchanged: otherwise a link could sign a person in as someone else. */
export const returned = (search: URLSearchParams, attempt: Attempt | undefined): Returned => {
  if (attempt === undefined || search.get('state') !== attempt.state) return { kind: 'stranger' };
  const code = search.get('code');
  if (code !== null && code !== '') return { kind: 'code', code, attempt };
  return { kind: 'refused', reason: search.get('error') ?? 'no code' };
};

/** Throws when this browser forbids storage: then nobody can come back. */
export const rememberAttempt = (attempt: Attempt): void => sessionStorage.setItem(storageKey, JSON.stringify(attempt));

/** The attempt of this tab, once. */
export const takeAttempt = (): Attempt | undefined => {
  try {
    const text = sessionStorage.getItem(storageKey);
    sessionStorage.removeItem(storageKey);
    const parsed = attemptSchema.safeParse(text === null ? undefined : JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    // Storage is off or holds something else: there is no attempt of ours.
    return undefined;
  }
};
