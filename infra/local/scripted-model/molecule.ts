// The scripted polecat in a bead with steps: it finishes one after the other, as the town's own answers tell it.
import { z } from 'zod';
import { answered, jsonIn } from './conversation.ts';
import type { Conversation } from './conversation.ts';
import { call, say } from './decision.ts';
import type { Decision } from './decision.ts';

const positionSchema = z.looseObject({
  step: z.looseObject({ id: z.string(), title: z.string(), round: z.string().optional() }).optional(),
  waiting: z.array(z.string()).optional(),
});
/** More than any formula of a test has steps. */
const mostCalls = 80;

/** The next step, or undefined when there are none or all are over. */
export const stepDecision = (talk: Conversation, hasSteps: boolean): Decision | undefined => {
  if (!hasSteps) return undefined;
  const asked = talk.steps.filter((each) => each.tool === 'gt_mol_current' || each.tool === 'gt_mol_advance');
  if (asked.length > mostCalls) return say('# Blocked\nThe steps do not come to an end.');
  const last = answered(asked, 'gt_mol_advance') ?? answered(asked, 'gt_mol_current');
  if (last === undefined) return call('# Reading the steps', { tool: 'gt_mol_current', input: {} });
  const parsed = positionSchema.safeParse(jsonIn(last.result));
  const step = parsed.success ? parsed.data.step : undefined;
  if (step === undefined)
    return parsed.success && (parsed.data.waiting ?? []).length > 0 ? say('# Waiting\nA step waits for something else.') : undefined;
  const loop = step.round === undefined ? {} : { loop_done: true };
  return call(`# ${step.title.slice(0, 60)}`, { tool: 'gt_mol_advance', input: { step: step.id, note: 'Done.', ...loop } });
};
