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
  /** Archived beads are in a partition of their own: they never lie between what lists show. */
  indexes: { byStatus: { index: 'gsi1', pk: 'TOWN#${townId}#BEADS#${type}#${shelf}', sk: '${updatedAt}#${beadId}' } },
  indexOnly: ['shelf'],
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
    byBead: { index: 'gsi1', pk: 'TOWN#${townId}#BEADEV#${indexedBeadId}', sk: '${eventId}', sparseBy: 'indexedBeadId' },
    byAgent: { index: 'gsi2', pk: 'TOWN#${townId}#AGENTEV#${indexedAgentId}', sk: '${eventId}', sparseBy: 'indexedAgentId' },
  },
  indexOnly: ['indexedBeadId', 'indexedAgentId'],
});
