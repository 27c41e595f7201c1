// A git remote without pull requests: work is merged by the town itself.
import { HostRefused } from '../../host-errors.ts';
import type { PullRequestHost } from '../../pull-request-host.ts';

export const noPullRequests = 'This git host has no pull requests that the town can open; its work is merged directly.';
const refused = (): Promise<never> => Promise.reject(new HostRefused(noPullRequests, 'unsupported'));

export const createPlainRemote = (): PullRequestHost => ({
  access: () => Promise.resolve({ ok: false, message: noPullRequests }),
  open: refused,
  findByHead: () => Promise.resolve(undefined),
  facts: refused,
  merge: refused,
  comment: refused,
  review: refused,
  replyAndResolve: refused,
  isInOpenPullRequest: () => Promise.resolve(false),
});
