// Apps and people of GitHub. An app signs for itself for minutes, and gets tokens of an hour for one repository; they are kept in memory only.
import { createHash, createPrivateKey, createSign } from 'node:crypto';
import { z } from 'zod';
import type { AppInstallation, HostAccounts, HostApp, ShortToken } from '../../host-accounts.ts';
import { HostRefused } from '../../host-errors.ts';
import type { Clock } from '../../ports.ts';
import { apiUrlOf, githubAddress } from './address.ts';
import type { Asking, GithubClient } from './client.ts';
import { createMemory } from './memory.ts';

/** GitHub takes JWTs of at most 10 minutes, and none from the future: its clock may be behind. */
const jwtLifeSeconds = 540;
const clockSkewSeconds = 60;
/** A token that is given out lives at least this long: a clone of a large repository is one request, but takes its time. */
const lifeLeftMs = 10 * 60_000;
const tokensRemembered = 200;

const neededPermissions = { contents: 'write', pull_requests: 'write', metadata: 'read', checks: 'read', statuses: 'read' } as const;
const helpfulPermissions = {
  workflows: ['write', 'pushes that change workflow files are refused'],
  actions: ['read', 'the logs of failed jobs are not shown to agents'],
} as const;

const base64Url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
/** The app's own proof. Throws `HostRefused` for a key that is none. */
const jwtOf = ({ appId, privateKey }: HostApp, nowMs: number): string => {
  const nowSeconds = Math.floor(nowMs / 1000);
  const claims = { iat: nowSeconds - clockSkewSeconds, exp: nowSeconds + jwtLifeSeconds - clockSkewSeconds, iss: String(appId) };
  const text = `${base64Url({ alg: 'RS256', typ: 'JWT' })}.${base64Url(claims)}`;
  try {
    return `${text}.${createSign('RSA-SHA256').update(text).sign(createPrivateKey(privateKey)).toString('base64url')}`;
  } catch {
    throw new HostRefused('The private key of the app cannot be used. Give the whole .pem file that the host made.', 'invalid');
  }
};

const installationSchema = z.object({
  account: z.object({ login: z.string() }).nullable(),
  permissions: z.record(z.string(), z.string()),
  suspended_at: z.string().nullable().optional(),
});
type Installation = z.infer<typeof installationSchema>;
const tokenSchema = z.object({ token: z.string().min(1), expires_at: z.iso.datetime() });

const has = (permissions: Installation['permissions'], name: string, wanted: 'read' | 'write'): boolean =>
  permissions[name] === 'write' || permissions[name] === 'admin' || permissions[name] === wanted;
const hostNameOf = (origin: string): string => new URL(origin).host;

export const createGithubAccounts = ({ client, clock }: { readonly client: GithubClient; readonly clock: Clock }): HostAccounts => {
  const askingAs = (app: HostApp): Asking => ({
    hostName: hostNameOf(app.origin),
    apiUrl: apiUrlOf(app.origin),
    token: jwtOf(app, clock.nowMs()),
  });
  const look = async (app: HostApp): Promise<Installation> => {
    const { installationId } = app;
    try {
      return await client.ask(
        askingAs(app),
        'GET /app/installations/{installation_id}',
        { installation_id: installationId },
        installationSchema,
      );
    } catch (error) {
      if (!(error instanceof HostRefused)) throw error;
      if (error.code === 'unauthorised')
        throw new HostRefused(
          `${hostNameOf(app.origin)} does not know the app ${app.appId} by this key. Check the app's id and give its newest private key.`,
          'unauthorised',
        );
      if (error.code === 'not_found')
        throw new HostRefused(
          `The app ${app.appId} has no installation ${installationId}. Install it for your account, and give the number at the end of the installation's address.`,
          'not_found',
        );
      throw error;
    }
  };
  const tokens = createMemory<ShortToken>(clock, { most: tokensRemembered, freshUntilMs: ({ expiresAtMs }) => expiresAtMs - lifeLeftMs });
  const mint = async (app: HostApp, owner: string, name: string): Promise<ShortToken> => {
    const { permissions } = await look(app);
    const wanted = Object.entries({ ...neededPermissions, workflows: 'write', actions: 'read' } as const).filter(([each, level]) =>
      has(permissions, each, level),
    );
    const made = await client.askOr(askingAs(app), {
      route: 'POST /app/installations/{installation_id}/access_tokens',
      parameters: { installation_id: app.installationId, repositories: [name], permissions: Object.fromEntries(wanted) },
      schema: tokenSchema,
      expected: [403, 404, 422],
    });
    if (!made.ok)
      throw new HostRefused(
        `The app ${app.appId} gets no token for ${owner}/${name}. Check that its installation is not suspended and includes this repository.`,
        made.status === 403 ? 'forbidden' : 'not_found',
      );
    return { credential: { username: 'x-access-token', password: made.data.token }, expiresAtMs: Date.parse(made.data.expires_at) };
  };
  return {
    installation: async (app) => {
      const { account, permissions, suspended_at: suspendedAt } = await look(app);
      const missing = Object.entries(neededPermissions).flatMap(([name, level]) =>
        has(permissions, name, level) ? [] : [`The app needs the permission ${name}: ${level}.`],
      );
      if (typeof suspendedAt === 'string') missing.unshift('The installation is suspended; its owner can take that back.');
      const advice = Object.entries(helpfulPermissions).flatMap(([name, [level, why]]) =>
        has(permissions, name, level) ? [] : [`Without the permission ${name}: ${level}, ${why}.`],
      );
      return { account: account?.login ?? 'unknown', missing, advice } satisfies AppInstallation;
    },
    token: async (app, gitUrl, from) => {
      const address = githubAddress(gitUrl, true);
      if (address === undefined || address.apiUrl !== apiUrlOf(app.origin))
        throw new HostRefused(`${gitUrl} is not a repository of ${hostNameOf(app.origin)}, where the app is.`, 'invalid');
      // A changed key or installation is another one: its tokens are its own.
      const proof = createHash('sha256').update(app.privateKey).digest('base64url');
      const key = [address.apiUrl, app.appId, app.installationId, proof, address.repo].join(' ');
      if (from === 'new') tokens.forget(key);
      return tokens.get(key, () => mint(app, address.owner, address.name));
    },
    person: async (origin, credential) => {
      const asking = { hostName: hostNameOf(origin), apiUrl: apiUrlOf(origin), token: credential.password };
      return (await client.ask(asking, 'GET /user', {}, z.object({ login: z.string() }))).login;
    },
  };
};
