// A real OpenAI-compatible model server that plays Mayor, polecat, refinery and triage from the conversation alone. For the demo and the tests; needs no key.
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { answerAsJson, answerAsStream, breakOff } from './answers.ts';
import { createClaims } from './claims.ts';
import type { Claims } from './claims.ts';
import { chatRequestSchema, conversationOf } from './conversation.ts';
import type { Conversation } from './conversation.ts';
import { say } from './decision.ts';
import type { Decision, OnceMemory } from './decision.ts';
import { mayorDecision } from './mayor.ts';
import { onceMemory } from './once-memory.ts';
import { polecatDecision } from './polecat.ts';
import { refineryDecision } from './refinery.ts';
import { triageDecision } from './triage.ts';
import { directive } from './scenario.ts';
import type { Scenario } from './scenario.ts';

export interface ScriptedModelOptions {
  /** 0 or absent: any free port. */
  readonly port?: number;
  /** Played for every request to the Mayor that names none itself. */
  readonly scenario?: Scenario;
  /** Pause before each answer. */
  readonly delayMs?: number;
  /** File that remembers what happens only once, over restarts. Absent: in memory. */
  readonly memoryPath?: string;
}
export interface ModelCall {
  readonly atMs: number;
  readonly model: string;
  readonly role: Conversation['role'];
  readonly agentId: string | undefined;
  readonly kind: Decision['kind'] | 'title';
  readonly prompt: string;
  readonly tools: readonly string[];
}
export interface ScriptedModel {
  /** Base URL, ends with `/v1`. */
  readonly url: string;
  /** Newest 10 000 calls, oldest first. */
  readonly calls: readonly ModelCall[];
  stop(): Promise<void>;
}

const maxRequestBytes = 32 * 1024 * 1024;
const callsKept = 10_000;
export const scriptedModels = ['scripted', 'scripted-mayor', 'scripted-polecat', 'scripted-refinery', 'scripted-triage'] as const;

/** A request without tools wants a title or a summary: a few words of what it is about. */
const titleFor = (talk: Conversation): string =>
  talk.prompt
    .replaceAll(/\s+/g, ' ')
    .replace(/^.*data from:[^ ]* /, '')
    .trim()
    .slice(0, 50) || 'Work';

/** What the roles remember beyond a conversation. */
interface Memory {
  readonly once: OnceMemory;
  readonly claims: Claims;
}

export const decide = (talk: Conversation, memory: Memory): Decision => {
  switch (talk.role) {
    case 'mayor':
      return mayorDecision(talk, memory.claims);
    case 'polecat':
      return polecatDecision(talk, memory.once);
    case 'refinery':
      return refineryDecision(talk);
    case 'triage':
      return triageDecision(talk);
    case 'other':
      return say(
        'I am the scripted model of a Gastown town. I play the Mayor, polecats, refineries and triage; choose another model for anything else.',
      );
    default:
      return talk.role satisfies never;
  }
};

/** Tools that the client does not offer cannot be called: the turn ends with a sentence instead of a failing call. */
const withOfferedTools = (talk: Conversation, decision: Decision): Decision => {
  if (decision.kind !== 'call') return decision;
  const missing = decision.calls.filter((each) => talk.offered(each.tool) === undefined).map((each) => each.tool);
  if (missing.length > 0) return say(`# Tools are missing\nI cannot go on: this session does not offer ${missing.join(', ')}.`);
  return { ...decision, calls: decision.calls.map((each) => ({ ...each, tool: talk.offered(each.tool) ?? each.tool })) };
};

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const piece = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    bytes += piece.length;
    if (bytes > maxRequestBytes) throw new Error('the request is too large');
    chunks.push(piece);
  }
  return Buffer.concat(chunks).toString('utf8');
};
const sendJson = (response: ServerResponse, status: number, value: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
};
const refuse = (response: ServerResponse, status: number, message: string): void =>
  sendJson(response, status, { error: { message, type: 'invalid_request_error' } });

const withScenario = (talk: Conversation, scenario: Scenario | undefined): Conversation =>
  scenario === undefined || talk.role !== 'mayor' || talk.prompt.includes('[scenario:')
    ? talk
    : { ...talk, prompt: talk.prompt.replace(/\n(`{4,})(\n|$)/, `\n${directive([scenario])}\n$1$2`) };

const chat = async (
  request: IncomingMessage,
  response: ServerResponse,
  options: ScriptedModelOptions,
  memory: Memory,
  calls: ModelCall[],
): Promise<void> => {
  const text = await bodyOf(request);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse(response, 400, 'The body is not valid JSON.');
  }
  const parsed = chatRequestSchema.safeParse(value);
  if (!parsed.success)
    return refuse(response, 400, parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  const talk = withScenario(conversationOf(parsed.data), options.scenario);
  const decision = talk.hasTools ? withOfferedTools(talk, decide(talk, memory)) : say(titleFor(talk));
  calls.push({
    atMs: Date.now(),
    model: talk.model,
    role: talk.role,
    agentId: /agent id `([a-z0-9-]+)`/.exec(talk.system)?.[1],
    kind: talk.hasTools ? decision.kind : 'title',
    prompt: talk.prompt.slice(0, 200),
    tools: decision.kind === 'call' ? decision.calls.map((each) => each.tool) : [],
  });
  if (calls.length > callsKept) calls.splice(0, calls.length - callsKept);
  const delayMs = (options.delayMs ?? 0) + (decision.kind === 'break' ? 0 : (decision.extraDelayMs ?? 0));
  if (delayMs > 0) await pause(delayMs);
  if (decision.kind === 'break') return breakOff(response, talk.model);
  const usage = { promptCharacters: text.length };
  return parsed.data.stream === true
    ? answerAsStream(response, talk.model, decision, usage)
    : answerAsJson(response, talk.model, decision, usage);
};

/** Starts the server on 127.0.0.1. Throws when the port is taken. */
export const startScriptedModel = async (options: ScriptedModelOptions = {}): Promise<ScriptedModel> => {
  const memory: Memory = { once: onceMemory(options.memoryPath), claims: createClaims(Date.now) };
  const calls: ModelCall[] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').replace(/\?.*$/, '').replace(/^\/v1(?=\/)/, '');
    if (request.method === 'GET' && path === '/models') {
      return sendJson(response, 200, {
        object: 'list',
        data: scriptedModels.map((id) => ({ id, object: 'model', created: 0, owned_by: 'gastown' })),
      });
    }
    if (request.method !== 'POST' || path !== '/chat/completions')
      return refuse(response, 404, `There is no ${request.method ?? ''} ${path} here; use /v1/models and /v1/chat/completions.`);
    chat(request, response, options, memory, calls).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else refuse(response, 500, error instanceof Error ? error.message : 'unknown error');
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', () => resolve());
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    calls,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
