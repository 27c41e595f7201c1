// A chat-completions request as the scripted roles read it: who they are, what they were last asked, and which tools answered what since then.
import { z } from 'zod';

const textPart = z.looseObject({ type: z.string(), text: z.string().optional() });
const content = z.union([z.string(), z.array(textPart), z.null()]).optional();
const toolCall = z.looseObject({ id: z.string(), function: z.looseObject({ name: z.string(), arguments: z.string() }) });
const message = z.looseObject({ role: z.string(), content, tool_calls: z.array(toolCall).nullish(), tool_call_id: z.string().nullish() });
export const chatRequestSchema = z.looseObject({
  model: z.string().default('scripted'),
  messages: z.array(message).min(1),
  stream: z.boolean().nullish(),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).nullish(),
});
export type ChatRequest = z.infer<typeof chatRequestSchema>;
type Message = ChatRequest['messages'][number];

/** One tool call of the model and what came back; `result` is absent while none has. */
export interface Step {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly result?: string;
}
export type Role = 'mayor' | 'polecat' | 'refinery' | 'triage' | 'other';
export interface Conversation {
  readonly model: string;
  readonly role: Role;
  readonly system: string;
  /** The newest user message. */
  readonly prompt: string;
  /** Calls since the newest user message, oldest first. */
  readonly steps: readonly Step[];
  /** All user messages, oldest first, each with the calls since then. */
  readonly asked: readonly { readonly text: string; readonly steps: readonly Step[] }[];
  /** Calls of the whole session. */
  readonly allSteps: readonly Step[];
  /** Name under which the client offers a tool (clients put prefixes in front); undefined when it does not. */
  readonly offered: (tool: string) => string | undefined;
  readonly hasTools: boolean;
}

const textOf = (value: Message['content']): string => {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : value.map((part) => part.text ?? '').join('\n');
};

/** `town_gt_prime`, `gt_prime` → `gt_prime`; own tools of the client keep their name. */
const plainName = (name: string): string => (/(?:^|_)gt_[a-z_]+$/.test(name) ? name.slice(name.lastIndexOf('gt_')) : name);

const inputOf = (json: string): Record<string, unknown> => {
  try {
    const parsed = z.record(z.string(), z.unknown()).safeParse(JSON.parse(json === '' ? '{}' : json));
    return parsed.success ? parsed.data : {};
  } catch {
    return {};
  }
};

const stepsOf = (messages: readonly Message[]): Step[] => {
  const results = new Map(messages.filter((each) => each.role === 'tool').map((each) => [each.tool_call_id ?? '', textOf(each.content)]));
  return messages.flatMap((each) =>
    (each.tool_calls ?? []).map((call) => {
      const result = results.get(call.id);
      return { tool: plainName(call.function.name), input: inputOf(call.function.arguments), ...(result === undefined ? {} : { result }) };
    }),
  );
};

const roleOf = (model: string, system: string): Role => {
  const named = /(mayor|polecat|refinery|triage)$/.exec(model)?.[1];
  const described = /# You are (?:the (Mayor|refinery|triage) of|.+, a (polecat) of)/.exec(system);
  const found = named ?? (described?.[1] ?? described?.[2])?.toLowerCase();
  return found === 'mayor' || found === 'polecat' || found === 'refinery' || found === 'triage' ? found : 'other';
};

export const conversationOf = (request: ChatRequest): Conversation => {
  const system = request.messages
    .filter((each) => each.role === 'system' || each.role === 'developer')
    .map((each) => textOf(each.content))
    .join('\n');
  const asked = request.messages.flatMap((each, index) =>
    each.role === 'user' ? [{ text: textOf(each.content), steps: stepsOf(request.messages.slice(index + 1)) }] : [],
  );
  const newest = asked.at(-1);
  const names = (request.tools ?? []).map((tool) => tool.function.name);
  return {
    model: request.model,
    role: roleOf(request.model, system),
    system,
    prompt: newest?.text ?? '',
    steps: newest?.steps ?? [],
    asked,
    allSteps: stepsOf(request.messages),
    offered: (tool) => names.find((name) => name === tool) ?? names.find((name) => plainName(name) === tool),
    hasTools: names.length > 0,
  };
};

/** The JSON object in a tool's answer (a sentence, then one line of JSON); undefined when there is none. */
export const jsonIn = (result: string | undefined): unknown => {
  for (const line of (result ?? '').split('\n')) {
    if (!line.startsWith('{')) continue;
    try {
      const value: unknown = JSON.parse(line);
      return value;
    } catch {
      // Not the JSON line: a later one may be.
    }
  }
  return undefined;
};

/** The newest answer of a town's tool that says something: its data, or why it was not done. A call that the town never answered does not count. */
export const answered = (steps: readonly Step[], tool: string): Step | undefined =>
  steps.findLast(
    (step) =>
      step.tool === tool &&
      step.result !== undefined &&
      (jsonIn(step.result) !== undefined || /was not done:|has been replaced|have been replaced/.test(step.result)),
  );

/** Calls of a tool that nobody answered usefully are repeated so many times. */
export const worthRepeating = (steps: readonly Step[], tool: string): boolean => steps.filter((step) => step.tool === tool).length < 5;
