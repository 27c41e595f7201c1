// A town with one rig on a real repository, a memory store, the real rules, the real state machines, and a runner that only runs commands; for tests.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from '../../container/src/merge-steps/run-command.ts';
import type { Bead } from '../../functions/contracts/bead.schema.ts';
import type { Verdict } from '../../functions/contracts/merge-request.schema.ts';
import type { Command, CommandResult } from '../../functions/contracts/runner.schema.ts';
import type { Gate } from '../../functions/contracts/gate.schema.ts';
import type { Rig, Town } from '../../functions/contracts/town.schema.ts';
import { isIssue, isMergeRequest, writesOf } from '../../functions/domain/bead-writes.ts';
import { newBead } from '../../functions/domain/new-bead.ts';
import type { IssueBead } from '../../functions/domain/prompts/polecat.ts';
import type { MergeRequestBead } from '../../functions/domain/prompts/refinery.ts';
import { revised, transition } from '../../functions/domain/transition.ts';
import { createMergeTasks } from '../../functions/merge/tasks.ts';
import { settleCommand } from '../../functions/operations/commands.ts';
import { requestsAtWork } from '../../functions/operations/requests-at-work.ts';
import type { PullRequestHost } from '../../functions/pull-request-host.ts';
import type { Ports } from '../../functions/ports.ts';
import { reconcileTown } from '../../functions/reconcile/reconcile.ts';
import { systemClock } from '../../functions/adapters/system.ts';
import { createLocalWorkflow } from '../../infra/local/workflow/local-workflow.ts';
import type { LocalWorkflow } from '../../infra/local/workflow/local-workflow.ts';
import { fakePorts } from '../fakes/ports.ts';
import { gitHostFixture } from './git-host.ts';
import type { GitHostFixture } from './git-host.ts';

export const townId = 't-4f9k2m1q';
export const rigId = 'r-8d2k1m0p';
const at = '2026-11-21T09:59:00.000Z';

export const aTown = (codeReview: boolean): Town => ({
  townId,
  name: 'Town',
  ownerId: 'ada',
  version: 1,
  createdAt: at,
  updatedAt: at,
  config: {
    'models.default': { kind: 'scripted' },
    'merge.codeReview': codeReview,
    'merge.maxReworkRounds': 2,
    'merge.maxConflictRounds': 2,
    'limits.maxPolecatsPerRig': 2,
    'limits.maxAgents': 4,
  },
});
export const aRig = (gitUrl: string, gates: readonly Gate[]): Rig => ({
  townId,
  rigId,
  name: 'web',
  gitUrl,
  defaultBranch: 'main',
  prefix: 'web',
  gates: [...gates],
  version: 1,
  createdAt: at,
  updatedAt: at,
});
export const aGate = (command: string, name = 'test'): Gate => ({ name, command, timeoutSeconds: 20, phase: 'both' });

/** A source in review with its merge request, which nobody works on. */
export const aSubmission = (number: number, headSha: string, branch: string): { source: Bead; request: Bead } => {
  const [sourceId, requestId] = [`web-src${number}`, `web-mrq${number}`];
  const source = newBead(
    {
      townId,
      beadId: sourceId,
      title: `Add page ${number}`,
      requestedBy: 'ada',
      createdBy: 'user:ada',
      at,
      details: {
        type: 'issue',
        issueType: 'task',
        kind: 'work',
        branch,
        targetBranch: 'main',
        latestMergeRequestId: requestId,
        commits: [],
      },
    },
    { rigId, status: 'in_review' },
  );
  const request = newBead(
    {
      townId,
      beadId: requestId,
      title: `Add page ${number}`,
      requestedBy: 'ada',
      createdBy: 'agent:toast',
      at,
      details: {
        type: 'merge_request',
        stage: 'new',
        sourceBeadId: sourceId,
        branch,
        targetBranch: 'main',
        headSha,
        attempt: 1,
        gates: [],
        reworkRounds: 0,
        conflictRounds: 0,
        commits: [],
      },
    },
    { rigId, parentId: sourceId },
  );
  return { source, request };
};

