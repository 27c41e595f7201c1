// The scripted model as a server: the wire format that any OpenAI-compatible client expects, and sessions that go on after a restart.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClaims } from '../../infra/local/scripted-model/claims.ts';
import { conversationOf, chatRequestSchema } from '../../infra/local/scripted-model/conversation.ts';
import { mayorDecision } from '../../infra/local/scripted-model/mayor.ts';
import { onceMemory } from '../../infra/local/scripted-model/once-memory.ts';
import { makeSampleRepository } from '../../infra/local/scripted-model/sample-repository.ts';
import { directive, fileBlocksIn, scenariosIn } from '../../infra/local/scripted-model/scenario.ts';
import { startScriptedModel } from '../../infra/local/scripted-model/server.ts';
import type { ScriptedModel } from '../../infra/local/scripted-model/server.ts';
import { mayorMessagePrompt } from '../../functions/domain/prompts/mayor.ts';
import { git } from './scripted-client.ts';

const tools = ['bash', 'write', 'gt_gt_prime', 'gt_list_rigs', 'gt_sling_batch', 'gt_list_beads'].map((name) => ({
  type: 'function',
  function: { name },
}));
const asked = mayorMessagePrompt({ userId: 'ada', userName: 'Ada', messageId: '01JD5N', text: 'Add string functions.' });

const said = (...messages: object[]) =>
  mayorDecision(
    conversationOf(chatRequestSchema.parse({ model: 'scripted-mayor', tools, messages: [{ role: 'user', content: asked }, ...messages] })),
    createClaims(() => 0),
  );
const called = (id: string, name: string, result: string, input: object = {}): object[] => [
  { role: 'assistant', content: '', tool_calls: [{ id, type: 'function', function: { name, arguments: JSON.stringify(input) } }] },
  { role: 'tool', tool_call_id: id, content: result },
];
const lost = (count: number) =>
  Array.from({ length: count }, (_, index) => called(`l${index}`, 'gt_list_rigs', 'The control plane did not answer.')).flat();

