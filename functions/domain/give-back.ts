// An issue whose agent could not finish it: open again after a wait, or failed when its own attempts are used up. Pure.
import type { Bead } from '../contracts/bead.schema.ts';
import type { Timings } from '../contracts/timings.schema.ts';
import { isIssue } from './bead-writes.ts';
import type { Blame } from './plan/action.ts';
import { hashOf } from './plan/names.ts';
import { transition } from './transition.ts';

const errorCharacters = 1000;
/** Waits vary by so much in either direction, so that beads that failed together are not tried together. */
const jitterShare = 0.2;

/** Wait after `failures` failures in ms; the last step repeats. The same bead and count always give the same wait. */
export const backoffAfterMs = (steps: Timings['dispatchBackoffMs'], failures: number, seed: string): number => {
  const step = steps[Math.min(Math.max(failures, 1), steps.length) - 1] ?? 0;
  const share = hashOf(`${seed}#${failures}`) / 2 ** 32;
  return Math.round(step * (1 - jitterShare + 2 * jitterShare * share));
};

export interface GiveBack {
  readonly bead: Bead;
  readonly blame: Blame;
  readonly reason: string;
  readonly maxAttempts: number;
  readonly nowMs: number;
  readonly timings: Timings;
  /** Time that the agent worked on it this time. */
  readonly workedMs?: number;
}
/** An outage gives the attempt back: only what is the bead's own fault is counted. Beads that are no issues stay as they are. */
export const givenBack = ({ bead, blame, reason, maxAttempts, nowMs, timings, workedMs }: GiveBack): Bead => {
  if (!isIssue(bead)) return bead;
  const at = new Date(nowMs).toISOString();
  if (blame === 'own' && bead.dispatchAttempts >= maxAttempts) {
    const message = `After ${bead.dispatchAttempts} attempts: ${reason}`.slice(0, 2000);
    const failed = transition(bead, { status: 'failed', failure: { code: 'dispatch_exhausted', message, source: 'patrol:B2' } }, at);
    return failed.ok ? failed.bead : bead;
  }
  const open = transition(bead, { status: 'open' }, at);
  if (!open.ok) return bead;
  const attempts = blame === 'own' ? bead.dispatchAttempts : Math.max(0, bead.dispatchAttempts - 1);
  const agentMs = (bead.details.agentMs ?? 0) + (workedMs ?? 0);
  return {
    ...open.bead,
    dispatchAttempts: attempts,
    details: {
      ...bead.details,
      ...(agentMs === 0 ? {} : { agentMs }),
      lastError: reason.slice(0, errorCharacters),
      notBefore: new Date(nowMs + backoffAfterMs(timings.dispatchBackoffMs, attempts, bead.beadId)).toISOString(),
    },
  };
};
