// The git remote of agents (smart HTTP on loopback): fetch from the rig's mirror, push to the one assigned branch. Everything else is refused with a sentence.
import { spawn } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import type { ServerResponse } from 'node:http';
import { GitError } from '../git/git.ts';
import type { Mirrors } from '../git/mirrors.ts';
import { flushPkt, parsePushRequest, pktLine, refusePush } from '../git/pkt-line.ts';
import { PushRefusedError } from '../git/pushes.ts';
import type { Pusher, Pushes } from '../git/pushes.ts';
import type { RunnerGit } from '../git/runner-git.ts';
import { messageOf } from '../log.ts';
import type { Locks } from '../process/locks.ts';
import { runProcess } from '../process/run-process.ts';
import type { Access } from './agent-access.ts';
import { readBody } from './door-server.ts';
import type { Door, DoorRequest } from './door-server.ts';

const maxPushBytes = 512 * 1024 * 1024;
const maxFetchBytes = 16 * 1024 * 1024;
/** Receiving and checking the largest push takes far less. */
const receiveLimitMs = 10 * 60_000;
const zeroSha = '0'.repeat(40);

export interface GitDoorOptions {
  readonly mirrors: Mirrors;
  readonly pushes: Pushes;
  readonly runnerGit: RunnerGit;
  readonly locks: Locks;
  readonly pusherOf: (access: Access) => Pusher | undefined;
}

const plain = (response: ServerResponse, status: number, text: string): void => {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`);
};
const bodyOf = async (call: DoorRequest, maxBytes: number): Promise<Buffer> => {
  const body = await readBody(call.request, maxBytes);
  return call.request.headers['content-encoding'] === 'gzip' ? gunzipSync(body, { maxOutputLength: maxBytes }) : body;
};
const answer = (response: ServerResponse, service: string, kind: 'advertisement' | 'result', body: Buffer): void => {
  response.writeHead(200, { 'content-type': `application/x-${service}-${kind}`, 'cache-control': 'no-cache' }).end(body);
};

const protocolOf = (call: DoorRequest): Record<string, string> => {
  const version = call.request.headers['git-protocol'];
  return typeof version === 'string' && /^[a-z0-9=:]{1,40}$/.test(version) ? { GIT_PROTOCOL: version } : {};
};
type Service = 'git-upload-pack' | 'git-receive-pack';
const serviceOf = (name: string | undefined): Service | undefined =>
  name === 'git-upload-pack' || name === 'git-receive-pack' ? name : undefined;

export const createGitDoor = (options: GitDoorOptions): Door => {
  const { mirrors, pushes, runnerGit, locks } = options;
  const advertise = async (call: DoorRequest, service: Service, folder: string): Promise<void> => {
    const env = { ...runnerGit.localEnv, ...(service === 'git-upload-pack' ? protocolOf(call) : {}) };
    const result = await runProcess({
      command: 'git',
      args: [service.slice(4), '--stateless-rpc', '--advertise-refs', folder],
      cwd: folder,
      env,
    });
    if (result.exitCode !== 0) {
      plain(call.response, 500, result.stderr.trim());
      return;
    }
    answer(call.response, service, 'advertisement', Buffer.concat([pktLine(`# service=${service}\n`), flushPkt, result.stdout]));
  };

  const fetchPack = async (call: DoorRequest, folder: string): Promise<void> => {
    const body = await bodyOf(call, maxFetchBytes);
    const child = spawn('git', ['upload-pack', '--stateless-rpc', folder], {
      cwd: folder,
      env: { ...runnerGit.localEnv, ...protocolOf(call) },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdin.on('error', () => {
      /* git said all it had to say */
    });
    call.response.on('close', () => child.kill('SIGKILL'));
    call.response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result', 'cache-control': 'no-cache' });
    child.stdout.pipe(call.response);
    child.stdin.end(body);
    await new Promise((resolve) => child.on('close', resolve));
  };

  const receive = async (call: DoorRequest, pusher: Pusher): Promise<void> => {
    const body = await bodyOf(call, maxPushBytes);
    const request = parsePushRequest(body);
    const reply = (bytes: Buffer): void => answer(call.response, 'git-receive-pack', 'result', bytes);
    const refuse = (sentence: string): void => reply(refusePush(request, sentence));
    // git sends an empty request first to try out a large push.
    if (request.commands.length === 0) {
      reply(Buffer.alloc(0));
      return;
    }
    const command = request.commands[0];
    if (request.commands.length > 1 || command === undefined || command.ref !== `refs/heads/${pusher.branch}`) {
      refuse(`You may push to one branch only: ${pusher.branch}. Use: git push origin HEAD:refs/heads/${pusher.branch}`);
      return;
    }
    if (command.newSha === zeroSha) {
      refuse('Branches are removed by the town, not by agents.');
      return;
    }
    try {
      await pushes.check(pusher, command.newSha);
      const folder = await pushes.prepare(pusher);
      const result = await runProcess(
        { command: 'git', args: ['receive-pack', '--stateless-rpc', folder], cwd: folder, env: runnerGit.localEnv },
        { input: body, timeoutMs: receiveLimitMs },
      );
      const head = await runProcess({
        command: 'git',
        args: ['rev-parse', '--quiet', '--verify', command.ref],
        cwd: folder,
        env: runnerGit.localEnv,
      });
      const received = head.stdout.toString('utf8').trim() === command.newSha;
      // Not fast-forward, broken objects, too large: git's own report says it best.
      if (!received) {
        reply(result.stdout);
        return;
      }
      await pushes.deliver(pusher, command.newSha);
      reply(result.stdout);
    } catch (error) {
      if (error instanceof PushRefusedError) {
        refuse(error.message);
        return;
      }
      refuse(
        error instanceof GitError
          ? `The repository's host did not take the push: ${error.message}`
          : `The push failed inside the town: ${messageOf(error)}`,
      );
    }
  };

  return async (call) => {
    const match =
      /^\/(r-[a-z0-9]{4,16})\.git\/(info\/refs\?service=(git-upload-pack|git-receive-pack)|git-upload-pack|git-receive-pack)$/.exec(
        call.rest,
      );
    const [, rigId = '', action = '', named] = match ?? [];
    const service = serviceOf(named);
    const { access, request, response } = call;
    if (match === null || (service === undefined) !== (request.method === 'POST')) {
      plain(response, 404, 'There is no such repository here.');
      return;
    }
    if (service === 'git-upload-pack' || action === 'git-upload-pack') {
      const folder = service === undefined ? mirrors.pathOf(mirrors.rigOf(rigId).rigId) : await mirrors.fresh(rigId, 1000);
      await (service === undefined ? fetchPack(call, folder) : advertise(call, service, folder));
      return;
    }
    const pusher = options.pusherOf(access);
    if (pusher === undefined || pusher.rigId !== rigId) {
      plain(response, 403, 'You have no branch to push to in this repository.');
      return;
    }
    await locks(`push:${pusher.agentId}`, async () => {
      if (service === undefined) {
        await receive(call, pusher);
        return;
      }
      await pushes.finishInterrupted(pusher);
      await advertise(call, service, await pushes.prepare(pusher));
    });
  };
};
