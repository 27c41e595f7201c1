// H2: whether what an escalation tells of is over, so that nobody needs to answer it. Looks at what the pass has read anyway; knows no store.
import type { Bead } from '../../contracts/bead.schema.ts';
import type { EscalationCause } from '../../contracts/message.schema.ts';
import { isConvoy, isMergeRequest } from '../bead-writes.ts';
import { beadBreakerBeads, distinctBeads, failuresIn } from '../failure-log.ts';
import { dayOf } from '../spending/usage.ts';
import { isFinal } from '../transition.ts';
import { breakerData, breakerFailures, dependencyInWords } from './breakers.ts';
import { standingOf } from './budgets.ts';
import { hoursLeft } from './hours.ts';
import type { View } from './view.ts';

const breakerOver = (view: View, name: string): string | undefined =>
  view.work('breaker').some((item) => item.workId === name && breakerData(item).failures >= breakerFailures)
    ? undefined
    : `Nothing speaks against ${dependencyInWords(name)} any more.`;

const beadsOver = (view: View): string | undefined => {
  const log = failuresIn(view.work('failures')[0], view.nowMs - view.timings.failureWindowMs);
  return distinctBeads(log) >= beadBreakerBeads ? undefined : 'Beads do not fail one after the other any more.';
};

/** A runtime that has outlived its start, or none that is given up. */
const runtimeOver = ({ snapshot: { lease } }: View): string | undefined => {
  if (lease === undefined) return undefined;
  const works = lease.state === 'live' ? lease.startFailures === 0 : lease.state === 'absent' && lease.startFailures < breakerFailures;
  return works ? 'The runtime works again.' : undefined;
};

const budgetOver = (view: View, { scope, level, day }: Extract<EscalationCause, { of: 'budget' }>): string | undefined => {
  if (day !== undefined && day !== dayOf(view.nowMs)) return 'The day is over.';
  const standing = standingOf(view, scope);
  if (standing?.level === level) return undefined;
  return standing === undefined || standing.level === 'within' || standing.level === 'warned'
    ? 'There is money left again.'
    : 'More than this has been said since.';
};

const landingOver = (about: Bead | undefined, { rigId, givenUp }: Extract<EscalationCause, { of: 'landing' }>): string | undefined => {
  const landing = about !== undefined && isConvoy(about) ? about.details.landings?.find((each) => each.rigId === rigId) : undefined;
  if (landing?.state === 'landed') return 'It has landed.';
  return givenUp && landing !== undefined && landing.state !== 'failed' ? 'Its landing is tried again.' : undefined;
};

const reviewOver = (about: Bead | undefined): string | undefined => {
  if (about === undefined || !isMergeRequest(about)) return undefined;
  const { review } = about.details;
  return isFinal(about.status) || review === undefined || review.verdict !== undefined ? 'The review has taken place.' : undefined;
};

/** Why nobody needs to answer any more; undefined as long as somebody does. `about`: the bead that the escalation is about. */
export const causeOver = (view: View, cause: EscalationCause, about: Bead | undefined): string | undefined => {
  switch (cause.of) {
    case 'breaker':
      return breakerOver(view, cause.name);
    case 'beads':
      return beadsOver(view);
    case 'runtime':
      return runtimeOver(view);
    case 'hours':
      return hoursLeft(view.snapshot.town, view.snapshot.lease, view.nowMs).untilMs === undefined
        ? 'The runtime has hours left again.'
        : undefined;
    case 'budget':
      return budgetOver(view, cause);
    case 'members':
      return about !== undefined && isConvoy(about) && about.details.failedBeads === 0
        ? 'None of its beads is failed any more.'
        : undefined;
    case 'stuck':
      return about !== undefined && isConvoy(about) && about.details.closedBeads > cause.closed ? 'The convoy has moved on.' : undefined;
    case 'landing':
      return landingOver(about, cause);
    case 'held':
      return about?.held === false ? `${about.beadId} was let go on.` : undefined;
    case 'review':
      return reviewOver(about);
    default:
      return cause satisfies never;
  }
};
