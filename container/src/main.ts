// Starts the town runner: takes the town's runtime lease, ends what a former runner left, wires the parts, leaves when told to.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { installAgentCommands } from './agents/agent-command.ts';
import { createOpencodeRuntime } from './agents/opencode-life.ts';
import { createCommandRunner } from './commands.ts';
import { loadConfig } from './config.ts';
import type { RunnerConfig } from './config.ts';
import { bootstrap, createControlPlane, RequestRefusedError, RuntimeEpochOldError } from './control-plane.ts';
import { createAgentAccess } from './doors/agent-access.ts';
import type { Access } from './doors/agent-access.ts';
import { createAwsCredentials } from './doors/aws-credentials.ts';
import { startDoors } from './doors/door-server.ts';
import { createGitDoor } from './doors/git-door.ts';
import { whileFrozen } from './doors/freeze.ts';
import { createMcpDoor } from './doors/mcp-door.ts';
import { createModelBudget } from './doors/model-budget.ts';
import { createModelDoor } from './doors/model-door.ts';
import { createMirrors } from './git/mirrors.ts';
import { createPushes } from './git/pushes.ts';
import type { Pusher } from './git/pushes.ts';
import { createRunnerGit } from './git/runner-git.ts';
import { createWorkspaces } from './git/workspaces.ts';
import { openHints } from './hints.ts';
import type { Hints } from './hints.ts';
import { prepareLayout } from './layout.ts';
import { createLog, messageOf } from './log.ts';
import { runCommand } from './merge-steps/run-command.ts';
import { createAgentUsers, missingForIsolation, sharedClaimsDir } from './process/agent-users.ts';
import { createLocks } from './process/locks.ts';
import { killLeftovers, startTimeOf } from './process/process-records.ts';
import { createRunner } from './runner.ts';
import type { Leaving } from './runner.ts';
import { readState, writeState } from './state-file.ts';
import { openUsageLog } from './usage-log.ts';

const bootstrapPatienceMs = 120_000;
const nowMs = (): number => Date.now();
const log = createLog((line) => process.stdout.write(line), nowMs);

const pusherOf = (access: Pick<Access, 'agentId' | 'epoch' | 'beadId' | 'push'>): Pusher | undefined =>
  access.push === undefined ? undefined : { agentId: access.agentId, epoch: access.epoch, beadId: access.beadId, ...access.push };

/** A former runner on the same folder has lost the lease to us: it must not touch the folder any more. */
const endFormerRunner = (own: string): void => {
  const path = join(own, 'runner.json');
  const former = readState(path, z.object({ pid: z.int().positive(), startTime: z.string() }));
  if (former !== undefined && former.pid !== process.pid && startTimeOf(former.pid) === former.startTime) {
    log.warn('former_runner_ended', { pid: former.pid });
    process.kill(former.pid, 'SIGKILL');
  }
  writeState(path, { pid: process.pid, startTime: startTimeOf(process.pid) ?? '' });
};

