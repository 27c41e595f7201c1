// A stranger's OpenAI-compatible model server: another program than the product's scripted model, with a key, answering whole or streamed.
// It plays a competent worker and reviewer by looking at the conversation only.
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';

const toolCallSchema = z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) });
const contentSchema = z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() })), z.null()]).optional();
const requestSchema = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  messages: z.array(
    z.looseObject({
      role: z.string(),
      content: contentSchema,
      tool_calls: z.array(toolCallSchema).optional(),
      tool_call_id: z.string().optional(),
    }),
  ),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).optional(),
});
type ChatRequest = z.infer<typeof requestSchema>;
interface Answer {
  readonly text?: string;
  readonly call?: { readonly name: string; readonly args: Readonly<Record<string, unknown>> };
}

const textOf = (content: z.infer<typeof contentSchema>): string =>
  typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('\n');

/** What it does next: the n-th step of its trade, where n is the number of tool calls made already. */
const decide = (request: ChatRequest): Answer => {
  const offered = (request.tools ?? []).map((tool) => tool.function.name);
  const tool = (name: string): string | undefined => offered.find((each) => each === name || each.endsWith(`_${name}`));
  if (offered.length === 0) return { text: 'A short title' };
  const results = request.messages.filter((message) => message.role === 'tool').map((message) => textOf(message.content));
  const approve = tool('gt_approve');
  if (approve !== undefined) {
    if (results.length > 0) return { text: 'Reviewed.' };
    return { call: { name: approve, args: { summary: 'Small, tested, does what was asked.' } } };
  }
  const prime = tool('gt_prime');
  const done = tool('gt_done');
  const shell = tool('bash');
  if (prime === undefined || done === undefined || shell === undefined) return { text: 'I have nothing to do here.' };
  const branch = /"branch":\s*"([^"]+)"/.exec(results[0] ?? '')?.[1] ?? '';
  switch (results.length) {
    case 0:
      return { text: '# Reading the task', call: { name: prime, args: {} } };
    case 1:
      return {
        call: {
          name: shell,
          args: {
            description: 'Write, check, commit and push',
            command: `printf 'hello from afar\\n' > GREETING.txt && sh check.sh && git add GREETING.txt && git commit -q -m 'Add a greeting' && git push -q origin HEAD:${branch} && git rev-parse HEAD`,
          },
        },
      };
    case 2:
      return {
        call: {
          name: done,
          args: { branch, commit: /\b[0-9a-f]{40}\b/.exec(results[1] ?? '')?.[0] ?? '', summary: 'Added GREETING.txt; check.sh is green.' },
        },
      };
    default:
      return { text: 'Done.' };
  }
};

const completion = (request: ChatRequest, answer: Answer, number: number) => {
  const call =
    answer.call === undefined
      ? []
      : [
          {
            index: 0,
            id: `call_${number}`,
            type: 'function',
            function: { name: answer.call.name, arguments: JSON.stringify(answer.call.args) },
          },
        ];
  const message = { role: 'assistant', content: answer.text ?? null, ...(call.length === 0 ? {} : { tool_calls: call }) };
  const usage = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 };
  const shared = { id: `chat-${number}`, created: 1_700_000_000, model: request.model };
  const finish = call.length === 0 ? 'stop' : 'tool_calls';
  return {
    whole: { ...shared, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: finish }], usage },
    chunks: [
      { ...shared, object: 'chat.completion.chunk', choices: [{ index: 0, delta: message, finish_reason: null }] },
      { ...shared, object: 'chat.completion.chunk', choices: [{ index: 0, delta: {}, finish_reason: finish }], usage },
    ],
  };
};

const readJson = async (request: IncomingMessage): Promise<unknown> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  return JSON.parse(Buffer.concat(parts).toString('utf8'));
};

export interface ForeignModel {
  readonly baseUrl: string;
  readonly models: string[];
  stop(): Promise<void>;
}
/** Refuses every call without this key. */
export const startForeignModel = async (apiKey: string): Promise<ForeignModel> => {
  const models: string[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      if (request.headers.authorization !== `Bearer ${apiKey}`) {
        response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":{"message":"bad key"}}');
        return;
      }
      const chat = requestSchema.parse(await readJson(request));
      models.push(chat.model);
      const { whole, chunks } = completion(chat, decide(chat), models.length);
      if (chat.stream !== true) {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(whole));
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const chunk of chunks) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
      response.end('data: [DONE]\n\n');
    })().catch(() => response.writeHead(400).end());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    models,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
};
