// Whether a repository can be read and pushed to: asked of its host with what the town would use, without writing anything.
import type { z } from 'zod';
import type { routes } from '../contracts/routes.ts';
import type { Rig } from '../contracts/town.schema.ts';
import { HostRefused, HostUnavailable } from '../host-errors.ts';
import type { GitCredential, Ports, ProbeResult } from '../ports.ts';
import type { HostRepository } from '../pull-request-host.ts';
import { unprocessable } from '../api/problems.ts';
import { atHost, connectionCandidates, firstThatWorks, fitsConnection } from './host-access.ts';
import { hostProblem } from './host-connections.ts';

type Found = Extract<ProbeResult, { ok: true }>;
/** What was found, and with what the host was asked. */
export interface Probed {
  readonly found: Found;
  readonly repository: HostRepository;
}
export interface Reach {
  readonly gitUrl: string;
  readonly credential?: GitCredential | undefined;
  readonly hostConnectionId?: string | undefined;
}
const isLocalPath = (gitUrl: string): boolean => gitUrl.startsWith('/') || gitUrl.startsWith('file://');

const mustBeFound = (found: ProbeResult): Found => {
  if (found.ok) return found;
  throw unprocessable(found.message, [
    { path: found.reason === 'unauthorised' ? 'body.credential' : 'body.gitUrl', message: found.message },
  ]);
};

const viaConnection = async (ports: Ports, townId: string, { gitUrl, hostConnectionId }: Reach): Promise<Probed> => {
  const path = 'body.hostConnectionId';
  const town = await ports.store.get('town', { townId });
  const connection = town?.hostConnections?.find((each) => each.hostConnectionId === hostConnectionId);
  if (connection === undefined)
    throw unprocessable('There is no such connection in this town; list the connections to see their ids.', [
      { path, message: 'no such connection' },
    ]);
  if (!fitsConnection(gitUrl, connection))
    throw unprocessable(
      `The connection ${connection.name} is for ${connection.origin}: give an address of a repository there, e.g. ${connection.origin}/owner/name.git.`,
      [{ path, message: `is for ${connection.origin}` }],
    );
  try {
    const ordered = await connectionCandidates(ports, connection, gitUrl);
    return await firstThatWorks(ordered, async (repository) => ({
      found: mustBeFound(await ports.gitHost.probe(gitUrl, repository.credential)),
      repository,
    }));
  } catch (error) {
    throw hostProblem(error, path);
  }
};

/** Throws 422 with what to do when the repository cannot be reached or pushed to, 503 when its host does not answer. */
export const probed = async (ports: Ports, townId: string, reach: Reach): Promise<Probed> => {
  const { gitUrl, credential } = reach;
  if (isLocalPath(gitUrl) && !ports.deployment.localRepositories) {
    throw unprocessable('Repositories on a path can be connected on one machine only; give an https or ssh URL.', [
      { path: 'body.gitUrl', message: 'no local paths here' },
    ]);
  }
  const probe = reach.hostConnectionId === undefined ? undefined : await viaConnection(ports, townId, reach);
  if (probe !== undefined && credential === undefined) return probe;
  const found = mustBeFound(await ports.gitHost.probe(gitUrl, credential));
  return probe ?? { found, repository: { gitUrl, ...(credential === undefined ? {} : { credential }) } };
};

/** Whether its work can become pull requests: a rig says it from then on. Throws 503 when the host does not answer. */
export const pullRequestsOf = async (ports: Ports, repository: HostRepository): Promise<Rig['pullRequests']> => {
  if (isLocalPath(repository.gitUrl)) return undefined;
  try {
    const access = await ports.pullRequests.access(repository);
    return access.ok ? { host: access.host, repo: access.repo.toLowerCase(), login: access.login } : undefined;
  } catch (error) {
    throw hostProblem(error, 'body.gitUrl');
  }
};

type CheckAnswer = z.infer<(typeof routes.checkRig)['response']>;
const sentence = (error: unknown): string => {
  if (error instanceof HostRefused || error instanceof HostUnavailable) return error.message;
  throw error;
};
const pushCheck = async (ports: Ports, { gitUrl, credential }: HostRepository): Promise<CheckAnswer['push']> => {
  const found = await ports.gitHost.probe(gitUrl, credential);
  if (found.ok) return { ok: true, message: `The town can read it and push to it; its default branch is ${found.defaultBranch}.` };
  // So that the next credential of the rig is tried as it would be at work.
  if (found.reason === 'unauthorised' || found.reason === 'read-only') throw new HostRefused(found.message, 'unauthorised');
  return { ok: false, message: found.message };
};
const pullRequestCheck = async (ports: Ports, repository: HostRepository): Promise<CheckAnswer['pullRequests']> => {
  const access = await ports.pullRequests.access(repository);
  return access.ok ? { ok: true, message: `Pull requests can be opened and merged as ${access.login}.` } : access;
};

/** What the host says now, each part with the credential that it would get at work. */
export const checkRig = async (ports: Ports, rig: Rig): Promise<CheckAnswer> => {
  const said = (error: unknown): { ok: false; message: string } => ({ ok: false, message: sentence(error) });
  const push = await atHost(ports, rig, (repository) => pushCheck(ports, repository)).catch(said);
  const pullRequests = await atHost(ports, rig, (repository) => pullRequestCheck(ports, repository)).catch(said);
  return { push, pullRequests };
};
