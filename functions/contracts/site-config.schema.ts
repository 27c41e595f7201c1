// What a deployment tells its dashboard at `/config.json`: how people sign in. Written by the CDK app, read by the page.
import { z } from 'zod';

const loopbackHosts: readonly string[] = ['127.0.0.1', 'localhost', '[::1]'];
/** Tokens are sent there: encrypted, unless it is this very machine. */
const isSafeAddress = (text: string): boolean => {
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && loopbackHosts.includes(url.hostname)));
};

const cognitoSignInSchema = z.object({
  kind: z.literal('cognito'),
  /** Origin of the hosted sign-in pages, without a path. */
  url: z
    .string()
    .refine(isSafeAddress, { error: 'an https address' })
    .refine((text) => URL.parse(text)?.origin === text, { error: 'an origin, without a path' }),
  clientId: z.string().min(1).max(128),
  /** Separated by spaces; with `openid`, so that the API can ask who it is. */
  scope: z.string().regex(/(^| )openid( |$)/, 'must contain openid'),
});
export type CognitoSignIn = z.infer<typeof cognitoSignInSchema>;

export const siteConfigSchema = z.object({
  /** `local`: by the one-time link that a town on one machine prints. */
  signIn: z.discriminatedUnion('kind', [z.object({ kind: z.literal('local') }), cognitoSignInSchema]),
});
export type SiteConfig = z.infer<typeof siteConfigSchema>;

/** Where the page reads it. */
export const siteConfigPath = '/config.json';
/** Where the hosted pages send people after the sign-in, and after the sign-out; the sign-in client must allow both. */
export const signInPaths = { signedIn: '/signed-in', signedOut: '/' } as const;
