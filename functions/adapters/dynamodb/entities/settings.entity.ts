// What is read for the few who use it: settings of organisations and people, and the personas of a town.
import { ownerSettingsSchema } from '../../../contracts/owner-settings.schema.ts';
import { personaSchema, publishedPersonaSchema } from '../../../contracts/persona.schema.ts';
import { entityOf } from './entity.ts';

export const ownerSettingsEntity = entityOf({
  name: 'ownerSettings',
  schema: ownerSettingsSchema,
  key: { pk: 'OWNER#${scope}#${ownerId}', sk: 'SETTINGS' },
});
/** Not in the partition that a pass reads: only who wears one reads it. */
export const personaEntity = entityOf({
  name: 'persona',
  schema: personaSchema,
  key: { pk: 'TOWN#${townId}#PERSONA', sk: '${personaId}' },
});
export const publishedPersonaEntity = entityOf({
  name: 'publishedPersona',
  schema: publishedPersonaSchema,
  key: { pk: 'REGISTRY#${registry}', sk: '${personaId}' },
});
