// Who is signed in, by which link, and the ticket for the WebSocket.
import { issueTicket } from '../operations/tickets.ts';
import type { Ports } from '../ports.ts';
import { lambda } from './lambda.ts';
import { unauthorised } from './problems.ts';
import { createGroupHandler } from './serve.ts';
import type { ApiHandler } from './serve.ts';

export const createHandler = (ports: Ports): ApiHandler =>
  createGroupHandler('auth', ports, {
    signIn: async ({ body }) => {
      const signedIn = await ports.people.signIn(body.code);
      if (signedIn === undefined) throw unauthorised('This sign-in link is unknown, used or too old; ask for a new one.');
      return signedIn;
    },
    me: async ({ caller }) => ({ userId: caller.userId }),
    wsTicket: ({ caller, idempotencyKey }) => issueTicket(ports, caller.userId, idempotencyKey),
  });
export const handler = lambda(createHandler);
