// Ending a town or a rig. A deleted town is gone for everybody at once; rule R4 stops and removes what it owns.
import type { Rig, Town } from '../contracts/town.schema.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import { isLive } from '../domain/agent-state.ts';
import { removalWrites } from '../domain/agent-writes.ts';
import { putWork, workItem } from '../domain/bead-writes.ts';
import { newEvent } from '../domain/new-bead.ts';
import { isFinal } from '../domain/transition.ts';
import type { Ports, Write } from '../ports.ts';
import { conflict, unprocessable } from '../api/problems.ts';
import { ownTown, rigOf } from './access.ts';
import { withAllSpending } from './agent-spending.ts';
import { failBead } from './beads.ts';
import { isoNow, momentOf, transact } from './transact.ts';

export interface DeleteTown {
  readonly userId: string;
  readonly townId: string;
  /** The town's name, so that nobody deletes another one than they mean. */
  readonly confirm: string;
}

/** Throws 404, 403, and 422 when the name is not repeated. */
export const deleteTown = (ports: Ports, request: DeleteTown): Promise<Town> =>
  transact(ports, 'The town', async () => {
    const before = await ownTown(ports, request.userId, request.townId);
    if (request.confirm !== before.name)
      throw unprocessable(`Deleting removes everything of this town. Repeat its name "${before.name}" as confirm.`, [
        { path: 'body.confirm', message: `must be "${before.name}"` },
      ]);
    const at = isoNow(ports);
    const moment = momentOf(ports);
    const town: Town = { ...before, deletedAt: at, version: before.version + 1, updatedAt: at };
    const writes: Write[] = [
      { put: 'town', item: town, when: { equals: { version: before.version } } },
      putWork(workItem(before.townId, 'removal', before.townId, moment.nowMs, moment.stamp)),
    ];
    ports.log.info('town_deleted', { townId: before.townId, userId: request.userId });
    return { writes, result: town };
  });

/** Beads of the rig that are not final, without those that are being removed anyway. Eventually consistent: what is slung at this moment may be missing. */
const unfinishedOf = async (ports: Ports, rig: Rig): Promise<Bead[]> => {
  const found: Bead[] = [];
  for (const type of ['issue', 'merge_request'] as const)
    for (const status of ['open', 'in_progress', 'in_review'] as const)
      for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
        const page = await ports.store.beadsBy({ townId: rig.townId, type, status }, { limit: 100, cursor });
        found.push(...page.items.filter((bead) => bead.rigId === rig.rigId && !isFinal(bead.status) && bead.deletingAt === undefined));
        cursor = page.cursor;
      }
  return found;
};

export interface DeleteRig {
  readonly townId: string;
  readonly rigId: string;
  readonly userId: string;
  /** Give up its unfinished beads first. */
  readonly force: boolean;
}
const namedAtMost = 5;
const agentsAtOnce = 30;

const giveUp = async (ports: Ports, request: DeleteRig, beads: readonly Bead[]): Promise<void> => {
  // Issues first: failing one withdraws its request with it.
  for (const bead of beads.toSorted((one, other) => Number(one.type !== 'issue') - Number(other.type !== 'issue'))) {
    const now = await ports.store.get('bead', bead);
    if (now === undefined || isFinal(now.status)) continue;
    await failBead(ports, {
      townId: request.townId,
      beadId: bead.beadId,
      actor: `user:${request.userId}`,
      reason: 'The repository was disconnected from the town.',
    });
  }
};

/**
 * Disconnects a repository; its beads stay readable. Throws 404, and 409 naming the unfinished beads unless `force` gives them up.
 * The repository itself is not touched.
 */
export const deleteRig = async (ports: Ports, request: DeleteRig): Promise<Rig> => {
  const { townId, rigId, userId } = request;
  const rig = await rigOf(ports, townId, rigId);
  const unfinished = await unfinishedOf(ports, rig);
  if (unfinished.length > 0 && !request.force) {
    const named = unfinished.slice(0, namedAtMost).map((bead) => `${bead.beadId} "${bead.title}"`);
    throw conflict(
      `${rig.name} still has ${unfinished.length} unfinished beads: ${named.join(', ')}${unfinished.length > namedAtMost ? ' and others' : ''}. Finish them, or use force=true to give them up.`,
      [],
    );
  }
  await giveUp(ports, request, unfinished);
  const removed = await transact(ports, 'The rig', async () => {
    const before = await rigOf(ports, townId, rigId);
    const at = isoNow(ports);
    const idle = (await ports.store.agentsOf(townId)).filter(
      (agent) => agent.rigId === rigId && !isLive(agent) && agent.hookBeadId === undefined,
    );
    // Their names are taken again: what they were stays, with the epochs that are used up. Rule A6 removes those beyond one transaction.
    const gone = await Promise.all(
      idle.slice(0, agentsAtOnce).map(async (agent) => {
        const known = await ports.store.get('identity', { townId, agentId: agent.agentId });
        return removalWrites(await withAllSpending(ports, agent), known, at);
      }),
    );
    const event = newEvent(
      { townId, eventId: ports.ids.ulid(), type: 'config_changed', actor: `user:${userId}`, at },
      { rigId, old: before.name, data: { intervention: true, act: 'rig_deleted', forced: request.force, gaveUp: unfinished.length } },
    );
    const writes: Write[] = [
      { remove: 'rig', key: { townId, rigId }, when: { equals: { version: before.version } } },
      { remove: 'once', key: { townId, mark: `rig-prefix#${before.prefix}` }, when: 'none' },
      ...gone.flat(),
      { put: 'event', item: event, when: 'none' },
    ];
    return { writes, result: before };
  });
  if (removed.credentialRef !== undefined) await ports.secrets.remove(removed.credentialRef);
  return removed;
};
