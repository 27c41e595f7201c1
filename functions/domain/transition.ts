// The one function that changes a bead's status. Knows which steps are legal; knows no store, clock or caller.
import type { Bead, BeadStatus, BeadType, Failure } from '../contracts/bead.schema.ts';
import { failureTextLimit } from '../contracts/bead.schema.ts';

type Steps = Readonly<Record<BeadStatus, readonly BeadStatus[]>>;
const final: readonly BeadStatus[] = [];
const issueSteps: Steps = {
  open: ['in_progress', 'closed', 'failed'],
  in_progress: ['open', 'in_review', 'closed', 'failed'],
  in_review: ['open', 'closed', 'failed'],
  closed: final,
  failed: final,
};
const mergeRequestSteps: Steps = {
  open: ['in_progress', 'closed', 'failed'],
  in_progress: ['open', 'closed', 'failed'],
  in_review: final,
  closed: final,
  failed: final,
};
const plainSteps: Steps = {
  open: ['in_progress', 'closed', 'failed'],
  in_progress: ['open', 'closed', 'failed'],
  in_review: final,
  closed: final,
  failed: final,
};
const stepsOf: Readonly<Record<BeadType, Steps>> = {
  issue: issueSteps,
  merge_request: mergeRequestSteps,
  message: plainSteps,
  escalation: plainSteps,
  convoy: plainSteps,
  molecule: plainSteps,
  agent: plainSteps,
};

/** Closed and failed beads never change again. */
export const isFinal = (status: BeadStatus): boolean => status === 'closed' || status === 'failed';
export const allowedFrom = (bead: Pick<Bead, 'type' | 'status'>): readonly BeadStatus[] => stepsOf[bead.type][bead.status];

export type Target = { readonly status: Exclude<BeadStatus, 'failed'> } | { readonly status: 'failed'; readonly failure: Failure };
export type TransitionResult =
  | { readonly ok: true; readonly changed: boolean; readonly bead: Bead }
  | { readonly ok: false; readonly allowed: readonly BeadStatus[]; readonly message: string };

/** The same bead at a later time: version and `updatedAt` move, everything else is the caller's patch. Not for status. */
export const revised = (bead: Bead, patch: Partial<Omit<Bead, 'status' | 'version' | 'townId' | 'beadId' | 'type'>>, at: string): Bead => ({
  ...bead,
  ...patch,
  version: bead.version + 1,
  updatedAt: at,
});

/**
 * Moves a bead to a status. The same status again is a success that changes nothing. `at` is an ISO time.
 * Leaving work (to `open`) drops the assignee; the caller unhooks the agent in the same transaction.
 */
export const transition = (bead: Bead, target: Target, at: string): TransitionResult => {
  if (bead.status === target.status) return { ok: true, changed: false, bead };
  const allowed = allowedFrom(bead);
  if (!allowed.includes(target.status)) {
    const choices = allowed.length === 0 ? 'it is final' : `allowed: ${allowed.join(', ')}`;
    return { ok: false, allowed, message: `${bead.beadId} is ${bead.status} and cannot become ${target.status}; ${choices}` };
  }
  const moved: Bead = { ...bead, status: target.status, version: bead.version + 1, updatedAt: at, statusAt: at };
  if (target.status === 'failed') {
    // Reasons quote others; a failure holds as much as fits.
    const message = target.failure.message.slice(0, failureTextLimit);
    return { ok: true, changed: true, bead: { ...moved, failure: { ...target.failure, message }, closedAt: at } };
  }
  if (target.status === 'closed') return { ok: true, changed: true, bead: { ...moved, closedAt: at } };
  if (target.status === 'in_progress') return { ok: true, changed: true, bead: { ...moved, startedAt: bead.startedAt ?? at } };
  if (target.status === 'open') {
    const { assigneeAgentId: _left, ...unassigned } = moved;
    return { ok: true, changed: true, bead: unassigned };
  }
  return { ok: true, changed: true, bead: moved };
};