const start = async (config: RunnerConfig): Promise<Leaving> => {
  process.umask(0o022);
  const session = await bootstrap(
    config.apiUrl,
    { townId: config.townId, bootstrapToken: config.bootstrapToken, instanceId: randomUUID(), protocolVersion: 1 },
    bootstrapPatienceMs,
  );
  const missing = config.isolation === 'none' ? 'it is switched off' : await missingForIsolation(config.agentUsers);
  if (missing !== undefined)
    log.warn('agents_share_a_user', {
      meaning: `Agents are not kept apart on this machine: ${missing}. Use it for repositories that you trust.`,
    });
  const layout = prepareLayout(config.dataDir, missing === undefined);
  endFormerRunner(layout.own);
  const left = await killLeftovers(layout.own, layout.dataDir);
  if (left > 0) log.info('leftovers_ended', { processes: left });

  const { timings, runtimeEpoch } = session;
  const controlPlane = createControlPlane(config.apiUrl, session.runnerToken);
  const access = createAgentAccess();
  const locks = createLocks();
  const rigs = new Map<string, boolean>();
  const runnerGit = createRunnerGit({
    own: layout.own,
    path: config.path,
    home: config.home,
    sshAuthSocket: config.sshAuthSocket,
    credentialOf: (request) => controlPlane.call('runnerGitCredential', request, 10_000),
    hasCredential: (rigId) => rigs.get(rigId) === true,
  });
  const mirrors = createMirrors({ folder: layout.mirrors, runnerGit, locks, nowMs });
  const pushes = createPushes({
    own: layout.own,
    incoming: layout.incoming,
    mirrors,
    runnerGit,
    log,
    pushCheck: (request, patienceMs) => controlPlane.call('runnerPushCheck', request, patienceMs),
  });
  const usage = openUsageLog(join(layout.own, 'usage.jsonl'));
  const modelFailures = new Map<string, string>();
  const overBudget = new Set<string>();
  const budget = createModelBudget({ unreported: () => usage.all(), nowMs });
  const doors = await startDoors(
    access,
    {
      model: createModelDoor({
        scriptedModelUrl: config.scriptedModelUrl,
        awsCredentials: createAwsCredentials(config.aws, nowMs),
        nowMs,
        budget,
        onOverBudget: (agentId) => overBudget.add(agentId),
        onUsage: (row) => {
          usage.add(row);
        },
        onHealth: (agentId, failure) => {
          if (failure === undefined) {
            modelFailures.delete(agentId);
            overBudget.delete(agentId);
            return;
          }
          modelFailures.set(agentId, failure);
          log.warn('model_call_failed', { agentId, failure: failure.slice(0, 200) });
        },
        mayPass: () => whileFrozen({ lastAnswerAtMs: () => controlPlane.lastAnswerAtMs(), nowMs, sleep }, timings.leaseLostMs),
      }),
      mcp: createMcpDoor(config.apiUrl, access),
      git: createGitDoor({ mirrors, pushes, runnerGit, locks, pusherOf }),
    },
    log,
  );
  const users =
    missing !== undefined
      ? undefined
      : createAgentUsers({
          dataDir: layout.dataDir,
          claimsDir: config.agentUsers === undefined ? sharedClaimsDir : join(layout.own, 'users'),
          existing: config.agentUsers,
          isRunning: (agentId) => runner.isRunning(agentId),
          nowMs,
          log,
        });
  let watched = new Set<string>();
  const live: { hints?: Hints } = {};
  const runtime = createOpencodeRuntime({
    layout,
    program: config.opencodePath,
    path: `${installAgentCommands(layout.agentCommands)}:${config.path}`,
    lang: config.lang,
    users,
    access,
    doorsUrl: doors.url,
    pushes,
    nowMs,
    log,
    workspaces: createWorkspaces({ mirrors, runnerGit, doorUrl: () => `${doors.url}/git` }),
    pusherOf: (assignment) =>
      assignment.workspace.kind === 'branch'
        ? pusherOf({
            agentId: assignment.agentId,
            epoch: assignment.epoch,
            beadId: assignment.bead?.beadId,
            push: { ...assignment.workspace, trailers: assignment.commit?.trailers ?? [] },
          })
        : undefined,
    rigIds: () => [...rigs.keys()],
    onChange: () => runner.changed(),
    sendParts: async (agentId, epoch, beadId, batch) => {
      await controlPlane.call('runnerSession', { runtimeEpoch, agentId, epoch, ...(beadId === undefined ? {} : { beadId }), ...batch });
    },
    isWatched: (agentId) => watched.has(agentId),
    sendDelta: (agentId, part) => live.hints?.send({ action: 'delta', agentId, part }),
    modelFailure: (agentId) => modelFailures.get(agentId),
    isOverBudget: (agentId) => overBudget.has(agentId),
    onTurnBegins: (agentId) => {
      overBudget.delete(agentId);
      budget.turnBegins(agentId);
    },
  });
  const commands = createCommandRunner({
    own: layout.own,
    dataDir: layout.dataDir,
    folder: layout.commands,
    mirrors,
    runnerGit,
    users,
    locks,
    run: runCommand,
    onChange: () => runner.changed(),
    nowMs,
    log,
  });
  const runner = createRunner({
    controlPlane,
    session,
    runtime,
    commands,
    usage,
    isolation: missing === undefined ? 'agent' : 'none',
    dataDir: layout.dataDir,
    nowMs,
    log,
    setRigs: (next) => {
      rigs.clear();
      for (const rig of next) rigs.set(rig.rigId, rig.hasCredential);
      mirrors.setRigs(next);
    },
    setToken: (agentId, token) => access.setToken(agentId, token),
    setMoney: (money) => budget.set(money),
  });
  const hints = openHints({
    ticket: () => controlPlane.call('runnerTicket', undefined),
    onFrame: (frame) => {
      if (frame.kind === 'desired' || frame.kind === 'changed') runner.hint();
      else if (frame.kind === 'watch') watched = new Set(frame.agentIds);
    },
    onFatal: () => runner.replaced(),
    log,
  });
  live.hints = hints;
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      log.info('drain_asked', { signal });
      runner.drain();
    });
  log.info('runner_ready', {
    townId: config.townId,
    runtimeEpoch,
    isolation: missing === undefined ? 'agent' : 'none',
    dataDir: layout.dataDir,
  });
  const leaving = await runner.run();
  hints.close();
  await doors.close();
  return leaving;
};

try {
  const leaving = await start(loadConfig(process.env));
  log.info('runner_left', { reason: leaving });
  process.exit(0);
} catch (error) {
  const unwanted = error instanceof RuntimeEpochOldError || error instanceof RequestRefusedError;
  log.error(unwanted ? 'runner_not_wanted' : 'runner_failed', { error: messageOf(error) });
  process.exit(unwanted ? 0 : 1);
}
