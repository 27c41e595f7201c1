// The model proxy: adds the key or the signature, streams the answer through, counts its tokens. Agents only ever see this address and their own secret.
import { z } from 'zod';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { UsageRow } from '../../../functions/contracts/agent.schema.ts';
import { priceProviderOf } from '../../../functions/contracts/usage.schema.ts';
import { causeOf, messageOf } from '../log.ts';
import type { Access } from './agent-access.ts';
import { readBody, sendJson } from './door-server.ts';
import type { Door } from './door-server.ts';
import { ModelRouteError, upstreamOf } from './model-upstream.ts';
import type { UpstreamSources } from './model-upstream.ts';
import type { ModelBudget } from './model-budget.ts';
import { createUsageReader, estimatedTokens } from './usage-reader.ts';

const maxRequestBytes = 64 * 1024 * 1024;
/** After so many calls in a row that nobody answered, the answer is one that opencode does not repeat, so that the turn ends with a reason. */
const patienceCalls = 4;

export interface ModelDoorOptions extends UpstreamSources {
  readonly budget: Pick<ModelBudget, 'refusal' | 'costOf'>;
  /** The agent was refused a call because a budget is used up. */
  readonly onOverBudget: (agentId: string) => void;
  readonly onUsage: (row: UsageRow) => void;
  /** The newest failure of an agent's model; undefined after a good answer. */
  readonly onHealth: (agentId: string, failure: string | undefined) => void;
  /** Resolves when calls may pass: while the control plane is out of reach for too long, agents are frozen here. */
  readonly mayPass: () => Promise<void>;
  readonly nowMs: () => number;
}

const passedOn = ['content-type', 'accept', 'anthropic-version', 'anthropic-beta', 'openai-beta', 'x-session-id', 'x-amzn-bedrock-accept'];
const headersOf = (request: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    passedOn.flatMap((name) => {
      const value = request.headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
const namedModel = z.object({ model: z.string() });
/** Which of the agent's models a call is for: Bedrock names it in the path, the others in the body. */
export const calledModel = (access: Pick<Access, 'route' | 'smallModel'>, rest: string, body: Uint8Array): string => {
  const { route, smallModel } = access;
  if (route.kind === 'scripted') return 'scripted';
  if (smallModel === undefined) return route.model;
  if (route.kind === 'bedrock') return rest.includes(`/${encodeURIComponent(smallModel)}/`) ? smallModel : route.model;
  try {
    const named = namedModel.safeParse(JSON.parse(Buffer.from(body).toString('utf8')));
    return named.success && named.data.model === smallModel ? smallModel : route.model;
  } catch {
    // A body that is no JSON names no model.
    return route.model;
  }
};
const refusal = (message: string, type: string): unknown => ({ error: { message, type, code: type } });

export const createModelDoor = (options: ModelDoorOptions): Door => {
  const failuresInRow = new Map<string, number>();
  const failed = (agentId: string, failure: string): number => {
    const count = (failuresInRow.get(agentId) ?? 0) + 1;
    failuresInRow.set(agentId, count);
    options.onHealth(agentId, failure);
    return count;
  };
  return async ({ access, request, response, rest }) => {
    await options.mayPass();
    const body = await readBody(request, maxRequestBytes);
    const refused = options.budget.refusal(access.agentId);
    if (refused !== undefined) {
      options.onHealth(access.agentId, refused.message);
      if (!refused.retryable) options.onOverBudget(access.agentId);
      // 400 is not tried again: the turn ends with this sentence.
      sendJson(
        response,
        refused.retryable ? 503 : 400,
        refusal(refused.message, refused.retryable ? 'budget_unknown' : 'budget_exhausted'),
      );
      return;
    }
    const method = request.method ?? 'POST';
    const startedAtMs = options.nowMs();
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    let answer: Response;
    try {
      const upstream = await upstreamOf({ route: access.route, rest, method, body, nowMs: startedAtMs }, options);
      const headers = access.route.kind === 'bedrock' ? upstream.headers : { ...headersOf(request), ...upstream.headers };
      answer = await fetch(upstream.url, {
        method,
        headers,
        signal: gone.signal,
        ...(method === 'GET' || method === 'HEAD' ? {} : { body: new Uint8Array(body) }),
      });
    } catch (error) {
      if (gone.signal.aborted) return;
      const wrong = error instanceof ModelRouteError;
      const sentence = wrong
        ? error.message
        : `The model endpoint cannot be reached: ${error instanceof Error ? causeOf(error) : messageOf(error)}`;
      const count = failed(access.agentId, sentence);
      sendJson(
        response,
        wrong || count >= patienceCalls ? 400 : 503,
        refusal(sentence, wrong ? 'model_misconfigured' : 'model_unreachable'),
      );
      return;
    }
    const contentType = answer.headers.get('content-type') ?? 'application/octet-stream';
    if (!answer.ok) {
      const text = await answer.text();
      const count = failed(access.agentId, `The model endpoint answered ${answer.status}: ${text.slice(0, 300)}`);
      const retryable = answer.status >= 500 || answer.status === 429;
      response
        .writeHead(retryable && answer.status !== 429 && count >= patienceCalls ? 400 : answer.status, { 'content-type': contentType })
        .end(text);
      return;
    }
    failuresInRow.delete(access.agentId);
    options.onHealth(access.agentId, undefined);
    response.writeHead(answer.status, { 'content-type': contentType, 'cache-control': 'no-cache' });
    const reader = createUsageReader(contentType);
    let answerBytes = 0;
    try {
      if (answer.body !== null) {
        for await (const chunk of answer.body) {
          const piece = Buffer.from(chunk);
          reader.push(piece);
          answerBytes += piece.byteLength;
          if (!response.write(piece))
            await new Promise((resolve) => {
              response.once('drain', resolve);
              response.once('close', resolve);
            });
        }
      }
      response.end();
    } catch {
      // The stream broke on either side: what was counted stands, opencode sees the broken answer and repeats the call.
      response.destroy();
    } finally {
      const read = reader.end();
      const isRead = read.inputTokens + read.outputTokens + read.cacheReadTokens + read.cacheWriteTokens > 0;
      // Nothing counted is not nothing spent: an endpoint may name no figures, and a stream may break before them.
      if (isRead || method === 'POST') {
        const count = isRead ? read : { ...estimatedTokens(body.byteLength, answerBytes), estimated: true };
        const now = options.nowMs();
        options.onUsage({
          callId: randomUUID(),
          agentId: access.agentId,
          epoch: access.epoch,
          ...(access.beadId === undefined ? {} : { beadId: access.beadId }),
          provider: priceProviderOf(access.route, options.scriptedModelUrl),
          model: calledModel(access, rest, body),
          ...count,
          costMicroUsd: options.budget.costOf(access.agentId, count),
          durationMs: Math.max(0, now - startedAtMs),
          atMs: now,
        });
      }
    }
  };
};
