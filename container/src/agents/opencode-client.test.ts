import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { createOpencodeClient } from './opencode-client.ts';

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
  const client = createOpencodeClient(`http://127.0.0.1:${port}`, 'secret', '/work');
  for (let request = 0; request < 3; request += 1) await client.statuses();
  expect(connections).toBe(3);
  server.close();
  await once(server, 'close');
});
