// Plays the agent's client for the scripted model, without opencode: posts the conversation, carries out bash and write in a clone,
// calls the town's tools, and tells the control plane about pushes as a runner does.
import { execFile } from 'node:child_process';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Assignment } from '../../functions/contracts/runner.schema.ts';
import { desired } from '../../functions/operations/desired.ts';
import { pushCheck } from '../../functions/operations/push-check.ts';
import { callTool, toolsFor } from '../../functions/tools/tool-set.ts';
import { identity, rigId, townId } from './town.ts';
import type { FakePorts } from '../fakes/ports.ts';

const run = promisify(execFile);
const answerSchema = z.object({
  choices: z
    .array(
      z.object({
        message: z.looseObject({
          content: z.string(),
          tool_calls: z.array(z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) })).optional(),
        }),
        finish_reason: z.string(),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: z.int(), completion_tokens: z.int() }),
});
const clientTools = ['bash', 'write', 'read', 'edit'];
const gitEnvironment = {
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Toast (gastown)',
  GIT_COMMITTER_EMAIL: 'toast@example.invalid',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
};

export const git = async (cwd: string, ...args: string[]): Promise<string> =>
  (await run('git', args, { cwd, env: { ...process.env, ...gitEnvironment } })).stdout.trim();
export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

export interface Session {
  readonly ports: FakePorts;
  readonly modelUrl: string;
  readonly agentId: string;
  readonly cwd: string;
  /** Called before each bash command: a place to make somebody else push first. */
  readonly beforeBash?: (command: string) => Promise<void>;
}
export interface Turn {
  readonly text: string;
  readonly tools: string[];
  readonly results: string[];
  readonly broken: boolean;
}

const assignmentOf = async (session: Session): Promise<Assignment> => {
  const lease = await session.ports.store.get('lease', { townId });
  const found =
    lease === undefined ? undefined : (await desired(session.ports, lease)).assignments.find((each) => each.agentId === session.agentId);
  if (found === undefined) throw new Error(`${session.agentId} has no assignment`);
  return found;
};

const tellAboutPush = async (session: Session, assignment: Assignment): Promise<void> => {
  if (assignment.workspace.kind !== 'branch') return;
  const { branch } = assignment.workspace;
  const sha = await git(session.cwd, 'ls-remote', 'origin', `refs/heads/${branch}`).then((line) => line.split('\t')[0] ?? '');
  const lease = await session.ports.store.get('lease', { townId });
  if (sha === '' || lease === undefined) return;
  await git(session.cwd, 'fetch', '-q', 'origin');
  const baseSha = await git(session.cwd, 'merge-base', 'origin/main', sha);
  const aheadBy = Number(await git(session.cwd, 'rev-list', '--count', `${baseSha}..${sha}`));
  await pushCheck(session.ports, lease, {
    phase: 'after',
    agentId: session.agentId,
    epoch: assignment.epoch,
    rigId,
    branch,
    sha,
    baseSha,
    aheadBy,
    commits: [],
  });
};

const bash = async (session: Session, assignment: Assignment, command: string): Promise<string> => {
  await session.beforeBash?.(command);
  const output = await run('bash', ['-c', command], { cwd: session.cwd, env: { ...process.env, ...gitEnvironment } }).then(
    ({ stdout, stderr }) => `${stdout}${stderr}`,
    (error: { stdout?: string; stderr?: string }) => `${error.stdout ?? ''}${error.stderr ?? ''}`,
  );
  if (command.includes('git push')) await tellAboutPush(session, assignment);
  return output;
};

const writeNew = async (path: string, content: string): Promise<string> => {
  if (await exists(path)) return 'Error: You must read the file before you overwrite it.';
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return 'Wrote file successfully.';
};

/** One prompt to the end of its turn. Stops after 40 model calls. */
export const takeTurn = async (session: Session, promptText?: string): Promise<Turn> => {
  const assignment = await assignmentOf(session);
  const caller = identity({ agentId: session.agentId, epoch: assignment.epoch, role: assignment.role });
  const messages: unknown[] = [
    { role: 'system', content: `Client preamble.\n${assignment.systemPrompt}` },
    { role: 'user', content: promptText ?? assignment.prompts[0]?.text },
  ];
  const tools = [...clientTools, ...toolsFor(assignment.role)].map((name) => ({ type: 'function', function: { name, parameters: {} } }));
  const turn: Turn = { text: '', tools: [], results: [], broken: false };
  for (let count = 0; count < 40; count += 1) {
    const model = assignment.model.kind === 'openai-compatible' ? assignment.model.model : 'scripted';
    const response = await fetch(`${session.modelUrl}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages, tools }),
    });
    const body = await response.text().catch(() => undefined);
    if (body === undefined || !body.startsWith('{')) return { ...turn, broken: true };
    const { message } = answerSchema.parse(JSON.parse(body)).choices[0] ?? { message: { content: '', tool_calls: [] } };
    messages.push({ role: 'assistant', ...message });
    const calls = message.tool_calls ?? [];
    if (calls.length === 0) return { ...turn, text: message.content };
    for (const each of calls) {
      const input = z.record(z.string(), z.unknown()).parse(JSON.parse(each.function.arguments));
      const { name } = each.function;
      const result =
        name === 'bash'
          ? await bash(session, assignment, String(input['command']))
          : name === 'write'
            ? await writeNew(String(input['filePath']), String(input['content']))
            : (await callTool(session.ports, caller, name, input)).text;
      turn.tools.push(name);
      turn.results.push(result);
      messages.push({ role: 'tool', tool_call_id: each.id, content: result });
    }
  }
  throw new Error(`no end of the turn: ${turn.tools.join(', ')}`);
};
