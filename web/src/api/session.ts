// The person's token: kept in local storage until it ends or is refused. One that can be renewed is kept after its end, too.
import { createSignal } from 'solid-js';
import { z } from 'zod';

const storageKey = 'gastown.session';
const sessionSchema = z.object({
  token: z.string().min(1),
  userId: z.string(),
  expiresAtMs: z.number(),
  /** What renews the token, and where. Absent for the token of a local link, which lives long. */
  cognito: z.object({ url: z.string(), clientId: z.string(), refreshToken: z.string().min(1), renewAtMs: z.number() }).optional(),
});
export type Session = z.infer<typeof sessionSchema>;
export type RenewableSession = Session & { readonly cognito: NonNullable<Session['cognito']> };
export const isRenewable = (value: Session | undefined): value is RenewableSession => value?.cognito !== undefined;

const read = (): Session | undefined => {
  try {
    const text = localStorage.getItem(storageKey);
    if (text === null) return undefined;
    const parsed = sessionSchema.safeParse(JSON.parse(text));
    return parsed.success && (isRenewable(parsed.data) || parsed.data.expiresAtMs > Date.now()) ? parsed.data : undefined;
  } catch {
    // Storage is off or holds something else: nobody is signed in.
    return undefined;
  }
};

const [current, setCurrent] = createSignal<Session | undefined>(read());
/** Who is signed in; reactive. */
export const session = current;

export const signedIn = (next: Session): void => {
  try {
    localStorage.setItem(storageKey, JSON.stringify(next));
  } catch {
    // Without storage the sign-in lasts as long as the page.
  }
  setCurrent(next);
};

export const signOut = (): void => {
  try {
    localStorage.removeItem(storageKey);
  } catch {
    // Nothing was stored then.
  }
  setCurrent(undefined);
};

// Another tab of this browser signed in or out.
globalThis.addEventListener?.('storage', (event) => {
  if (event.key === storageKey) setCurrent(read());
});
