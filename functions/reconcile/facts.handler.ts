// Facts from outside on AWS: a town's task started or stopped, an execution ended. Each hints its town; the pass asks for the details itself.
import type { EventBridgeEvent } from 'aws-lambda';
import { z } from 'zod';
import { lambda } from '../api/lambda.ts';
import { townIdSchema } from '../contracts/primitives.schema.ts';
import type { Ports } from '../ports.ts';

/** A task carries its town as `startedBy`; see the runtime port. */
const taskChanged = z.object({ source: z.literal('aws.ecs'), detail: z.object({ startedBy: townIdSchema }) }).transform(({ detail }) => detail.startedBy);
/** The name of an execution starts with its town: `t-4f9k2m1q-mr-web-3kf9-1`. */
const executionChanged = z.object({ source: z.literal('aws.states'), detail: z.object({ name: z.string() }) }).transform(({ detail }, context) => {
  const townId = /^(t-[a-z0-9]{4,16})-(?:mr|train)-/.exec(detail.name)?.[1];
  if (townId !== undefined) return townId;
  context.addIssue({ code: 'custom', message: `the execution ${detail.name} names no town` });
  return z.NEVER;
});
const factSchema = z.union([taskChanged, executionChanged]);

/** A fact that names no town is none of ours: it is logged and dropped. */
export const createHandler = (ports: Pick<Ports, 'queue' | 'log'>) => async (event: EventBridgeEvent<string, unknown>): Promise<void> => {
  const parsed = factSchema.safeParse(event);
  if (parsed.success) await ports.queue.hint(parsed.data);
  else ports.log.warn('fact_without_town', { source: event.source });
};

export const handler = lambda(createHandler);
