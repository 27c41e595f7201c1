// Reads a session's messages: which prompts are in it, how the turn of a prompt ended, what goes into the stored transcript. Pure.
import { partCharacters } from '../../../functions/contracts/runner.schema.ts';
import type { WholePart } from '../../../functions/contracts/runner.schema.ts';
import { promptKey } from './opencode-client.ts';
import type { Message, Part } from './opencode-client.ts';

export type TurnEnd =
  | { readonly outcome: 'completed'; readonly text: string }
  /** `model`: the provider or its endpoint is the reason. */
  | { readonly outcome: 'failed'; readonly text: string; readonly cause: 'model' | 'agent' };

/** Several nudges or letters may have gone in as one message: each of its parts has the id of its own prompt. */
const promptIdsOf = (message: Message): string[] =>
  message.info.role === 'user'
    ? message.parts.flatMap((part) => {
        const id = part.metadata?.[promptKey];
        return typeof id === 'string' ? [id] : [];
      })
    : [];

/** Prompts that are in the session for certain, oldest first. */
export const promptIdsIn = (messages: readonly Message[]): string[] => [...new Set(messages.flatMap(promptIdsOf))];

const modelErrors = new Set([
  'APIError',
  'ProviderAuthError',
  'ProviderModelNotFoundError',
  'ProviderInitError',
  'UnknownError',
  'ContextOverflowError',
]);
const maxTextCharacters = 32_000;
const textOf = (message: Message): string =>
  message.parts
    .filter((part) => part.type === 'text' && part.synthetic !== true)
    .map((part) => part.text ?? '')
    .join('\n')
    .trim();

/**
 * How the turn of a prompt ended, when nothing runs in the session any more; undefined when it was interrupted or has not begun.
 * Prompts that were put in while another one was being worked on share the end of that run.
 */
export const turnEnd = (messages: readonly Message[], promptId: string): TurnEnd | undefined => {
  const start = messages.findLastIndex((message) => promptIdsOf(message).includes(promptId));
  if (start === -1) return undefined;
  const rest = messages.slice(start + 1);
  // The answer to this prompt lies before the next prompt that came after an answer.
  const firstAnswer = rest.findIndex((message) => message.info.role === 'assistant');
  if (firstAnswer === -1) return undefined;
  const nextPrompt = rest.findIndex((message, index) => index > firstAnswer && promptIdsOf(message).length > 0);
  const nextPromptId = rest.slice(firstAnswer).flatMap(promptIdsOf)[0];
  const answers = rest
    .slice(firstAnswer, nextPrompt === -1 ? undefined : nextPrompt)
    .filter((message) => message.info.role === 'assistant');
  const last = answers.at(-1);
  if (last === undefined) return undefined;
  const { error, finish, time } = last.info;
  if (error !== undefined) {
    if (error.name === 'MessageAbortedError') return undefined;
    return {
      outcome: 'failed',
      text: (error.data?.message ?? error.name).slice(0, maxTextCharacters),
      cause: modelErrors.has(error.name) ? 'model' : 'agent',
    };
  }
  if (time?.completed === undefined || finish === undefined || finish === 'tool-calls')
    return nextPromptId === undefined ? undefined : turnEnd(messages, nextPromptId);
  const text = answers.map(textOf).findLast((one) => one !== '') ?? '';
  return { outcome: 'completed', text: text.slice(0, maxTextCharacters) };
};

/** Tokens that the newest call of the session had before it and added, as its model counted them; 0 when nothing was counted. */
export const contextTokensOf = (messages: readonly Message[]): number => {
  const tokens = messages.findLast(({ info }) => info.role === 'assistant' && (info.tokens?.input ?? 0) + (info.tokens?.output ?? 0) > 0)
    ?.info.tokens;
  return tokens === undefined ? 0 : tokens.input + tokens.output + (tokens.cache?.read ?? 0) + (tokens.cache?.write ?? 0);
};

/** The newest first-level heading of a text: what the agent says it is doing. */
export const statusLineOf = (text: string): string | undefined => {
  let inCode = false;
  let found: string | undefined;
  for (const line of text.split('\n')) {
    if (/^\s*(```|~~~)/.test(line)) inCode = !inCode;
    const heading = inCode ? undefined : /^#\s+(\S.*)$/.exec(line)?.[1];
    if (heading !== undefined) found = heading.trim().slice(0, 300);
  }
  return found;
};

const { whole } = partCharacters;
const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? {})).slice(0, whole.tool);

/** A part as it is stored, when it is complete; undefined while it grows, and for parts that say nothing. */
export const completePart = (part: Part, role: 'user' | 'assistant', nowMs: number): Omit<WholePart, 'seq'> | undefined => {
  const atMs = Math.round(part.time?.end ?? part.time?.start ?? nowMs);
  const base = { messageId: part.messageID.slice(0, 100), role, atMs };
  if (part.type === 'text' || part.type === 'reasoning') {
    const done = role === 'user' || part.time?.end !== undefined;
    const text = part.text ?? '';
    if (!done || text.trim() === '' || part.synthetic === true) return undefined;
    return { ...base, kind: part.type, text: text.slice(0, whole.text) };
  }
  if (part.type !== 'tool' || part.state === undefined || (part.state.status !== 'completed' && part.state.status !== 'error'))
    return undefined;
  const { status, input, output, error } = part.state;
  return {
    ...base,
    kind: 'tool',
    tool: { name: (part.tool ?? 'tool').slice(0, 100), status, input: asText(input), output: (output ?? error ?? '').slice(0, whole.tool) },
  };
};
