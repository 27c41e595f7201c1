// Any process of a town is killed with SIGKILL at a random moment while a convoy is worked; the convoy still ends with each bead merged exactly once,
// and no invariant of the town is violated.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeSampleRepository } from '../../infra/local/scripted-model/sample-repository.ts';
import { auditOf } from '../e2e/audit.ts';
import { eventually, startLocalTown } from '../e2e/local-town.ts';
import type { LocalTown } from '../e2e/local-town.ts';
import { dynamodbPid, opencodeServers, runnerPids } from '../e2e/processes.ts';
import { commitsOf } from '../e2e/repository.ts';

export const targets = ['control-plane', 'runner', 'opencode', 'dynamodb'] as const;
export type KillTarget = (typeof targets)[number];
export interface KillRound {
  readonly round: number;
  readonly target: KillTarget;
  readonly afterMs: number;
  readonly killed: boolean;
  readonly seconds: number;
  readonly problem?: string;
}
export interface KillResult {
  readonly suite: 'kill';
  readonly seed: number;
  readonly rounds: number;
  readonly failures: readonly string[];
  readonly details: readonly KillRound[];
}

/** Park and Miller's generator: the same seed makes the same moments. */
const generator = (seed: number) => {
  let state = seed % 2_147_483_647;
  return (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
};

const killOne = async (town: LocalTown, target: KillTarget): Promise<boolean> => {
  const end = (pid: number | undefined): boolean => {
    if (pid === undefined) return false;
    try {
      process.kill(pid, 'SIGKILL');
      return true;
    } catch {
      // It ended by itself a moment ago.
      return false;
    }
  };
  const runner = (): number | undefined => runnerPids(town.dataDir)[0];
  const server = (): number | undefined => {
    const pid = runner();
    return pid === undefined ? undefined : opencodeServers(pid)[0]?.pid;
  };
  /** The process may not be there yet, or not any more: the next one of its kind will do. */
  const endNext = async (pidOf: () => number | undefined): Promise<boolean> => {
    for (let tries = 0; tries < 100; tries += 1) {
      if (end(pidOf())) return true;
      await sleep(100);
    }
    return false;
  };
  switch (target) {
    case 'control-plane':
      await town.killControlPlane();
      await town.restart();
      return true;
    case 'runner':
      return endNext(runner);
    case 'opencode':
      return endNext(server);
    case 'dynamodb':
      return endNext(() => dynamodbPid(town.dataDir));
    default:
      return target satisfies never;
  }
};

const task = (round: number, number: number, dependsOn: readonly number[]) => {
  const name = `round${round}task${number}`;
  return {
    title: `Add ${name}`,
    body: `Add the constant ${name} with its test.\n\n\`\`\`file path=src/${name}.js\nexport const ${name} = ${number};\n\`\`\`\n\n\`\`\`file path=test/${name}.test.js\nimport assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { ${name} } from '../src/${name}.js';\n\ntest('${name}', () => { assert.equal(${name}, ${number}); });\n\`\`\`\n`,
    dependsOn: [...dependsOn],
  };
};

const playRound = async (
  town: LocalTown,
  place: { townId: string; rigId: string; repository: string },
  round: number,
  target: KillTarget,
  afterMs: number,
): Promise<KillRound> => {
  const startedMs = performance.now();
  const { townId, rigId } = place;
  const view = await town.call('slingBatch', {
    params: { townId },
    body: { title: `Round ${round}`, rigId, tasks: [task(round, 0, []), task(round, 1, [0])] },
    headers: { 'idempotency-key': `round-${round}` },
  });
  await sleep(afterMs);
  const killed = await killOne(town, target);
  const seen = new Set<string>();
  const seconds = (): number => Math.round((performance.now() - startedMs) / 100) / 10;
  try {
    await eventually(
      `round ${round} (${target} killed after ${afterMs} ms) to land`,
      240_000,
      async () => {
        const now = await town.call('getConvoy', { params: { townId, beadId: view.convoy.beadId } });
        // Also while agents and processes come and go.
        for (const violation of (await auditOf(town, townId)).violations) seen.add(violation);
        return now.convoy.status === 'closed' ? now : undefined;
      },
      town.log,
    );
    const commits = commitsOf(place.repository, 'main');
    const problems = view.members.flatMap(({ bead }) => {
      const merges = commits.filter((commit) => commit.parents === 2 && commit.trailers['Bead-ID'] === bead.beadId);
      return merges.length === 1 ? [] : [`${bead.beadId} was merged ${merges.length} times`];
    });
    const { checked, violations } = await auditOf(town, townId);
    problems.push(...new Set([...seen, ...violations]));
    if (checked <= view.members.length) problems.push(`the audit looked at ${checked} beads only`);
    return { round, target, afterMs, killed, seconds: seconds(), ...(problems.length === 0 ? {} : { problem: problems.join('; ') }) };
  } catch (error) {
    return {
      round,
      target,
      afterMs,
      killed,
      seconds: seconds(),
      problem: error instanceof Error ? error.message.slice(0, 3000) : 'unknown',
    };
  }
};

/** `rounds` with one town; the target goes round, the moment is random within the working time of a convoy. */
export const killRounds = async (rounds: number, seed: number, first: readonly KillTarget[] = targets): Promise<KillResult> => {
  const random = generator(seed);
  const folder = await mkdtemp(join(tmpdir(), 'gastown-kill-'));
  const repository = join(folder, 'sample.git');
  const sample = await makeSampleRepository(repository);
  const town = await startLocalTown();
  const details: KillRound[] = [];
  try {
    const { townId } = await town.call('createTown', { body: { name: 'Killed often' } });
    const { rigId } = await town.call('createRig', {
      params: { townId },
      body: { name: 'sample', gitUrl: repository, gates: [...sample.gates] },
    });
    for (let round = 0; round < rounds; round += 1) {
      const target = first[round % first.length] ?? 'runner';
      details.push(await playRound(town, { townId, rigId, repository }, round, target, Math.floor(random() * 20_000)));
      process.stderr.write(`${JSON.stringify(details.at(-1))}\n`);
      if (details.at(-1)?.problem !== undefined) break;
    }
    execFileSync('git', ['-C', repository, 'fsck', '--strict'], { stdio: 'ignore' });
  } finally {
    await town.stop();
    await rm(folder, { recursive: true, force: true });
  }
  return {
    suite: 'kill',
    seed,
    rounds: details.length,
    failures: details.flatMap((each) => (each.problem === undefined ? [] : [`round ${each.round}: ${each.problem}`])),
    details,
  };
};

export const run = (options: { readonly full: boolean }): Promise<KillResult> => killRounds(options.full ? 24 : 2, 20_261_121);
