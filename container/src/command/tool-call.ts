// One call of a tool through the runner's door for tools, as opencode makes it: with the secret of this agent's life, which opens nothing else.
import { readFileSync } from 'node:fs';
import type { Call, Row } from './verb.ts';

/** Names the file in the agent's read-only folder that says where the door is. */
export const doorVariable = 'GASTOWN_TOOLS';

export interface ToolDoor {
  readonly url: string;
  readonly secret: string;
  readonly role: string;
}
export interface Answer {
  readonly ok: boolean;
  readonly text: string;
}

const limitMs = 60_000;
const isObject = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);
const objectIn = (value: unknown, key: string): Row => {
  const inner = isObject(value) ? value[key] : undefined;
  return isObject(inner) ? inner : {};
};
const textIn = (value: unknown, key: string): string | undefined => {
  const inner = isObject(value) ? value[key] : undefined;
  return typeof inner === 'string' ? inner : undefined;
};
export const objectOf = (text: string): Row | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

/** Where this agent's door is; undefined outside of an agent's sandbox. */
export const findDoor = (path: string | undefined): ToolDoor | undefined => {
  if (path === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const found = objectOf(text);
  const [url, secret, role] = [textIn(found, 'url'), textIn(found, 'secret'), textIn(found, 'role')];
  return url === undefined || secret === undefined || role === undefined ? undefined : { url, secret, role };
};

const answerOf = (status: number, text: string): Answer => {
  const body = objectOf(text);
  const result = objectIn(body, 'result');
  const content: unknown = result['content'];
  if (Array.isArray(content)) {
    const parts = content.flatMap((part: unknown) => textIn(part, 'text') ?? []);
    return { ok: result['isError'] !== true, text: parts.join('\n') };
  }
  if (status === 401)
    return { ok: false, text: 'The town does not know this agent any more: its work was ended or given to another. Stop here.' };
  const reason = textIn(objectIn(body, 'error'), 'message') ?? textIn(body, 'detail') ?? `the answer had status ${status}`;
  return {
    ok: false,
    text: `The tool was not called: ${reason.replace(/\.$/, '')}. Look whether it took effect, then try again in a moment.`,
  };
};

/** Never throws for what the door answers, or does not answer. */
export const callTool = async (door: ToolDoor, { tool, args }: Pick<Call, 'tool' | 'args'>): Promise<Answer> => {
  try {
    const answer = await fetch(door.url, {
      method: 'POST',
      signal: AbortSignal.timeout(limitMs),
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${door.secret}`,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool, arguments: args } }),
    });
    return answerOf(answer.status, await answer.text());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      text: `The town runner did not answer (${reason}). Wait a few seconds, look whether it took effect, then try again.`,
    };
  }
};
