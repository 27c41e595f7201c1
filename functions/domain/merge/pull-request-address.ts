// Which pull request an address names, and whether it is one of the rig's repository. Pure.
import type { PullRequestRef } from '../../contracts/pull-request.schema.ts';
import type { Rig } from '../../contracts/town.schema.ts';

export type Named = { readonly ok: true; readonly ref: PullRequestRef } | { readonly ok: false; readonly message: string };

/** `/owner/name/pull/7`, `/group/sub/name/-/merge_requests/7`. */
const pathPattern = /^\/(?<repo>.+?)\/(?:pull|pulls|-\/merge_requests)\/(?<number>\d{1,9})(?:\/.*)?$/;
const hostOf = (gitUrl: string): string | undefined =>
  URL.canParse(gitUrl) ? new URL(gitUrl).hostname : /^[^@/]+@(?<host>[^:/]+):/.exec(gitUrl)?.groups?.['host'];

export const pullRequestNamed = (url: string, { gitUrl, pullRequests }: Pick<Rig, 'gitUrl' | 'pullRequests'>): Named => {
  if (pullRequests === undefined)
    return { ok: false, message: 'The repository of this rig has no pull requests that the town can follow.' };
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const found = pathPattern.exec(parsed?.pathname ?? '')?.groups;
  const number = Number(found?.['number'] ?? 0);
  if (parsed === undefined || parsed.protocol !== 'https:' || found === undefined || number < 1)
    return { ok: false, message: `${url} is not the address of a pull request.` };
  const repo = (found['repo'] ?? '').toLowerCase();
  if (repo !== pullRequests.repo.toLowerCase() || parsed.hostname !== hostOf(gitUrl))
    return { ok: false, message: `${url} belongs to ${parsed.hostname}/${repo}, not to ${pullRequests.repo}.` };
  return { ok: true, ref: { number, url: `${parsed.origin}${parsed.pathname}`, repo } };
};
