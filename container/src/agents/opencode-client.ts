// The part of opencode's HTTP interface that the runner uses, with every answer parsed. Tolerates fields it does not know.
import { z } from 'zod';
import { profileName, toolServerName } from './opencode-config.ts';

const time = z
  .object({ created: z.number().optional(), start: z.number().optional(), end: z.number().optional(), completed: z.number().optional() })
  .optional();
const toolStateSchema = z.object({
  status: z.enum(['pending', 'running', 'completed', 'error']),
  input: z.unknown().optional(),
  output: z.string().optional(),
  error: z.string().optional(),
  time,
});
export const partSchema = z.object({
  id: z.string(),
  sessionID: z.string(),
  messageID: z.string(),
  type: z.string(),
  text: z.string().optional(),
  tool: z.string().optional(),
  state: toolStateSchema.optional(),
  time,
  synthetic: z.boolean().optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  reason: z.string().optional(),
});
export type Part = z.infer<typeof partSchema>;
/** The sentence of an error without the stack of opencode's own program, which it appends to some. */
export const withoutStack = (text: string): string =>
  text.replace(/\s+at\s+(?:async\s+)?(?:\S+\s+(?:\[as \S+\]\s+)?\((?:\/|file:|node:|native)|file:|node:|\/\$bunfs)[\s\S]*$/, '').trim() ||
  text;
const errorSchema = z.object({
  name: z.string(),
  data: z.object({ message: z.string().transform(withoutStack).optional(), statusCode: z.number().optional() }).optional(),
});
export const messageInfoSchema = z.object({
  id: z.string(),
  sessionID: z.string(),
  role: z.enum(['user', 'assistant']),
  parentID: z.string().optional(),
  finish: z.string().optional(),
  tokens: z
    .object({ input: z.number(), output: z.number(), cache: z.object({ read: z.number(), write: z.number() }).optional() })
    .optional(),
  time,
  error: errorSchema.optional(),
});
export type MessageInfo = z.infer<typeof messageInfoSchema>;
const messageSchema = z.object({ info: messageInfoSchema, parts: z.array(partSchema) });
export type Message = z.infer<typeof messageSchema>;

const statusSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('idle') }),
  z.object({ type: z.literal('busy') }),
  z.object({ type: z.literal('retry'), attempt: z.number(), message: z.string().transform(withoutStack) }),
]);
export type SessionStatus = z.infer<typeof statusSchema>;

export const eventSchema = z.union([
  z.object({ type: z.literal('message.part.updated'), properties: z.object({ part: partSchema }) }),
  z.object({
    type: z.literal('message.part.delta'),
    properties: z.object({ sessionID: z.string(), messageID: z.string(), partID: z.string(), field: z.string(), delta: z.string() }),
  }),
  z.object({ type: z.literal('message.updated'), properties: z.object({ info: messageInfoSchema }) }),
  z.object({ type: z.literal('session.status'), properties: z.object({ sessionID: z.string(), status: statusSchema }) }),
  z.object({ type: z.literal('session.idle'), properties: z.object({ sessionID: z.string() }) }),
  z.object({ type: z.literal('session.error'), properties: z.object({ sessionID: z.string().optional(), error: errorSchema.optional() }) }),
  z.object({ type: z.literal('server.connected') }),
]);
export type OpencodeEvent = z.infer<typeof eventSchema>;

/** Part metadata key that names the prompt; it is how a later runner finds what was posted already. */
export const promptKey = 'gastownPromptId';

/** One part of a message, under an id of its own. */
export interface PostedPrompt {
  readonly promptId: string;
  readonly text: string;
}

export interface OpencodeClient {
  ready(): Promise<boolean>;
  /** `connected`, or what is wrong with the agent's tool server. */
  toolServerStatus(): Promise<string>;
  connectToolServer(): Promise<void>;
  createSession(title: string): Promise<string>;
  sessionExists(sessionId: string): Promise<boolean>;
  messages(sessionId: string): Promise<Message[]>;
  /** Answers as soon as opencode has taken the message; the turn runs on. */
  post(sessionId: string, message: { prompts: readonly PostedPrompt[]; system: string; resume?: true }): Promise<void>;
  statuses(): Promise<Record<string, SessionStatus>>;
  abort(sessionId: string): Promise<void>;
  /** Calls `onEvent` until the stream ends or is aborted; the caller connects again and reads what it missed. */
  events(onEvent: (event: OpencodeEvent) => void, signal: AbortSignal): Promise<void>;
}

