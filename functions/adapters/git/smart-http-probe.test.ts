// The probe against a real `git http-backend` on the loopback address, and the addresses it must not reach.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPublicAddress } from './public-address.ts';
import { parseAdvertisement } from './ref-advertisement.ts';
import { createSmartHttpProbe } from './smart-http-probe.ts';

const folder = mkdtempSync(join(tmpdir(), 'probe-'));
const git = (...args: string[]): string =>
  execFileSync('git', args, {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_AUTHOR_NAME: 'A',
      GIT_AUTHOR_EMAIL: 'a@example.com',
      GIT_COMMITTER_NAME: 'A',
      GIT_COMMITTER_EMAIL: 'a@example.com',
    },
  });
const basic = `Basic ${Buffer.from('ada:s3cret').toString('base64')}`;

/** CGI as git's own manual describes it; `/private` asks for a password, `/public` lets anyone read. */
const serveGit = (request: IncomingMessage, response: ServerResponse): void => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const known = request.headers.authorization === basic;
  if (url.pathname.startsWith('/moved')) {
    response.writeHead(301, { location: `/public${url.pathname.slice('/moved'.length)}${url.search}` }).end();
    return;
  }
  if (url.pathname.startsWith('/away')) {
    response.writeHead(302, { location: `http://169.254.169.254${url.pathname}` }).end();
    return;
  }
  if (url.pathname.startsWith('/page')) {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<p>hello</p>');
    return;
  }
  if (url.pathname.startsWith('/silent')) return;
  if (url.pathname.startsWith('/private') && !known) {
    response.writeHead(401).end();
    return;
  }
  const cgi = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH ?? '',
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: url.pathname.replace(/^\/(public|private)/, ''),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      ...(known ? { REMOTE_USER: 'ada' } : {}),
    },
  });
  const parts: Buffer[] = [];
  cgi.stdout.on('data', (part: Buffer) => parts.push(part));
  cgi.on('close', () => {
    const all = Buffer.concat(parts);
    const end = all.indexOf('\r\n\r\n');
    const headers = all
      .toString('latin1', 0, end)
      .split('\r\n')
      .map((line) => line.split(': '));
    const status = headers.find(([name]) => name === 'Status')?.[1];
    for (const [name = '', value = ''] of headers) if (name !== 'Status') response.setHeader(name, value);
    response.writeHead(status === undefined ? 200 : Number(status.slice(0, 3))).end(all.subarray(end + 4));
  });
};

let server: Server;
let origin = '';
beforeAll(async () => {
  git('init', '-q', '--bare', '-b', 'trunk', 'empty.git');
  git('init', '-q', '--bare', '-b', 'trunk', 'shop.git');
  git('init', '-q', '-b', 'trunk', 'work');
  git('-C', 'work', 'commit', '-q', '--allow-empty', '-m', 'first');
  git('-C', 'work', 'push', '-q', join(folder, 'shop.git'), 'trunk', 'trunk:refs/heads/another');
  server = createServer(serveGit);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  origin = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  rmSync(folder, { recursive: true, force: true });
});

describe('the probe of a repository over smart HTTP', () => {
  const probe = createSmartHttpProbe({ timeoutMs: 5000, reach: 'any' });
  const credential = { username: 'ada', password: 's3cret' };

  it('finds the default branch of a repository that may be pushed to', async () => {
    expect(await probe(`${origin}/private/shop.git`, credential)).toEqual({
      ok: true,
      defaultBranch: 'trunk',
      branches: ['another', 'trunk'],
      moreBranches: false,
    });
  });
  it('finds no branches in a repository without commits', async () => {
    expect(await probe(`${origin}/private/empty.git/`, credential)).toMatchObject({ ok: true, branches: [] });
  });
  it('says that a public repository cannot be pushed to without a credential', async () => {
    expect(await probe(`${origin}/public/shop.git`)).toMatchObject({
      ok: false,
      reason: 'read-only',
      message: expect.stringContaining('pushing needs a credential'),
    });
  });
  it.each([
    ['no credential', undefined, 'wants a credential'],
    ['a wrong credential', { username: 'ada', password: 'guess' }, 'refused the credential'],
  ])('says that a private repository refuses %s', async (_name, given, text) => {
    expect(await probe(`${origin}/private/shop.git`, given)).toMatchObject({
      ok: false,
      reason: 'unauthorised',
      message: expect.stringContaining(text),
    });
  });
  it('tells a missing repository from a page that is none', async () => {
    expect(await probe(`${origin}/private/absent.git`, credential)).toMatchObject({
      ok: false,
      reason: 'not-found',
      message: expect.stringContaining('no such repository'),
    });
    expect(await probe(`${origin}/page/shop.git`)).toMatchObject({
      ok: false,
      reason: 'not-found',
      message: expect.stringContaining('not with a git repository'),
    });
  });
  it('follows a redirect on the same host and none to another', async () => {
    expect(await probe(`${origin}/moved/shop.git`, credential)).toMatchObject({ ok: true, defaultBranch: 'trunk' });
    expect(await probe(`${origin}/away/shop.git`, credential)).toMatchObject({
      ok: false,
      reason: 'not-allowed',
      message: expect.stringContaining('169.254.169.254'),
    });
  });
  it('gives up on a host that does not answer', async () => {
    const impatient = createSmartHttpProbe({ timeoutMs: 200, reach: 'any' });
    expect(await impatient(`${origin}/silent/shop.git`)).toMatchObject({
      ok: false,
      reason: 'unreachable',
      message: expect.stringContaining('did not answer within 0.2 s'),
    });
  });
  it('says that nobody listens', async () => {
    expect(await probe('http://127.0.0.1:1/shop.git')).toMatchObject({ ok: false, reason: 'unreachable' });
  });
});

