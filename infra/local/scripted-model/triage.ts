// The scripted triage: reads its requests and decides each once, by its kind; what is refused goes to another agent, then to people.
import { z } from 'zod';
import { answered, jsonIn, worthRepeating } from './conversation.ts';
import type { Conversation } from './conversation.ts';
import { call, say } from './decision.ts';
import type { Decision } from './decision.ts';

const requestSchema = z.looseObject({ id: z.string(), kind: z.string(), agent: z.string() });
const primedSchema = z.looseObject({ requests: z.array(requestSchema).default([]) });
type Request = z.infer<typeof requestSchema>;

const choices: Readonly<Record<string, readonly string[]>> = {
  stalled: ['RESTART', 'REASSIGN', 'ESCALATE'],
  crash_loop: ['RESTART_WITH_BACKOFF', 'ESCALATE'],
  help: ['PROVIDE_GUIDANCE', 'ESCALATE'],
  dirty: ['RESTART', 'DISCARD', 'ESCALATE'],
};
const notes: Readonly<Record<string, string>> = {
  RESTART: 'It may go on where it was.',
  RESTART_WITH_BACKOFF: 'It failed several times: a pause first.',
  REASSIGN: 'Somebody else should try.',
  PROVIDE_GUIDANCE: 'Decide by your best judgement, keep the change small, and say in the summary what you assumed.',
  DISCARD: 'What was pushed is kept; the rest is done again.',
  ESCALATE: 'I cannot decide this; please look at it.',
};

const attempts = (talk: Conversation, { id }: Request): number =>
  talk.steps.filter((step) => step.tool === 'gt_triage_resolve' && step.input['request'] === id).length;
const isDecided = (talk: Conversation, { id }: Request): boolean =>
  talk.steps.some((step) => step.tool === 'gt_triage_resolve' && step.input['request'] === id && jsonIn(step.result) !== undefined);

export const triageDecision = (talk: Conversation): Decision => {
  if (answered(talk.steps, 'gt_prime') === undefined && !worthRepeating(talk.steps, 'gt_prime'))
    return say('# The town does not answer\nI cannot decide anything.');
  const primed = answered(talk.steps, 'gt_prime');
  if (primed === undefined) return call('# Reading the requests', { tool: 'gt_prime', input: {} });
  const parsed = primedSchema.safeParse(jsonIn(primed.result));
  for (const request of parsed.success ? parsed.data.requests : []) {
    const ways = choices[request.kind] ?? ['ESCALATE'];
    const tried = attempts(talk, request);
    const action = ways[tried];
    if (isDecided(talk, request) || action === undefined) continue;
    return call(`# Deciding about ${request.agent}`, {
      tool: 'gt_triage_resolve',
      input: { request: request.id, action, notes: notes[action] ?? 'See the request.' },
    });
  }
  return say('# Decided\nEvery request has its answer.');
};
