// Rules about the town's runtime: R1 start, R2 stop when idle, R3 breaker after failures, R4 deleted town, R5 silence.
import type { Command, RuntimeLease } from '../../contracts/runner.schema.ts';
import { foundSetting, scopesOf } from '../settings.ts';
import type { Action, Findings } from './action.ts';
import { findings } from './action.ts';
import { hoursLeft } from './hours.ts';
import { mayorIsWanted } from './quiet.ts';
import { hasProcess } from '../agent-state.ts';
import { batchOf } from './triage.ts';
import type { View } from './view.ts';

type Found = ReturnType<typeof findings>;
const startKinds: readonly Action['kind'][] = [
  'dispatch',
  'start-mayor',
  'hook-refinery',
  'start-merge',
  'start-train',
  'resume-agent',
  'start-triage',
];

/** H4: done while a runtime is up, never a reason for one. */
const isTidying = ({ payload }: Command): boolean => payload.kind === 'list-branches' || payload.kind === 'delete-branches';

/** Somebody needs a runner now: an agent with a hook, a Mayor who is waited for, a queued command, or an agent that this plan starts. */
export const runtimeIsWanted = (view: View, planned: readonly Action[]): boolean =>
  view.liveAgents.some((agent) => hasProcess(agent) && agent.hookBeadId !== undefined) ||
  (view.liveAgents.some((agent) => agent.role === 'mayor') && mayorIsWanted(view)) ||
  view.liveAgents.some((agent) => agent.role === 'triage' && batchOf(view.work('triage'), agent.epoch).length > 0) ||
  view.snapshot.commands.some((command) => command.state === 'queued' && !isTidying(command)) ||
  planned.some((action) => startKinds.includes(action.kind));

/** Merges between two commands: the runner is kept although nothing is queued for it at this moment. */
const mergesRun = (view: View): boolean =>
  view.requests.some(({ request }) => request.status === 'in_progress') ||
  view.snapshot.trains.some((train) => train.executionName !== undefined);

const startRule = (view: View, lease: RuntimeLease | undefined, found: Found): void => {
  const { untilMs } = hoursLeft(view.snapshot.town, lease, view.nowMs);
  const notBeforeMs = Math.max(lease?.notBeforeMs ?? 0, untilMs ?? 0);
  if (notBeforeMs > view.nowMs) found.waits.push(notBeforeMs);
  else
    found.actions.push({
      rule: 'R1',
      kind: 'start-runtime',
      subject: view.snapshot.town.townId,
      sentence: 'There is work and no runtime: one is started.',
    });
};

/** The town's own limit when it or its organisation has set one; else the deployment's. */
const idleMs = (view: View): number => {
  const { value, from } = foundSetting('runtime.idleMinutes', scopesOf({ town: view.snapshot.town }));
  return from === 'built-in' ? view.timings.runtimeIdleMs : value * 60_000;
};

const idleRules = (view: View, lease: RuntimeLease, busy: boolean, found: Found): void => {
  const subject = view.snapshot.town.townId;
  if (busy) {
    if (lease.idleSinceMs !== undefined)
      found.actions.push({ rule: 'R2', kind: 'note-busy', subject, sentence: 'The runtime has work again.' });
    return;
  }
  if (lease.idleSinceMs === undefined) {
    found.actions.push({ rule: 'R2', kind: 'note-idle', subject, sentence: 'The runtime has nothing to do.' });
    return;
  }
  const stopAtMs = lease.idleSinceMs + idleMs(view);
  if (stopAtMs > view.nowMs) found.waits.push(stopAtMs);
  else
    found.actions.push({
      rule: 'R2',
      kind: 'stop-runtime',
      why: 'idle',
      subject,
      sentence: 'The runtime had nothing to do for long: it is stopped.',
    });
};

/** True when the runtime has used up its hours of the day and stops. */
const hoursRule = (view: View, lease: RuntimeLease, found: Found): boolean => {
  const { endsAtMs, untilMs } = hoursLeft(view.snapshot.town, lease, view.nowMs);
  if (endsAtMs !== undefined) found.waits.push(endsAtMs);
  if (untilMs === undefined) return false;
  const subject = view.snapshot.town.townId;
  const sentence = 'The runtime has used up its hours of today: its agents are parked.';
  found.actions.push({ rule: 'R2', kind: 'stop-runtime', why: 'hours', subject, sentence });
  return true;
};

/** Time of the runtime's last sign of life. */
export const lastSignMs = (lease: RuntimeLease): number => Math.max(lease.lastReportAtMs ?? 0, lease.startedAtMs ?? 0);

const startingRule = (view: View, lease: RuntimeLease, found: Found): void => {
  const { nowMs, timings } = view;
  const askAtMs = (lease.startedAtMs ?? 0) + 2 * timings.reportPeriodMs;
  if (askAtMs > nowMs) found.waits.push(askAtMs);
  else if (view.judging)
    found.actions.push({
      rule: 'R5',
      kind: 'check-runtime',
      subject: view.snapshot.town.townId,
      sentence: 'The runtime has not reported in yet: does it still start?',
    });
  found.waits.push(nowMs + timings.reportPeriodMs);
};

const silenceRule = (view: View, lease: RuntimeLease, found: Found): void => {
  const { nowMs, timings } = view;
  const silentAtMs = lastSignMs(lease) + timings.runtimeSilentMs;
  if (silentAtMs > nowMs) {
    found.waits.push(silentAtMs);
    return;
  }
  found.waits.push(nowMs + timings.reportPeriodMs);
  if (view.judging)
    found.actions.push({
      rule: 'R5',
      kind: 'check-runtime',
      subject: view.snapshot.town.townId,
      sentence: 'The runtime has been silent for long: is it alive?',
    });
};

/** Somebody said that it has ended: whether that is so is asked at once. */
const endedRule = (view: View, found: Found): void => {
  found.waits.push(view.nowMs + view.timings.reportPeriodMs);
  found.actions.push({
    rule: 'R5',
    kind: 'check-runtime',
    subject: view.snapshot.town.townId,
    sentence: 'The runtime is said to have ended: is it so?',
  });
};

/** `planned`: what the other rules have found, because an agent that starts needs a runtime. */
export const runtimeRules = (view: View, planned: readonly Action[]): Findings => {
  const found = findings();
  const { lease } = view.snapshot;
  const wanted = runtimeIsWanted(view, planned);
  if (lease === undefined) {
    if (wanted) startRule(view, lease, found);
    return found;
  }
  switch (lease.state) {
    case 'absent':
      if (wanted) startRule(view, lease, found);
      return found;
    case 'starting':
      if (lease.endedAtMs === undefined) startingRule(view, lease, found);
      else endedRule(view, found);
      return found;
    case 'live':
      if (lease.endedAtMs !== undefined) {
        endedRule(view, found);
        return found;
      }
      silenceRule(view, lease, found);
      if (hoursRule(view, lease, found)) return found;
      idleRules(view, lease, wanted || mergesRun(view), found);
      return found;
    case 'draining':
    case 'stopping': {
      found.actions.push({ rule: 'R2', kind: 'confirm-stopped', subject: view.snapshot.town.townId, sentence: 'Has the runtime stopped?' });
      found.waits.push(view.nowMs + view.timings.reportPeriodMs);
      return found;
    }
    default:
      return lease.state satisfies never;
  }
};
