// Mail, nudges and words to agents over REST.
import { expect, it } from 'vitest';
import type { Agent } from '../../functions/contracts/agent.schema.ts';
import { fakePorts } from '../fakes/ports.ts';
import { bodyOf, client } from './call.ts';

const at = '2026-11-21T10:00:00.000Z';
const scene = async () => {
  const ports = fakePorts();
  const call = client(ports);
  const { townId } = bodyOf('createTown', await call('createTown', { as: 'ada', body: { name: 'Harbour' } }));
  const agent = (agentId: string, more: Partial<Agent> = {}): Agent => ({
    townId,
    agentId,
    name: agentId,
    role: 'polecat',
    state: 'working',
    epoch: 1,
    version: 1,
    createdAt: at,
    updatedAt: at,
    ...more,
  });
  for (const item of [agent('toast'), agent('maple')]) await ports.store.commit([{ put: 'agent', item, when: 'none' }]);
  const send = async (body: object, headers = {}) => call('sendMail', { as: 'ada', params: { townId }, body, headers });
  const list = async (query: Record<string, string> = {}) =>
    bodyOf('listMail', await call('listMail', { as: 'ada', params: { townId }, query })).items;
  return { ports, call, townId, send, list };
};
const letter = (to: string, more = {}) => ({ to, subject: `To ${to}`, body: 'Please read.', ...more });

it('stores mail for each reader and lists it by reader, sender, thread and delivery', async () => {
  const { send, list } = await scene();
  const { items } = bodyOf('sendMail', await send(letter('group:toast,maple', { threadId: 'dates' })));
  expect(items).toHaveLength(2);
  bodyOf('sendMail', await send(letter('toast')));
  bodyOf('sendMail', await send(letter('user:ada')));
  expect(await list()).toHaveLength(4);
  expect(await list({ to: 'toast' })).toHaveLength(2);
  expect(await list({ to: 'group:toast,maple' })).toHaveLength(2);
  expect(await list({ from: 'user:ada', thread: 'dates' })).toHaveLength(2);
  expect((await list({ undelivered: 'false' })).map((mail) => mail.title)).toEqual(['To user:ada']);
  expect(await list({ undelivered: 'true' })).toHaveLength(3);
});

it('shows a person the mail that is addressed to them, in the list and in the conversation with the Mayor', async () => {
  const { call, townId, send, list } = await scene();
  bodyOf('sendMail', await send(letter('user:ada')));
  expect((await list({ to: 'user:ada' })).map((mail) => mail.body)).toEqual(['Please read.']);
  const said = bodyOf('mayorMessages', await call('mayorMessages', { as: 'ada', params: { townId } })).items;
  expect(said.map((message) => message.text)).toEqual(['Mail from user:ada: To user:ada\n\nPlease read.']);
});

it('answers a repeated request with the same mail, and refuses readers that do not exist', async () => {
  const { send, list } = await scene();
  const headers = { 'Idempotency-Key': 'once' };
  const first = bodyOf('sendMail', await send(letter('toast'), headers));
  expect(bodyOf('sendMail', await send(letter('toast'), headers))).toEqual(first);
  expect((await send(letter('maple'), headers)).status).toBe(422);
  expect(await list()).toHaveLength(1);
  for (const to of ['nobody', 'role:king', 'user:bob', 'group:', 'queue:No Such', 'group:toast,nobody'])
    expect((await send(letter(to))).status).toBe(422);
});

it('pages through mail', async () => {
  const { call, townId, send } = await scene();
  for (let count = 0; count < 5; count += 1) await send(letter(count % 2 === 0 ? 'toast' : 'maple'));
  const seen: string[] = [];
  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const query = { to: 'toast', limit: '2', ...(cursor === undefined ? {} : { cursor }) };
    const page = bodyOf('listMail', await call('listMail', { as: 'ada', params: { townId }, query }));
    seen.push(...page.items.map((mail) => mail.beadId));
    cursor = page.cursor;
  }
  expect(new Set(seen).size).toBe(3);
});

it('nudges an agent, and sends what is meant for the Mayor to the Mayor', async () => {
  const { call, townId } = await scene();
  const params = { townId, agentId: 'toast' };
  const nudged = bodyOf('nudgeAgent', await call('nudgeAgent', { as: 'ada', params, body: { text: 'Mind the dates.' } }));
  expect(nudged).toMatchObject({ sentAs: 'nudge', to: 'toast', expiresAt: '2026-11-21T10:30:00.000Z' });
  const said = bodyOf('messageAgent', await call('messageAgent', { as: 'ada', params, body: { text: 'Mayor, start a convoy.' } }));
  expect(said).toMatchObject({ sentAs: 'mayor', to: 'mayor' });
  const unknown = { townId, agentId: 'nobody' };
  expect((await call('nudgeAgent', { as: 'ada', params: unknown, body: { text: 'x' } })).status).toBe(404);
  expect((await call('messageAgent', { as: 'ada', params: unknown, body: { text: 'x' } })).status).toBe(404);
  expect((await call('nudgeAgent', { as: 'ada', params, body: { text: ' ' } })).status).toBe(400);
});
