// `npm start`: a town on this machine. Starts the store, the scripted model and the control plane, prints one link, stops cleanly on Ctrl-C.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, createWriteStream, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createDynamoStore } from '../../functions/adapters/dynamodb/dynamodb-store.ts';
import { loadConfig } from './config.ts';
import { startControlPlane } from './control-plane.ts';
import { ensureDemo } from './demo.ts';
import { keepDynamoRunning } from './keep-dynamodb.ts';
import { createLinkDesk, requestLink } from './link-request.ts';
import { PortTaken, requireFreePort } from './listening.ts';
import { parseOptions, usage } from './options.ts';
import type { StartOptions } from './options.ts';
import { writeWhole } from './ports/files.ts';
import { createLog, systemClock } from '../../functions/adapters/system.ts';
import { identityOf, livePidOf } from './process-identity.ts';
import { startScriptedModel } from './scripted-model/server.ts';
import { ensureWeb } from './web-build.ts';

const root = join(import.meta.dirname, '..', '..');
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const stopWith = (sentence: string): never => {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
};

const gitIdentity = (key: string): string | undefined => {
  try {
    return (
      execFileSync('git', ['config', '--global', '--get', key], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() ||
      undefined
    );
  } catch {
    // Not configured: a default name is used.
    return undefined;
  }
};
const person = (): { name: string; email: string } => ({
  name: gitIdentity('user.name') ?? 'Town Owner',
  email: gitIdentity('user.email') ?? 'owner@localhost',
});

/** What must end when the town ends, newest first. A start that fails or is interrupted ends what it had begun. */
const endings: (() => Promise<void> | void)[] = [];
let ending: Promise<void> | undefined;

const holderPath = (dataDir: string): string => join(dataDir, 'control-plane.pid');
/** Process of the town that runs on this folder. */
const runningOn = (dataDir: string): number | undefined => {
  try {
    return livePidOf(readFileSync(holderPath(dataDir), 'utf8'));
  } catch {
    // Nobody was here before.
    return undefined;
  }
};
/** One control plane per data directory: two would fight over the store's files. */
const claim = async (dataDir: string): Promise<void> => {
  await writeWhole(holderPath(dataDir), identityOf(process.pid) ?? '');
  endings.push(() => {
    rmSync(holderPath(dataDir), { force: true });
  });
};

/** Makes the folder and its parents one by one: where no folders can be made, `recursive` tries for ever. */
const makeFolder = (path: string, mode: number): void => {
  if (existsSync(path)) return;
  makeFolder(dirname(path), 0o777);
  mkdirSync(path, { mode });
};
const makeDataFolder = (dataDir: string): void => {
  try {
    // Agents live under this folder with users of their own: they may pass through, and look into nothing that is not theirs.
    makeFolder(dataDir, 0o711);
    for (const name of ['dynamodb', 'executions', 'files', 'keys']) {
      mkdirSync(join(dataDir, name), { recursive: true, mode: 0o700 });
      chmodSync(join(dataDir, name), 0o700);
    }
  } catch (error) {
    stopWith(
      `The data folder ${dataDir} cannot be used: ${error instanceof Error ? error.message : 'unknown'}. Choose another with --data, where you may write.`,
    );
  }
};

const openBrowser = (link: string): void => {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const child = spawn(opener, [link], { stdio: 'ignore', detached: true });
  child.on('error', () => {
    /* No browser here: the printed link is enough. */
  });
  child.unref();
};

const endAll = (): Promise<void> => {
  ending ??= (async () => {
    for (const end of endings.toReversed()) await end();
  })();
  return ending;
};

const run = async (options: StartOptions): Promise<void> => {
  const startedMs = performance.now();
  const config = loadConfig(process.env);
  const dataDir = options.data;
  const holder = runningOn(dataDir);
  if (holder !== undefined) {
    const link = await requestLink(dataDir, holder);
    stopWith(
      `A town is already running on ${dataDir} (process ${holder}). ${link === undefined ? '' : `Open this link for another browser (good once, for an hour):\n\n  ${link}\n\n`}To start another town, choose another folder with --data.`,
    );
  }
  await requireFreePort(options.port);
  makeDataFolder(dataDir);
  const links = createLinkDesk(dataDir);
  await claim(dataDir);
  say('Starting the town …');
  const logFile = createWriteStream(join(dataDir, 'control-plane.log'), { flags: 'a', mode: 0o600 });
  const log = createLog(
    (line) => {
      logFile.write(line);
    },
    systemClock,
    'control-plane',
  );
  const starting = keepDynamoRunning({ dataDir: join(dataDir, 'dynamodb'), log });
  endings.push(async () => {
    await (await starting).stop();
  });
  const [webFolder, dynamo] = await Promise.all([ensureWeb(root, say), starting]);
  const model = await startScriptedModel({ delayMs: config.scriptedDelayMs, memoryPath: join(dataDir, 'scripted-model.json') });
  endings.push(() => model.stop());
  const controlPlane = await startControlPlane({
    root,
    dataDir,
    port: options.port,
    config,
    webFolder,
    log,
    person: person(),
    scriptedModelUrl: model.url,
    store: createDynamoStore({ client: dynamo.client(), tableName: dynamo.tableName }),
  });
  endings.push(() => controlPlane.stop());
  const townId = options.demo ? await ensureDemo(controlPlane.ports, dataDir) : undefined;
  const localJson = join(dataDir, 'local.json');
  endings.push(() => {
    rmSync(localJson, { force: true });
  });
  await writeWhole(
    localJson,
    JSON.stringify({
      url: controlPlane.url,
      wsUrl: controlPlane.wsUrl,
      token: await controlPlane.people.tokenForScripts(),
      pid: process.pid,
      dynamodbPid: dynamo.pid(),
    }),
  );
  const next = townId === undefined ? '' : `&next=${encodeURIComponent(`/towns/${townId}`)}`;
  const newLink = (): string => `${controlPlane.url}/sign-in?code=${controlPlane.people.newLink()}${next}`;
  links.open(newLink);
  const link = newLink();
  say(
    `\n  Your town is up after ${((performance.now() - startedMs) / 1000).toFixed(1)} s. Open this link (good once, for an hour):\n\n  ${link}\n\n  Data: ${dataDir} · log: ${join(dataDir, 'control-plane.log')} · stop with Ctrl-C\n`,
  );
  if (options.open && process.stdout.isTTY) openBrowser(link);
};

const parsed = parseOptions(process.argv.slice(2));
if (!parsed.ok) stopWith(`${parsed.message}\n\n${usage}`);
else if (parsed.options.help) say(usage);
else {
  // A terminal that was closed, or a pipe that nobody reads any more: the town goes on, or stops cleanly by SIGHUP.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (ending === undefined) say('Stopping: agents save their work …');
      endAll().then(
        () => {
          say('Stopped.');
          process.exit(0);
        },
        (error: unknown) => stopWith(`It did not stop cleanly: ${error instanceof Error ? error.message : 'unknown'}`),
      );
    });
  }
  try {
    await run(parsed.options);
  } catch (error) {
    const sentence =
      error instanceof PortTaken ? error.message : `The town did not start: ${error instanceof Error ? error.message : 'unknown'}`;
    await endAll().catch(() => {
      // What could not be ended is found by its process file at the next start; the first failure is what the person must read.
    });
    stopWith(sentence);
  }
}