describe('the probe of a server that acts for strangers', () => {
  const probe = createSmartHttpProbe({ timeoutMs: 2000, reach: 'public' });
  it.each([
    'https://127.0.0.1/r.git',
    'https://[::1]/r.git',
    'https://[::ffff:169.254.169.254]/r.git',
    'https://169.254.169.254/latest',
    'https://10.0.0.8/r.git',
    'https://2130706433/r.git',
    'https://localhost/r.git',
    'http://example.com/r.git',
    'https://ada:pw@example.com/r.git',
    'ssh://git@example.com/r.git',
    'nonsense',
  ])('refuses %s', async (url) => {
    expect(await probe(url)).toMatchObject({ ok: false, reason: 'not-allowed' });
  });
  it('asks only the hosts on the list', async () => {
    const strict = createSmartHttpProbe({ timeoutMs: 2000, reach: 'public', allowedHosts: ['git.example.com'] });
    expect(await strict('https://elsewhere.example.org/r.git')).toMatchObject({
      ok: false,
      reason: 'not-allowed',
      message: expect.stringContaining('list of git hosts'),
    });
  });
  it.each([
    ['8.8.8.8', true],
    ['2606:4700:4700::1111', true],
    ['192.168.1.1', false],
    ['100.64.0.1', false],
    ['fd00::1', false],
    ['64:ff9b::a00:1', false],
    ['host', false],
  ])('judges the address %s: public is %s', (address, expected) => {
    expect(isPublicAddress(address)).toBe(expected);
  });
});

const packet = (text: string): string => `${(Buffer.byteLength(text) + 4).toString(16).padStart(4, '0')}${text}`;

describe('the reader of ref advertisements', () => {
  const sha = 'a'.repeat(40);
  const start = `${packet('# service=git-upload-pack\n')}0000${packet(`${sha} HEAD\0multi_ack symref=HEAD:refs/heads/dev agent=git/2\n`)}`;
  const whole = Buffer.from(
    `${start}${packet(`${sha} refs/heads/dev\n`)}${packet(`${sha} refs/heads/ops\n`)}${packet(`${sha} refs/pull/1/head\n`)}0000`,
  );
  const past = whole.indexOf('refs/pull/1/head') + 'refs/pull/1/head'.length;
  it('asks for more until the last branch has come, wherever the bytes are cut', () => {
    for (let cut = 0; cut <= past; cut += 1) expect(parseAdvertisement(whole.subarray(0, cut), 'git-upload-pack').kind).toBe('more');
    expect(parseAdvertisement(whole.subarray(0, past + 1), 'git-upload-pack')).toEqual({
      kind: 'done',
      advertisement: { defaultBranch: 'dev', branches: ['dev', 'ops'], moreBranches: false },
    });
  });
  it('says that there may be more branches when nothing comes after a cut', () => {
    expect(parseAdvertisement(whole.subarray(0, whole.indexOf('ops')), 'git-upload-pack', true)).toEqual({
      kind: 'done',
      advertisement: { defaultBranch: 'dev', branches: ['dev'], moreBranches: true },
    });
  });
  it('takes the first branch when HEAD names none', () => {
    const unborn = Buffer.from(
      `${packet('# service=git-upload-pack\n')}0000${packet(`${sha} refs/heads/trunk\0multi_ack agent=git/2\n`)}0000`,
    );
    expect(parseAdvertisement(unborn, 'git-upload-pack')).toMatchObject({ advertisement: { defaultBranch: 'trunk', branches: ['trunk'] } });
  });
  it('refuses other bytes', () => {
    expect(parseAdvertisement(Buffer.from('<!doctype html>'), 'git-upload-pack').kind).toBe('not-git');
    expect(parseAdvertisement(whole, 'git-receive-pack').kind).toBe('not-git');
  });
});
