import { createServer } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import type { AgentAccess } from './agent-access.ts';
import { startDoors } from './door-server.ts';
import { whileFrozen } from './freeze.ts';
import { createModelDoor } from './model-door.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

it('agents stand still while the control plane has not answered for a minute, and go on with its next answer', async () => {
  let nowMs = 0;
  let lastAnswerAtMs = 0;
  const waited: number[] = [];
  const reach = {
    nowMs: () => nowMs,
    lastAnswerAtMs: () => lastAnswerAtMs,
    sleep: async (ms: number) => {
      waited.push(nowMs);
      nowMs += ms;
      if (nowMs > 90_000) lastAnswerAtMs = nowMs;
    },
  };
  nowMs = 60_000;
  await whileFrozen(reach, 60_000);
  expect(waited).toEqual([]);
  nowMs = 60_001;
  await whileFrozen(reach, 60_000);
  expect([waited[0], (waited.at(-1) ?? 0) <= 90_000, nowMs > 90_000]).toEqual([60_001, true, true]);
});

it('nothing of a frozen agent reaches its model', async () => {
  const received: string[] = [];
  const model = createServer((request, response) => {
    received.push(request.url ?? '');
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => {
    model.listen(0, '127.0.0.1', resolve);
  });
  closers.push(() => model.close());
  const address = model.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const asked = Promise.withResolvers<void>();
  const thaw = Promise.withResolvers<void>();
  const access: AgentAccess = {
    grant: () => 'secret',
    update: () => undefined,
    setToken: () => undefined,
    revoke: () => undefined,
    find: () => ({ agentId: 'toast', epoch: 1, beadId: undefined, route: { kind: 'scripted' }, agentToken: 't', push: undefined }),
  };
  const door = createModelDoor({
    scriptedModelUrl: `http://127.0.0.1:${address.port}/v1`,
    awsCredentials: () => Promise.reject(new Error('no AWS here')),
    nowMs: () => 0,
    budget: { refusal: () => undefined, costOf: () => 0 },
    onOverBudget: () => undefined,
    onUsage: () => undefined,
    onHealth: () => undefined,
    mayPass: () => {
      asked.resolve();
      return thaw.promise;
    },
  });
  const doors = await startDoors(access, { model: door }, { info: () => undefined, warn: () => undefined, error: () => undefined });
  closers.push(() => doors.close());
  const answer = fetch(`${doors.url}/model/chat/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer secret' },
    body: '{}',
  });
  await asked.promise;
  expect(received).toEqual([]);
  thaw.resolve();
  expect((await answer).status).toBe(200);
  expect(received).toHaveLength(1);
});
