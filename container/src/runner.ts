// The town runner: reads what should run, makes it so, reports what does. Everything it knows of the control plane comes from `ControlPlane`.
import { statfsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BootstrapResponse, Desired, MoneyLeft, RunnerReport } from '../../functions/contracts/runner.schema.ts';
import type { AgentLife, AgentRuntime } from './agents/agent-runtime.ts';
import type { CommandRunner } from './commands.ts';
import { RequestRefusedError, RuntimeEpochOldError } from './control-plane.ts';
import type { ControlPlane } from './control-plane.ts';
import { messageOf } from './log.ts';
import type { RunnerLog } from './log.ts';
import { agentSteps } from './reconcile.ts';
import type { UsageLog } from './usage-log.ts';

export interface RunnerParts {
  readonly controlPlane: ControlPlane;
  readonly session: BootstrapResponse;
  readonly runtime: AgentRuntime;
  readonly commands: CommandRunner;
  readonly usage: UsageLog;
  readonly setRigs: (rigs: Desired['rigs']) => void;
  /** What model calls may still cost. */
  readonly setMoney: (left: MoneyLeft) => void;
  readonly setToken: (agentId: string, agentToken: string) => void;
  readonly isolation: 'agent' | 'none';
  readonly dataDir: string;
  readonly nowMs: () => number;
  readonly log: RunnerLog;
}

/** Why the runner left. */
export type Leaving = 'drained' | 'replaced' | 'abandoned';
export interface Runner {
  /** Something changed here: report soon. */
  changed(): void;
  /** Something changed there: read the desired set. */
  hint(): void;
  /** Runs until it is drained, replaced, or has been without a control plane for too long. */
  run(): Promise<Leaving>;
  /** Stop taking work, let turns end, leave. */
  drain(): void;
  /** The newer runner has the town: end everything now. */
  replaced(): void;
  isRunning(agentId: string): boolean;
}

/** A burst of changes makes one report. */
const reportPauseMs = 200;
const turnGraceMs = 10_000;
const usageRowsPerReport = 500;
/** Without the control plane for so many lease times, the runner gives up: whoever comes back starts a new one. */
const leaseTimesToGiveUp = 10;

