// Connections of a town to git hosts: tried at the host before anything is stored, shown without their secret.
import { hostConnectionViewSchema, hostConnectionsKept } from '../contracts/host-connection.schema.ts';
import type { HostConnection, HostConnectionPatch, HostConnectionView, NewHostConnection } from '../contracts/host-connection.schema.ts';
import type { Town } from '../contracts/town.schema.ts';
import { newEvent } from '../domain/new-bead.ts';
import type { HostApp } from '../host-accounts.ts';
import { HostRefused, HostUnavailable } from '../host-errors.ts';
import type { Ports } from '../ports.ts';
import { conflict, notFound, unavailable, unprocessable } from '../api/problems.ts';
import { ownTown } from './access.ts';
import { actOnce, replayed } from './once.ts';
import { isoNow, transact } from './transact.ts';

const defaultOrigin = 'https://github.com';
/** What git hosts take as the user of a token. */
const tokenUser = 'x-access-token';

export interface ByPerson {
  readonly townId: string;
  readonly userId: string;
}
interface Looked {
  readonly account: string;
  readonly advice: readonly string[];
}
type Secret = { readonly privateKey: string } | { readonly token: string };

/** What a host says as an answer of the API. */
export const hostProblem = (error: unknown, path: string): unknown => {
  if (error instanceof HostUnavailable) return unavailable(`${error.message} Try again later.`);
  return error instanceof HostRefused ? unprocessable(error.message, [{ path, message: error.message }]) : error;
};

/** Who it is on the host. Throws 422 with what is missing, 503 when the host does not answer. */
const looked = async (ports: Ports, connection: HostConnection, secret: Secret): Promise<Looked> => {
  const { origin } = connection;
  if (!ports.deployment.localRepositories && !origin.startsWith('https://'))
    throw unprocessable('Give the https address of the host.', [{ path: 'body.origin', message: 'https only' }]);
  try {
    if (connection.kind === 'token') {
      const credential = { username: connection.username, password: 'token' in secret ? secret.token : '' };
      return { account: await ports.hostAccounts.person(origin, credential), advice: [] };
    }
    const app: HostApp = { ...connection, privateKey: 'privateKey' in secret ? secret.privateKey : '' };
    const { account, missing, advice } = await ports.hostAccounts.installation(app);
    if (missing.length > 0)
      throw unprocessable(
        `${missing.join(' ')} Change it in the settings of the app, accept the change where it is installed, and connect again.`,
      );
    return { account, advice };
  } catch (error) {
    throw hostProblem(error, connection.kind === 'app' ? 'body.privateKey' : 'body.token');
  }
};

const maskOf = (secret: Secret): string => ('token' in secret && secret.token.length >= 12 ? `****${secret.token.slice(-4)}` : '****');
const viewOf = (connection: HostConnection, advice: readonly string[] = []): HostConnectionView =>
  hostConnectionViewSchema.parse(connection.kind === 'app' && advice.length > 0 ? { ...connection, advice } : connection);

/** Stores the connections of a town as `change` makes them of those that are stored now. */
const stored =
  <T>(
    ports: Ports,
    by: ByPerson,
    act: string,
    change: (known: readonly HostConnection[]) => { next: readonly HostConnection[]; result: T },
  ) =>
  async (): Promise<{ writes: Parameters<Ports['store']['commit']>[0]; result: T }> => {
    const town = await ownTown(ports, by.userId, by.townId);
    const { next, result } = change(town.hostConnections ?? []);
    const at = isoNow(ports);
    const after: Town = { ...town, hostConnections: [...next], version: town.version + 1, updatedAt: at };
    const event = newEvent(
      { townId: by.townId, eventId: ports.ids.ulid(), type: 'config_changed', actor: `user:${by.userId}`, at },
      { data: { changed: ['hostConnections'], act } },
    );
    return {
      writes: [
        { put: 'town', item: after, when: { equals: { version: town.version } } },
        { put: 'event', item: event, when: 'none' },
      ],
      result,
    };
  };

export const listHosts = async (ports: Ports, by: ByPerson): Promise<HostConnectionView[]> =>
  ((await ownTown(ports, by.userId, by.townId)).hostConnections ?? []).map((connection) => viewOf(connection));

const fresh = (ports: Ports, { townId }: ByPerson, input: NewHostConnection): HostConnection => {
  const hostConnectionId = `h-${ports.ids.base36(8)}`;
  const common = {
    hostConnectionId,
    name: input.name,
    host: 'github',
    origin: input.origin ?? defaultOrigin,
    account: '',
    secretRef: `towns/${townId}/hosts/${hostConnectionId}/${ports.ids.base36(8)}`,
    secretMask: maskOf(input),
    updatedAt: isoNow(ports),
  } as const;
  return input.kind === 'app'
    ? { ...common, kind: 'app', appId: input.appId, installationId: input.installationId }
    : { ...common, kind: 'token', username: input.username ?? tokenUser };
};

