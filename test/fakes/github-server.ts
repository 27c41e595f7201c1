// A GitHub on the loopback address, over real bare repositories: what the product uses of REST and GraphQL, git over HTTP, and its faults.
import { generateKeyPairSync } from 'node:crypto';
import type { KeyPairKeyObjectResult } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bareRepository } from './github/bare-repository.ts';
import { serveGit } from './github/git-http.ts';
import { headOf, newPull } from './github/pulls.ts';
import { respond } from './github/respond.ts';
import type {
  FakeCheckRun,
  FakeInstallation,
  FakePull,
  FakeRepository,
  FakeReview,
  FakeThread,
  Permission,
  World,
} from './github/world.ts';
import { isoOf } from './github/world.ts';

/** One answer instead of the real one, for requests that match `METHOD /path`. */
export interface Fault {
  readonly matches: RegExp;
  readonly status: number | 'hang' | 'reset';
  readonly headers?: Readonly<Record<string, string>>;
  readonly message?: string;
  /** The request has its effect, only the answer is lost. */
  readonly afterEffect?: boolean;
  times: number;
}
export interface FakeGithub {
  /** `http://127.0.0.1:<port>`; the API is below `/api/v3` and `/api/graphql`, as on a GitHub of one's own. */
  readonly origin: string;
  readonly world: World;
  /** `METHOD /path` of every API request, oldest first. */
  readonly requests: { readonly line: string; readonly authorization: string | undefined }[];
  addRepository(path: string, folder: string, people?: Readonly<Record<string, Permission>>): FakeRepository;
  /** A personal token; fine-grained where `permissions` are given. */
  addToken(token: string, login: string, permissions?: Readonly<Record<string, 'read' | 'write'>>): void;
  addApp(installation: Partial<FakeInstallation> & { readonly account: string }): {
    appId: number;
    installationId: number;
    privateKey: string;
  };
  gitUrl(repository: FakeRepository): string;
  /** A pull request that somebody opens by hand. */
  addPull(repository: FakeRepository, by: string, head: string, made?: { base?: string; headRepository?: string; sha?: string }): FakePull;
  addThread(pull: FakePull, by: string, text: string, place?: { path?: string; line?: number }): FakeThread;
  addReview(repository: FakeRepository, pull: FakePull, by: string, state: FakeReview['state'], body?: string): void;
  addCheckRun(repository: FakeRepository, run: Partial<FakeCheckRun> & { readonly sha: string; readonly name: string }): FakeCheckRun;
  fail(fault: Omit<Fault, 'times'> & { readonly times?: number }): void;
  /** Faults are over. */
  heal(): void;
  close(): Promise<void>;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;
const bodyOf = async (request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  const text = Buffer.concat(parts).toString('utf8');
  const parsed: unknown = text === '' ? {} : JSON.parse(text);
  return isRecord(parsed) ? parsed : {};
};
const write = (response: ServerResponse, status: number, headers: Readonly<Record<string, string>>, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'x-ratelimit-remaining': '4999', ...headers });
  response.end(body === undefined ? '' : JSON.stringify(body));
};

