// The town's header items and its runtime: town, rigs, alarm, lease, runner commands, trains, and the talk with the Mayor.
import { commandSchema, runtimeLeaseSchema } from '../../../contracts/runner.schema.ts';
import { mayorMessageSchema, rigSchema, townSchema } from '../../../contracts/town.schema.ts';
import { alarmSchema, trainSchema } from '../../../contracts/work.schema.ts';
import { entityOf, passPartition } from './entity.ts';

export const townEntity = entityOf({
  name: 'town',
  schema: townSchema,
  key: { pk: passPartition, sk: 'TOWN' },
  indexes: {
    byOwner: { index: 'gsi1', pk: 'OWNER#${ownerId}', sk: 'TOWN#${townId}' },
    /** Written when a town is made: what it carries does not change. */
    everyTown: { index: 'gsi3', pk: 'TOWNS', sk: '${townId}' },
  },
});
export const rigEntity = entityOf({ name: 'rig', schema: rigSchema, key: { pk: passPartition, sk: 'RIG#${rigId}' } });
export const alarmEntity = entityOf({ name: 'alarm', schema: alarmSchema, key: { pk: passPartition, sk: 'ALARM' } });
export const leaseEntity = entityOf({ name: 'lease', schema: runtimeLeaseSchema, key: { pk: passPartition, sk: 'LEASE' } });
/** Commands that a workflow step waits for lie where every pass reads them, until the step has taken the result; answers to people may stay for long. */
export const commandEntity = entityOf({
  name: 'command',
  schema: commandSchema,
  key: { pk: 'TOWN#${townId}#${commandPlace}', sk: 'CMD#${commandId}' },
  indexOnly: ['commandPlace'],
});
export const trainEntity = entityOf({
  name: 'train',
  schema: trainSchema,
  key: { pk: passPartition, sk: 'TRAIN#${rigId}#${targetBranch}' },
});
export const mayorMessageEntity = entityOf({
  name: 'mayorMessage',
  schema: mayorMessageSchema,
  key: { pk: 'TOWN#${townId}#MAYOR#${userId}', sk: '${messageId}' },
});
