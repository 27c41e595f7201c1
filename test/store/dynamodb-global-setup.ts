// One DynamoDB Local for a whole vitest run, started when the first test file asks for it: most runs never need Java.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startDynamoLocal } from '../../infra/local/dynamodb-local.ts';
import type { DynamoLocal } from '../../infra/local/dynamodb-local.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Answers with the address of DynamoDB Local as JSON and starts it when needed; see dynamodb.ts. */
    readonly dynamoLocalBroker: string;
  }
}

/** Called by vitest once per run. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  let dataDir: string | undefined;
  let starting: Promise<DynamoLocal> | undefined;
  const start = (): Promise<DynamoLocal> => {
    dataDir = mkdtempSync(join(tmpdir(), 'gastown-dynamodb-'));
    return startDynamoLocal({ dataDir, inMemory: true });
  };
  const broker = createServer((_request, response) => {
    starting ??= start();
    starting.then(
      ({ endpoint, accessKeyId }) => response.end(JSON.stringify({ endpoint, accessKeyId })),
      (error: unknown) => {
        response.statusCode = 500;
        response.end(error instanceof Error ? error.message : 'DynamoDB Local did not start');
      },
    );
  });
  await new Promise<void>((done) => {
    broker.listen(0, '127.0.0.1', done);
  });
  const address = broker.address();
  project.provide('dynamoLocalBroker', `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`);
  return async () => {
    broker.closeAllConnections();
    broker.close();
    const local = await starting?.catch(() => undefined);
    await local?.stop();
    if (dataDir !== undefined) rmSync(dataDir, { recursive: true, force: true });
  };
};
