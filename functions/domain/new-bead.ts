// Makes new beads and events with every field set. Pure: ids and times come from the caller.
import type { Bead, BeadDetails } from '../contracts/bead.schema.ts';
import type { EventType, TownEvent } from '../contracts/event.schema.ts';
import type { Principal } from '../contracts/primitives.schema.ts';

export interface NewBead {
  readonly townId: string;
  readonly beadId: string;
  readonly title: string;
  readonly details: BeadDetails;
  readonly requestedBy: string;
  readonly createdBy: Principal;
  /** ISO time. */
  readonly at: string;
}
export const newBead = (input: NewBead, more: Partial<Bead> = {}): Bead => ({
  townId: input.townId,
  beadId: input.beadId,
  type: input.details.type,
  status: 'open',
  title: input.title,
  body: '',
  priority: 'medium',
  labels: [],
  metadata: {},
  details: input.details,
  requestedBy: input.requestedBy,
  createdBy: input.createdBy,
  dispatchAttempts: 0,
  openBlockers: 0,
  held: false,
  ...more,
  version: 1,
  createdAt: input.at,
  updatedAt: input.at,
});

export interface NewEvent {
  readonly townId: string;
  readonly eventId: string;
  readonly type: EventType;
  readonly actor: Principal;
  readonly at: string;
}
export const newEvent = (input: NewEvent, more: Partial<Omit<TownEvent, keyof NewEvent>> = {}): TownEvent => ({
  ...input,
  data: {},
  ...more,
});
