// How people sign in at this deployment. A town on one machine has no configuration: there it is by the one-time link.
import { siteConfigPath, siteConfigSchema } from '../../../functions/contracts/site-config.schema.ts';
import type { SiteConfig } from '../../../functions/contracts/site-config.schema.ts';
import { UnexpectedAnswer, Unreachable } from '../api/errors.ts';

/** Throws `Unreachable` without an answer and `UnexpectedAnswer` when it is not of the schema; a wrong guess would strand people. */
export const readSignIn = async (): Promise<SiteConfig['signIn']> => {
  const response = await fetch(siteConfigPath, { cache: 'no-cache' }).catch(() => undefined);
  if (response === undefined || response.status >= 500) throw new Unreachable();
  if (!response.ok) return { kind: 'local' };
  const value: unknown = await response.json().catch(() => undefined);
  const parsed = siteConfigSchema.safeParse(value);
  if (!parsed.success) throw new UnexpectedAnswer(siteConfigPath);
  return parsed.data.signIn;
};
