// Facts from outside, by EventBridge: a town's task started or stopped, a merge or train ended. A stopped task is noted on the lease, everything
// is a hint; the pass asks for the truth.
import { z } from 'zod';
import { lambda } from '../api/lambda.ts';
import { townIdSchema } from '../contracts/primitives.schema.ts';
import type { Ports } from '../ports.ts';
import { noteRuntimeEnded } from '../operations/runtime-ended.ts';
import { createBackgroundHandler } from './background.ts';

const eventSchema = z.discriminatedUnion('detail-type', [
  /** `startedBy` is the town that the task was started for. */
  z.object({
    'detail-type': z.literal('ECS Task State Change'),
    detail: z.object({
      startedBy: z.string().optional(),
      taskArn: z.string().optional(),
      lastStatus: z.string().optional(),
      stopCode: z.string().optional(),
    }),
  }),
  /** `name` begins with the town: `<townId>-mr-…`, `<townId>-train-…`. */
  z.object({ 'detail-type': z.literal('Step Functions Execution Status Change'), detail: z.object({ name: z.string() }) }),
]);

/** Stop codes of ECS that say nothing against the runner: somebody stopped it, or its capacity was taken away. */
const stoppedWell: readonly string[] = ['UserInitiated', 'SpotInterruption', 'TerminationNotice'];

const townOf = (event: z.output<typeof eventSchema>): string | undefined => {
  const text =
    event['detail-type'] === 'ECS Task State Change' ? event.detail.startedBy : /^(t-[a-z0-9]+)-(?:mr|train)-/.exec(event.detail.name)?.[1];
  return townIdSchema.safeParse(text).data;
};

export const createHandler = (
  ports: Pick<Ports, 'queue' | 'log' | 'store' | 'clock'>,
): ((event: unknown) => Promise<{ hinted: boolean }>) =>
  createBackgroundHandler('facts', eventSchema, ports.log, async (event) => {
    const townId = townOf(event);
    if (townId === undefined) return { hinted: false };
    if (event['detail-type'] === 'ECS Task State Change' && event.detail.lastStatus === 'STOPPED' && event.detail.taskArn !== undefined)
      await noteRuntimeEnded(ports, townId, event.detail.taskArn, stoppedWell.includes(event.detail.stopCode ?? ''));
    await ports.queue.hint(townId);
    return { hinted: true };
  });

export const handler = lambda(createHandler);
