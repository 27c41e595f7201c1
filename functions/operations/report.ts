// A runner's report: observations, finished turns, command results, usage. Everything is applied idempotently before the sequence number moves,
// so that a report that was cut off half-way can be sent again.
import type { z } from 'zod';
import type { RunnerReport, RuntimeLease, reportResponseSchema } from '../contracts/runner.schema.ts';
import { mailOfPrompt, nudgeOfPrompt } from '../domain/prompt-ids.ts';
import { computeUsage, usageWrites } from '../domain/spending/usage.ts';
import type { Ports, Write } from '../ports.ts';
import { settleCommand } from './commands.ts';
import { desiredAnswer } from './desired.ts';
import { takeMail } from './mail-delivery.ts';
import { markNudged } from './nudge.ts';
import { applyObservations } from './report-agents.ts';
import { applyTurns, markWorking } from './report-turns.ts';
import { requesterOf } from './requester.ts';
import { leaseOf, runtimeEpochOld } from './runtime-caller.ts';
import type { RuntimeIdentity } from './runtime-caller.ts';
import { isoNow, transact } from './transact.ts';
import { storeUsage } from './usage.ts';

type ReportResponse = z.infer<typeof reportResponseSchema>;
/** The nudge of an agent at rest stays a prompt until its turn has ended: it is all that keeps the agent running. */
const confirmNudge = async (ports: Ports, townId: string, nudgeId: string, agentId: string): Promise<void> => {
  const agent = await ports.store.get('agent', { townId, agentId });
  if (agent?.hookBeadId !== undefined) await markNudged(ports, townId, nudgeId, agentId);
};

const deliverPrompts = async (ports: Ports, townId: string, agents: RunnerReport['agents']): Promise<void> => {
  const mayor = agents.find((observed) => observed.agentId === 'mayor');
  if (mayor !== undefined && mayor.deliveredPromptIds.length > 0) await markWorking(ports, townId, mayor.deliveredPromptIds);
  // The Mayor's mail stays a prompt until its turn has ended, because what it says then goes to a person.
  const delivered = agents
    .filter((observed) => observed.agentId !== 'mayor')
    .flatMap(({ agentId, deliveredPromptIds }) =>
      deliveredPromptIds.map((promptId) => ({ agentId, beadId: mailOfPrompt(promptId), nudgeId: nudgeOfPrompt(promptId) })),
    );
  if (!delivered.some(({ beadId, nudgeId }) => (beadId ?? nudgeId) !== undefined)) return;
  const open = new Set((await ports.store.workOf(townId)).map((item) => `${item.kind} ${item.workId}`));
  for (const { agentId, beadId, nudgeId } of delivered) {
    if (beadId !== undefined && open.has(`mail ${beadId}`)) await takeMail(ports, townId, beadId, agentId);
    if (nudgeId !== undefined && open.has(`nudge ${nudgeId}`)) await confirmNudge(ports, townId, nudgeId, agentId);
  }
};

/** The time of a runtime is paid in parts of at least so long, and the rest when it is about to end. */
const paidEveryMs = 5 * 60 * 1000;
/** What is to be paid for the runtime's time since it was paid last. */
const timeToPay = async (ports: Ports, lease: RuntimeLease, nowMs: number): Promise<Write[]> => {
  const { runtimeUsdPerHour } = ports.deployment;
  const fromMs = lease.paidUntilMs ?? lease.startedAtMs ?? nowMs;
  const isDue = nowMs - fromMs >= paidEveryMs || (lease.state !== 'live' && nowMs > fromMs);
  if (runtimeUsdPerHour === undefined || !isDue) return [];
  const { townId, runtimeEpoch } = lease;
  const requestedBy = (await ports.store.get('town', { townId }))?.ownerId ?? 'town';
  return usageWrites(computeUsage({ townId, runtimeEpoch, fromMs, toMs: nowMs, usdPerHour: runtimeUsdPerHour, requestedBy }));
};

/** Moves the lease's sequence number and time; the runner must still hold it. */
const beat = (ports: Ports, caller: RuntimeIdentity, reportSeq: number): Promise<RuntimeLease> =>
  transact(ports, 'The runtime lease', async () => {
    const lease = await leaseOf(ports, caller);
    const nowMs = ports.clock.nowMs();
    const pays = await timeToPay(ports, lease, nowMs);
    const item: RuntimeLease = {
      ...lease,
      ...(pays.length === 0 ? {} : { paidUntilMs: nowMs }),
      reportSeq: Math.max(reportSeq, lease.reportSeq),
      lastReportAtMs: nowMs,
      // A runtime that has lived for so long was a good start.
      startFailures: nowMs - (lease.bootstrappedAtMs ?? nowMs) > ports.deployment.timings.startGraceMs ? 0 : lease.startFailures,
      version: lease.version + 1,
      updatedAt: isoNow(ports),
    };
    return { writes: [{ put: 'lease', item, when: { equals: { version: lease.version } } }, ...pays], result: item };
  });

/**
 * Applies a report. A report that is not newer than the last changes nothing and is answered with `accepted: false`.
 * Errors: 409 `runtime_epoch_old` when the runtime has been replaced.
 */
export const applyReport = async (ports: Ports, caller: RuntimeIdentity, report: RunnerReport): Promise<ReportResponse> => {
  if (report.runtimeEpoch !== caller.runtimeEpoch) throw runtimeEpochOld(caller.runtimeEpoch, report.runtimeEpoch);
  const { townId } = caller;
  const lease = await leaseOf(ports, caller);
  if (report.reportSeq <= lease.reportSeq)
    return { ...(await desiredAnswer(ports, lease)).answer, runtimeEpoch: lease.runtimeEpoch, accepted: false };
  // Asked before its turn counts as ended: afterwards nobody is waiting for the Mayor any more.
  const payer = report.usage.some((row) => row.beadId === undefined) ? await requesterOf(ports, townId) : undefined;
  await applyObservations(ports, townId, report);
  await deliverPrompts(ports, townId, report.agents);
  const ended = report.agents
    .filter((observed) => observed.state === 'exited' || observed.state === 'failed')
    .map((observed) => observed.agentId);
  await applyTurns(ports, townId, report.turns, new Set(ended));
  for (const { commandId, result } of report.commandResults) await settleCommand(ports, townId, commandId, result);
  await storeUsage(ports, townId, report.usage, payer);
  const held = await beat(ports, caller, report.reportSeq);
  const { answer, budgetNews } = await desiredAnswer(ports, held);
  if (budgetNews && report.usage.length > 0) await ports.queue.hint(townId);
  return { ...answer, runtimeEpoch: held.runtimeEpoch, accepted: true };
};
