// A control plane for runner tests: the contracts of /runner and /mcp over HTTP and WebSocket, everything that arrives recorded.
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { clientFrameSchema } from '../../functions/contracts/frames.schema.ts';
import type { ClientFrame, ServerFrame } from '../../functions/contracts/frames.schema.ts';
import {
  bootstrapRequestSchema,
  gitCredentialRequestSchema,
  pushCheckRequestSchema,
  reportSchema,
  runnerTokensRequestSchema,
  sessionPartsRequestSchema,
} from '../../functions/contracts/runner.schema.ts';
import type {
  Assignment,
  Desired,
  MoneyLeft,
  PushCheckRequest,
  RunnerReport,
  SessionPart,
} from '../../functions/contracts/runner.schema.ts';
import { defaultTimings } from '../../functions/contracts/timings.schema.ts';
import type { Timings } from '../../functions/contracts/timings.schema.ts';

export const testTown = 't-test0001';
export const bootstrapToken = 'bootstrap-token-for-tests';

export interface ToolCall {
  readonly token: string;
  readonly name: string;
  readonly args: unknown;
}
export interface FakeControlPlane {
  readonly url: string;
  readonly reports: RunnerReport[];
  readonly parts: (SessionPart & { readonly agentId: string })[];
  readonly toolCalls: ToolCall[];
  readonly pushChecks: PushCheckRequest[];
  readonly frames: ClientFrame[];
  readonly bootstraps: string[];
  runtimeEpoch: number;
  timings: Timings;
  /** Answer to a tool call, as text for the model. */
  onTool: (call: ToolCall) => string;
  onPushCheck: (request: PushCheckRequest) => { allowed: boolean; reason: string };
  /** While true every route but the WebSocket answers 503. */
  down: boolean;
  setDesired(change: Partial<Pick<Desired, 'assignments' | 'rigs' | 'commands' | 'drain'>>): void;
  send(frame: ServerFrame): void;
  newestReport(): RunnerReport | undefined;
  close(): Promise<void>;
}

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : JSON.parse(text);
};
const reply = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
const rpcSchema = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string(),
  params: z
    .looseObject({ name: z.string().optional(), arguments: z.unknown().optional(), protocolVersion: z.string().optional() })
    .optional(),
});
const toolNames = ['gt_prime', 'gt_done', 'gt_mail_check'];

