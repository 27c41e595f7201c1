// Messages on the reconcile queue and on the wake queue of AWS: a town that should be looked at.
import { z } from 'zod';
import { townIdSchema } from './primitives.schema.ts';

/** Wake-ups also carry the generation of their alarm; nobody needs it but a person who reads the queue. */
export const hintMessageSchema = z.looseObject({ townId: townIdSchema });
export type HintMessage = z.infer<typeof hintMessageSchema>;
