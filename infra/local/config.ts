// What the environment may say to a local town; everything else is a start option. Missing or wrong values are named together.
import { z } from 'zod';
import { defaultTimings, timingsSchema } from '../../functions/contracts/timings.schema.ts';
import type { Timings } from '../../functions/contracts/timings.schema.ts';

const environmentSchema = z.object({
  /** JSON object of some timings; the rest keep their defaults. For tests and for trying things out. */
  GASTOWN_TIMINGS: z
    .string()
    .default('{}')
    .transform((text, context): Partial<Timings> => {
      try {
        const parsed = timingsSchema.partial().strict().safeParse(JSON.parse(text));
        if (parsed.success) {
          const given: Partial<Timings> = {};
          for (const [name, value] of Object.entries(parsed.data)) if (value !== undefined) Object.assign(given, { [name]: value });
          return given;
        }
        context.addIssue({ code: 'custom', message: z.prettifyError(parsed.error) });
      } catch {
        context.addIssue({ code: 'custom', message: 'is not JSON' });
      }
      return z.NEVER;
    }),
  GASTOWN_ISOLATION: z.enum(['agent', 'none']).default('agent'),
  /** Pause of the scripted model before each answer, in ms. */
  GASTOWN_SCRIPTED_DELAY_MS: z.coerce.number().int().min(0).max(60_000).default(300),
});

export interface LocalConfig {
  readonly timings: Timings;
  readonly isolation: 'agent' | 'none';
  readonly scriptedDelayMs: number;
}
/** Throws one error that names every wrong variable. */
export const loadConfig = (environment: NodeJS.ProcessEnv): LocalConfig => {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) throw new Error(`The environment is not right:\n${z.prettifyError(parsed.error)}`);
  return {
    timings: { ...defaultTimings, ...parsed.data.GASTOWN_TIMINGS },
    isolation: parsed.data.GASTOWN_ISOLATION,
    scriptedDelayMs: parsed.data.GASTOWN_SCRIPTED_DELAY_MS,
  };
};
