// Routes of the fake GitHub: which request is answered by what, lists in pages with a Link header.
import { appOf, makeInstallationToken, tokenOf, viewInstallation, viewPermission, viewRepository } from './apps.ts';
import { activity, branchRules, combinedStatus, jobLogs, listCheckRuns } from './checks.ts';
import { graphql } from './graphql.ts';
import { assign, comment, headOf, listComments, listPulls, mergePull, openPull, pullOf, pullView } from './pulls.ts';
import { repositoryFor } from './apps.ts';
import { addReview, listReviews } from './reviews.ts';
import { Refusal, userView } from './world.ts';
import type { Answer, Asked, World } from './world.ts';

export interface Call {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
  readonly origin: string;
}
export interface Sent {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

type Route = readonly [method: string, path: RegExp, run: (asked: Asked, path: string, ...rest: readonly string[]) => Answer];
const repository = '/repos/([^/]+/[^/]+)';
const at = (path: string): RegExp => new RegExp(`^${repository}${path}$`);
const routes: readonly Route[] = [
  ['GET', at(''), viewRepository],
  ['GET', at('/collaborators/([^/]+)/permission'), (asked, path, login = '') => viewPermission(asked, path, login)],
  ['GET', at('/pulls'), listPulls],
  ['POST', at('/pulls'), openPull],
  [
    'GET',
    at('/pulls/(\\d+)'),
    (asked, path, number = '') => {
      const found = repositoryFor(asked, path);
      return { status: 200, body: pullView(asked, found, pullOf(found, number)) };
    },
  ],
  ['PUT', at('/pulls/(\\d+)/merge'), (asked, path, number = '') => mergePull(asked, path, number)],
  ['GET', at('/pulls/(\\d+)/reviews'), (asked, path, number = '') => listReviews(asked, path, number)],
  ['POST', at('/pulls/(\\d+)/reviews'), (asked, path, number = '') => addReview(asked, path, number)],
  [
    'GET',
    at('/pulls/(\\d+)/files'),
    (asked, path, number = '') => {
      const found = repositoryFor(asked, path);
      const pull = pullOf(found, number);
      return { list: found.git.files(pull.baseRef, headOf(found, pull)) };
    },
  ],
  ['GET', at('/issues/(\\d+)/comments'), (asked, path, number = '') => listComments(asked, path, number)],
  ['POST', at('/issues/(\\d+)/comments'), (asked, path, number = '') => comment(asked, path, number)],
  ['POST', at('/issues/(\\d+)/assignees'), (asked, path, number = '') => assign(asked, path, number)],
  ['GET', at('/commits/([^/]+)/check-runs'), (asked, path, sha = '') => listCheckRuns(asked, path, sha)],
  ['GET', at('/commits/([^/]+)/status'), (asked, path, sha = '') => combinedStatus(asked, path, sha)],
  ['GET', at('/actions/jobs/(\\d+)/logs'), (asked, path, id = '') => jobLogs(asked, path, id)],
  ['GET', at('/activity'), activity],
  ['GET', at('/rules/branches/(.+)'), (asked, path, branch = '') => branchRules(asked, path, branch)],
];

const anonymous = { login: '', kind: 'person', repositories: [], permissions: {} } as const;

const answerOf = (world: World, { method, url, authorization, body, origin }: Call): Answer => {
  const path = url.pathname.replace(/^\/api\/(?:v3|graphql)/, (prefix) => (prefix === '/api/graphql' ? '/graphql' : ''));
  const [, installation, tokens] = /^\/app\/installations\/(\d+)(\/access_tokens)?$/.exec(path) ?? [];
  if (installation !== undefined) {
    const app = appOf(world, (authorization ?? '').replace(/^bearer /i, ''));
    return tokens === undefined ? viewInstallation(app, installation) : makeInstallationToken(world, app, installation, body);
  }
  const token = tokenOf(world, authorization) ?? anonymous;
  const asked: Asked = { world, token, query: url.searchParams, body, origin };
  if (path === '/graphql') return graphql(asked);
  if (path === '/user') {
    if (token.kind === 'installation') throw new Refusal(403, 'Resource not accessible by integration');
    if (token.login === '') throw new Refusal(401, 'Requires authentication');
    return { status: 200, body: userView(token.login) };
  }
  for (const [wanted, pattern, run] of routes) {
    const found = wanted === method ? pattern.exec(path) : null;
    if (found !== null) return run(asked, ...(found.slice(1).map(decodeURIComponent) as [string, ...string[]]));
  }
  throw new Refusal(404, 'Not Found');
};

const paged = (answer: Extract<Answer, { list: unknown }>, { url, origin }: Call): Sent => {
  const perPage = Math.min(100, Number(url.searchParams.get('per_page') ?? 30));
  const page = Number(url.searchParams.get('page') ?? 1);
  const items = answer.list.slice((page - 1) * perPage, page * perPage);
  const next = new URL(`${origin}${url.pathname}${url.search}`);
  next.searchParams.set('page', String(page + 1));
  return {
    status: 200,
    headers: page * perPage < answer.list.length ? { link: `<${next.href}>; rel="next"` } : {},
    body: answer.under === undefined ? items : { ...answer.beside, total_count: answer.list.length, [answer.under]: items },
  };
};

/** Never throws for what GitHub would refuse. */
export const respond = (world: World, call: Call): Sent => {
  try {
    const answer = answerOf(world, call);
    return 'list' in answer ? paged(answer, call) : { status: answer.status, headers: answer.headers ?? {}, body: answer.body };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    const { status, message, errors } = refusal;
    return {
      status,
      headers: {},
      body: {
        message,
        ...(errors === undefined ? {} : { errors }),
        documentation_url: 'https://docs.github.com/rest',
        status: String(status),
      },
    };
  }
};
