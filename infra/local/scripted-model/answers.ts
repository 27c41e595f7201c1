// The wire format of chat completions: plain JSON and server-sent events, with tool calls and usage figures.
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Decision } from './decision.ts';

type Spoken = Exclude<Decision, { kind: 'break' }>;
interface Usage {
  readonly promptCharacters: number;
}
const charactersPerToken = 4;

const toolCallsOf = (decision: Spoken): { id: string; type: 'function'; function: { name: string; arguments: string } }[] =>
  decision.kind === 'say'
    ? []
    : decision.calls.map((each) => ({
        id: `call_${randomUUID().replaceAll('-', '')}`,
        type: 'function',
        function: { name: each.tool, arguments: JSON.stringify(each.input) },
      }));

const usageOf = (decision: Spoken, { promptCharacters }: Usage): Record<string, number> => {
  const input = Math.ceil(promptCharacters / charactersPerToken);
  const output = Math.ceil(
    (decision.text.length + (decision.kind === 'say' ? 0 : JSON.stringify(decision.calls).length)) / charactersPerToken,
  );
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
};
const finishOf = (decision: Spoken): string => (decision.kind === 'call' ? 'tool_calls' : 'stop');
const headOf = (model: string, object: string) => ({
  id: `chatcmpl-${randomUUID()}`,
  object,
  created: Math.floor(Date.now() / 1000),
  model,
});

export const answerAsJson = (response: ServerResponse, model: string, decision: Spoken, usage: Usage): void => {
  const calls = toolCallsOf(decision);
  const message = { role: 'assistant', content: decision.text, ...(calls.length === 0 ? {} : { tool_calls: calls }) };
  response.writeHead(200, { 'content-type': 'application/json' }).end(
    JSON.stringify({
      ...headOf(model, 'chat.completion'),
      choices: [{ index: 0, message, finish_reason: finishOf(decision) }],
      usage: usageOf(decision, usage),
    }),
  );
};

const startStream = (response: ServerResponse, model: string): ((delta: unknown, finish?: string, more?: object) => void) => {
  const head = headOf(model, 'chat.completion.chunk');
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  return (delta, finish, more = {}) => {
    response.write(`data: ${JSON.stringify({ ...head, choices: [{ index: 0, delta, finish_reason: finish ?? null }], ...more })}\n\n`);
  };
};

export const answerAsStream = (response: ServerResponse, model: string, decision: Spoken, usage: Usage): void => {
  const send = startStream(response, model);
  send({ role: 'assistant', content: '' });
  for (const piece of decision.text.match(/[\s\S]{1,80}/g) ?? []) send({ content: piece });
  toolCallsOf(decision).forEach((each, index) => {
    send({ tool_calls: [{ index, ...each }] });
  });
  send({}, finishOf(decision), { usage: usageOf(decision, usage) });
  response.end('data: [DONE]\n\n');
};

/** Says half a word and cuts the connection, as a server does that dies in the middle of a turn. */
export const breakOff = (response: ServerResponse, model: string): void => {
  startStream(response, model)({ role: 'assistant', content: '# Runn' });
  setImmediate(() => response.destroy());
};
