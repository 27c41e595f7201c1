// H4: branches that an open pull request needs, anybody's, as its head or its base. Removing one would close it.
import type { RemoteBranch } from '../../domain/branches.ts';
import type { Rig } from '../../contracts/town.schema.ts';
import { HostRefused, HostUnavailable } from '../../host-errors.ts';
import { atHost } from '../../operations/host-access.ts';
import type { HostRepository } from '../../pull-request-host.ts';
import type { PassContext } from '../context.ts';

const askedAtOnce = 5;

const freeOf = async (ctx: PassContext, repository: HostRepository, branches: readonly RemoteBranch[]): Promise<RemoteBranch[]> => {
  const free: RemoteBranch[] = [];
  for (let from = 0; from < branches.length; from += askedAtOnce) {
    const some = branches.slice(from, from + askedAtOnce);
    const needed = await Promise.all(some.map(({ name }) => ctx.ports.pullRequests.isInOpenPullRequest(repository, name)));
    free.push(...some.filter((_branch, index) => needed[index] === false));
  }
  return free;
};

/** Those that no open pull request needs; undefined when the host cannot be asked: then nobody knows, and all stay for now. */
export const withoutPullRequest = async (
  ctx: PassContext,
  rig: Rig,
  branches: readonly RemoteBranch[],
): Promise<readonly RemoteBranch[] | undefined> => {
  if (branches.length === 0) return [];
  try {
    return await atHost(ctx.ports, rig, (repository) => freeOf(ctx, repository, branches));
  } catch (error) {
    if (!(error instanceof HostRefused || error instanceof HostUnavailable)) throw error;
    ctx.ports.log.warn('branches_kept', { townId: ctx.townId, rigId: rig.rigId, count: branches.length, reason: error.message });
    return undefined;
  }
};
