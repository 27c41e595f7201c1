// The scripted Mayor: reads the request, looks at rigs, code and board, slings a convoy of a topic that it knows, or answers without starting work.
import { z } from 'zod';
import type { Claims } from './claims.ts';
import { answered, jsonIn, worthRepeating } from './conversation.ts';
import type { Conversation } from './conversation.ts';
import { call, say } from './decision.ts';
import type { Decision } from './decision.ts';
import { intentOf } from './intent.ts';
import type { Intent } from './intent.ts';
import {
  abilitiesAnswer,
  abilitiesWithoutRepository,
  convoyAnswer,
  greetingAnswer,
  noRepositoryAnswer,
  notUnderstood,
  nothingToStart,
  progressAnswer,
  questionAnswer,
  repositoryAnswer,
  suggestionsAnswer,
  testsAnswer,
  thanksAnswer,
} from './mayor-answers.ts';
import { convoyFor, planFor } from './plans.ts';
import type { ConvoyPlan, RepositoryFacts } from './plans.ts';
import { quotedIn, scenariosIn } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { beadsSeen, listsGivenUp, missingLists, sightOf } from './sight.ts';
import type { Sight } from './sight.ts';
import { exampleOf, topicsIn } from './topics.ts';

const convoySchema = z.looseObject({
  id: z.string(),
  title: z.string(),
  merge_mode: z.string().optional(),
  staged: z.boolean().default(false),
  beads: z.array(z.looseObject({ id: z.string(), title: z.string(), status: z.string(), depends_on: z.array(z.string()).default([]) })),
});
const progressSchema = convoySchema.extend({ progress: z.looseObject({ total: z.int(), closed: z.int(), failed: z.int() }) });

const mailDecision = (talk: Conversation, from: string, subject: string): Decision => {
  const bead = /(?:about|hand in) ([a-z]{2,6}-[a-z0-9.]+)/.exec(subject)?.[1] ?? 'the bead';
  if (answered(talk.steps, 'gt_mail_send') === undefined) {
    return call('# Answering a question', {
      tool: 'gt_mail_send',
      input: {
        to: from,
        subject: `Re: ${subject}`.slice(0, 400),
        body: 'Your assumption is right: keep it simple, and say it in the summary.',
      },
    });
  }
  return say(`# Answered a question\n${from} asked about ${bead}. I told it to keep it simple and to say so in its summary; work goes on.`);
};

/** Mail that asks nothing of an agent: the person is told of it. */
const heardDecision = (isPerson: boolean, subject: string): Decision =>
  isPerson
    ? say(`# Read my mail\nYou wrote to me: ${subject}\n\nI am only a script: ask for work here, in our conversation.`)
    : say(
        `# Read my mail\nThe town told me: ${subject.replace(/\.$/, '')}. It is on the town's page; acknowledge it there when you have taken care of it.`,
      );

const progressDecision = (talk: Conversation, request: string): Decision => {
  const calls = missingLists(talk);
  if (calls.length > 0) return call('# Looking at the board', ...calls);
  const beads = beadsSeen(talk);
  const convoyId = /\bhq-[a-z0-9]+\b/.exec(request)?.[0] ?? (/\bconvoy\b/i.test(request) ? beads[0]?.convoy : undefined);
  if (convoyId === undefined) return say(progressAnswer(beads));
  const step = answered(talk.steps, 'gt_convoy_status');
  if (step === undefined) return call('# Looking at the convoy', { tool: 'gt_convoy_status', input: { convoy_id: convoyId } });
  const parsed = progressSchema.safeParse(jsonIn(step.result));
  return say(parsed.success ? convoyAnswer(parsed.data) : progressAnswer(beads));
};

const whatComes = ({ id, merge_mode, staged }: z.infer<typeof convoySchema>): string => {
  if (staged) return `It is a plan: nothing starts before you open ${id} and press Start.`;
  const merged =
    merge_mode === 'review-then-land' ? 'each bead is reviewed, and they land together' : 'each bead is reviewed and merged by itself';
  return `Polecats start now; ${merged}. You see them move on the board.`;
};

const slung = (result: string | undefined, request: string, intent: Intent): Decision => {
  const parsed = convoySchema.safeParse(jsonIn(result));
  if (!parsed.success) return say(`# That did not work\nI could not sling the work: ${(result ?? '').split('\n')[0] ?? ''}`);
  const { id, beads } = parsed.data;
  const lines = beads.map(
    (bead) => `- ${bead.id} ${bead.title}${bead.depends_on.length === 0 ? '' : ` (after ${bead.depends_on.join(', ')})`}`,
  );
  const other = intent.kind === 'work' ? intent.topics[1] : undefined;
  const more = other === undefined ? '' : `\n\nI take one topic at a time. For the other one say “${exampleOf(other)}”`;
  const chosen =
    intent.kind === 'work' && scenariosIn(request).size === 0
      ? '\n\nI am a script: I chose these functions by the topic of your request alone.'
      : '';
  return say(
    `# Convoy ${id} is ${parsed.data.staged ? 'planned' : 'on its way'}\nI cut your request into ${beads.length === 1 ? 'one bead' : `${beads.length} beads`}:\n${lines.join('\n')}\n\n${whatComes(parsed.data)}${chosen}${more}`,
  );
};

