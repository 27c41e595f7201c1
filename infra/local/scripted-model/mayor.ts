// The scripted Mayor: reads the request, looks at rigs and code, slings a convoy of three beads, answers. Mail and questions get an answer without a convoy.
import { z } from 'zod';
import { answered, jsonIn, worthRepeating } from './conversation.ts';
import type { Conversation, Step } from './conversation.ts';
import { call, say } from './decision.ts';
import type { Decision } from './decision.ts';
import { planFor } from './plans.ts';
import type { RepositoryFacts } from './plans.ts';
import { quotedIn, scenariosIn } from './scenario.ts';

const rigSchema = z.looseObject({ id: z.string(), name: z.string(), gates: z.array(z.string()).default([]) });
const rigsSchema = z.looseObject({ rigs: z.array(rigSchema) });
const convoySchema = z.looseObject({
  id: z.string(),
  title: z.string(),
  beads: z.array(z.looseObject({ id: z.string(), title: z.string(), status: z.string(), depends_on: z.array(z.string()).default([]) })),
});
const beadsSchema = z.looseObject({ beads: z.array(z.looseObject({ id: z.string(), title: z.string(), status: z.string() })) });
type Rig = z.infer<typeof rigSchema>;

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

const statusDecision = (talk: Conversation): Decision => {
  const listed = answered(talk.steps, 'gt_list_beads');
  if (listed === undefined) return call('# Looking at the board', { tool: 'gt_list_beads', input: {} });
  const parsed = beadsSchema.safeParse(jsonIn(listed.result));
  const beads = parsed.success ? parsed.data.beads : [];
  return say(
    beads.length === 0
      ? '# All quiet\nThere is no work in this town yet.'
      : `# How things stand\n${beads
          .slice(0, 12)
          .map((bead) => `- ${bead.id} ${bead.title}: ${bead.status.replace('_', ' ')}`)
          .join('\n')}`,
  );
};

const lookCommand =
  '# step: look\nfor d in */; do d=${d%/}; echo "rig: $d"; [ -f "$d/package.json" ] && echo "javascript: yes"; grep -q \'"type": *"module"\' "$d/package.json" 2>/dev/null && echo "modules: yes"; ls "$d" "$d/src" "$d/docs" 2>/dev/null | sed -e \'s/^/file: /\' | head -200; done';

/** What the look showed of one rig; with nothing to see, its gates tell. */
const factsOf = (look: Step, rig: Rig): RepositoryFacts => {
  const parts = (look.result ?? '').split(/^rig: /m).slice(1);
  const own = parts.find((part) => part.startsWith(rig.id) || part.startsWith(rig.name)) ?? (parts.length === 1 ? parts[0] : undefined);
  if (own === undefined) return { javascript: rig.gates.some((gate) => /\b(node|npm)\b/.test(gate)), modules: false, files: new Set() };
  return {
    javascript: /^javascript: yes$/m.test(own),
    modules: /^modules: yes$/m.test(own),
    files: new Set([...own.matchAll(/^file: (.+)$/gm)].map((match) => match[1] ?? '')),
  };
};

const slung = (result: string | undefined): Decision => {
  const parsed = convoySchema.safeParse(jsonIn(result));
  if (!parsed.success) return say(`# That did not work\nI could not sling the work: ${(result ?? '').split('\n')[0] ?? ''}`);
  const { id, beads } = parsed.data;
  const lines = beads.map(
    (bead) => `- ${bead.id} ${bead.title}${bead.depends_on.length === 0 ? '' : ` (after ${bead.depends_on.join(', ')})`}`,
  );
  return say(
    `# Convoy ${id} is on its way\nI cut your request into ${beads.length === 1 ? 'one bead' : `${beads.length} beads`}:\n${lines.join('\n')}\n\nPolecats start now; each bead is reviewed and merged by itself. You see them move on the board.`,
  );
};

const planDecision = (talk: Conversation, request: string): Decision => {
  const batch = answered(talk.steps, 'gt_sling_batch');
  if (batch !== undefined) return slung(batch.result);
  const listed = answered(talk.steps, 'gt_list_rigs');
  if (listed === undefined) return call('# Looking at the rigs', { tool: 'gt_list_rigs', input: {} });
  const parsed = rigsSchema.safeParse(jsonIn(listed.result));
  const rigs = parsed.success ? parsed.data.rigs : [];
  const rig = rigs.find((each) => request.includes(each.id) || request.toLowerCase().includes(each.name.toLowerCase())) ?? rigs[0];
  if (rig === undefined) return say('# No repository yet\nConnect a repository first; then I can start work on it.');
  const look = talk.steps.findLast((step) => step.tool === 'bash' && step.result !== undefined);
  if (look === undefined)
    return call('# Looking at the code', { tool: 'bash', input: { command: lookCommand, description: 'look at the rigs' } });
  const tail = (/data from: message ([0-9A-Z]+)/.exec(talk.prompt)?.[1] ?? 'x').slice(-5).toLowerCase();
  const plan = planFor(request, scenariosIn(request), factsOf(look, rig), tail);
  return call('# Planning the work', {
    tool: 'gt_sling_batch',
    input: {
      convoy_title: plan.title,
      rig_id: rig.id,
      ...(plan.tasks.length > 1 && plan.tasks.every((task) => task.dependsOn.length === 0) ? { parallel: true } : {}),
      tasks: plan.tasks.map((task) => ({
        title: task.title,
        body: task.body,
        ...(task.dependsOn.length === 0 ? {} : { depends_on: task.dependsOn }),
      })),
    },
  });
};

/** A session that goes on after a restart ends with a sentence about that: what counts is the newest message of a person or mail before it. */
const sinceRequest = (talk: Conversation): Conversation => {
  const request = talk.asked.findLast((each) => each.text.includes('data from:'));
  return request === undefined ? talk : { ...talk, prompt: request.text, steps: request.steps };
};
const gaveUp = say('# The town does not answer\nI could not reach the town just now. Please say it again in a moment.');

export const mayorDecision = (whole: Conversation): Decision => {
  const talk = sinceRequest(whole);
  if (
    ['gt_list_rigs', 'gt_sling_batch', 'gt_list_beads', 'gt_mail_send'].some(
      (tool) => answered(talk.steps, tool) === undefined && !worthRepeating(talk.steps, tool),
    )
  )
    return gaveUp;
  const mail = /^Mail \S+ for you from agent:(\S+): (.*)$/m.exec(talk.prompt);
  if (mail !== null) return mailDecision(talk, mail[1] ?? '', mail[2] ?? '');
  const request = quotedIn(talk.prompt);
  if (scenariosIn(request).size === 0) {
    if (/^\s*(hi|hello|hey|thanks|thank you)[\s!.,]*$/i.test(request))
      return say('# At your service\nTell me what you want built or changed, and I start the work.');
    if (/\b(status|progress|how far|how is it going|what is going on)\b/i.test(request)) return statusDecision(talk);
  }
  const decision = planDecision(talk, request);
  return decision.kind !== 'break' && scenariosIn(request).has('slow') ? { ...decision, extraDelayMs: 1000 } : decision;
};
