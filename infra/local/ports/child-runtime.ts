// The town runtime on one machine: the town runner as a child process in a process group of its own. It outlives a killed control
// plane and is found again by its record on disk.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Log, TownRuntime } from '../../../functions/ports.ts';
import { endRemains, removeRemains } from '../../../container/src/remains.ts';
import { identityOf, livePidOf } from '../process-identity.ts';
import { writeWhole } from './files.ts';

/** The runner process could not be started; the message is the system's own text. Retried by rule R1, then R3. */
export class RuntimeStartFailed extends Error {
  override readonly name = 'RuntimeStartFailed';
}

const recordSchema = z.object({ identity: z.string(), townId: z.string(), runtimeEpoch: z.int(), apiUrl: z.string() });
type RunnerRecord = z.infer<typeof recordSchema>;

export interface ChildRuntimeOptions {
  /** The data directory; the runner of a town lives in `town-<townId>` under it. */
  readonly dataDir: string;
  readonly runnerEntry: string;
  readonly apiUrl: string;
  readonly isolation: 'agent' | 'none';
  /** By this address the runner knows the calls that cost nothing. */
  readonly scriptedModelUrl: string;
  /** SIGTERM to SIGKILL, in ms. */
  readonly drainMs: number;
  readonly log: Log;
  /** Environment variables that the runner inherits besides its own. */
  readonly inherit: Readonly<Record<string, string>>;
  /** A runner of this folder has ended, by a crash or well; called again later when it throws. */
  readonly onEnded: (townId: string, runtimeRef: string, endedWell: boolean) => Promise<void>;
}

const signalGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone already: that is what we want.
  }
};

export interface ChildRuntime extends TownRuntime {
  /** From now on the end of each runner is told, also of those that an earlier control plane started. */
  watch(): Promise<void>;
  /** Stops every runner and tells their ends. */
  stopAll(): Promise<void>;
}

/** Ends of runners that an earlier control plane started are not events of this process: they are looked for. */
const lookPeriodMs = 3_000;

export const createChildRuntime = (options: ChildRuntimeOptions): ChildRuntime => {
  const homeOf = (townId: string): string => join(options.dataDir, `town-${townId}`);
  const recordPath = (townId: string): string => join(homeOf(townId), 'runner.json');
  const readRecord = (townId: string): RunnerRecord | undefined => {
    try {
      return recordSchema.parse(JSON.parse(readFileSync(recordPath(townId), 'utf8')));
    } catch {
      // No record, or one from a broken write: then nothing of ours runs that we could adopt.
      return undefined;
    }
  };
  const stop = async (runtimeRef: string): Promise<void> => {
    const pid = livePidOf(runtimeRef);
    if (pid === undefined) return;
    try {
      process.kill(pid, 'SIGTERM');
    } catch {
      return;
    }
    const tries = Math.ceil(options.drainMs / 100);
    for (let round = 0; round < tries && livePidOf(runtimeRef) !== undefined; round += 1) await sleep(100);
    if (livePidOf(runtimeRef) !== undefined) signalGroup(pid, 'SIGKILL');
  };
  /** Also towns whose runner an earlier control plane of this folder started. */
  const townIds = (): string[] =>
    readdirSync(options.dataDir).flatMap((name) => (name.startsWith('town-') ? [name.slice('town-'.length)] : []));
  const told = new Set<string>();
  const look = async (endedWell: boolean): Promise<void> => {
    for (const townId of townIds()) {
      const identity = readRecord(townId)?.identity;
      if (identity === undefined || told.has(identity) || livePidOf(identity) !== undefined) continue;
      try {
        await options.onEnded(townId, identity, endedWell);
        told.add(identity);
      } catch (error) {
        options.log.warn('runner_end_not_told', { townId, error: error instanceof Error ? error.message : 'unknown' });
      }
    }
  };
  /** False while the runner still lives. What it started has ended too, also when the runner itself was killed. */
  const endTown = async (townId: string): Promise<boolean> => {
    const record = readRecord(townId);
    if (record !== undefined) {
      await stop(record.identity);
      if (livePidOf(record.identity) !== undefined) return false;
    }
    const left = await endRemains(homeOf(townId));
    if (left > 0) options.log.warn('leftovers_ended', { townId, processes: left });
    return true;
  };
  const isTold = (townId: string): void => {
    const record = readRecord(townId);
    if (record !== undefined) told.add(record.identity);
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    watch: async () => {
      timer = setInterval(() => void look(false), lookPeriodMs);
      // What ended while nobody looked ended with its machine, or by a person.
      await look(true);
    },
    start: async ({ townId, runtimeEpoch, bootstrapToken }) => {
      const home = homeOf(townId);
      mkdirSync(home, { recursive: true, mode: 0o711 });
      const former = readRecord(townId);
      const formerPid = former === undefined ? undefined : livePidOf(former.identity);
      if (former !== undefined && formerPid !== undefined) {
        if (former.runtimeEpoch === runtimeEpoch && former.apiUrl === options.apiUrl) return former.identity;
        signalGroup(formerPid, 'SIGKILL');
      }
      const out = openSync(join(home, 'runner.log'), 'a', 0o600);
      const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', options.runnerEntry], {
        detached: true,
        stdio: ['ignore', out, out],
        cwd: home,
        env: {
          ...options.inherit,
          GASTOWN_API_URL: options.apiUrl,
          GASTOWN_TOWN_ID: townId,
          GASTOWN_BOOTSTRAP_TOKEN: bootstrapToken,
          GASTOWN_DATA_DIR: home,
          GASTOWN_ISOLATION: options.isolation,
          GASTOWN_SCRIPTED_MODEL_URL: options.scriptedModelUrl,
        },
      });
      closeSync(out);
      const failed = await new Promise<Error | undefined>((resolve) => {
        child.once('error', resolve);
        child.once('spawn', () => {
          resolve(undefined);
        });
      });
      child.unref();
      child.once('exit', (code) => {
        if (timer !== undefined) void look(code === 0);
      });
      const identity = child.pid === undefined ? undefined : identityOf(child.pid);
      if (failed !== undefined || identity === undefined)
        throw new RuntimeStartFailed(failed?.message ?? `the runner ended at once; see ${join(home, 'runner.log')}`);
      await writeWhole(
        recordPath(townId),
        JSON.stringify({ identity, townId, runtimeEpoch, apiUrl: options.apiUrl } satisfies RunnerRecord),
      );
      options.log.info('runner_started', { townId, runtimeEpoch, pid: child.pid });
      return identity;
    },
    status: async (runtimeRef) => (livePidOf(runtimeRef) === undefined ? 'stopped' : 'running'),
    stop,
    stopTown: async (townId) => {
      isTold(townId);
      return (await endTown(townId)) ? 'gone' : 'stopping';
    },
    removeTown: async (townId) => {
      isTold(townId);
      if (!(await endTown(townId))) return 'stopping';
      await removeRemains(homeOf(townId));
      return 'gone';
    },
    stopAll: async () => {
      clearInterval(timer);
      timer = undefined;
      await Promise.all(townIds().map(endTown));
      await look(true);
    },
  };
};
