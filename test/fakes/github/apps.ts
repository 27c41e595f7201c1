// Who asks: tokens of people, JWTs of apps, and the short tokens of an app's installations.
import { createVerify } from 'node:crypto';
import { z } from 'zod';
import { Refusal, atLeast } from './world.ts';
import type { Answer, Asked, FakeApp, FakeRepository, FakeToken, Permission, World } from './world.ts';

const claimsSchema = z.object({ iss: z.union([z.string(), z.number()]), iat: z.number(), exp: z.number() });
/** GitHub takes no JWT that lives longer, and none that was made in the future. */
const longestJwtSeconds = 600;
const installationTokenMs = 3_600_000;

const decoded = (part: string): unknown => {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
};

/** The app that signed this JWT. Refuses with 401 as GitHub does. */
export const appOf = (world: World, jwt: string): FakeApp => {
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  const claims = claimsSchema.safeParse(decoded(payload));
  if (!claims.success) throw new Refusal(401, 'A JSON web token could not be decoded');
  const { iss, iat, exp } = claims.data;
  const app = world.apps.get(Number(iss));
  if (app === undefined) throw new Refusal(401, 'Integration not found');
  const isGood = createVerify('RSA-SHA256').update(`${header}.${payload}`).verify(app.publicKeyPem, signature, 'base64url');
  if (!isGood) throw new Refusal(401, 'A JSON web token could not be decoded');
  const nowSeconds = world.nowMs() / 1000;
  if (iat > nowSeconds)
    throw new Refusal(401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued");
  if (exp <= nowSeconds)
    throw new Refusal(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  if (exp - nowSeconds > longestJwtSeconds) throw new Refusal(401, "'Expiration time' claim ('exp') is too far in the future");
  return app;
};

const namesIn = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) ? value.filter((name): name is string => typeof name === 'string') : undefined;

const installationOf = (app: FakeApp, id: string) => {
  const installation = app.installations.get(Number(id));
  if (installation === undefined) throw new Refusal(404, 'Not Found');
  return installation;
};

export const viewInstallation = (app: FakeApp, id: string): Answer => {
  const { account, permissions, repositories, isSuspended } = installationOf(app, id);
  return {
    status: 200,
    body: {
      id: Number(id),
      app_id: app.appId,
      app_slug: app.slug,
      account: { login: account, type: 'Organization' },
      permissions,
      repository_selection: repositories === 'all' ? 'all' : 'selected',
      suspended_at: isSuspended ? '2026-11-20T08:00:00Z' : null,
    },
  };
};

/** `POST /app/installations/:id/access_tokens`, narrowed to the named repositories. */
export const makeInstallationToken = (world: World, app: FakeApp, id: string, body: Asked['body']): Answer => {
  const installation = installationOf(app, id);
  if (installation.isSuspended) throw new Refusal(403, 'This installation has been suspended');
  const wanted = namesIn(body['repositories'])?.map((name) => `${installation.account}/${name}`);
  const may = (repository: string): boolean =>
    world.repositories.has(repository.toLowerCase()) &&
    (installation.repositories === 'all' || installation.repositories.includes(repository));
  if (wanted !== undefined && !wanted.every(may))
    throw new Refusal(422, 'There is at least one repository that does not exist or is not accessible to the parent installation.');
  const asked = body['permissions'];
  const permissions =
    typeof asked === 'object' && asked !== null
      ? Object.fromEntries(Object.keys(asked).map((name) => [name, installation.permissions[name]]))
      : installation.permissions;
  if (Object.values(permissions).includes(undefined))
    throw new Refusal(422, 'The permissions requested are not granted to this installation.');
  const token = `ghs_${world.nextId().toString(36).padStart(36, '0')}`;
  const endsAtMs = world.nowMs() + installationTokenMs;
  world.tokens.set(token, {
    login: `${app.slug}[bot]`,
    kind: 'installation',
    repositories: wanted ?? installation.repositories,
    permissions: installation.permissions,
    endsAtMs,
  });
  return { status: 201, body: { token, expires_at: new Date(endsAtMs).toISOString().replace(/\.\d+Z$/, 'Z'), permissions } };
};

/** The token that a request brings; undefined without one. Refuses with 401 what has ended or never was. */
export const tokenOf = (world: World, authorization: string | undefined): FakeToken | undefined => {
  if (authorization === undefined) return undefined;
  const basic = /^Basic (.+)$/.exec(authorization)?.[1];
  const text =
    basic === undefined
      ? authorization.replace(/^(?:token|bearer) /i, '')
      : Buffer.from(basic, 'base64')
          .toString('utf8')
          .replace(/^[^:]*:/, '');
  const token = world.tokens.get(text);
  if (token === undefined || (token.endsAtMs !== undefined && token.endsAtMs <= world.nowMs())) throw new Refusal(401, 'Bad credentials');
  return token;
};

/** What a token may do in a repository. */
export const permissionOf = (repository: FakeRepository, token: FakeToken): Permission => {
  const path = `${repository.owner}/${repository.name}`;
  const isSeen = token.repositories === 'all' || token.repositories.includes(path);
  if (!isSeen) return repository.isPrivate ? 'none' : 'read';
  const most = token.permissions['contents'] ?? 'read';
  if (token.kind === 'installation') return most;
  const has = repository.people.get(token.login) ?? (repository.isPrivate ? 'none' : 'read');
  return most === 'read' && atLeast(has, 'read') ? 'read' : has;
};

/** The repository of a path, when this token may see it: what it may not see does not exist. */
export const repositoryFor = (
  { world, token }: Pick<Asked, 'world' | 'token'>,
  path: string,
  wanted: Permission = 'read',
): FakeRepository => {
  const repository = world.repositories.get(path.toLowerCase());
  if (repository === undefined || permissionOf(repository, token) === 'none') throw new Refusal(404, 'Not Found');
  if (!atLeast(permissionOf(repository, token), wanted))
    throw new Refusal(
      403,
      token.kind === 'installation' ? 'Resource not accessible by integration' : 'Resource not accessible by personal access token',
    );
  return repository;
};
/** Fine-grained permissions beside the contents, e.g. `pull_requests`. */
export const mustHave = (token: FakeToken, name: string, wanted: 'read' | 'write'): void => {
  const has = token.permissions[name];
  if (has === undefined || (wanted === 'write' && has === 'read'))
    throw new Refusal(
      403,
      token.kind === 'installation' ? 'Resource not accessible by integration' : 'Resource not accessible by personal access token',
    );
};

export const viewRepository = (asked: Asked, path: string): Answer => {
  const repository = repositoryFor(asked, path);
  const permission = permissionOf(repository, asked.token);
  return {
    status: 200,
    body: {
      id: 1,
      name: repository.name,
      full_name: `${repository.owner}/${repository.name}`,
      owner: { login: repository.owner },
      private: repository.isPrivate,
      archived: repository.isArchived,
      default_branch: repository.defaultBranch,
      allow_merge_commit: repository.methods.includes('merge'),
      allow_squash_merge: repository.methods.includes('squash'),
      allow_rebase_merge: repository.methods.includes('rebase'),
      permissions: {
        admin: atLeast(permission, 'admin'),
        maintain: atLeast(permission, 'admin'),
        push: atLeast(permission, 'write'),
        triage: atLeast(permission, 'write'),
        pull: true,
      },
    },
  };
};
export const viewPermission = (asked: Asked, path: string, login: string): Answer => {
  const repository = repositoryFor(asked, path);
  const permission = repository.people.get(login) ?? (repository.isPrivate ? 'none' : 'read');
  return { status: 200, body: { permission, role_name: permission, user: { login } } };
};
