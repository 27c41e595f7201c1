// The programs as agents start them, on the real door of the runner, with a control plane that writes down what it is asked.
import { execFile } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createAgentAccess } from '../doors/agent-access.ts';
import type { AgentAccess } from '../doors/agent-access.ts';
import { startDoors } from '../doors/door-server.ts';
import type { DoorServer } from '../doors/door-server.ts';
import { createMcpDoor } from '../doors/mcp-door.ts';
import { installAgentCommands, toolDoorFile, writeToolDoor } from './agent-command.ts';
import { homeOf, prepareHome } from './agent-home.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const requestSchema = z.object({
  method: z.string(),
  params: z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()) }),
});

let folder: string;
let bin: string;
let doorFile: string;
let plane: Server;
let doors: DoorServer;
let access: AgentAccess;
let asked: { token: string | undefined; name: string; args: unknown }[];
let answer: { isError: boolean; text: string };
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "agent's command-"));
  asked = [];
  answer = { isError: false, text: 'web-1a2b is open.\n{"id":"web-1a2b","status":"open"}' };
  plane = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString('utf8');
    });
    request.on('end', () => {
      const { params } = requestSchema.parse(JSON.parse(body));
      asked.push({ token: request.headers.authorization, name: params.name, args: params.arguments });
      const result = { content: [{ type: 'text', text: answer.text }], isError: answer.isError };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id: 1, result }));
    });
  });
  await new Promise<void>((resolve) => {
    plane.listen(0, '127.0.0.1', resolve);
  });
  const address = plane.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  access = createAgentAccess();
  doors = await startDoors(access, { mcp: createMcpDoor(`http://127.0.0.1:${address.port}`, access) }, log);
  const secret = access.grant({
    agentId: 'toast',
    name: 'Toast',
    role: 'polecat',
    epoch: 1,
    workspace: { kind: 'none' },
    model: { kind: 'scripted' },
    systemPrompt: 'You are Toast.',
    prompts: [],
    agentToken: 'agent-token-toast',
    gates: [],
    env: {},
  });
  const home = homeOf(join(folder, 'agents'), 'toast');
  prepareHome(home, undefined);
  writeToolDoor(home, { url: `${doors.url}/mcp`, secret, role: 'polecat' }, undefined);
  doorFile = toolDoorFile(home);
  bin = installAgentCommands(join(folder, 'agent-commands'));
});
afterEach(async () => {
  await doors.close();
  plane.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (program: 'bd' | 'gt', args: readonly string[], env: Record<string, string> = { GASTOWN_TOOLS: doorFile }) =>
  new Promise<{ code: number | string; out: string; complaint: string }>((resolve) => {
    execFile(join(bin, program), args, { cwd: folder, env: { PATH: '/usr/bin:/bin', ...env } }, (error, out, complaint) =>
      resolve({ code: error === null ? 0 : (error.code ?? 'killed'), out, complaint }),
    );
  });

describe('bd and gt', () => {
  it("call the agent's tools with the token that the runner holds, and print what they say", async () => {
    expect(await run('bd', ['show', 'web-1a2b'])).toEqual({
      code: 0,
      out: 'web-1a2b is open.\nid: web-1a2b\nstatus: open\n',
      complaint: '',
    });
    expect(await run('gt', ['mail', 'send', 'maple', '-s', 'Hello', '-m', 'Are you there?', '--json'])).toEqual({
      code: 0,
      out: '{"id":"web-1a2b","status":"open"}\n',
      complaint: '',
    });
    expect(asked).toEqual([
      { token: 'Bearer agent-token-toast', name: 'gt_bead_status', args: { bead_id: 'web-1a2b' } },
      { token: 'Bearer agent-token-toast', name: 'gt_mail_send', args: { to: 'maple', subject: 'Hello', body: 'Are you there?' } },
    ]);
  });

  it('print what a tool refuses and stop there, and call nothing for what is wrongly written', async () => {
    answer = { isError: true, text: 'gt_bead_close was not done: it is not yours. Leave it to the Mayor.' };
    expect(await run('bd', ['close', 'web-1a2b', 'web-2b3c'])).toEqual({ code: 1, out: '', complaint: `${answer.text}\n` });
    expect(asked).toHaveLength(1);
    expect(await run('bd', ['close', 'web-1a2b', '--json'])).toEqual({
      code: 1,
      out: '',
      complaint: `${JSON.stringify({ error: answer.text })}\n`,
    });
    expect(await run('bd', ['fly'])).toMatchObject({ code: 2, out: '' });
    expect(asked).toHaveLength(2);
  });

  it('say what to do when the agent is replaced, the runner is gone, or there is no agent', async () => {
    access.revoke('toast');
    expect(await run('gt', ['prime'])).toMatchObject({ code: 1, complaint: expect.stringContaining('Stop here.') as string });
    await doors.close();
    expect(await run('gt', ['prime'])).toMatchObject({ code: 1, complaint: expect.stringContaining('did not answer') as string });
    expect(await run('gt', ['prime'], {})).toMatchObject({ code: 1, complaint: expect.stringContaining('shell of a town') as string });
    expect(asked).toEqual([]);
  });

  it('can be read and started by every agent and written by none, and need nothing beside them', () => {
    for (const name of readdirSync(join(folder, 'agent-commands'), { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, 'agent-commands', name);
      expect([name, (statSync(path).mode & 0o777).toString(8)]).toEqual([
        name,
        lstatSync(path).isDirectory() || path.startsWith(`${bin}/`) ? '755' : '644',
      ]);
      if (!name.endsWith('.ts')) continue;
      const imported = [...readFileSync(path, 'utf8').matchAll(/^(?:import|export) (?!type).*?from '([^']+)'/gm)].map(
        (match) => match[1] ?? '',
      );
      expect(imported.filter((from) => !from.startsWith('node:') && !existsSync(join(path, '..', from)))).toEqual([]);
    }
    expect(installAgentCommands(join(folder, 'agent-commands'))).toBe(bin);
  });
});
