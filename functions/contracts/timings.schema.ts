// Every wait, period and limit of the running system, in one injected value. Tests shorten the waits; nothing reads them from elsewhere.
import { z } from 'zod';

const ms = z.int().positive();
export const timingsSchema = z.object({
  /** Runner reports about all agents in one, at least this often and on change. */
  reportPeriodMs: ms,
  /** No report for so long: ask the runtime port; dead means replace and raise epochs. */
  runtimeSilentMs: ms,
  /** A started runtime or agent may take so long before anyone judges it. */
  startGraceMs: ms,
  /** A runner that cannot reach the control plane for so long freezes its agents. */
  leaseLostMs: ms,
  /** in_progress without a live agent for so long goes back to open (B4). */
  orphanBeadMs: ms,
  /** Delays before dispatch attempts 2, 3, …; the last repeats. */
  dispatchBackoffMs: z.array(ms).min(1),
  /** Delay before the next attempt of a merge execution that ended without a result. */
  mergeRetryMs: ms,
  /** Unfinished pending batches older than this are removed (C4). */
  pendingBatchMs: ms,
  /** Period of the sweep over overdue work. */
  sweepPeriodMs: ms,
  /** Nothing to do for so long: the runtime is drained and stopped (R2). */
  runtimeIdleMs: ms,
  /** After three start failures the runtime is tried again once per this period (R3). */
  runtimeBreakerMs: ms,
  /** SIGTERM to exit of the runner. */
  drainMs: ms,
  /** Deadline of one runner command; a gate's own time limit comes on top for gate runs. */
  commandDeadlineMs: ms,
  /** Heartbeat limit of a workflow task that waits for the runner or for a verdict; a reconciler pass sends the beat. */
  workflowHeartbeatMs: ms,
  /** A verdict that has not come after so long ends the attempt. */
  reviewDeadlineMs: ms,
  /** Rules ask again about a settled result whose workflow step has not taken it (M4). */
  resendMs: ms,
  agentTokenMs: ms,
  /** After a gap in passes wait one report period before judging anyone; a gap is longer than this. */
  passGapMs: ms,
  /** A Mayor or refinery with nothing to say or judge is stopped after so long. */
  agentIdleMs: ms,
  /** An agent that has handed in its work can be spoken to about it for so long; nothing runs for it meanwhile. */
  agentAvailableMs: ms,
  refineryAvailableMs: ms,
  /** Idle or parked without a bead for so long: the agent's item is removed, its identity stays (A6). */
  agentRestMs: ms,
  /** A person's own agent that has called nothing for so long gives its bead back (A7). */
  crewSilentMs: ms,
  /** Working without activity and without an active tool for so long: a nudge, then a nudge and a triage request, then stalled and stopped (A5). */
  quietNudgeMs: ms,
  quietTriageMs: ms,
  quietStalledMs: ms,
  /** A stalled agent for which nobody has decided gives its bead back after so long. */
  stalledResetMs: ms,
  /** Branches of finished work are removed so long after the first bead of a rig was over, many at once (H4). */
  branchSweepMs: ms,
  /** After a triage agent failed, the next one waits so long. */
  triageCooldownMs: ms,
  /** Failures are remembered for so long: many of one agent ask triage, many different beads pause the town (B3). */
  failureWindowMs: ms,
  /** What waits for a person or for money in a quiet town is looked at again after so long, if nothing happens to it before (W2). */
  restMs: ms,
  /** Delays between looks at a pull request at which nothing changes; the last repeats. */
  pullRequestPollMs: z.array(ms).min(1),
  /** A head without any check counts as checked so long after it was pushed, if none is required. */
  noChecksMs: ms,
  /** So long no bead is given out after too many different ones have failed, then one is tried. */
  beadPauseMs: ms,
});
export type Timings = z.infer<typeof timingsSchema>;

const second = 1000;
const minute = 60 * second;
/** Source of the figures: the product's reconciler design; process-bound limits keep a floor. */
export const defaultTimings: Timings = {
  reportPeriodMs: 15 * second,
  runtimeSilentMs: 90 * second,
  startGraceMs: 180 * second,
  leaseLostMs: 60 * second,
  orphanBeadMs: 60 * second,
  dispatchBackoffMs: [30 * second, minute, 2 * minute, 5 * minute, 10 * minute],
  mergeRetryMs: 30 * second,
  pendingBatchMs: 15 * minute,
  sweepPeriodMs: 10 * minute,
  runtimeIdleMs: 5 * minute,
  runtimeBreakerMs: minute,
  drainMs: 100 * second,
  commandDeadlineMs: 10 * minute,
  workflowHeartbeatMs: 5 * minute,
  reviewDeadlineMs: 60 * minute,
  resendMs: 30 * second,
  agentTokenMs: 60 * minute,
  passGapMs: 2 * minute,
  agentIdleMs: 10 * minute,
  agentAvailableMs: 120 * second,
  refineryAvailableMs: 600 * second,
  agentRestMs: 24 * 60 * minute,
  crewSilentMs: 4 * 60 * minute,
  quietNudgeMs: 15 * minute,
  quietTriageMs: 60 * minute,
  quietStalledMs: 120 * minute,
  stalledResetMs: 30 * minute,
  branchSweepMs: 30 * minute,
  triageCooldownMs: 30 * second,
  failureWindowMs: 30 * minute,
  restMs: 24 * 60 * minute,
  pullRequestPollMs: [minute, 2 * minute, 4 * minute, 8 * minute, 10 * minute],
  noChecksMs: 120 * second,
  beadPauseMs: 10 * minute,
};
