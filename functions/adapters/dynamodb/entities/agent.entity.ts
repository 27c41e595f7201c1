// Agents, what is reported about them, their sessions and model usage.
import { agentReportSchema, agentSchema, identitySchema } from '../../../contracts/agent.schema.ts';
import { tallySchema, usageItemSchema } from '../../../contracts/usage.schema.ts';
import { sessionBatchSchema } from '../../../contracts/work.schema.ts';
import { entityOf, passPartition } from './entity.ts';

export const agentEntity = entityOf({ name: 'agent', schema: agentSchema, key: { pk: passPartition, sk: 'AGENT#${agentId}' } });
export const identityEntity = entityOf({ name: 'identity', schema: identitySchema, key: { pk: 'TOWN#${townId}', sk: 'CV#${agentId}' } });
export const reportEntity = entityOf({ name: 'report', schema: agentReportSchema, key: { pk: passPartition, sk: 'REPORT#${agentId}' } });
export const sessionBatchEntity = entityOf({
  name: 'sessionBatch',
  schema: sessionBatchSchema,
  key: { pk: 'TOWN#${townId}#SESSION#${agentId}', sk: '${epoch}#${batchId}' },
  indexes: {
    byBead: {
      index: 'gsi1',
      pk: 'TOWN#${townId}#SESSION#${agentId}#${indexedBeadId}',
      sk: '${epoch}#${batchId}',
      sparseBy: 'indexedBeadId',
    },
  },
  indexOnly: ['indexedBeadId'],
  padded: { epoch: 12 },
});
export const usageEntity = entityOf({ name: 'usage', schema: usageItemSchema, key: { pk: 'TOWN#${townId}#USE#${day}', sk: '${callId}' } });
export const tallyEntity = entityOf({ name: 'tally', schema: tallySchema, key: { pk: 'TOWN#${townId}#SUM#${period}', sk: '${scope}' } });
