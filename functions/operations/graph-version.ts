// The number that orders changes of a town's graph of dependencies: two edges that together close a circle cannot both raise it from the same value.
import type { Ports, Write } from '../ports.ts';

/** Raises the town's graph version, which must be read before the walk that decides. */
export const graphWrite = async (ports: Pick<Ports, 'store'>, townId: string): Promise<Write> => {
  const graph = await ports.store.get('graph', { townId });
  return graph === undefined
    ? { put: 'graph', item: { townId, version: 1 }, when: { absent: true } }
    : { put: 'graph', item: { townId, version: graph.version + 1 }, when: { equals: { version: graph.version } } };
};
