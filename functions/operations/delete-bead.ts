// Removes a bead with all that belongs to it: its children, edges, queue entries and work items. The request only marks it, so that nobody
// sees or works it any more; rule B11 removes it in steps, whatever its size.
import type { Bead } from '../contracts/bead.schema.ts';
import { isConvoy, isIssue, workItem, writesOf } from '../domain/bead-writes.ts';
import type { BeadChange } from '../domain/bead-writes.ts';
import { newEvent } from '../domain/new-bead.ts';
import { isFinal, revised } from '../domain/transition.ts';
import { counted } from '../domain/words.ts';
import type { Ports, Write } from '../ports.ts';
import { conflict, notFound, unprocessable } from '../api/problems.ts';
import type { Act } from './bead-fields.ts';
import { isHidden } from './visible.ts';
import { isoNow, momentOf, transact } from './transact.ts';
import { withdrawn } from './withdraw.ts';

/** Beads below the one to be removed that are looked at before it is marked. */
const mostLookedAt = 500;
const namedAtMost = 3;

const checkDeletable = (bead: Bead): void => {
  if (bead.type === 'merge_request' || bead.type === 'agent')
    throw unprocessable(`A ${bead.type.replace('_', ' ')} is written by the town itself and goes with what it belongs to.`);
  if (isConvoy(bead) && !isFinal(bead.status))
    throw conflict(`${bead.beadId} is open; close the convoy first, or delete its beads.`, ['close']);
  if (isIssue(bead) && bead.details.mergeRequestId !== undefined && !isFinal(bead.status))
    throw conflict(`${bead.beadId} repairs ${bead.details.mergeRequestId}, which waits for it; give it up instead.`, ['fail']);
};

/** The bead and everything below it, breadth first, up to a bound. */
const familyOf = async (ports: Ports, root: Bead): Promise<readonly Bead[]> => {
  const { townId } = root;
  const family = new Map([[root.beadId, root]]);
  let level: readonly Bead[] = [root];
  while (level.length > 0 && family.size < mostLookedAt) {
    const edges = await Promise.all(
      level.filter((bead) => bead.hasChildren === true).map((bead) => ports.store.dependentsOf(townId, bead.beadId, 'parent-child')),
    );
    const ids = edges.flat().map((edge) => edge.beadId);
    const read = await ports.store.getMany(
      'bead',
      ids.filter((beadId) => !family.has(beadId)).map((beadId) => ({ townId, beadId })),
    );
    level = read.flatMap((bead) => bead ?? []);
    for (const bead of level) family.set(bead.beadId, bead);
  }
  return [...family.values()];
};

const checkNobodyWorks = (root: Bead, family: readonly Bead[]): void => {
  if (family.length >= mostLookedAt)
    throw conflict(
      `More than ${mostLookedAt} beads are below ${root.beadId}; say force to remove them all, also those that are being worked on.`,
      ['force'],
    );
  const live = family.filter((bead) => bead.status === 'in_progress' || bead.status === 'in_review');
  if (live.length === 0) return;
  const named = live.slice(0, namedAtMost).map((bead) => `${bead.beadId} "${bead.title}" (${bead.status.replace('_', ' ')})`);
  const others = live.length > namedAtMost ? ` and ${live.length - namedAtMost} more` : '';
  throw conflict(
    `${counted(live.length, 'bead')} of it ${live.length === 1 ? 'is' : 'are'} being worked on: ${named.join(', ')}${others}. Say force to stop that and remove it all.`,
    ['force'],
  );
};

/** The mark that hides a bead, with the item that removes it; a merge request that is under way is withdrawn. Throws 409 while it is pushed. */
export const markedForRemoval = async (
  ports: Ports,
  bead: Bead,
  actor: Act['actor'],
): Promise<{ readonly changes: BeadChange[]; readonly item: Write }> => {
  const at = isoNow(ports);
  const { nowMs, stamp } = momentOf(ports);
  const requests = await withdrawn(ports, bead, `${bead.beadId} is being deleted`, at);
  return {
    changes: [{ before: bead, after: revised(bead, { deletingAt: at }, at) }, ...requests],
    item: {
      put: 'work',
      item: { ...workItem(bead.townId, 'delete', bead.beadId, nowMs, stamp), data: JSON.stringify({ actor }) },
      when: 'none',
    },
  };
};

/**
 * Begins to remove a bead and its children; from now on they are not found any more. A second time is a success. Throws 404, 409 when
 * something of it is being worked on and `force` is not said, or is being pushed at this moment.
 */
export const deleteBead = (ports: Ports, request: Act & { readonly force: boolean }): Promise<{ deleting: string; beads: number }> =>
  transact(ports, 'The bead', async () => {
    const { townId, beadId, actor } = request;
    const bead = await ports.store.get('bead', { townId, beadId });
    if (bead?.deletingAt !== undefined) return { writes: [], result: { deleting: beadId, beads: 1 } };
    if (bead === undefined || (await isHidden(ports, bead))) throw notFound(`There is no bead ${beadId} in this town.`);
    checkDeletable(bead);
    const family = await familyOf(ports, bead);
    if (!request.force) checkNobodyWorks(bead, family);
    const { changes, item } = await markedForRemoval(ports, bead, actor);
    const event = newEvent(
      { townId, eventId: ports.ids.ulid(), type: 'deleted', actor, at: isoNow(ports) },
      {
        beadId,
        old: bead.title.slice(0, 500),
        ...(bead.rigId === undefined ? {} : { rigId: bead.rigId }),
        data: { beads: family.length, force: request.force },
      },
    );
    return { writes: writesOf(changes, event, momentOf(ports), [item]), result: { deleting: beadId, beads: family.length } };
  });
