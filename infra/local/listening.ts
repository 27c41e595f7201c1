// Ports of this machine: taking one, and saying what to do when it cannot be taken.
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server } from 'node:net';

/** The port cannot be had; the message says what to do. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken';
}
const lastPort = 65_535;

const refusal = (error: unknown, port: number): unknown => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const other = `Choose another: npm start -- --port ${port < lastPort ? Math.max(port + 1, 4400) : 4400}`;
  if (code === 'EADDRINUSE') return new PortTaken(`Port ${port} is taken by another program. ${other}`);
  if (code === 'EACCES') return new PortTaken(`Port ${port} is kept for the system's own services. ${other}`);
  return error;
};

/** Listens on the loopback address and returns the port. Throws PortTaken. */
export const listen = async (server: Server, port: number): Promise<number> => {
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    throw refusal(error, port);
  }
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
};

/** Throws PortTaken. The port may still be taken by somebody else a moment later. */
export const requireFreePort = async (port: number): Promise<void> => {
  const server = createServer();
  await listen(server, port);
  server.close();
  await once(server, 'close');
};
