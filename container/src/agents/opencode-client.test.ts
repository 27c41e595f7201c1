import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { createOpencodeClient, withoutStack } from './opencode-client.ts';

it('keeps no connection for the next request: the server that gets it may be another on the same port', async () => {
  let connections = 0;
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end('{}');
  });
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = createOpencodeClient({
    url: `http://127.0.0.1:${port}`,
    password: 'secret',
    directory: '/work',
    model: { providerID: 'gastown', modelID: 'm' },
  });
  for (let request = 0; request < 3; request += 1) await client.statuses();
  expect(connections).toBe(3);
  server.close();
  await once(server, 'close');
});

it.each([
  [
    'Model not found: gastown/gpt-x. at <anonymous> (/$bunfs/root/chunk-1.js:1142:12)\n    at next (native)',
    'Model not found: gastown/gpt-x.',
  ],
  ['bad port\n    at async fetch (node:internal/deps/undici:1:2)\n    at file:///x.js:1:1', 'bad port'],
  ['The file at /srv/a is missing (at least here)', 'The file at /srv/a is missing (at least here)'],
])('says an error without the stack of the program', (text, sentence) => {
  expect(withoutStack(text)).toBe(sentence);
});