const plentyOfMoney: MoneyLeft = {
  town: { leftMicroUsd: 50_000_000, graceMicroUsd: 5_000_000 },
  tokensLeft: 50_000_000,
  agents: {},
};
export const startFakeControlPlane = async (): Promise<FakeControlPlane> => {
  let desired: Omit<Desired, 'townId' | 'runtimeEpoch' | 'desiredVersion'> = {
    assignments: [],
    rigs: [],
    commands: [],
    drain: false,
    money: plentyOfMoney,
  };
  let version = 0;
  let lastSeq = 0;
  const sockets = new Set<WebSocket>();

  const mcp = (request: IncomingMessage, body: unknown, response: ServerResponse): void => {
    const call = rpcSchema.parse(body);
    const token = (request.headers.authorization ?? '').replace('Bearer ', '');
    if (!token.startsWith('agent-token')) {
      reply(response, 401, { title: 'Unauthorised', status: 401, detail: 'no', type: 'about:blank' });
      return;
    }
    if (call.id === undefined) {
      response.writeHead(202).end();
      return;
    }
    const answer = (result: unknown): void => reply(response, 200, { jsonrpc: '2.0', id: call.id, result });
    if (call.method === 'initialize') {
      answer({
        protocolVersion: call.params?.protocolVersion ?? '2025-06-18',
        capabilities: { tools: {} },
        serverInfo: { name: 'fake', version: '1' },
      });
      return;
    }
    if (call.method === 'tools/list') {
      answer({
        tools: toolNames.map((name) => ({
          name,
          description: name,
          inputSchema: { type: 'object', properties: {}, additionalProperties: true },
        })),
      });
      return;
    }
    const toolCall = { token, name: call.params?.name ?? '', args: call.params?.arguments };
    plane.toolCalls.push(toolCall);
    answer({ content: [{ type: 'text', text: plane.onTool(toolCall) }] });
  };

  const answerRunner = (path: string, body: unknown): { status: number; body: unknown } => {
    switch (path) {
      case '/runner/desired':
        return {
          status: 200,
          body: { townId: testTown, runtimeEpoch: plane.runtimeEpoch, desiredVersion: `v${version}`, ...desired } satisfies Desired,
        };
      case '/runner/report': {
        const report = reportSchema.parse(body);
        if (report.runtimeEpoch !== plane.runtimeEpoch)
          return { status: 409, body: { type: 'about:blank', title: 'Runtime epoch old', status: 409, detail: 'runtime_epoch_old' } };
        const accepted = report.reportSeq > lastSeq;
        if (accepted) {
          lastSeq = report.reportSeq;
          plane.reports.push(report);
        }
        return { status: 200, body: { desiredVersion: `v${version}`, runtimeEpoch: plane.runtimeEpoch, accepted, money: plentyOfMoney } };
      }
      case '/runner/tokens': {
        const { agents } = runnerTokensRequestSchema.parse(body);
        return {
          status: 200,
          body: {
            runnerToken: 'runner-token-new',
            agents: agents.map(({ agentId }) => ({ agentId, agentToken: `agent-token-${agentId}-renewed` })),
          },
        };
      }
      case '/runner/ws-ticket':
        return { status: 201, body: { ticket: 'ticket-for-tests', wsUrl: plane.url.replace('http', 'ws') } };
      case '/runner/push-check': {
        const request = pushCheckRequestSchema.parse(body);
        plane.pushChecks.push(request);
        return { status: 200, body: plane.onPushCheck(request) };
      }
      case '/runner/git-credential':
        gitCredentialRequestSchema.parse(body);
        return { status: 200, body: {} };
      case '/runner/session': {
        const batch = sessionPartsRequestSchema.parse(body);
        plane.parts.push(...batch.parts.map((part) => ({ ...part, agentId: batch.agentId })));
        return { status: 200, body: { ok: true } };
      }
      default:
        return { status: 404, body: { type: 'about:blank', title: 'Not found', status: 404, detail: path } };
    }
  };

  const server = createServer((request, response) => {
    void (async () => {
      const body = await bodyOf(request);
      const path = (request.url ?? '').split('?')[0] ?? '';
      if (plane.down) {
        reply(response, 503, { type: 'about:blank', title: 'Down', status: 503, detail: 'away' });
        return;
      }
      if (path === '/mcp') {
        mcp(request, body, response);
        return;
      }
      if (path === '/runner/bootstrap') {
        const asked = bootstrapRequestSchema.parse(body);
        if (asked.bootstrapToken !== bootstrapToken) {
          reply(response, 401, { type: 'about:blank', title: 'Unauthorised', status: 401, detail: 'wrong token' });
          return;
        }
        plane.bootstraps.push(asked.instanceId);
        lastSeq = 0;
        reply(response, 200, {
          runnerToken: 'runner-token',
          runtimeEpoch: plane.runtimeEpoch,
          apiUrl: plane.url,
          wsUrl: plane.url.replace('http', 'ws'),
          timings: plane.timings,
        });
        return;
      }
      const result = answerRunner(path, body);
      reply(response, result.status, result.body);
    })().catch((error: unknown) => reply(response, 400, { type: 'about:blank', title: 'Bad', status: 400, detail: String(error) }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const webSockets = new WebSocketServer({ server });
  webSockets.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('message', (data) => {
      const frame = clientFrameSchema.parse(JSON.parse(Buffer.isBuffer(data) ? data.toString('utf8') : '{}'));
      plane.frames.push(frame);
      if (frame.action === 'ping') socket.send(JSON.stringify({ kind: 'pong' } satisfies ServerFrame));
    });
  });

  const plane: FakeControlPlane = {
    url,
    reports: [],
    parts: [],
    toolCalls: [],
    pushChecks: [],
    frames: [],
    bootstraps: [],
    runtimeEpoch: 1,
    down: false,
    timings: { ...defaultTimings, reportPeriodMs: 1000 },
    onTool: () => 'ok',
    onPushCheck: () => ({ allowed: true, reason: 'ok' }),
    setDesired: (change) => {
      desired = { ...desired, ...change };
      version += 1;
      plane.send({ kind: 'desired', desiredVersion: `v${version}` });
    },
    send: (frame) => {
      for (const socket of sockets) socket.send(JSON.stringify(frame));
    },
    newestReport: () => plane.reports.at(-1),
    close: async () => {
      for (const socket of sockets) socket.terminate();
      webSockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
  return plane;
};

/** An assignment with everything that the schema wants; tests change what they are about. */
export const anAssignment = (change: Partial<Assignment> & Pick<Assignment, 'model'>): Assignment => ({
  agentId: 'toast',
  name: 'Toast',
  role: 'polecat',
  epoch: 1,
  bead: { beadId: 'web-1a2b', title: 'Say hello', requestedBy: 'ada' },
  workspace: { kind: 'branch', rigId: 'r-test0001', branch: 'gt/toast/web-1a2b', startPoint: 'main' },
  systemPrompt: 'You are Toast, a polecat.',
  prompts: [{ promptId: 'start-web-1a2b-1', text: 'Do the work on your hook.' }],
  agentToken: 'agent-token-toast',
  commit: {
    authorName: 'Ada Lovelace',
    authorEmail: 'ada@example.com',
    committerName: 'Toast',
    committerEmail: 'toast@agents.example',
    trailers: ['Co-authored-by: Toast <toast@agents.example>', 'Bead-ID: web-1a2b'],
  },
  gates: [],
  env: {},
  ...change,
});
