// A push happens once in effect: the protocol is killed with SIGKILL after each step and in the middle of a push, against a real
// repository that somebody else writes to as well. The target must end with each change exactly once, and with every rival's commit.
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gitHostFixture } from '../merges/git-host.ts';
import type { GitHostFixture } from '../merges/git-host.ts';

const steps = ['prepare', 'persist', 'push', 'record'] as const;
type Step = (typeof steps)[number];
/** When the rival pushes to the target: never, or just before the process goes on after (or is killed after) this step. */
const rivalTimes = ['never', ...steps] as const;
interface Plan {
  /** `in-push`: at some moment after it began · `in-answer`: the host has moved its branch, the answer is still on its way. */
  readonly killAfter: Step | 'in-push' | 'in-answer';
  readonly rivalAfter: (typeof rivalTimes)[number];
  /** How far into the push it is killed, milliseconds. */
  readonly delayMs: number;
}
interface Tally {
  kills: number;
  rivals: number;
  moved: number;
  alreadyThere: number;
}

/** Every step with every rival, then kills at changing moments of the push, then kills before the host's answer. */
const plans = (full: boolean): Plan[] => {
  const afterSteps = steps.flatMap((killAfter) => rivalTimes.map((rivalAfter) => ({ killAfter, rivalAfter, delayMs: 0 })));
  const inPush = Array.from({ length: full ? 60 : 2 }, (_, index): Plan => ({
    killAfter: 'in-push',
    rivalAfter: rivalTimes[index % 3] ?? 'never',
    delayMs: (index * 37) % 160,
  }));
  const inAnswer = rivalTimes.flatMap((rivalAfter) =>
    Array.from({ length: full ? 4 : 1 }, (): Plan => ({ killAfter: 'in-answer', rivalAfter, delayMs: 0 })),
  );
  return full
    ? [...afterSteps, ...afterSteps, ...inPush, ...inAnswer]
    : [...afterSteps.filter((_, index) => index % 3 === 1), ...inPush, ...inAnswer.slice(0, 2)];
};

type Worker = ChildProcessByStdio<Writable, Readable, Readable>;
interface Round {
  readonly fixture: GitHostFixture;
  readonly number: number;
  readonly plan: Plan;
  readonly tally: Tally;
  readonly job: string;
}

const startWorker = (job: string): Worker =>
  spawn(process.execPath, ['--disable-warning=ExperimentalWarning', fileURLToPath(import.meta.resolve('../merges/push-worker.ts')), job], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });

const rival = ({ fixture, number, tally }: Round): void => {
  tally.rivals += 1;
  fixture.commitOn('main', { [`rival-${number}.txt`]: 'rival\n' }, { message: `Rival ${number}` });
};

/** The host moves the branch and then keeps its answer back for half a second. */
const installHook = ({ root, host }: GitHostFixture): void => {
  writeFileSync(
    join(host, 'hooks', 'post-receive'),
    `#!/bin/sh\nif [ -e '${root}/hold' ]; then touch '${root}/received'; sleep 0.5; fi\n`,
    { mode: 0o755 },
  );
};
/** Calls `onReceived` when the host has moved the branch; `release` says whether it has. */
const holdAnswer = ({ root }: GitHostFixture, onReceived: () => void): { release(): boolean } => {
  const [hold, received] = [join(root, 'hold'), join(root, 'received')];
  rmSync(received, { force: true });
  writeFileSync(hold, '');
  const watch = setInterval(() => {
    if (!existsSync(received)) return;
    clearInterval(watch);
    onReceived();
  }, 5);
  return {
    release: () => {
      clearInterval(watch);
      rmSync(hold, { force: true });
      return existsSync(received);
    },
  };
};

