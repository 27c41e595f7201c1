// GitHub and GitHub Enterprise as a host of pull requests.
import { HostRefused } from '../../host-errors.ts';
import type { Clock } from '../../ports.ts';
import type { HostAccess, HostRepository, PullRequestHost } from '../../pull-request-host.ts';
import { githubAddress } from './address.ts';
import type { GithubClient } from './client.ts';
import { createFactsReader, methodsOf } from './facts.ts';
import { viewerAnswer, viewerQuery } from './queries.ts';
import type { Asked } from './threads.ts';
import { comment, findByHead, isInOpenPullRequest, merge, open, replyAndResolve, review } from './writing.ts';

const writing = new Set(['WRITE', 'MAINTAIN', 'ADMIN']);
/** An installation's own permissions were looked at when it was connected; of a person's token GitHub tells them here. */
const isOfApp = ({ asking }: Asked): boolean => asking.token?.startsWith('ghs_') === true;

const lookAt = async (client: GithubClient, asked: Asked): Promise<HostAccess> => {
  const { asking, address } = asked;
  if (asking.token === undefined) return { ok: false, message: `${asking.hostName} wants a token before it lets pull requests be opened.` };
  const { viewer, repository } = await client.graphql(asking, viewerQuery, { owner: address.owner, name: address.name }, viewerAnswer);
  if (repository === null) return { ok: false, message: `${asking.hostName} knows no ${address.repo}, or the token may not see it.` };
  if (repository.isArchived) return { ok: false, message: `${address.repo} is archived: nothing can be merged there.` };
  if (!isOfApp(asked) && !writing.has(repository.viewerPermission ?? ''))
    return {
      ok: false,
      message: `${viewer.login} may read ${address.repo} but not push to it. Give the account write access, or connect with another token.`,
    };
  return { ok: true, host: 'github', repo: address.repo, login: viewer.login, allowedMethods: methodsOf(repository) };
};

export const createGithubPullRequests = ({ client, clock }: { readonly client: GithubClient; readonly clock: Clock }): PullRequestHost => {
  const factsOf = createFactsReader(client, clock);
  const asked = ({ gitUrl, credential, host }: HostRepository): Asked => {
    const address = githubAddress(gitUrl, host === 'github');
    if (address === undefined)
      throw new HostRefused('The address of the repository does not name a repository of GitHub, as in github.com/owner/name.', 'invalid');
    return { address, asking: { hostName: address.hostName, apiUrl: address.apiUrl, token: credential?.password } };
  };
  return {
    access: async (repository) => {
      try {
        return await lookAt(client, asked(repository));
      } catch (error) {
        if (error instanceof HostRefused) return { ok: false, message: error.message };
        throw error;
      }
    },
    open: async (repository, request) => open(client, asked(repository), request),
    findByHead: async (repository, headBranch) => findByHead(client, asked(repository), headBranch),
    facts: async (repository, number) => factsOf(asked(repository), number),
    merge: async (repository, call) => merge(client, asked(repository), call),
    comment: async (repository, given) => comment(client, asked(repository), given),
    review: async (repository, given) => review(client, asked(repository), given),
    replyAndResolve: async (repository, reply) => replyAndResolve(client, asked(repository), reply),
    isInOpenPullRequest: async (repository, branch) => isInOpenPullRequest(client, asked(repository), branch),
  };
};
