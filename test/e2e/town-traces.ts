// Everything on this machine that names a town: rows of the table, files, processes, secrets. Looks from outside, knowing no list of the product's own.
import { existsSync, lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBClient, ScanCommandOutput } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import { dynamoLocalClient } from '../../infra/local/dynamodb-client.ts';
import { localTableName } from '../../infra/local/dynamodb-local.ts';
import { dynamodbPid } from './processes.ts';

export interface TownTraces {
  /** `<kind> <partition key> <sort key>`. */
  readonly rows: readonly string[];
  /** Paths that name the town, and files that do in their text. */
  readonly files: readonly string[];
  readonly executions: readonly string[];
  /** `<pid> <command>`. */
  readonly processes: readonly string[];
  readonly secrets: readonly string[];
}
export const noTraces: TownTraces = { rows: [], files: [], executions: [], processes: [], secrets: [] };

/** A client of the store of a running local town. */
export const storeOf = (dataDir: string): DynamoDBClient => {
  const pid = dynamodbPid(dataDir);
  if (pid === undefined) throw new Error('the store of the town does not run');
  const port = /\0-port\0(\d+)\0/.exec(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.[1];
  const accessKeyId = readFileSync(join(dataDir, 'dynamodb', 'dynamodb-local.key'), 'utf8').trim();
  return dynamoLocalClient({ endpoint: `http://127.0.0.1:${port ?? ''}`, accessKeyId });
};

const rowsOf = async (client: DynamoDBClient, townId: string): Promise<string[]> => {
  const found: string[] = [];
  let from: ScanCommandOutput['LastEvaluatedKey'];
  do {
    const page = await client.send(
      new ScanCommand({ TableName: localTableName, ConsistentRead: true, ...(from === undefined ? {} : { ExclusiveStartKey: from }) }),
    );
    for (const row of page.Items ?? [])
      if (JSON.stringify(row).includes(townId)) found.push([row['__edb_e__']?.S, row['pk']?.S, row['sk']?.S].join(' '));
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return found.toSorted();
};

/** Where towns keep what agents must reach, and which Unix users they use, outside of a data folder that others cannot pass. */
const outside = ['/var/lib/gastown', '/run/gastown-users'];
/** The store is looked into by a scan; logs of the control plane say what was, like logs anywhere. */
const isLookedAt = (name: string): boolean => name !== 'dynamodb' && name !== 'control-plane.log';
/** A path that names the town stands for everything below it. */
const filesNaming = (folder: string, townId: string): string[] =>
  (existsSync(folder) ? readdirSync(folder) : []).filter(isLookedAt).flatMap((name) => {
    const path = join(folder, name);
    if (name.includes(townId)) return [path];
    const entry = lstatSync(path, { throwIfNoEntry: false });
    if (entry?.isDirectory() === true) return filesNaming(path, townId);
    return entry?.isFile() === true && readFileSync(path).includes(townId) ? [path] : [];
  });

const textOf = (path: string): string => {
  try {
    return path.endsWith('cwd') ? readlinkSync(path) : readFileSync(path, 'utf8');
  } catch {
    // It ended while we looked.
    return '';
  }
};
const processesOf = (townId: string): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && ['environ', 'cmdline', 'cwd'].some((part) => textOf(`/proc/${name}/${part}`).includes(townId)))
    .map((pid) => `${pid} ${textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()}`);

const secretsSchema = z.record(z.string(), z.unknown());

export const tracesOf = async (dataDir: string, client: DynamoDBClient, townId: string): Promise<TownTraces> => {
  const secretsFile = join(dataDir, 'secrets.json');
  const secrets = existsSync(secretsFile) ? Object.keys(secretsSchema.parse(JSON.parse(readFileSync(secretsFile, 'utf8')))) : [];
  return {
    rows: await rowsOf(client, townId),
    files: [dataDir, ...outside].flatMap((folder) => filesNaming(folder, townId)),
    executions: readdirSync(join(dataDir, 'executions')).filter((name) => name.includes(townId)),
    processes: processesOf(townId),
    secrets: secrets.filter((name) => name.includes(townId)),
  };
};
