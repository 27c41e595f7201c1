// What a convoy does or waits for, in plain words. Pure.
import type { Bead, BeadOf } from '../../contracts/bead.schema.ts';
import type { Landing } from '../../contracts/convoy.schema.ts';
import { counted } from '../words.ts';
import type { Count } from './progress.ts';

type Convoy = Bead & BeadOf<'convoy'>;

const minuteMs = 60_000;
const inWords = (ms: number): string => (ms < 90_000 ? `${Math.max(1, Math.round(ms / 1000))} s` : `${Math.round(ms / minuteMs)} min`);

/** Where a rig's landing stands; undefined while it only waits for members. */
export const landingSentence = (landing: Landing, nowMs: number): string | undefined => {
  const waitMs = landing.nextAt === undefined ? 0 : Date.parse(landing.nextAt) - nowMs;
  switch (landing.state) {
    case 'landing':
      return `Its work for ${landing.rigId} is landing by ${landing.mergeRequestId ?? 'a merge request'}.`;
    case 'failed':
      return `Its work for ${landing.rigId} could not land after ${counted(landing.attempts, 'attempt')}: ${landing.reason ?? 'no reason was recorded'}`;
    case 'landed':
      return undefined;
    case 'waiting':
      if (landing.attempts === 0) return undefined;
      return `Landing attempt ${landing.attempts} for ${landing.rigId} failed (${landing.reason ?? 'no reason was recorded'}); ${waitMs > 0 ? `the next one comes in ${inWords(waitMs)}` : 'the next one comes now'}.`;
    default:
      return landing.state satisfies never;
  }
};

const failedSentence = ({ failed }: Count): string =>
  `${counted(failed.length, 'bead')} of it failed (${failed
    .slice(0, 3)
    .map((bead) => bead.beadId)
    .join(', ')}${failed.length > 3 ? ', …' : ''}), so it does not land: retry, drop the bead, or land without it.`;

export const convoySentence = (convoy: Convoy, count: Count, nowMs: number): string => {
  const { details, status } = convoy;
  if (status === 'closed') return details.landedAt === undefined ? 'It is closed.' : `It has landed at ${details.landedAt}.`;
  if (status === 'failed') return `It was given up: ${convoy.failure?.message ?? 'no reason was recorded'}`;
  if (details.closing !== undefined)
    return `It is being cancelled (${details.closing.reason}); ${counted(count.unfinished.length, 'bead')} must still stop.`;
  if (details.staged) return `It is a plan of ${counted(count.total, 'bead')}: nothing is given out before it is started.`;
  if (count.failed.length > 0) return failedSentence(count);
  const landings = (details.landings ?? []).flatMap((landing) => landingSentence(landing, nowMs) ?? []);
  const progress = `${count.closed} of ${counted(count.total, 'bead')} ${count.closed === 1 ? 'is' : 'are'} done.`;
  return [progress, ...landings].join(' ');
};
