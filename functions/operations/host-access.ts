// With what a rig's host is asked: one chain for cloning, pushing, looking, feedback and merging, so that no part of the town can work where another
// cannot. A token of an app is made when it is needed and comes before anything that is stored.
import type { HostConnection } from '../contracts/host-connection.schema.ts';
import type { Rig } from '../contracts/town.schema.ts';
import type { HostApp } from '../host-accounts.ts';
import { HostRefused } from '../host-errors.ts';
import type { GitCredential, Ports } from '../ports.ts';
import type { HostRepository } from '../pull-request-host.ts';
import { readSecret } from './host-connections.ts';
import { storedCredential } from './rig-credential.ts';

type AskedRig = Pick<Rig, 'townId' | 'name' | 'gitUrl' | 'credentialRef' | 'hostConnectionId' | 'pullRequests'>;
/** One thing that the host can be asked with, knowing how the one before was refused. Making it may throw as the host does. */
type Candidate = (before: HostRefused | undefined) => Promise<HostRepository>;

const originOf = (gitUrl: string): string | undefined => {
  const url = URL.parse(gitUrl);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') ? url.origin.toLowerCase() : undefined;
};
/** A secret never goes to another host than the one that it was given for. */
export const fitsConnection = (gitUrl: string, connection: HostConnection): boolean => originOf(gitUrl) === connection.origin;

/** Why something that should be there is not; the chain goes on with what comes after it. */
const lost =
  (name: string, what: string): Candidate =>
  () =>
    Promise.reject(
      new HostRefused(`The ${what} of rig ${name} cannot be read; connect the repository again with a credential.`, 'unauthorised'),
    );

/** What a connection gives for a repository, best first. */
export const connectionCandidates = async (ports: Ports, connection: HostConnection, gitUrl: string): Promise<readonly Candidate[]> => {
  if (!fitsConnection(gitUrl, connection)) return [lost(gitUrl, `connection ${connection.name}, which is for ${connection.origin},`)];
  const secret = readSecret(connection, await ports.secrets.get(connection.secretRef));
  if (secret === undefined) return [lost(gitUrl, `secret of the connection ${connection.name}`)];
  const { host } = connection;
  if (connection.kind === 'token') {
    const credential = { username: connection.username, password: 'token' in secret ? secret.token : '' };
    return [async () => ({ gitUrl, host, credential })];
  }
  const app: HostApp = { ...connection, privateKey: 'privateKey' in secret ? secret.privateKey : '' };
  const minted = async (from: 'known' | 'new'): Promise<HostRepository> => {
    const { credential } = await ports.hostAccounts.token(app, gitUrl, from);
    return { gitUrl, host, credential };
  };
  return [
    () => minted('known'),
    // What was made before may have been taken back; nothing else is cured by a new one.
    async (before) => {
      if (before !== undefined && before.code !== 'unauthorised') throw before;
      return minted('new');
    },
  ];
};

const candidates = async (ports: Ports, rig: AskedRig): Promise<readonly Candidate[]> => {
  const { hostConnectionId, gitUrl } = rig;
  const found: Candidate[] = [];
  let host: HostConnection['host'] | undefined = rig.pullRequests?.host === 'github' ? 'github' : undefined;
  if (hostConnectionId !== undefined) {
    const town = await ports.store.get('town', { townId: rig.townId });
    const connection = town?.hostConnections?.find((each) => each.hostConnectionId === hostConnectionId);
    host = connection?.host ?? host;
    found.push(...(connection === undefined ? [lost(rig.name, 'connection')] : await connectionCandidates(ports, connection, gitUrl)));
  }
  const stored = await storedCredential(ports, rig);
  if (stored.kind === 'found') found.push(async () => ({ gitUrl, host, credential: stored.credential }));
  else if (stored.kind !== 'none') found.push(lost(rig.name, 'credential'));
  return found.length === 0 ? [async () => ({ gitUrl, host })] : found;
};

/** Another credential may be let where this one was not: a host says "not found" of what a token may not see. */
const mayHelp = (error: unknown): error is HostRefused =>
  error instanceof HostRefused && (error.code === 'unauthorised' || error.code === 'forbidden' || error.code === 'not_found');

/** Acts with the first candidate that the host takes. Throws what the first of them met; `HostUnavailable` at once. */
export const firstThatWorks = async <T>(ordered: readonly Candidate[], act: (repository: HostRepository) => Promise<T>): Promise<T> => {
  let refused: HostRefused | undefined;
  for (const candidate of ordered) {
    try {
      return await act(await candidate(refused));
    } catch (error) {
      if (!mayHelp(error)) throw error;
      refused ??= error;
    }
  }
  throw refused ?? new HostRefused('There is nothing to ask the host with.', 'unauthorised');
};

/** Acts at the host of a rig. Throws `HostUnavailable` and `HostRefused`. */
export const atHost = async <T>(ports: Ports, rig: AskedRig, act: (repository: HostRepository) => Promise<T>): Promise<T> =>
  firstThatWorks(await candidates(ports, rig), act);

/** The credential for git itself; undefined where the repository needs none. Throws `HostUnavailable` and `HostRefused`. */
export const gitCredentialOf = (ports: Ports, rig: AskedRig): Promise<GitCredential | undefined> =>
  atHost(ports, rig, async ({ credential }) => credential);
