// A tiny OpenAI-compatible model server: a function decides what each call answers. Speaks the streaming form that opencode uses.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const messageSchema = z.looseObject({ role: z.string(), content: z.unknown().optional(), tool_calls: z.array(z.unknown()).optional() });
const callSchema = z.looseObject({
  model: z.string(),
  messages: z.array(messageSchema),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).optional(),
});

export interface ModelCall {
  readonly model: string;
  readonly authorization: string | undefined;
  /** Whole text of all messages, for finding out who asks. */
  readonly text: string;
  readonly tools: readonly string[];
  /** How many answers the model has given since the last message of a user. */
  readonly step: number;
  /** Text of the newest tool results. */
  readonly results: readonly string[];
  readonly lastUserText: string;
}
export type ModelReply =
  | { readonly text: string }
  | { readonly text?: string; readonly tools: readonly { readonly name: string; readonly args: unknown }[] }
  | { readonly status: number; readonly error: string };
export interface FakeModel {
  readonly url: string;
  readonly calls: ModelCall[];
  reply: (call: ModelCall) => ModelReply | Promise<ModelReply>;
  /** Tokens that each call is said to have had before it. */
  promptTokens: number;
  close(): Promise<void>;
}

const textOf = (content: unknown): string => (typeof content === 'string' ? content : JSON.stringify(content ?? ''));

export const bash = (command: string): ModelReply => ({ tools: [{ name: 'bash', args: { command, description: 'run' } }] });

export const startFakeModel = async (reply: FakeModel['reply']): Promise<FakeModel> => {
  let ids = 0;
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const body = callSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
      const lastUser = body.messages.findLastIndex((message) => message.role === 'user');
      const since = body.messages.slice(lastUser + 1);
      const call: ModelCall = {
        model: body.model,
        authorization: request.headers.authorization,
        text: body.messages.map((message) => textOf(message.content)).join('\n'),
        tools: (body.tools ?? []).map((tool) => tool.function.name),
        step: since.filter((message) => message.role === 'assistant').length,
        results: since.filter((message) => message.role === 'tool').map((message) => textOf(message.content)),
        lastUserText: textOf(body.messages[lastUser]?.content),
      };
      model.calls.push(call);
      const answer = await model.reply(call);
      if ('status' in answer) {
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { message: answer.error } }));
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const send = (delta: unknown, finish: string | null, usage?: unknown): void => {
        response.write(
          `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: body.model, choices: [{ index: 0, delta, finish_reason: finish }], ...(usage === undefined ? {} : { usage }) })}\n\n`,
        );
      };
      if (answer.text !== undefined) send({ role: 'assistant', content: answer.text }, null);
      const tools = 'tools' in answer ? answer.tools : [];
      tools.forEach((tool, index) => {
        ids += 1;
        send(
          {
            tool_calls: [
              { index, id: `call_${ids}`, type: 'function', function: { name: tool.name, arguments: JSON.stringify(tool.args) } },
            ],
          },
          null,
        );
      });
      send({}, tools.length > 0 ? 'tool_calls' : 'stop', {
        prompt_tokens: model.promptTokens,
        completion_tokens: 7,
        total_tokens: model.promptTokens + 7,
        prompt_tokens_details: { cached_tokens: 20 },
      });
      response.end('data: [DONE]\n\n');
    })().catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const model: FakeModel = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    calls: [],
    reply,
    promptTokens: 120,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
  return model;
};