const slingDecision = (rigId: string, plan: ConvoyPlan): Decision =>
  call('# Planning the work', {
    tool: 'gt_sling_batch',
    input: {
      convoy_title: plan.title,
      rig_id: rigId,
      ...(plan.tasks.length > 1 && plan.tasks.every((task) => task.dependsOn.length === 0) ? { parallel: true } : {}),
      tasks: plan.tasks.map((task) => ({
        title: task.title,
        body: task.body,
        ...(task.dependsOn.length === 0 ? {} : { depends_on: task.dependsOn }),
      })),
    },
  });

interface Scene {
  readonly request: string;
  readonly intent: Intent;
  readonly wanted: ReadonlySet<Scenario>;
  readonly sight: Sight;
  readonly facts: RepositoryFacts;
  /** Makes names unique. */
  readonly tail: string;
}

/** Work to sling, or the text of an answer. Marks of scenarios and foreign repositories get a convoy whatever the words say. */
const planOrAnswer = ({ request, intent, wanted, sight, facts, tail }: Scene): ConvoyPlan | string => {
  if (wanted.size > 0) return planFor(request, wanted, facts, tail);
  switch (intent.kind) {
    case 'greeting':
      return greetingAnswer;
    case 'thanks':
      return thanksAnswer;
    case 'abilities':
      return abilitiesAnswer(sight, facts);
    case 'repository':
      return repositoryAnswer(sight, topicsIn(request));
    case 'suggestions':
      return suggestionsAnswer(sight, facts);
    case 'question':
    case 'progress':
      return questionAnswer(sight, facts);
    case 'tests':
      return sight.look.sample ? testsAnswer(sight, facts) : planFor(request, wanted, facts, tail);
    case 'work': {
      const topic = intent.topics[0];
      const plan = convoyFor(topic, wanted, facts);
      return plan.tasks.length === 0 ? nothingToStart(topic, sight, facts) : plan;
    }
    case 'unknown':
      return sight.look.sample ? notUnderstood(intent.why, facts) : planFor(request, wanted, facts, tail);
    default:
      return intent satisfies never;
  }
};

const requestDecision = (talk: Conversation, request: string, claims: Claims): Decision => {
  const intent = intentOf(request);
  const batch = answered(talk.steps, 'gt_sling_batch');
  if (batch !== undefined) return slung(batch.result, request, intent);
  const sight = sightOf(talk, request);
  if (sight === undefined) return say(intent.kind === 'abilities' ? abilitiesWithoutRepository : noRepositoryAnswer);
  if ('kind' in sight) return sight;
  const messageId = /data from: message ([0-9A-Z]+)/.exec(talk.prompt)?.[1] ?? 'x';
  const claimed = claims.others(sight.rig.id, messageId);
  const facts: RepositoryFacts = { ...sight.look, underWay: new Set([...sight.beads.map((bead) => bead.title), ...claimed]) };
  const tail = messageId.slice(-5).toLowerCase();
  const outcome = planOrAnswer({ request, intent, wanted: scenariosIn(request), sight, facts, tail });
  if (typeof outcome === 'string') return say(outcome);
  claims.hold(
    sight.rig.id,
    messageId,
    outcome.tasks.map((task) => task.title),
  );
  return slingDecision(sight.rig.id, outcome);
};

/** A session that goes on after a restart ends with a sentence about that: what counts is the newest message of a person or mail before it. */
const sinceRequest = (talk: Conversation): Conversation => {
  const request = talk.asked.findLast((each) => each.text.includes('data from:'));
  return request === undefined ? talk : { ...talk, prompt: request.text, steps: request.steps };
};
const gaveUp = say('# The town does not answer\nI could not reach the town just now. Please say it again in a moment.');

export const mayorDecision = (whole: Conversation, claims: Claims): Decision => {
  const talk = sinceRequest(whole);
  if (
    listsGivenUp(talk) ||
    ['gt_list_rigs', 'gt_sling_batch', 'gt_convoy_status', 'gt_mail_send'].some(
      (tool) => answered(talk.steps, tool) === undefined && !worthRepeating(talk.steps, tool),
    )
  )
    return gaveUp;
  const mail = /^Mail \S+ for you from (\w+):(\S+): (.*)$/m.exec(talk.prompt);
  if (mail !== null)
    return mail[1] === 'agent' ? mailDecision(talk, mail[2] ?? '', mail[3] ?? '') : heardDecision(mail[1] === 'user', mail[3] ?? '');
  const request = quotedIn(talk.prompt);
  const wanted = scenariosIn(request);
  if (wanted.size === 0) {
    const { kind } = intentOf(request);
    if (kind === 'greeting') return say(greetingAnswer);
    if (kind === 'thanks') return say(thanksAnswer);
    if (kind === 'progress') return progressDecision(talk, request);
  }
  const decision = requestDecision(talk, request, claims);
  return decision.kind !== 'break' && wanted.has('slow') ? { ...decision, extraDelayMs: 1000 } : decision;
};
