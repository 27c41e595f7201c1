// Where a repository of GitHub is: the host, its API, and the path on it. Pure.

export interface GithubAddress {
  /** For sentences: `github.com`. */
  readonly hostName: string;
  /** Without a slash at its end. */
  readonly apiUrl: string;
  readonly owner: string;
  readonly name: string;
  /** `owner/name` in lower case: GitHub does not tell cases apart. */
  readonly repo: string;
}

const isDotCom = (host: string): boolean => host === 'github.com' || host === 'www.github.com';
/** Hosts that are GitHub by their name. */
export const isGithubName = (host: string): boolean => isDotCom(host) || host.endsWith('.ghe.com');

/** The API of a GitHub at this origin: GitHub's own have a host for it, GitHub Enterprise Server a path. */
export const apiUrlOf = (origin: string): string => {
  const url = new URL(origin);
  if (isDotCom(url.host)) return 'https://api.github.com';
  return url.host.endsWith('.ghe.com') ? `https://api.${url.host}` : `${url.origin}/api/v3`;
};

/** The origin of the pages of a git URL, and the path of its repository; undefined for a path on this machine. */
export const placeOf = (gitUrl: string): { readonly origin: string; readonly path: string } | undefined => {
  const scp = /^[A-Za-z0-9._-]+@([A-Za-z0-9.-]+):([^/].*)$/.exec(gitUrl);
  const url = scp === null ? URL.parse(gitUrl) : URL.parse(`ssh://git@${scp[1]}/${scp[2]}`);
  if (url === null || url.hostname === '') return undefined;
  const path = url.pathname.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
  if (url.protocol === 'http:' || url.protocol === 'https:') return { origin: url.origin, path };
  return url.protocol === 'ssh:' ? { origin: `https://${url.hostname}`, path } : undefined;
};

/** `isGithub`: what is known of the host beside its name. */
export const githubAddress = (gitUrl: string, isGithub: boolean): GithubAddress | undefined => {
  const place = placeOf(gitUrl);
  if (place === undefined) return undefined;
  const { host } = new URL(place.origin);
  const [owner, name, more] = place.path.split('/');
  if (!(isGithub || isGithubName(host)) || owner === undefined || owner === '' || name === undefined || name === '' || more !== undefined)
    return undefined;
  return { hostName: host, apiUrl: apiUrlOf(place.origin), owner, name, repo: `${owner}/${name}`.toLowerCase() };
};
