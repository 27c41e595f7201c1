// Personas: a way of working that an agent wears for one bead. Never the Mayor's.
import { z } from 'zod';
import { gateSchema, storedGateSchema } from './gate.schema.ts';
import { keylessModelRouteSchema } from './model.schema.ts';
import { isoTimeSchema, microUsdSchema, nameSchema, proseSchema, townIdSchema, userIdSchema } from './primitives.schema.ts';

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
  /** Model of its wearer, in place of the rig's and the town's; it brings no key. */
  model: keylessModelRouteSchema.optional(),
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
  /** By its schema it cannot hold a key. */
  model: keylessModelRouteSchema.optional(),
};
export const personaSchema = z.object({
  townId: townIdSchema,
  ...heldPersona,
  /** It came from the registry, with this version. */
  installedVersion: z.int().min(1).optional(),
  version: z.int().min(1),
  createdAt: isoTimeSchema,
  updatedAt: isoTimeSchema,
});
export type Persona = z.infer<typeof personaSchema>;
/** A persona as people read it; `version` of the town's own ones, for If-Match. */
export const personaViewSchema = z.object({
  ...heldPersona,
  builtIn: z.boolean(),
  version: z.int().optional(),
  installedVersion: z.int().optional(),
});
export type PersonaView = z.infer<typeof personaViewSchema>;
/** What a wearer needs of a persona. */
export type Worn = Pick<Persona, 'personaId' | 'name' | 'overlay' | 'withoutTools' | 'gates' | 'model'>;

/** What its wearers have done, of the newest finished beads of the town that it was published from. */
export const personaResultsSchema = z.object({
  beads: z.int().nonnegative(),
  /** Share of those that went to review and were merged without rework; absent when none did. */
  firstPassRate: z.number().min(0).max(1).optional(),
  /** Mean cost of a bead with its reviews and repairs; absent when nothing was paid for. */
  beadMicroUsd: microUsdSchema.optional(),
  /** Models of the workers, the one of most beads first. */
  models: z.array(z.string().max(200)).max(5),
});
export type PersonaResults = z.infer<typeof personaResultsSchema>;
/** A persona of the account's registry: readable by everyone who can sign in, changed by who published it. Never with a secret. */
export const publishedPersonaSchema = z.object({
  /** One registry per account; it names the partition. */
  registry: z.literal('personas'),
  ...heldPersona,
  results: personaResultsSchema,
  publishedBy: userIdSchema,
  fromTownId: townIdSchema,
  version: z.int().min(1),
  createdAt: isoTimeSchema,
  updatedAt: isoTimeSchema,
});
export type PublishedPersona = z.infer<typeof publishedPersonaSchema>;
