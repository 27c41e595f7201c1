// Git hosts with an API. Which adapter talks about the pull requests of a repository: by what its connection says, else by the name of its host.
import type { HostAccounts } from '../../host-accounts.ts';
import type { Clock } from '../../ports.ts';
import type { HostRepository, PullRequestHost } from '../../pull-request-host.ts';
import { createGithubAccounts } from '../github/accounts.ts';
import { githubAddress } from '../github/address.ts';
import { createGithubClient } from '../github/client.ts';
import { createHostFetch } from '../github/host-fetch.ts';
import type { HostFetchOptions } from '../github/host-fetch.ts';
import { createGithubPullRequests } from '../github/pull-requests.ts';
import { createPlainRemote } from './plain-remote.ts';

export interface HostsOptions extends HostFetchOptions {
  readonly clock: Clock;
  /** When given, only these hosts (name, or name:port) are asked. */
  readonly allowedHosts?: readonly string[] | undefined;
}
export interface Hosts {
  readonly pullRequests: PullRequestHost;
  readonly hostAccounts: HostAccounts;
}

export const createHosts = ({ clock, allowedHosts, ...reach }: HostsOptions): Hosts => {
  const client = createGithubClient({ fetch: createHostFetch(reach), clock, allowedHosts });
  return { pullRequests: byHost(createGithubPullRequests({ client, clock })), hostAccounts: createGithubAccounts({ client, clock }) };
};

const byHost = (github: PullRequestHost): PullRequestHost => {
  const plain = createPlainRemote();
  const of = ({ gitUrl, host }: HostRepository): PullRequestHost =>
    githubAddress(gitUrl, host === 'github') === undefined ? plain : github;
  return {
    access: (repository) => of(repository).access(repository),
    open: (repository, request) => of(repository).open(repository, request),
    findByHead: (repository, headBranch) => of(repository).findByHead(repository, headBranch),
    facts: (repository, number) => of(repository).facts(repository, number),
    merge: (repository, call) => of(repository).merge(repository, call),
    comment: (repository, given) => of(repository).comment(repository, given),
    review: (repository, given) => of(repository).review(repository, given),
    replyAndResolve: (repository, reply) => of(repository).replyAndResolve(repository, reply),
    isInOpenPullRequest: (repository, branch) => of(repository).isInOpenPullRequest(repository, branch),
  };
};
