// What a bead's convoy means for it, in the answer to "why is nothing happening?". Pure.
import type { Bead } from '../contracts/bead.schema.ts';
import { isConvoy, isIssue } from './bead-writes.ts';
import { awaitsLanding } from './convoy/landing.ts';
import { countMembers } from './convoy/progress.ts';
import { convoySentence, landingSentence } from './convoy/sentence.ts';

interface Reason {
  readonly code: string;
  readonly message: string;
  readonly beadId?: string;
}
export interface ConvoyFacts {
  readonly convoy: Bead;
  /** Members of an explained convoy; empty for the convoy of an explained bead. */
  readonly members: readonly Bead[];
  /** What was given out last of a convoy that one agent works. */
  readonly before?: Bead | undefined;
}

/** A convoy by itself: a plan, landing, backing off, stopped by a failed member. */
export const convoyReason = ({ convoy, members }: ConvoyFacts, nowMs: number): Reason[] =>
  isConvoy(convoy) ? [{ code: 'convoy', message: convoySentence(convoy, countMembers(convoy.details, members), nowMs) }] : [];

/** Why the convoy keeps an open member back. */
export const keptBack = (facts: ConvoyFacts | undefined): Reason[] => {
  const convoy = facts?.convoy;
  if (convoy === undefined || !isConvoy(convoy)) return [];
  const { beadId, title, details } = convoy;
  if (details.closing !== undefined)
    return [{ code: 'convoy_closing', message: `Its convoy ${beadId} "${title}" is being cancelled.`, beadId }];
  if (details.staged)
    return [{ code: 'staged', message: `Its convoy ${beadId} "${title}" is a plan; start it to let its beads be worked.`, beadId }];
  const before = facts?.before;
  if (details.series === 'single-agent' && before !== undefined && ['in_progress', 'in_review'].includes(before.status))
    return [
      {
        code: 'series',
        message: `One agent works the beads of its convoy ${beadId} one after another; ${before.beadId} "${before.title}" is ${before.status.replace('_', ' ')}.`,
        beadId: before.beadId,
      },
    ];
  return [];
};

/** A closed member whose work is not on the default branch yet. */
export const landingReason = (bead: Bead, facts: ConvoyFacts | undefined, nowMs: number): Reason[] => {
  const convoy = facts?.convoy;
  if (!awaitsLanding(bead) || convoy === undefined || !isConvoy(convoy)) return [];
  const landing = convoy.details.landings?.find((each) => each.rigId === bead.rigId);
  const how = landing === undefined ? undefined : landingSentence(landing, nowMs);
  return [
    {
      code: 'awaits_landing',
      message: `It is merged into the branch of its convoy ${convoy.beadId}. ${how ?? 'That lands when all of its beads for this repository are in.'}`,
      beadId: convoy.beadId,
    },
  ];
};

/** A blocker that is closed but not landed. */
export const unlandedBlocker = (blocker: Bead): Reason | undefined =>
  awaitsLanding(blocker) && isIssue(blocker)
    ? {
        code: 'blocker_awaits_landing',
        message: `Waits for ${blocker.beadId} "${blocker.title}", which is merged into the branch of convoy ${blocker.details.convoyId ?? ''} and waits for its landing.`,
        beadId: blocker.beadId,
      }
    : undefined;
