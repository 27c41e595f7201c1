// The one table of the product as a plain constant: the CDK stack and the local creator both build from it. Knows no SDK.

/** Every index carries the attributes that name an item; the item itself is then read from the table, strongly. */
export const tableDefinition = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** All key attributes are strings. Projection is INCLUDE with these attributes: index writes stay one unit whatever the item's size. */
  indexes: [
    /** Lists: beads by status, timeline of a bead, session of a bead, towns of an owner, connections of a town. Sparse. */
    {
      name: 'gsi1',
      partitionKey: 'gsi1pk',
      sortKey: 'gsi1sk',
      projected: ['townId', 'beadId', 'eventId', 'agentId', 'epoch', 'batchId', 'connectionId'],
    },
    /** Work by due time, spread over shards by town; every town. Sparse. */
    { name: 'gsi3', partitionKey: 'gsi3pk', sortKey: 'gsi3sk', projected: ['townId', 'dueAtMs'] },
  ],
  /** Seconds since the epoch; DynamoDB deletes late (up to days), so readers that care compare the time themselves. */
  timeToLiveAttribute: 'deleteAfterEpochSeconds',
  stream: 'NEW_AND_OLD_IMAGES',
} as const;

export type IndexName = (typeof tableDefinition)['indexes'][number]['name'];
/** Attributes that an index carries beside the keys. */
export const projectedBy = (index: IndexName): readonly string[] =>
  tableDefinition.indexes.find(({ name }) => name === index)?.projected ?? [];