export interface WorldOptions {
  readonly gates?: readonly Gate[];
  readonly codeReview?: boolean;
  /** The rig's host has pull requests, and its work becomes some. */
  readonly pullRequests?: PullRequestHost;
  /** The refinery's decision, asked once per review. */
  readonly review?: (request: MergeRequestBead) => Pick<Verdict, 'outcome' | 'summary'>;
  /** Called before a command is run; what it answers is taken instead of the runner's result. */
  readonly onCommand?: (command: Command) => CommandResult | undefined;
}
export interface MergeWorld {
  readonly ports: Ports;
  readonly host: GitHostFixture;
  submit(number: number, files: Readonly<Record<string, string>>, options?: { readonly from?: string }): Promise<void>;
  request(number: number): Promise<MergeRequestBead>;
  source(number: number): Promise<IssueBead>;
  /** The repair bead's work is pushed and its bead closed, as a verified done does it. */
  repair(beadId: string, files: Readonly<Record<string, string>>, from?: string): Promise<void>;
  /** Passes and commands, until the condition holds. */
  until(what: string, holds: () => Promise<boolean>): Promise<void>;
  /** The engine ends as if the process had, and another one goes on from its files. */
  restartEngine(): Promise<void>;
  close(): Promise<void>;
}

const commitAll = async (ports: Ports, ...beads: readonly Bead[]): Promise<void> => {
  const outcome = await ports.store.commit(
    writesOf(
      beads.map((after) => ({ after })),
      undefined,
      { nowMs: ports.clock.nowMs(), stamp: ports.ids.ulid() },
    ),
  );
  if (!outcome.ok) throw new Error('the fixture could not be stored');
};

const hostAccess = { host: 'github', repo: 'acme/web', login: 'gastown-bot' } as const;

