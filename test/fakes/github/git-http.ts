// The repositories of the fake GitHub over git's smart HTTP, with the tokens that REST knows.
import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, basename } from 'node:path';
import { permissionOf, tokenOf } from './apps.ts';
import { atLeast } from './world.ts';
import type { World } from './world.ts';

/** `/owner/name.git/info/refs`, `…/git-upload-pack`, `…/git-receive-pack`. */
export const gitPath = /^\/([^/]+)\/([^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;

const refuse = (response: ServerResponse, status: number, message: string): void => {
  response.writeHead(status, status === 401 ? { 'www-authenticate': 'Basic realm="GitHub"' } : {}).end(message);
};

const isPush = (service: string, url: URL): boolean =>
  service === 'git-receive-pack' || url.searchParams.get('service') === 'git-receive-pack';
const passOn = (request: IncomingMessage, response: ServerResponse, cgiEnv: Readonly<Record<string, string>>): void => {
  const cgi = spawn('git', ['-c', 'safe.directory=*', '-c', 'http.receivepack=true', 'http-backend'], {
    env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', ...cgiEnv },
  });
  const parts: Buffer[] = [];
  cgi.stdout.on('data', (part: Buffer) => parts.push(part));
  request.pipe(cgi.stdin);
  cgi.on('close', () => {
    const all = Buffer.concat(parts);
    const end = all.indexOf('\r\n\r\n');
    const lines = all
      .toString('latin1', 0, end)
      .split('\r\n')
      .map((line) => line.split(': '));
    const status = lines.find(([name]) => name === 'Status')?.[1];
    for (const [name = '', value = ''] of lines) if (name !== 'Status') response.setHeader(name, value);
    response.writeHead(status === undefined ? 200 : Number(status.slice(0, 3))).end(all.subarray(end + 4));
  });
};

/** Serves git where the path is one of git; answers whether it was. */
export const serveGit = (world: World, request: IncomingMessage, response: ServerResponse): boolean => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const [, owner = '', name = '', service = ''] = gitPath.exec(url.pathname) ?? [];
  if (service === '') return false;
  const repository = world.repositories.get(`${owner}/${name}`.toLowerCase());
  let token;
  try {
    token = tokenOf(world, request.headers.authorization);
  } catch {
    refuse(response, 401, 'Invalid username or token.');
    return true;
  }
  const permission =
    repository === undefined ? 'none' : token === undefined ? (repository.isPrivate ? 'none' : 'read') : permissionOf(repository, token);
  const wanted = isPush(service, url) ? 'write' : 'read';
  if (repository === undefined || !atLeast(permission, wanted)) {
    if (token === undefined) refuse(response, 401, 'Authentication required');
    else refuse(response, permission === 'none' ? 404 : 403, `Permission to ${owner}/${name}.git denied to ${token.login}.`);
    return true;
  }
  passOn(request, response, {
    GIT_PROJECT_ROOT: dirname(repository.git.folder),
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: `/${basename(repository.git.folder)}/${service}`,
    QUERY_STRING: url.search.slice(1),
    REQUEST_METHOD: request.method ?? 'GET',
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    ...(request.headers['content-encoding'] === undefined ? {} : { HTTP_CONTENT_ENCODING: request.headers['content-encoding'] }),
    ...(token === undefined ? {} : { REMOTE_USER: token.login }),
  });
  return true;
};