export const startGithub = async (nowMs: () => number = Date.now): Promise<FakeGithub> => {
  let count = 1000;
  const world: World = { repositories: new Map(), tokens: new Map(), apps: new Map(), nextId: () => (count += 1), nowMs };
  const requests: FakeGithub['requests'] = [];
  const faults: Fault[] = [];
  let origin = '';
  const serveLog = (path: string, response: ServerResponse): void => {
    const runs = [...world.repositories.values()].flatMap(({ checkRuns }) => checkRuns);
    response.writeHead(200, { 'content-type': 'text/plain' }).end(runs.find(({ id }) => path === `/_logs/${id}`)?.log ?? '');
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (serveGit(world, request, response)) return;
    const url = new URL(request.url ?? '/', origin);
    const { authorization } = request.headers;
    const line = `${request.method} ${url.pathname}${url.search}`;
    const body = await bodyOf(request);
    requests.push({ line, authorization });
    if (url.pathname.startsWith('/_logs/')) {
      serveLog(url.pathname, response);
      return;
    }
    const fault = faults.find(({ matches, times }) => times > 0 && matches.test(line));
    const call = { method: request.method ?? 'GET', url, authorization, body, origin };
    if (fault !== undefined) {
      fault.times -= 1;
      if (fault.afterEffect === true) respond(world, call);
      if (fault.status === 'reset') request.socket.destroy();
      else if (fault.status !== 'hang') write(response, fault.status, fault.headers ?? {}, { message: fault.message ?? 'Server Error' });
      return;
    }
    const { status, headers, body: answer } = respond(world, call);
    write(response, status, headers, answer);
  };
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      write(response, 500, {}, { message: error instanceof Error ? error.message : 'failed' });
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  origin = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
  return {
    ...hands(world),
    origin,
    world,
    requests,
    gitUrl: ({ owner, name }) => `${origin}/${owner}/${name}.git`,
    fail: (fault) => {
      faults.push({ ...fault, times: fault.times ?? Number.POSITIVE_INFINITY });
    },
    heal: () => {
      faults.length = 0;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
};

const everything = {
  contents: 'write',
  pull_requests: 'write',
  checks: 'read',
  statuses: 'read',
  actions: 'read',
  metadata: 'read',
} as const;

/** Two keys by turns: making one takes long. */
const keyPairs: KeyPairKeyObjectResult[] = [];
const keysOf = (count: number): KeyPairKeyObjectResult => (keyPairs[count % 2] ??= generateKeyPairSync('rsa', { modulusLength: 2048 }));

/** What a test does by hand on the host. */
const hands = (
  world: World,
): Pick<FakeGithub, 'addRepository' | 'addToken' | 'addApp' | 'addPull' | 'addThread' | 'addReview' | 'addCheckRun'> => ({
  addRepository: (path, folder, people = {}) => {
    const [owner = '', name = ''] = path.split('/');
    const repository: FakeRepository = {
      owner,
      name,
      git: bareRepository(folder),
      defaultBranch: 'main',
      isPrivate: true,
      isArchived: false,
      methods: ['merge', 'squash', 'rebase'],
      people: new Map(Object.entries(people)),
      rules: new Map(),
      pulls: [],
      checkRuns: [],
      statuses: [],
      pushes: [],
    };
    world.repositories.set(path.toLowerCase(), repository);
    return repository;
  },
  addToken: (token, login, permissions = everything) => {
    world.tokens.set(token, { login, kind: 'person', repositories: 'all', permissions });
  },
  addApp: (installation) => {
    const keys = keysOf(world.apps.size);
    const [appId, installationId] = [world.nextId(), world.nextId()];
    const publicKeyPem = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const installed = { repositories: 'all', permissions: everything, isSuspended: false, ...installation, id: installationId } as const;
    world.apps.set(appId, { appId, slug: 'gastown-town', publicKeyPem, installations: new Map([[installationId, installed]]) });
    return { appId, installationId, privateKey: keys.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString() };
  },
  addPull: (repository, by, head, made = {}) => {
    const token = { login: by, kind: 'person', repositories: 'all', permissions: everything } as const;
    const sha = made.sha ?? repository.git.headOf(head) ?? '';
    const base = made.base ?? repository.defaultBranch;
    const fork = made.headRepository === undefined ? {} : { headRepository: made.headRepository };
    return newPull({ world, token }, { repository, head, base, title: `Change of ${by}`, body: '', sha, ...fork });
  },
  addThread: (pull, by, text, { path = 'base.txt', line = 1 } = {}) => {
    const comment = { id: world.nextId(), login: by, body: text, createdAt: isoOf(world) };
    const thread: FakeThread = { id: `PRRT_${world.nextId()}`, path, line, isResolved: false, isOutdated: false, comments: [comment] };
    pull.threads.push(thread);
    return thread;
  },
  addReview: (repository, pull, by, state, body = '') => {
    const commitId = headOf(repository, pull);
    pull.reviews.push({ id: world.nextId(), login: by, state, body, commitId, submittedAt: isoOf(world) });
  },
  addCheckRun: (repository, run) => {
    const made: FakeCheckRun = { id: world.nextId(), status: 'completed', conclusion: 'success', summary: '', log: '', ...run };
    repository.checkRuns.push(made);
    return made;
  },
});