export const mergeWorld = async (options: WorldOptions = {}): Promise<MergeWorld> => {
  const host = gitHostFixture();
  const executions = mkdtempSync(join(host.root, 'executions-'));
  const fake = fakePorts();
  const timings = {
    ...fake.deployment.timings,
    mergeRetryMs: 200,
    resendMs: 200,
    dispatchBackoffMs: [200],
    pullRequestPollMs: [200],
    noChecksMs: 1,
  };
  const make = (): LocalWorkflow =>
    createLocalWorkflow({
      machinesDir: join(import.meta.dirname, '../../statemachines'),
      tasks: () => createMergeTasks(ports),
      dataDir: executions,
      clock: systemClock,
      log: fake.log,
      secondMs: 50,
    });
  let engine: LocalWorkflow;
  const ports: Ports = {
    ...fake,
    clock: systemClock,
    pullRequests: options.pullRequests ?? fake.pullRequests,
    deployment: { ...fake.deployment, timings },
    workflow: {
      start: (...started) => engine.start(...started),
      status: (...asked) => engine.status(...asked),
      succeed: (...settled) => engine.succeed(...settled),
      fail: (...failed) => engine.fail(...failed),
      heartbeat: (token) => engine.heartbeat(token),
      abort: (...aborted) => engine.abort(...aborted),
      removeTown: (...removed) => engine.removeTown(...removed),
    },
  };
  engine = make();
  await ports.store.commit([
    { put: 'town', item: aTown(options.codeReview ?? false), when: 'none' },
    {
      put: 'rig',
      item: { ...aRig(host.host, options.gates ?? []), ...(options.pullRequests === undefined ? {} : { pullRequests: hostAccess }) },
      when: 'none',
    },
  ]);

  const bead = async (beadId: string): Promise<Bead> => {
    const found = await ports.store.get('bead', { townId, beadId });
    if (found === undefined) throw new Error(`there is no bead ${beadId}`);
    return found;
  };
  const request = async (number: number): Promise<MergeRequestBead> => {
    const found = await bead(`web-mrq${number}`);
    if (!isMergeRequest(found)) throw new Error('not a merge request');
    return found;
  };
  const runCommands = async (): Promise<void> => {
    for (const { commandId } of (await ports.store.passOf(townId)).commands) {
      const command = await ports.store.get('command', { townId, commandId });
      if (command?.state !== 'queued') continue;
      const context = {
        mirrorPath: host.mirror,
        workDir: host.workDir,
        gitEnv: { PATH: process.env.PATH ?? '' },
        signal: new AbortController().signal,
      };
      await settleCommand(ports, townId, command.commandId, options.onCommand?.(command) ?? (await runCommand(command.payload, context)));
    }
  };
  const giveVerdicts = async (): Promise<void> => {
    for (const asked of await requestsAtWork(ports, townId, await ports.store.workOf(townId))) {
      if (
        asked.status !== 'in_progress' ||
        asked.details.review === undefined ||
        asked.details.review.verdict !== undefined ||
        options.review === undefined
      )
        continue;
      const { review } = asked.details;
      const verdict: Verdict = {
        ...options.review(asked),
        files: [],
        tip: review.tip,
        by: `agent:${review.refineryId}`,
        at: new Date(ports.clock.nowMs()).toISOString(),
      };
      const after = revised(asked, { details: { ...asked.details, review: { ...review, verdict } } }, verdict.at);
      if (
        (await ports.store.commit(writesOf([{ before: asked, after }], undefined, { nowMs: ports.clock.nowMs(), stamp: ports.ids.ulid() })))
          .ok
      )
        await engine.succeed(review.token, verdict);
    }
  };
  return {
    ports,
    host,
    request,
    source: async (number) => {
      const found = await bead(`web-src${number}`);
      if (!isIssue(found)) throw new Error('not an issue');
      return found;
    },
    submit: async (number, files, more = {}) => {
      const branch = `gt/toast/web-src${number}`;
      const { source, request: made } = aSubmission(number, host.commitOn(branch, files, more), branch);
      await commitAll(ports, source, made);
    },
    repair: async (beadId, files, from) => {
      const before = await bead(beadId);
      const branch = isIssue(before) ? before.details.branch : undefined;
      const target = isIssue(before) ? before.details.mergeRequestId : undefined;
      if (branch === undefined || target === undefined) throw new Error(`${beadId} repairs nothing`);
      const headSha = host.commitOn(branch, files, from === undefined ? {} : { from });
      const now = new Date(ports.clock.nowMs()).toISOString();
      const [moved, repaired] = [transition(before, { status: 'closed' }, now), await bead(target)];
      if (!moved.ok || !isMergeRequest(repaired)) throw new Error('the repair bead cannot close');
      const outcome = await ports.store.commit(
        writesOf(
          [
            { before, after: moved.bead },
            { before: repaired, after: revised(repaired, { details: { ...repaired.details, headSha } }, now) },
          ],
          undefined,
          { nowMs: ports.clock.nowMs(), stamp: ports.ids.ulid() },
        ),
      );
      if (!outcome.ok) throw new Error('the repair could not be stored');
    },
    until: async (what, holds) => {
      const endsAtMs = Date.now() + 25_000;
      while (!(await holds())) {
        if (Date.now() > endsAtMs)
          throw new Error(
            `still waiting for ${what}: ${JSON.stringify((await request(1)).details)} ${JSON.stringify(fake.logged.slice(-12))}`,
          );
        await reconcileTown(ports, townId);
        await runCommands();
        await giveVerdicts();
        await sleep(10);
      }
    },
    restartEngine: async () => {
      await engine.stop();
      engine = make();
      await engine.resume();
    },
    close: async () => {
      await engine.stop();
      rmSync(executions, { recursive: true, force: true });
      host.remove();
    },
  };
};
