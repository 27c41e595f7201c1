// What an organisation or a person has set, for all their towns. The towns hold copies, so that a pass reads no more than the town.
import { z } from 'zod';
import { isoTimeSchema, userIdSchema } from './primitives.schema.ts';
import { storedSettingsSchema } from './settings.schema.ts';

export const ownerSettingsSchema = z.object({
  scope: z.enum(['organisation', 'user']),
  /** The organisation's id, at present that of the person who owns the towns; or the person's. */
  ownerId: userIdSchema,
  settings: storedSettingsSchema,
  version: z.int().min(1),
  updatedAt: isoTimeSchema,
});
export type OwnerSettings = z.infer<typeof ownerSettingsSchema>;
