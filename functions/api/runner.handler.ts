// The town runner's side of the API. Every call but the first proves that its runtime still holds the town.
import { bootstrap } from '../operations/bootstrap.ts';
import { desired } from '../operations/desired.ts';
import { pushCheck } from '../operations/push-check.ts';
import { applyReport } from '../operations/report.ts';
import { gitCredential, refreshTokens, runnerTicket } from '../operations/runner-tokens.ts';
import { leaseOf } from '../operations/runtime-caller.ts';
import { storeSessionParts } from '../operations/session-parts.ts';
import type { Ports } from '../ports.ts';
import { lambda } from './lambda.ts';
import { createGroupHandler } from './serve.ts';
import type { ApiHandler } from './serve.ts';

export const createHandler = (ports: Ports): ApiHandler =>
  createGroupHandler('runner', ports, {
    runnerBootstrap: ({ body }) => bootstrap(ports, body),
    runnerDesired: async ({ caller }) => desired(ports, await leaseOf(ports, caller)),
    runnerReport: ({ caller, body }) => applyReport(ports, caller, body),
    runnerTokens: async ({ caller, body }) => refreshTokens(ports, await leaseOf(ports, caller), body),
    runnerTicket: async ({ caller }) => runnerTicket(ports, await leaseOf(ports, caller)),
    runnerPushCheck: async ({ caller, body }) => pushCheck(ports, await leaseOf(ports, caller), body),
    runnerGitCredential: async ({ caller, body }) => gitCredential(ports, await leaseOf(ports, caller), body.rigId),
    runnerSession: async ({ caller, body }) => storeSessionParts(ports, await leaseOf(ports, caller), body),
  });

export const handler = lambda(createHandler);
