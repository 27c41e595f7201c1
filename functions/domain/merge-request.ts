// The steps of a merge request that several parts take: the next attempt, holding, failing. Pure.
import type { Bead, BeadOf } from '../contracts/bead.schema.ts';
import { revised, transition } from './transition.ts';

type Request = Bead & BeadOf<'merge_request'>;
type Details = Request['details'];

/** What gates have passed on: what is prepared, or what an earlier attempt had prepared. */
export const gatedOnOf = ({ prepared, gatedOn }: Details): Details['gatedOn'] => {
  if (prepared?.gated !== true) return gatedOn;
  const { gated: _passed, ...tested } = prepared;
  return tested;
};

/** Details without anything of the attempt that is over. A verdict stays: it is given again when the next attempt prepares the same tip. */
const cleared = (details: Details): Details => {
  const { repairBeadId: _repair, prepared: _prepared, review, executionName: _name, notBefore: _wait, push: _push, ...kept } = details;
  const gatedOn = gatedOnOf(details);
  return {
    ...kept,
    ...(gatedOn === undefined ? {} : { gatedOn }),
    gates: [],
    ...(review?.verdict === undefined ? {} : { review: { ...review, tokenTaken: true } }),
  };
};

/** Open again for the next execution, with a number that was never used. `at` is an ISO time; version grows by one. */
export const nextAttempt = (request: Request, at: string, more: Partial<Details> = {}): Bead => {
  const details: Details = { ...cleared(request.details), stage: 'new', attempt: request.details.attempt + 1, ...more };
  if (request.status === 'open') return revised(request, { details }, at);
  const moved = transition(request, { status: 'open' }, at);
  return moved.ok ? { ...moved.bead, details } : request;
};

/** Open again in the queue of its train, after a run that ended without a result. A push intention stays: the next run looks whether it was carried out. */
export const backToQueue = (request: Request, at: string, more: Partial<Details> = {}): Bead => {
  const { executionName: _name, ...details } = request.details;
  const moved = transition(request, { status: 'open' }, at);
  return moved.ok ? { ...moved.bead, details: { ...details, stage: 'queued', ...more } } : request;
};
