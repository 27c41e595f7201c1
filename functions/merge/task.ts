// The shape of every merge task: parse the event, read what it is about, do it once, answer with facts for the next choice.
import { z } from 'zod';
import { beadIdSchema, townIdSchema } from '../contracts/primitives.schema.ts';
import type { Ports } from '../ports.ts';
import { MergeInputInvalid } from './errors.ts';

/** What every task is told: the execution that calls it and the request it carries. */
export const taskInput = { execution: z.string().min(1).max(80), townId: townIdSchema, mergeRequestId: beadIdSchema } as const;
export const roundSchema = z.int().min(1).max(100);

export type Task = (event: unknown) => Promise<unknown>;
/** Parses `event` before `run` sees it. Throws `MergeInputInvalid`. */
export const defineTask =
  <I, O>(input: z.ZodType<I>, run: (ports: Ports, input: I) => Promise<O>) =>
  (ports: Ports) =>
  async (event: unknown): Promise<O> => {
    const parsed = input.safeParse(event);
    if (!parsed.success) throw new MergeInputInvalid(z.prettifyError(parsed.error));
    return run(ports, parsed.data);
  };