/** One life of the process, until it lands or is killed by the plan. `mayKill`: this is the life that the plan ends. */
const live = async (round: Round, mayKill: boolean): Promise<'landed' | 'killed'> => {
  const { plan, tally } = round;
  const worker = startWorker(round.job);
  const exited = once(worker, 'exit');
  worker.stdin.on('error', () => {
    /* it is dead already */
  });
  let complaint = '';
  worker.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString('utf8');
  });
  const kill = async (): Promise<'killed'> => {
    worker.kill('SIGKILL');
    await exited;
    tally.kills += 1;
    return 'killed';
  };
  let rivalled = !mayKill;
  const answer = mayKill && plan.killAfter === 'in-answer' ? holdAnswer(round.fixture, () => worker.kill('SIGKILL')) : undefined;
  for await (const line of createInterface({ input: worker.stdout })) {
    if (line === 'landed') {
      answer?.release();
      await exited;
      return 'landed';
    }
    const step: Step = line === 'prepare' || line === 'persist' || line === 'record' ? line : 'push';
    if (line === 'moved') tally.moved += 1;
    if (line === 'already-there') tally.alreadyThere += 1;
    if (!rivalled && plan.rivalAfter === step) {
      rivalled = true;
      rival(round);
    }
    if (mayKill && plan.killAfter === step) return kill();
    worker.stdin.write('go\n');
    if (mayKill && plan.killAfter === 'in-push' && step === 'persist') {
      await sleep(plan.delayMs);
      return kill();
    }
  }
  if (answer?.release() === true) {
    await kill();
    if (!rivalled && plan.rivalAfter === 'push') rival(round);
    return 'killed';
  }
  throw new Error(`the process ended by itself: ${complaint.slice(-1000)}`);
};

const countOf = (lines: readonly string[], wanted: string): number => lines.filter((line) => line === wanted).length;

const runRound = async (round: Round, head: string): Promise<string[]> => {
  const { fixture, number, plan, tally } = round;
  const rivalsBefore = tally.rivals;
  if ((await live(round, true)) === 'killed') await live(round, false);
  // Once more from the start, as after a lost answer: nothing may happen.
  await live(round, false);
  // A push that its dead parent had begun may still be on its way.
  await sleep(50);
  const subjects = fixture.git(fixture.host, 'log', '--format=%s', 'main').split('\n');
  const problems: string[] = [];
  const say = (problem: string): void => {
    problems.push(`round ${number} (${JSON.stringify(plan)}): ${problem}`);
  };
  if (countOf(subjects, `Land change ${number}`) !== 1)
    say(`the merge is on the target ${countOf(subjects, `Land change ${number}`)} times`);
  if (countOf(subjects, `Change ${number}`) !== 1) say(`the change is on the target ${countOf(subjects, `Change ${number}`)} times`);
  if (fixture.git(fixture.host, 'show', `main:change-${number}.txt`) !== `change ${number}`) say('the content is not there');
  if (fixture.git(fixture.host, 'merge-base', 'main', head) !== head) say('the head is not in the target');
  if (tally.rivals > rivalsBefore && countOf(subjects, `Rival ${number}`) !== 1) say("the rival's commit is lost");
  return problems;
};

/** About a second a round. */
export const run = async ({
  full,
}: {
  readonly full: boolean;
}): Promise<{ suite: string; rounds: number; failures: string[]; details: Tally }> => {
  const fixture = gitHostFixture();
  installHook(fixture);
  const tally: Tally = { kills: 0, rivals: 0, moved: 0, alreadyThere: 0 };
  const failures: string[] = [];
  const all = plans(full);
  try {
    for (const [index, plan] of all.entries()) {
      const number = index + 1;
      const head = fixture.commitOn(
        `topic-${number}`,
        { [`change-${number}.txt`]: `change ${number}\n` },
        { from: 'origin/main', message: `Change ${number}` },
      );
      const job = JSON.stringify({
        stateFile: join(fixture.root, `state-${number}.json`),
        mirror: fixture.mirror,
        workDir: fixture.workDir,
        path: process.env.PATH ?? '',
        branch: `topic-${number}`,
        headSha: head,
        title: `Land change ${number}`,
        number,
      });
      failures.push(...(await runRound({ fixture, number, plan, tally, job }, head)));
    }
    const lost = fixture
      .git(fixture.host, 'log', '--format=%s', 'main')
      .split('\n')
      .filter((subject) => subject.startsWith('Rival ')).length;
    if (lost !== tally.rivals) failures.push(`${tally.rivals} rival commits were made, ${lost} are on the target`);
    return { suite: 'push-once', rounds: all.length, failures, details: tally };
  } finally {
    fixture.remove();
  }
};
