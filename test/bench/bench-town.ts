// A town in this process for the benchmark: the local control plane on DynamoDB Local, with its store counted and its log heard.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countingUnits } from '../../functions/adapters/dynamodb/counting-units.ts';
import type { CountedStore } from '../../functions/adapters/dynamodb/counting-units.ts';
import { createDynamoStore } from '../../functions/adapters/dynamodb/dynamodb-store.ts';
import type { Log, Store, TownRuntime } from '../../functions/ports.ts';
import { loadConfig } from '../../infra/local/config.ts';
import { startControlPlane } from '../../infra/local/control-plane.ts';
import type { ControlPlane } from '../../infra/local/control-plane.ts';
import { keepDynamoRunning } from '../../infra/local/keep-dynamodb.ts';
import { startScriptedModel } from '../../infra/local/scripted-model/server.ts';
import { makeSampleRepository } from '../../infra/local/scripted-model/sample-repository.ts';

type ScriptedModel = Awaited<ReturnType<typeof startScriptedModel>>;
export interface BenchTown {
  readonly dataDir: string;
  readonly controlPlane: ControlPlane;
  readonly counted: CountedStore;
  /** The same store, not counted: for looking at what happens without being part of it. */
  readonly plain: Store;
  readonly model: ScriptedModel;
  readonly townId: string;
  readonly rigId: string;
  readonly dynamodbPid: number;
  post(path: string, body: unknown): Promise<unknown>;
  get(path: string): Promise<unknown>;
  stop(): Promise<void>;
}

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

export const startBenchTown = async (options: {
  readonly runtime?: TownRuntime;
  readonly modelDelayMs: number;
  readonly polecats: number;
}): Promise<BenchTown> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'gastown-bench-'));
  const dynamo = await keepDynamoRunning({ dataDir: join(dataDir, 'dynamodb'), log: silent });
  const model = await startScriptedModel({ delayMs: options.modelDelayMs, memoryPath: join(dataDir, 'scripted-model.json') });
  const plain = createDynamoStore({ client: dynamo.client(), tableName: dynamo.tableName });
  const counted = countingUnits(plain);
  const controlPlane = await startControlPlane({
    root: join(import.meta.dirname, '..', '..'),
    dataDir,
    port: 0,
    config: loadConfig({}),
    store: counted.store,
    webFolder: dataDir,
    scriptedModelUrl: model.url,
    person: { name: 'Bench', email: 'bench@example.com' },
    log: silent,
    ...(options.runtime === undefined ? {} : { runtime: options.runtime }),
  });
  const token = await controlPlane.people.tokenForScripts();
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${controlPlane.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  };
  const idOf = (answer: unknown, name: string): string => {
    const value: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, name) : undefined;
    if (typeof value !== 'string') throw new Error(`the answer has no ${name}`);
    return value;
  };
  const townId = idOf(
    await ask('POST', '/api/towns', {
      name: 'Bench',
      config: { 'limits.maxPolecatsPerRig': options.polecats, 'limits.maxAgents': options.polecats + 10 },
    }),
    'townId',
  );
  const sample = await makeSampleRepository(join(dataDir, 'sample.git'));
  const rigId = idOf(
    await ask('POST', `/api/towns/${townId}/rigs`, { name: 'sample', gitUrl: join(dataDir, 'sample.git'), gates: sample.gates }),
    'rigId',
  );
  return {
    dataDir,
    controlPlane,
    counted,
    plain,
    model,
    townId,
    rigId,
    dynamodbPid: dynamo.pid(),
    post: (path, body) => ask('POST', path, body),
    get: (path) => ask('GET', path),
    stop: async () => {
      await controlPlane.stop();
      await model.stop();
      await dynamo.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};
