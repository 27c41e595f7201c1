// Which adapter talks about the pull requests of a repository: by what its connection says, else by the name of its host.
import type { Clock } from '../../ports.ts';
import type { HostRepository, PullRequestHost } from '../../pull-request-host.ts';
import { githubAddress } from '../github/address.ts';
import { createGithubClient } from '../github/client.ts';
import { createHostFetch } from '../github/host-fetch.ts';
import type { HostFetchOptions } from '../github/host-fetch.ts';
import { createGithubPullRequests } from '../github/pull-requests.ts';
import { createPlainRemote } from './plain-remote.ts';

export interface PullRequestsOptions extends HostFetchOptions {
  readonly clock: Clock;
}

export const createPullRequests = ({ clock, ...reach }: PullRequestsOptions): PullRequestHost => {
  const plain = createPlainRemote();
  const github = createGithubPullRequests({ client: createGithubClient({ fetch: createHostFetch(reach), clock }), clock });
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