/** Throws 422 with what to do when the host does not know it or it may too little, 409 when there are too many. */
export const connectHost = async (
  ports: Ports,
  by: ByPerson,
  { input, idempotencyKey }: { readonly input: NewHostConnection; readonly idempotencyKey?: string | undefined },
): Promise<HostConnectionView> => {
  await ownTown(ports, by.userId, by.townId);
  const once = {
    what: 'The town',
    scope: by.townId,
    key: idempotencyKey,
    act: 'connectHost',
    request: { by, input },
    answer: hostConnectionViewSchema,
  };
  const earlier = await replayed(ports, once);
  if (earlier !== undefined) return earlier.answer;
  const made = fresh(ports, by, input);
  const { account, advice } = await looked(ports, made, input);
  const connection: HostConnection = { ...made, account };
  await ports.secrets.put(
    connection.secretRef,
    JSON.stringify(input.kind === 'app' ? { privateKey: input.privateKey } : { token: input.token }),
  );
  let isStored = false;
  try {
    const answer = await actOnce(
      ports,
      once,
      stored(ports, by, 'connect_host', (known) => {
        if (known.length >= hostConnectionsKept)
          throw conflict(`A town has at most ${hostConnectionsKept} connections; remove one that is not used.`);
        return { next: [...known, connection], result: viewOf(connection, advice) };
      }),
    );
    isStored = answer.hostConnectionId === connection.hostConnectionId;
    return answer;
  } finally {
    if (!isStored) await ports.secrets.remove(connection.secretRef);
  }
};

const oneOf = (known: readonly HostConnection[], hostConnectionId: string): HostConnection => {
  const found = known.find((each) => each.hostConnectionId === hostConnectionId);
  if (found === undefined) throw notFound(`There is no connection ${hostConnectionId} in this town.`);
  return found;
};
const newSecret = (connection: HostConnection, { privateKey, token }: HostConnectionPatch): Secret | undefined => {
  if (connection.kind === 'app' ? token !== undefined : privateKey !== undefined)
    throw unprocessable(connection.kind === 'app' ? 'An app has a private key, no token.' : 'A connection by token has no private key.');
  if (privateKey !== undefined) return { privateKey };
  return token === undefined ? undefined : { token };
};
const changed = (before: HostConnection, patch: HostConnectionPatch, more: Partial<HostConnection>): HostConnection => {
  const name = patch.name ?? before.name;
  return before.kind === 'app'
    ? { ...before, ...more, kind: 'app', name, appId: before.appId, installationId: patch.installationId ?? before.installationId }
    : { ...before, ...more, kind: 'token', name, username: before.username };
};

/** A new key, token or installation is tried first; the old secret is removed when nothing points to it any more. */
export const updateHost = async (
  ports: Ports,
  by: ByPerson,
  request: { readonly hostConnectionId: string; readonly patch: HostConnectionPatch },
): Promise<HostConnectionView> => {
  const { hostConnectionId, patch } = request;
  const before = oneOf((await ownTown(ports, by.userId, by.townId)).hostConnections ?? [], hostConnectionId);
  if (before.kind === 'token' && patch.installationId !== undefined) throw unprocessable('A connection by token has no installation.');
  const given = newSecret(before, patch);
  const text = given === undefined ? await ports.secrets.get(before.secretRef) : JSON.stringify(given);
  const secret = given ?? readSecret(before, text);
  if (secret === undefined) throw unprocessable('The secret of this connection is lost; give it again.');
  const trial = changed(before, patch, {});
  const { account, advice } =
    given !== undefined || patch.installationId !== undefined
      ? await looked(ports, trial, secret)
      : { account: before.account, advice: [] };
  const secretRef = given === undefined ? before.secretRef : `towns/${by.townId}/hosts/${hostConnectionId}/${ports.ids.base36(8)}`;
  if (given !== undefined) await ports.secrets.put(secretRef, JSON.stringify(given));
  const more = { account, secretRef, ...(given === undefined ? {} : { secretMask: maskOf(given) }), updatedAt: isoNow(ports) };
  let isStored = false;
  try {
    const view = await transact(
      ports,
      'The town',
      stored(ports, by, 'update_host', (known) => {
        const now = oneOf(known, hostConnectionId);
        if (now.secretRef !== before.secretRef) throw conflict('Somebody else has just given this connection a new secret; read it again.');
        const after = changed(now, patch, more);
        return { next: known.map((each) => (each === now ? after : each)), result: viewOf(after, advice) };
      }),
    );
    isStored = true;
    if (given !== undefined) await ports.secrets.remove(before.secretRef);
    return view;
  } finally {
    if (!isStored && given !== undefined) await ports.secrets.remove(secretRef);
  }
};

/** Throws 404, and 409 naming the repositories that use it. */
export const disconnectHost = async (ports: Ports, by: ByPerson, hostConnectionId: string): Promise<HostConnectionView> => {
  const removed = await transact(ports, 'The town', async () => {
    const using = (await ports.store.rigsOf(by.townId)).filter((rig) => rig.hostConnectionId === hostConnectionId);
    if (using.length > 0)
      throw conflict(
        `${using.map(({ name }) => name).join(', ')} still ${using.length === 1 ? 'uses' : 'use'} this connection; give ${using.length === 1 ? 'it' : 'them'} another one first.`,
        [],
      );
    return stored(ports, by, 'disconnect_host', (known) => {
      const found = oneOf(known, hostConnectionId);
      return { next: known.filter((each) => each !== found), result: found };
    })();
  });
  await ports.secrets.remove(removed.secretRef);
  return viewOf(removed);
};

/** The key or token of a connection; undefined when it is lost. */
export const readSecret = (connection: HostConnection, text: string | undefined): Secret | undefined => {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    if (connection.kind === 'app')
      return 'privateKey' in value && typeof value.privateKey === 'string' ? { privateKey: value.privateKey } : undefined;
    return 'token' in value && typeof value.token === 'string' ? { token: value.token } : undefined;
  } catch {
    return undefined;
  }
};
