// Puts beads away and takes them back. An archived bead leaves every list but its own and stays readable; a convoy takes its members along.
import { beadSchema } from '../contracts/bead.schema.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import type { Principal } from '../contracts/primitives.schema.ts';
import type { ArchiveTask } from '../contracts/work.schema.ts';
import { isConvoy, workItem, writesOf } from '../domain/bead-writes.ts';
import { archived, isArchivable, unarchived } from '../domain/archive.ts';
import { newEvent } from '../domain/new-bead.ts';
import type { Ports, Write } from '../ports.ts';
import { presentBead } from '../api/present.ts';
import { conflict } from '../api/problems.ts';
import { beadOf } from './access.ts';
import type { Act } from './bead-fields.ts';
import { actOnce } from './once.ts';
import { isoNow, momentOf, transact } from './transact.ts';

/** A work item that archives or takes back many beads, some in each pass. */
const taskItem = (ports: Ports, townId: string, workId: string, task: ArchiveTask): Write => {
  const { nowMs, stamp } = momentOf(ports);
  return { put: 'work', item: { ...workItem(townId, 'archive', workId, nowMs, stamp), data: JSON.stringify(task) }, when: 'none' };
};

type Request = Act & { readonly idempotencyKey?: string | undefined };

const put = (ports: Ports, request: Request, what: 'archive' | 'unarchive'): Promise<Bead> => {
  const { townId, beadId, actor } = request;
  const once = {
    what: 'The bead',
    scope: townId,
    key: request.idempotencyKey,
    act: `${what}Bead`,
    request: { beadId, actor },
    answer: beadSchema,
  };
  return actOnce(ports, once, async () => {
    const before = await beadOf(ports, townId, beadId);
    const goes = what === 'archive';
    if ((before.archivedAt !== undefined) === goes) return { writes: [], result: presentBead(before) };
    if (goes && !isArchivable(before))
      throw conflict(
        `${beadId} is ${before.status.replace('_', ' ')}; ${before.type === 'issue' ? 'what is being worked on cannot be archived' : `a ${before.type.replace('_', ' ')} can be archived when it is over`}.`,
        ['close', 'fail'],
      );
    const at = isoNow(ports);
    const after = goes ? archived(before, at) : unarchived(before, at);
    const event = newEvent(
      { townId, eventId: ports.ids.ulid(), type: goes ? 'archived' : 'unarchived', actor, at },
      { beadId, ...(before.rigId === undefined ? {} : { rigId: before.rigId }) },
    );
    const members = isConvoy(before) ? [taskItem(ports, townId, beadId, { of: 'members', archive: goes, from: 0, actor })] : [];
    return { writes: writesOf([{ before, after }], event, momentOf(ports), members), result: presentBead(after) };
  });
};

/** Archives a bead that is over or not begun; a second time is a success. Throws 404, 409. */
export const archiveBead = (ports: Ports, request: Request): Promise<Bead> => put(ports, request, 'archive');
/** Takes a bead back; an open one may be worked again. Throws 404. */
export const unarchiveBead = (ports: Ports, request: Request): Promise<Bead> => put(ports, request, 'unarchive');

/** Archives everything that is closed by now, some of it in each pass. Throws 409 when it could not be begun. */
export const archiveClosed = (ports: Ports, { townId, actor }: { townId: string; actor: Principal }): Promise<{ started: true }> =>
  transact(ports, 'The archive', async () => ({
    writes: [taskItem(ports, townId, 'closed', { of: 'closed', type: 'issue', before: isoNow(ports), actor })],
    result: { started: true },
  }));
