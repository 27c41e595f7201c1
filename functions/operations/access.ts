// Whose town it is. The town always comes from the checked path and the caller from the token, never from a body.
import type { Bead } from '../contracts/bead.schema.ts';
import type { Rig, Town } from '../contracts/town.schema.ts';
import type { Ports } from '../ports.ts';
import { forbidden, notFound, unprocessable } from '../api/problems.ts';
import { isHidden } from './visible.ts';

/** The caller's town. Throws 404 when there is none (or it was deleted), 403 when it is another person's. */
export const ownTown = async (ports: Pick<Ports, 'store'>, userId: string, townId: string): Promise<Town> => {
  const town = await ports.store.get('town', { townId });
  if (town === undefined) throw notFound(`There is no town ${townId}.`);
  if (town.ownerId !== userId) throw forbidden('This town is not yours.');
  if (town.deletedAt !== undefined) throw notFound(`The town ${townId} was deleted.`);
  return town;
};

/** A rig of the town. Throws 404. */
export const rigOf = async (ports: Pick<Ports, 'store'>, townId: string, rigId: string): Promise<Rig> => {
  const rig = await ports.store.get('rig', { townId, rigId });
  if (rig === undefined) throw notFound(`There is no rig ${rigId} in this town.`);
  return rig;
};

/** A rig named in a body. Throws 422: the town is right, the name in it is not. */
export const namedRig = async (ports: Pick<Ports, 'store'>, townId: string, rigId: string, path: string): Promise<Rig> => {
  const rig = await ports.store.get('rig', { townId, rigId });
  if (rig === undefined)
    throw unprocessable(`There is no rig ${rigId} in this town; list the rigs to see their ids.`, [
      { path, message: 'no such rig in this town' },
    ]);
  return rig;
};

/** A bead of the town that is not part of an unfinished batch. Throws 404. */
export const beadOf = async (ports: Pick<Ports, 'store'>, townId: string, beadId: string): Promise<Bead> => {
  const bead = await ports.store.get('bead', { townId, beadId });
  if (bead === undefined || (await isHidden(ports, bead))) throw notFound(`There is no bead ${beadId} in this town.`);
  return bead;
};
