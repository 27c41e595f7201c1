import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDynamoStore } from '../../functions/adapters/dynamodb/dynamodb-store.ts';
import { sampleItems } from '../../test/store/sample-items.ts';
import { dynamoLocalClient } from './dynamodb-client.ts';
import { startDynamoLocal } from './dynamodb-local.ts';
import type { DynamoLocal } from './dynamodb-local.ts';
import { startTimeOf } from './process-identity.ts';

const { slot } = sampleItems('t-4f9k2m1q');
const starter = join(import.meta.dirname, 'dynamodb-local.ts');

// Each test starts Java, some of them twice.
describe('DynamoDB Local', { timeout: 120_000 }, () => {
  let dataDir: string;
  const running: DynamoLocal[] = [];
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'gastown-dynamodb-local-'));
  });
  afterEach(async () => {
    for (const local of running.splice(0)) await local.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const started = async (options: Partial<Parameters<typeof startDynamoLocal>[0]> = {}): Promise<DynamoLocal> => {
    const local = await startDynamoLocal({ dataDir, ...options });
    running.push(local);
    return local;
  };

  it('keeps its data over a stop, and leaves nothing running', async () => {
    const first = await started();
    const writing = first.client();
    expect(
      await createDynamoStore({ client: writing, tableName: first.tableName }).commit([
        { put: 'slot', item: slot, when: { absent: true } },
      ]),
    ).toEqual({ ok: true });
    writing.destroy();
    await first.stop();
    expect(startTimeOf(first.pid)).toBeUndefined();
    expect(existsSync(join(dataDir, 'dynamodb-local.pid'))).toBe(false);
    const second = await started();
    const reading = second.client();
    expect(await createDynamoStore({ client: reading, tableName: second.tableName }).slotsOf(slot.townId)).toEqual([slot]);
    reading.destroy();
  });

  /** A program that starts DynamoDB Local and is killed then; gives the number of the process that it started. */
  const startedAndOrphaned = async (inMemory: boolean): Promise<number> => {
    const options = JSON.stringify({ dataDir, inMemory });
    const script = `const { startDynamoLocal } = await import(${JSON.stringify(starter)}); const { pid } = await startDynamoLocal(${options}); console.log(pid); setInterval(() => {}, 1000);`;
    const program = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line]: unknown[] = await once(program.stdout, 'data');
    program.kill('SIGKILL');
    await once(program, 'exit');
    return Number(String(line));
  };

  it('ends the process that a killed control plane left on the same data', async () => {
    const stalePid = await startedAndOrphaned(false);
    expect(startTimeOf(stalePid)).toBeDefined();
    const local = await started();
    expect(startTimeOf(stalePid)).toBeUndefined();
    expect(readFileSync(join(dataDir, 'dynamodb-local.pid'), 'utf8')).toMatch(new RegExp(`^${local.pid}@`));
  });

  it('ends with its parent when it holds nothing on disk', async () => {
    const pid = await startedAndOrphaned(true);
    await expect.poll(() => startTimeOf(pid), { timeout: 5_000 }).toBeUndefined();
  });

  it('leaves a process alone that only got the number of an earlier one', async () => {
    const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    writeFileSync(join(dataDir, 'dynamodb-local.pid'), `${bystander.pid}@1`);
    await started({ inMemory: true });
    expect(bystander.exitCode).toBeNull();
    expect(startTimeOf(bystander.pid ?? 0)).toBeDefined();
    bystander.kill('SIGKILL');
  });

  it('keeps a transaction when it is killed in the moment of its answer', async () => {
    const first = await started();
    const writing = first.client();
    const store = createDynamoStore({ client: writing, tableName: first.tableName });
    const slots = [slot, { ...slot, slotId: 'r-8d2k1m0p#2' }];
    expect(await store.commit(slots.map((item) => ({ put: 'slot', item, when: { absent: true } })))).toEqual({ ok: true });
    await first.kill();
    writing.destroy();
    const second = await started();
    const reading = second.client();
    expect(await createDynamoStore({ client: reading, tableName: second.tableName }).slotsOf(slot.townId)).toEqual(slots);
    reading.destroy();
  });

  it('shows its tables only to those who know the access key of the data folder', async () => {
    const local = await started({ inMemory: true });
    const tablesOf = async (accessKeyId: string): Promise<readonly string[]> => {
      const client = dynamoLocalClient({ endpoint: local.endpoint, accessKeyId });
      const { TableNames = [] } = await client.send(new ListTablesCommand({}));
      client.destroy();
      return TableNames;
    };
    expect(await tablesOf(local.accessKeyId)).toEqual([local.tableName]);
    expect(await tablesOf('stranger')).toEqual([]);
  });

  it('says when it ends by itself', async () => {
    const local = await started({ inMemory: true });
    process.kill(local.pid, 'SIGKILL');
    expect(await local.ended).toBe('DynamoDB Local ended (SIGKILL).');
  });

  it('says what to install when Java is missing or too old', async () => {
    await expect(startDynamoLocal({ dataDir, javaCommand: 'no-such-java' })).rejects.toThrow(
      /needs Java 17.*sudo apt-get install openjdk-17-jre-headless/,
    );
    const oldJava = join(dataDir, 'old-java');
    writeFileSync(oldJava, '#!/bin/sh\necho "Exception in thread main java.lang.UnsupportedClassVersionError" >&2\nexit 1\n');
    chmodSync(oldJava, 0o755);
    await expect(startDynamoLocal({ dataDir, javaCommand: oldJava })).rejects.toThrow(/needs Java 17/);
  });

  it('says that a given port is taken', async () => {
    const other = createServer();
    await new Promise<void>((done) => {
      other.listen(0, done);
    });
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(startDynamoLocal({ dataDir, port, inMemory: true })).rejects.toThrow(`Port ${port} is taken`);
    other.close();
  });
});