/** The first request makes opencode set up the folder and reach its tools, which waits for a control plane that restarts. */
const requestLimitMs = 75_000;

const found = async (answer: Response): Promise<unknown> => {
  if (answer.status === 404) throw new Error('opencode does not know this session');
  return answer.json();
};

export interface OpencodeTarget {
  readonly url: string;
  readonly password: string;
  /** The folder that its sessions work in. */
  readonly directory: string;
  /** Named with every prompt: a session that began with another model would go on with that one, which may be gone. */
  readonly model: { readonly providerID: string; readonly modelID: string };
}

export const createOpencodeClient = ({ url, password, directory, model }: OpencodeTarget): OpencodeClient => {
  const headers = {
    authorization: `Basic ${Buffer.from(`opencode:${password}`).toString('base64')}`,
    'content-type': 'application/json',
    // The next server may listen on the port of one that ended; a connection kept from that one would be reset under its first request.
    connection: 'close',
  };
  const address = (path: string): string => `${url}${path}?directory=${encodeURIComponent(directory)}`;
  const call = async (method: string, path: string, body?: unknown): Promise<Response> => {
    const answer = await fetch(address(path), {
      method,
      headers,
      signal: AbortSignal.timeout(requestLimitMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok && answer.status !== 404)
      throw new Error(`opencode answered ${answer.status} to ${method} ${path}: ${(await answer.text()).slice(0, 300)}`);
    return answer;
  };
  return {
    ready: async () => {
      const answer = await call('GET', '/config');
      await answer.arrayBuffer();
      return answer.ok;
    },
    toolServerStatus: async () => {
      const servers = z
        .record(z.string(), z.object({ status: z.string(), error: z.string().optional() }))
        .parse(await found(await call('GET', '/mcp')));
      const server = servers[toolServerName];
      return server === undefined ? 'unknown' : `${server.status}${server.error === undefined ? '' : ` (${server.error})`}`;
    },
    connectToolServer: async () => {
      await (await call('POST', `/mcp/${toolServerName}/connect`)).arrayBuffer();
    },
    createSession: async (title) =>
      z.object({ id: z.string() }).parse(await found(await call('POST', '/session', { title, agent: profileName }))).id,
    sessionExists: async (sessionId) => {
      const answer = await call('GET', `/session/${sessionId}`);
      await answer.arrayBuffer();
      return answer.ok;
    },
    messages: async (sessionId) => z.array(messageSchema).parse(await found(await call('GET', `/session/${sessionId}/message`))),
    post: async (sessionId, { prompts, system, resume }) => {
      const metadataOf = (promptId: string) => ({ [promptKey]: promptId, ...(resume === undefined ? {} : { resume: true }) });
      await call('POST', `/session/${sessionId}/prompt_async`, {
        agent: profileName,
        model,
        system,
        parts: prompts.map(({ promptId, text }) => ({ type: 'text', text, metadata: metadataOf(promptId) })),
      });
    },
    statuses: async () => z.record(z.string(), statusSchema).parse(await found(await call('GET', '/session/status'))),
    abort: async (sessionId) => {
      await call('POST', `/session/${sessionId}/abort`);
    },
    events: async (onEvent, signal) => {
      const answer = await fetch(address('/event'), { headers, signal });
      if (!answer.ok || answer.body === null) throw new Error(`opencode answered ${answer.status} to GET /event`);
      const decoder = new TextDecoder();
      let text = '';
      for await (const chunk of answer.body) {
        text += decoder.decode(chunk, { stream: true });
        for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
          const data = text
            .slice(0, end)
            .split('\n')
            .filter((line) => line.startsWith('data:'))
            .map((line) => line.slice(5))
            .join('\n');
          text = text.slice(end + 2);
          const event = parseEvent(data);
          if (event !== undefined) onEvent(event);
        }
      }
    },
  };
};

/** Undefined for the many events that the runner has no use for. */
const parseEvent = (data: string): OpencodeEvent | undefined => {
  try {
    const parsed = eventSchema.safeParse(JSON.parse(data));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
};