describe('the scripted model server', () => {
  let model: ScriptedModel;
  let folder: string;
  beforeAll(async () => {
    model = await startScriptedModel();
    folder = await mkdtemp(join(tmpdir(), 'scripted-server-'));
  });
  afterAll(async () => {
    await model.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const chat = (body: unknown): Promise<Response> =>
    fetch(`${model.url}/chat/completions`, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });

  it('lists its models and refuses what it does not know', async () => {
    expect(await (await fetch(`${model.url}/models`)).json()).toMatchObject({
      object: 'list',
      data: [{ id: 'scripted' }, {}, { id: 'scripted-polecat' }, {}, { id: 'scripted-triage' }],
    });
    expect((await fetch(`${model.url}/embeddings`)).status).toBe(404);
    expect((await chat('{')).status).toBe(400);
    expect((await chat({ messages: [] })).status).toBe(400);
  });
  it('streams a tool call as server-sent events with usage at the end', async () => {
    const response = await chat({
      model: 'scripted-polecat',
      stream: true,
      tools,
      messages: [
        { role: 'system', content: 'x' },
        { role: 'user', content: [{ type: 'text', text: 'Work.' }] },
      ],
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const lines = (await response.text())
      .trim()
      .split('\n\n')
      .map((line) => line.replace(/^data: /, ''));
    expect(lines.at(-1)).toBe('[DONE]');
    const chunks: unknown[] = lines.slice(0, -1).map((line) => JSON.parse(line));
    expect(chunks.at(-2)).toMatchObject({
      object: 'chat.completion.chunk',
      choices: [{ delta: { tool_calls: [{ index: 0, type: 'function', function: { name: 'gt_gt_prime', arguments: '{}' } }] } }],
    });
    expect(chunks.at(-1)).toMatchObject({
      choices: [{ finish_reason: 'tool_calls' }],
      usage: { prompt_tokens: expect.any(Number), completion_tokens: expect.any(Number) },
    });
    expect(model.calls.at(-1)).toMatchObject({ role: 'polecat', kind: 'call', tools: ['gt_gt_prime'] });
  });
  it('says so when a session does not offer the tools it needs', async () => {
    const response = await chat({ model: 'scripted-polecat', tools: tools.slice(0, 2), messages: [{ role: 'user', content: 'Work.' }] });
    expect(await response.text()).toContain('does not offer gt_prime');
  });
  it('makes the same sample repository everywhere, and leaves one that exists alone', async () => {
    const one = await makeSampleRepository(join(folder, 'one.git'));
    const two = await makeSampleRepository(join(folder, 'two.git'));
    expect(one.headSha).toBe(two.headSha);
    expect(one.gates.map((gate) => gate.command)).toEqual(['node --test']);
    await git(join(folder, 'one.git'), 'update-ref', 'refs/heads/other', one.headSha);
    await makeSampleRepository(join(folder, 'one.git'));
    expect(await git(join(folder, 'one.git'), 'branch', '--list', 'other')).toContain('other');
  });
  it('remembers over restarts what may happen only once', () => {
    const path = join(folder, 'memory.json');
    expect([onceMemory(path).first('crash#a'), onceMemory(path).first('crash#a'), onceMemory(path).first('crash#b')]).toEqual([
      true,
      false,
      true,
    ]);
  });
});

describe('the scripted Mayor', () => {
  const slung = called(
    '2',
    'gt_sling_batch',
    'On its way.\n{"id":"hq-c1","title":"String functions","beads":[{"id":"lib-1aa","title":"Add capitalise","status":"open"}]}',
  );
  it('goes on where it was when its machine was restarted, instead of slinging again', () => {
    const restarted = { role: 'user', content: 'The machine that you run on was restarted. Go on.' };
    expect(said(...slung, restarted)).toMatchObject({ kind: 'say', text: expect.stringContaining('hq-c1') });
    expect(said(restarted)).toMatchObject({ kind: 'call', calls: [{ tool: 'gt_list_rigs' }] });
  });
  it('reads how the convoy stands that a person asks about', () => {
    const answerTo = (...messages: object[]) =>
      mayorDecision(
        conversationOf(
          chatRequestSchema.parse({ model: 'scripted-mayor', messages: [{ role: 'user', content: 'How is the convoy?' }, ...messages] }),
        ),
        createClaims(() => 0),
      );
    const rows = '{"id":"lib-1aa","title":"Add sum","status":"in_review","convoy":"hq-c1"}';
    const lists = ['in_progress', 'in_review', 'open', 'closed'].flatMap((status) =>
      called(status, 'gt_list_beads', `Beads.\n{"beads":[${status === 'in_review' ? rows : ''}]}`, { status }),
    );
    expect(answerTo()).toMatchObject({ kind: 'call', calls: [{ tool: 'gt_list_beads' }, {}, {}, {}] });
    expect(answerTo(...lists)).toMatchObject({ kind: 'call', calls: [{ tool: 'gt_convoy_status', input: { convoy_id: 'hq-c1' } }] });
    const view = `{"id":"hq-c1","title":"Number functions","progress":{"total":3,"closed":1,"failed":0},"beads":[${rows}]}`;
    expect(answerTo(...lists, ...called('c', 'gt_convoy_status', `1 of 3 merged.\n${view}`))).toMatchObject({
      kind: 'say',
      text: expect.stringContaining('Number functions: 1 of 3 merged.\n- lib-1aa Add sum: in review'),
    });
  });
  it('calls again when the town did not answer, and gives up with a sentence after a few times', () => {
    expect(said(...lost(1))).toMatchObject({ kind: 'call', calls: [{ tool: 'gt_list_rigs' }] });
    expect(said(...lost(5))).toMatchObject({ kind: 'say', text: expect.stringContaining('does not answer') });
  });
});

describe('the language of scenarios', () => {
  it('reads what it writes', () => {
    expect([...scenariosIn(`Please. ${directive(['slow', 'crash'])} [scenario: unknown]`)].toSorted()).toEqual(['crash', 'slow']);
  });
  it('takes file blocks with safe paths only', () => {
    const text =
      '```file path=src/a.js\nx\n```\n\n````append path=README.md\n```js\ny\n```\n````\n\n```file path=../b\nz\n```\n```file path=/etc/c\nz\n```';
    expect(fileBlocksIn(text)).toEqual([
      { how: 'file', path: 'src/a.js', text: 'x\n' },
      { how: 'append', path: 'README.md', text: '```js\ny\n```\n' },
    ]);
  });
});
