// Beads, their edges in both directions, and the events of a town.
import { beadSchema } from '../../../contracts/bead.schema.ts';
import { dependencySchema, graphVersionSchema } from '../../../contracts/dependency.schema.ts';
import { eventSchema } from '../../../contracts/event.schema.ts';
import { textAttributes } from '../items.ts';
import { entityOf } from './entity.ts';

export const beadEntity = entityOf({
  name: 'bead',
  schema: beadSchema,
  key: { pk: 'TOWN#${townId}', sk: 'BEAD#${beadId}' },
  /** Archived beads are in partitions of their own: they never lie between what lists show. */
  indexes: { byStatus: { index: 'gsi1', pk: 'TOWN#${townId}#BEADS#${type}#${list}', sk: '${listedAt}#${beadId}' } },
  indexOnly: ['list', 'listedAt'],
  asText: textAttributes.bead,
});

/** The edge as its own bead sees it. */
export const dependencyEntity = entityOf({
  name: 'dependency',
  schema: dependencySchema,
  key: { pk: 'TOWN#${townId}#EDGE#${beadId}', sk: 'DEP#${type}#${dependsOnId}' },
});
/** The same edge as the other bead sees it; written and removed in the transaction of its twin, so that closing a bead reads its dependents strongly. */
export const dependentEntity = entityOf({
  name: 'dependent',
  schema: dependencySchema,
  key: { pk: 'TOWN#${townId}#EDGE#${dependsOnId}', sk: 'REV#${type}#${beadId}' },
});

export const graphEntity = entityOf({ name: 'graph', schema: graphVersionSchema, key: { pk: 'TOWN#${townId}#EDGE', sk: 'GRAPH' } });

/** All events of a town in one partition: a town stays far below 1000 writes per second, and sizes are not limited. */
export const eventEntity = entityOf({
  name: 'event',
  schema: eventSchema,
  key: { pk: 'TOWN#${townId}#EV', sk: '${eventId}' },
  indexes: {
    bySubject: { index: 'gsi1', pk: 'TOWN#${townId}#EV#${subject}', sk: '${eventId}', sparseBy: 'subject' },
  },
  /** The bead that it is about, or else the agent. */
  indexOnly: ['subject'],
});
