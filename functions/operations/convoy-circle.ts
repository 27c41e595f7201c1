// A convoy waits for its members: whether one more of them would wait for the convoy.
import type { Bead } from '../contracts/bead.schema.ts';
import type { Ports, Write } from '../ports.ts';
import { conflict } from '../api/problems.ts';
import { pathBetween, spelledOut } from './dependency-walk.ts';
import { graphWrite } from './graph-version.ts';

/** What must be written with the new member, so that no edge closes the circle at the same moment. Throws 409 with the circle spelled out. */
export const convoyWillWait = async (ports: Pick<Ports, 'store'>, convoy: Bead, bead: Bead): Promise<Write> => {
  const { townId, beadId: convoyId } = convoy;
  const graph = await graphWrite(ports, townId);
  const path = await pathBetween(ports, townId, { starts: [bead.beadId], goals: new Set([convoyId]) });
  if (path === undefined) return graph;
  throw conflict(`They would wait for each other in a circle: ${await spelledOut(ports, townId, [convoyId, ...path])}.`, []);
};
