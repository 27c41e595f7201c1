import { describe, expect, it } from 'vitest';
import { siteConfigSchema } from './site-config.schema.ts';

const cognito = {
  kind: 'cognito',
  url: 'https://gastown-dev-123456789012.auth.eu-central-1.amazoncognito.com',
  clientId: '1example23456789',
  scope: 'openid email profile',
};

describe('what a deployment tells its dashboard', () => {
  it('is a sign-in with Cognito, or by a local link', () => {
    expect(siteConfigSchema.parse({ signIn: cognito })).toEqual({ signIn: cognito });
    expect(siteConfigSchema.parse({ signIn: { kind: 'local' } })).toEqual({ signIn: { kind: 'local' } });
  });
  it('may name a sign-in without encryption on this machine only', () => {
    expect(siteConfigSchema.safeParse({ signIn: { ...cognito, url: 'http://127.0.0.1:4401' } }).success).toBe(true);
    expect(siteConfigSchema.safeParse({ signIn: { ...cognito, url: 'http://sign-in.example.com' } }).success).toBe(false);
  });
  it.each([
    ['another kind', { ...cognito, kind: 'magic' }],
    ['an address that is a script', { ...cognito, url: 'javascript:alert(1)' }],
    ['an address with a path', { ...cognito, url: `${cognito.url}/login` }],
    ['no client', { ...cognito, clientId: '' }],
    ['scopes with which the API cannot ask who it is', { ...cognito, scope: 'email' }],
  ])('is refused with %s', (_name, signIn) => {
    expect(siteConfigSchema.safeParse({ signIn }).success).toBe(false);
  });
});
