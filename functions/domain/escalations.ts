// Who hears of an escalation, and what becomes of one that nobody acknowledges. Pure: the writes follow from the bead in bead-writes.ts.
import { z } from 'zod';
import type { Bead, BeadOf } from '../contracts/bead.schema.ts';
import { escalationCauseSchema } from '../contracts/message.schema.ts';
import type { Town } from '../contracts/town.schema.ts';
import type { WorkItem } from '../contracts/work.schema.ts';
import { newBead } from './new-bead.ts';
import { settingFor } from './settings.ts';

export type Escalation = Bead & BeadOf<'escalation'>;
export type Severity = Escalation['details']['severity'];

export const isEscalation = (bead: Bead): bead is Escalation => bead.details.type === 'escalation';

/** `everybody`: also the channels that are kept for the worst. */
export interface EscalationRoute {
  readonly mayor: boolean;
  readonly people: 'nobody' | 'people' | 'everybody';
}
const routes: Readonly<Record<Severity, EscalationRoute>> = {
  low: { mayor: false, people: 'nobody' },
  medium: { mayor: true, people: 'nobody' },
  high: { mayor: true, people: 'people' },
  critical: { mayor: true, people: 'everybody' },
};
/** Low is only on record; the Mayor hears of medium, people of high, every channel of critical. */
export const routeOf = (severity: Severity): EscalationRoute => routes[severity];

const oneUp: Readonly<Record<Severity, Severity>> = { low: 'medium', medium: 'high', high: 'critical', critical: 'critical' };
export const raisedSeverity = (severity: Severity): Severity => oneUp[severity];

export interface EscalationSettings {
  /** Unacknowledged for so long: one severity up. */
  readonly reescalateMs: number;
  /** It is raised so many times at most. */
  readonly max: number;
}
const hour = 3_600_000;
export const defaultEscalationSettings: EscalationSettings = { reescalateMs: 4 * hour, max: 3 };
export const escalationSettings = (town: Pick<Town, 'config' | 'inherited'>): EscalationSettings => ({
  reescalateMs: settingFor('escalation.reescalateHours', { town }) * hour,
  max: settingFor('escalation.max', { town }),
});

/** How often it was raised. */
export const roundsOf = (escalation: Escalation): number => escalation.details.rounds ?? 0;

/**
 * What the town's own failures are about: the Mayor would start on the same broken ground, so its mail waits until it runs for another reason.
 */
const wakesMayor = ({ details }: Escalation): boolean => details.category !== 'lifecycle';

/** The letter to the Mayor about this round of the escalation. Its id follows from the escalation's: it is written once. */
export const mayorMailOf = (escalation: Escalation): Bead => {
  const { details, beadId } = escalation;
  const again = roundsOf(escalation) === 0 ? '' : `Nobody has acknowledged it; it was raised to ${details.severity}. `;
  const about = details.aboutBeadId === undefined ? '' : ` about ${details.aboutBeadId}`;
  return newBead(
    {
      townId: escalation.townId,
      beadId: `${beadId}.m${roundsOf(escalation)}`,
      title: `Escalation ${beadId}: ${escalation.title}`.slice(0, 500),
      requestedBy: escalation.requestedBy,
      createdBy: details.source,
      at: escalation.updatedAt,
      details: {
        type: 'message',
        from: details.source,
        to: 'role:mayor',
        threadId: beadId,
        ...(wakesMayor(escalation) ? {} : { wakes: false }),
      },
    },
    {
      body: `${again}Escalation ${beadId} (${details.severity}, ${details.category.replace('_', ' ')})${about}.\n\n${escalation.body}`.slice(
        0,
        12_000,
      ),
      parentId: beadId,
      ...(escalation.rigId === undefined ? {} : { rigId: escalation.rigId }),
    },
  );
};

/** What the work item of an open escalation remembers, so that a pass need not read the escalation itself. */
const trackSchema = z.object({
  about: z.string().optional(),
  cause: escalationCauseSchema.optional(),
  sinceMs: z.int().nonnegative(),
  rounds: z.int().nonnegative(),
});
export type EscalationTrack = z.infer<typeof trackSchema>;
export const trackOf = (escalation: Escalation): EscalationTrack => ({
  sinceMs: Date.parse(escalation.details.raisedAt ?? escalation.createdAt),
  rounds: roundsOf(escalation),
  ...(escalation.details.aboutBeadId === undefined ? {} : { about: escalation.details.aboutBeadId }),
  ...(escalation.details.cause === undefined ? {} : { cause: escalation.details.cause }),
});
/** Undefined for an item that cannot be read: it is removed. */
export const readTrack = (item: WorkItem): EscalationTrack | undefined => {
  try {
    return trackSchema.safeParse(JSON.parse(item.data ?? '')).data;
  } catch {
    return undefined;
  }
};
/** The bead that an open escalation is about. */
export const aboutIn = (item: WorkItem): string | undefined => readTrack(item)?.about;

/** When it is raised next; undefined when it was raised often enough. */
export const raisedNextMs = (track: EscalationTrack, { reescalateMs, max }: EscalationSettings): number | undefined =>
  track.rounds < max ? track.sinceMs + reescalateMs : undefined;

/** Work that has come to a good end, or that somebody took up again, needs nobody's answer any more. */
export const settledBy = (about: Bead | undefined): string | undefined => {
  if (about === undefined) return undefined;
  if (about.status === 'closed') return `${about.beadId} has come to a good end.`;
  return about.supersededBy === undefined ? undefined : `${about.beadId} was taken up again as ${about.supersededBy}.`;
};
