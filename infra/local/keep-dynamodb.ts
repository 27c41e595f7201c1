// Keeps DynamoDB Local running under a control plane: when its process dies, it is started again on the same data and port.
import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Log } from '../../functions/ports.ts';
import { localTableName, startDynamoLocal } from './dynamodb-local.ts';
import type { DynamoLocal } from './dynamodb-local.ts';

const retryMs = 1000;
export interface KeptDynamo {
  readonly tableName: string;
  client(): DynamoDBClient;
  pid(): number;
  stop(): Promise<void>;
}

export const keepDynamoRunning = async (options: { readonly dataDir: string; readonly log: Log }): Promise<KeptDynamo> => {
  const start = (port?: number): Promise<DynamoLocal> =>
    startDynamoLocal({ dataDir: options.dataDir, tableName: localTableName, ...(port === undefined ? {} : { port }) });
  let current = await start();
  const port = Number(new URL(current.endpoint).port);
  let stopping = false;
  const watch = (instance: DynamoLocal): void => {
    void instance.ended.then(async (sentence) => {
      options.log.warn('dynamodb_ended', { sentence });
      while (!stopping) {
        try {
          current = await start(port);
          options.log.info('dynamodb_restarted', { pid: current.pid });
          watch(current);
          return;
        } catch (error) {
          options.log.error('dynamodb_not_restarted', { error: error instanceof Error ? error.message : 'unknown' });
          await sleep(retryMs);
        }
      }
    });
  };
  watch(current);
  return {
    tableName: localTableName,
    client: () => current.client(),
    pid: () => current.pid,
    stop: async () => {
      stopping = true;
      await current.stop();
    },
  };
};
