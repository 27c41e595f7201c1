// The scripted refinery: reads the diff, asks once for changes where the bead says so, approves otherwise.
import { z } from 'zod';
import { answered, jsonIn, worthRepeating } from './conversation.ts';
import type { Conversation } from './conversation.ts';
import { call, say } from './decision.ts';
import type { Decision } from './decision.ts';
import { blockText, fileBlocksIn, scenariosIn } from './scenario.ts';

const reviewSchema = z.looseObject({
  id: z.string(),
  title: z.string(),
  target_commit: z.string().optional(),
  tip: z.string().optional(),
  head: z.string().optional(),
  earlier_rework_rounds: z.number().default(0),
  source: z.looseObject({ id: z.string(), body: z.string().default('') }).optional(),
});
const primedSchema = z.looseObject({ review: reviewSchema.optional() });
type Review = z.infer<typeof reviewSchema>;

const diffCommand = (review: Review): string => {
  const tip = review.tip ?? review.head ?? 'HEAD';
  return `# step: diff\ngit diff --stat ${review.target_commit ?? `${tip}^1`} ${tip}; git diff ${review.target_commit ?? `${tip}^1`} ${tip} | head -400`;
};

const askForChanges = (review: Review): Decision => {
  const path = fileBlocksIn(review.source?.body ?? '')[0]?.path ?? 'NOTES.md';
  const comment = path.endsWith('.md')
    ? '\nReviewed: see the bead for the reasons.'
    : '\n// Kept free of side effects on purpose: callers rely on it.';
  return call('# Asking for a change', {
    tool: 'gt_request_changes',
    input: {
      feedback: `${path}: say in the file that callers rely on it having no side effects. For example:\n\n${blockText({ how: 'append', path, text: comment.trimStart() })}`,
      files: [path],
    },
  });
};

export const refineryDecision = (talk: Conversation): Decision => {
  if (
    ['gt_prime', 'gt_approve', 'gt_request_changes'].some(
      (tool) => answered(talk.steps, tool) === undefined && !worthRepeating(talk.steps, tool),
    )
  )
    return say('# The town does not answer\nI cannot give my verdict.');
  if (answered(talk.steps, 'gt_approve') !== undefined || answered(talk.steps, 'gt_request_changes') !== undefined)
    return say('# Decided\nMy verdict is in.');
  const primed = answered(talk.steps, 'gt_prime');
  if (primed === undefined) return call('# Reading the request', { tool: 'gt_prime', input: {} });
  const parsed = primedSchema.safeParse(jsonIn(primed.result));
  const review = parsed.success ? parsed.data.review : undefined;
  if (review === undefined) return say('Nothing is under review.');
  const diff = talk.steps.find((step) => step.tool === 'bash' && step.result !== undefined);
  if (diff === undefined)
    return call('# Reading the change', { tool: 'bash', input: { command: diffCommand(review), description: 'diff' } });
  if (scenariosIn(review.source?.body ?? '').has('change-request') && review.earlier_rework_rounds === 0) return askForChanges(review);
  const files = /\d+ files?(?= changed)/.exec(diff.result ?? '')?.[0] ?? 'some files';
  return call('# Approving', {
    tool: 'gt_approve',
    input: { summary: `Read the change (${files}): the demo model approves what passes the gates.`, score: 9 },
  });
};