export const createRunner = (parts: RunnerParts): Runner => {
  const { controlPlane, session, log, nowMs } = parts;
  const { timings, runtimeEpoch } = session;
  const lives = new Map<string, AgentLife>();
  const stopping = new Map<string, Promise<void>>();
  let desired: Desired | undefined;
  let knownVersion = '';
  let reportSeq = 0;
  let leaving: Leaving | undefined;
  let mustRead = true;
  let mustReport = false;
  let tokensAtMs = nowMs();
  let wake: (() => void) | undefined;
  const nudge = (): void => wake?.();

  const endLife = async (life: AgentLife, graceMs: number): Promise<void> => {
    try {
      await life.stop(graceMs);
      log.info('agent_stopped', { agentId: life.agentId, epoch: life.epoch });
    } catch (error) {
      log.error('agent_stop_failed', { agentId: life.agentId, error: messageOf(error) });
    }
    lives.delete(life.agentId);
    stopping.delete(life.agentId);
    reconcile();
    changed();
  };

  const stopLife = (life: AgentLife, graceMs: number): Promise<void> => {
    const existing = stopping.get(life.agentId);
    if (existing !== undefined) return existing;
    const end = endLife(life, graceMs);
    stopping.set(life.agentId, end);
    return end;
  };

  const reconcile = (): void => {
    if (desired === undefined || leaving !== undefined) return;
    const running = [...lives.values()].map((life) => ({
      agentId: life.agentId,
      epoch: life.epoch,
      assignment: life.assignment(),
      stopping: stopping.has(life.agentId),
    }));
    for (const step of agentSteps(desired.assignments, running)) {
      if (step.kind === 'start') {
        log.info('agent_starts', { agentId: step.assignment.agentId, epoch: step.assignment.epoch, beadId: step.assignment.bead?.beadId });
        lives.set(step.assignment.agentId, parts.runtime.begin(step.assignment));
      } else if (step.kind === 'update') {
        lives.get(step.assignment.agentId)?.update(step.assignment);
      } else {
        const life = lives.get(step.agentId);
        if (life !== undefined) void stopLife(life, step.kind === 'replace' ? 0 : turnGraceMs);
      }
    }
  };

  const read = async (): Promise<void> => {
    mustRead = false;
    const next = await controlPlane.call('runnerDesired', undefined);
    if (next.runtimeEpoch !== runtimeEpoch) throw new RuntimeEpochOldError(`the town is at runtime epoch ${next.runtimeEpoch}`);
    desired = next;
    knownVersion = next.desiredVersion;
    if (next.money !== undefined) parts.setMoney(next.money);
    parts.setRigs(next.rigs);
    if (next.drain) {
      drain();
      return;
    }
    reconcile();
    parts.commands.setDesired(next.commands);
    changed();
  };

  const report = async (): Promise<void> => {
    mustReport = false;
    const reported = [...lives.values()];
    const turns = reported.flatMap((life) => life.turns()).slice(0, 200);
    const usage = parts.usage.next(usageRowsPerReport);
    reportSeq += 1;
    const body: RunnerReport = {
      runtimeEpoch,
      reportSeq,
      agents: reported.map((life) => life.observed()).slice(0, 200),
      turns,
      usage,
      commandResults: parts.commands.results(),
      runningCommandIds: parts.commands.runningIds(),
      host: { rssBytes: process.memoryUsage.rss(), diskFreeBytes: diskFree(parts.dataDir), isolation: parts.isolation },
    };
    const answer = await controlPlane.call('runnerReport', body);
    if (answer.runtimeEpoch !== runtimeEpoch) throw new RuntimeEpochOldError(`the town is at runtime epoch ${answer.runtimeEpoch}`);
    if (!answer.accepted) {
      mustReport = true;
      return;
    }
    for (const life of reported)
      life.turnsReported(turns.filter((turn) => turn.agentId === life.agentId && turn.epoch === life.epoch).map((turn) => turn.promptId));
    parts.usage.taken(usage);
    if (answer.money !== undefined) parts.setMoney(answer.money);
    if (answer.desiredVersion !== knownVersion) mustRead = true;
  };

  const renewTokens = async (): Promise<void> => {
    if (nowMs() - tokensAtMs < timings.agentTokenMs / 3) return;
    const agents = [...lives.values()].map(({ agentId, epoch }) => ({ agentId, epoch })).slice(0, 200);
    const answer = await controlPlane.call('runnerTokens', { runtimeEpoch, agents });
    controlPlane.setRunnerToken(answer.runnerToken);
    for (const { agentId, agentToken } of answer.agents) parts.setToken(agentId, agentToken);
    tokensAtMs = nowMs();
  };

  const changed = (): void => {
    mustReport = true;
    nudge();
  };
  const drain = (): void => {
    leaving ??= 'drained';
    nudge();
  };

  /** One turn of the loop. Throws RuntimeEpochOldError; anything else is logged and tried again. */
  const step = async (): Promise<void> => {
    await renewTokens();
    if (mustRead) await read();
    if (mustReport) await report();
  };

  const waitForWork = async (nextReportAtMs: number): Promise<void> => {
    if (mustRead || leaving !== undefined) return;
    if (mustReport) {
      await sleep(reportPauseMs);
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, nextReportAtMs - nowMs()));
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    wake = undefined;
    if (mustReport && leaving === undefined) await sleep(reportPauseMs);
  };

  const endAll = async (graceMs: number): Promise<void> => {
    await Promise.all([parts.commands.stop(), ...[...lives.values()].map((life) => stopLife(life, graceMs))]);
  };

  const run = async (): Promise<Leaving> => {
    let lastReportAtMs = 0;
    for (let failures = 0; leaving === undefined;) {
      try {
        if (nowMs() - lastReportAtMs >= timings.reportPeriodMs) {
          mustReport = true;
          lastReportAtMs = nowMs();
        }
        await step();
        if (failures > 0) log.info('control_plane_back');
        failures = 0;
      } catch (error) {
        if (
          error instanceof RuntimeEpochOldError ||
          (error instanceof RequestRefusedError && (error.status === 401 || error.status === 403))
        ) {
          leaving = 'replaced';
          log.warn('runner_replaced', { reason: messageOf(error) });
          break;
        }
        failures += 1;
        if (failures === 1) log.warn('control_plane_away', { error: messageOf(error) });
        mustRead = true;
        mustReport = true;
        if (nowMs() - controlPlane.lastAnswerAtMs() > timings.leaseLostMs * leaseTimesToGiveUp) {
          leaving = 'abandoned';
          break;
        }
        await sleep(Math.min(2_000, 200 * 2 ** Math.min(failures, 5)));
        continue;
      }
      await waitForWork(lastReportAtMs + timings.reportPeriodMs);
    }
    log.info('runner_leaves', { reason: leaving, agents: lives.size });
    // A replaced runner's agents could do nothing any more; otherwise the current turns get a part of the time there is.
    await endAll(leaving === 'drained' ? Math.min(turnGraceMs, timings.drainMs / 3) : 0);
    if (leaving === 'drained') await report().catch((error: unknown) => log.warn('last_report_failed', { error: messageOf(error) }));
    return leaving;
  };

  return {
    changed,
    drain,
    run,
    hint: () => {
      mustRead = true;
      nudge();
    },
    replaced: () => {
      leaving ??= 'replaced';
      nudge();
    },
    isRunning: (agentId) => lives.has(agentId),
  };
};

const diskFree = (path: string): number => {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
};
