// Personas: a way of working that an agent wears for one bead. Never the Mayor's.
import { z } from 'zod';
import { gateSchema, storedGateSchema } from './gate.schema.ts';
import { isoTimeSchema, nameSchema, proseSchema, townIdSchema } from './primitives.schema.ts';

export const personaIdSchema = z.string().regex(/^[a-z][a-z0-9-]{1,39}$/, 'a persona id looks like test-writer');
const toolNameSchema = z.string().regex(/^gt_[a-z_]{1,60}$/, 'a tool name looks like gt_bead_create');

/** Without these an agent could neither learn what to do nor end its work. */
const neededTools = ['gt_prime', 'gt_done', 'gt_escalate'];
const personaShape = {
  name: nameSchema,
  /** Appended to the worker's prompt under its own heading. */
  overlay: proseSchema.min(1).max(4000),
  /** Tools that its wearer does not have. */
  withoutTools: z
    .array(toolNameSchema)
    .max(30)
    .refine((names) => !names.some((name) => neededTools.includes(name)), { error: `no agent can be without ${neededTools.join(', ')}` })
    .optional(),
  /** Gates of its wearer, in place of the rig's and the town's. */
  gates: z.array(gateSchema).max(10).optional(),
};
export const personaInputSchema = z.strictObject({ personaId: personaIdSchema, ...personaShape });
export const personaPatchSchema = z.strictObject(personaShape).partial();
export type PersonaInput = z.infer<typeof personaInputSchema>;
export type PersonaPatch = z.infer<typeof personaPatchSchema>;

/** What a persona is, built in or a town's own. */
const heldPersona = {
  personaId: z.string().min(1).max(40),
  name: z.string().min(1).max(80),
  overlay: z.string().min(1).max(4000),
  withoutTools: z.array(z.string().max(64)).optional(),
  gates: z.array(storedGateSchema).optional(),
};
export const personaSchema = z.object({
  townId: townIdSchema,
  ...heldPersona,
  version: z.int().min(1),
  createdAt: isoTimeSchema,
  updatedAt: isoTimeSchema,
});
export type Persona = z.infer<typeof personaSchema>;
/** A persona as people read it; `version` of the town's own ones, for If-Match. */
export const personaViewSchema = z.object({ ...heldPersona, builtIn: z.boolean(), version: z.int().optional() });
export type PersonaView = z.infer<typeof personaViewSchema>;
/** What a wearer needs of a persona. */
export type Worn = Pick<Persona, 'personaId' | 'name' | 'overlay' | 'withoutTools' | 'gates'>;
