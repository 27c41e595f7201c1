// One act on many beads, each by itself: what cannot be done to one does not keep the others back.
import type { Bead } from '../contracts/bead.schema.ts';
import type { Principal } from '../contracts/primitives.schema.ts';
import type { BulkInput, BulkResult } from '../contracts/routes/bead-care.ts';
import type { Ports } from '../ports.ts';
import { ProblemError } from '../api/problems.ts';
import { archiveBead, unarchiveBead } from './archive.ts';
import { beadOf } from './access.ts';
import { updateBead } from './bead-fields.ts';
import type { Act } from './bead-fields.ts';
import { closeBead, failBead } from './beads.ts';
import { deleteBead } from './delete-bead.ts';
import { retryBead } from './retry.ts';

/** Beads that are dealt with side by side. */
const atOnce = 5;
const tries = 3;

/** Adds or removes one label; others may change the bead meanwhile. */
const relabelled = async (ports: Ports, act: Act, label: string, adds: boolean): Promise<Bead> => {
  for (let attempt = 1; ; attempt += 1) {
    const bead = await beadOf(ports, act.townId, act.beadId);
    const others = bead.labels.filter((one) => one !== label);
    try {
      return await updateBead(ports, { ...act, patch: { labels: adds ? [...others, label] : others }, ifMatch: bead.version });
    } catch (error) {
      const raced = error instanceof ProblemError && error.status === 409 && error.parts.allowed === undefined;
      if (!raced || attempt >= tries) throw error;
    }
  }
};

/** Removing what is gone is done already. */
const removed = async (ports: Ports, act: Act, force: boolean): Promise<Partial<BulkResult>> => {
  try {
    await deleteBead(ports, { ...act, force });
  } catch (error) {
    if (!(error instanceof ProblemError) || error.status !== 404) throw error;
  }
  return {};
};

const one = async (ports: Ports, act: Act, input: BulkInput): Promise<Partial<BulkResult>> => {
  switch (input.action) {
    case 'archive':
      return { status: (await archiveBead(ports, act)).status };
    case 'unarchive':
      return { status: (await unarchiveBead(ports, act)).status };
    case 'close':
      return { status: (await closeBead(ports, act)).status };
    case 'hold':
    case 'release':
      return { status: (await updateBead(ports, { ...act, patch: { held: input.action === 'hold' } })).status };
    case 'retry': {
      const heir = await retryBead(ports, act);
      return { status: heir.status, successorId: heir.beadId };
    }
    case 'fail':
      return { status: (await failBead(ports, { ...act, reason: input.reason })).status };
    case 'priority':
      return { status: (await updateBead(ports, { ...act, patch: { priority: input.priority } })).status };
    case 'add-label':
    case 'remove-label':
      return { status: (await relabelled(ports, act, input.label, input.action === 'add-label')).status };
    case 'delete':
      return removed(ports, act, input.force ?? false);
    default:
      return input satisfies never;
  }
};

const answered = async (ports: Ports, act: Act, input: BulkInput): Promise<BulkResult> => {
  try {
    return { beadId: act.beadId, ok: true, ...(await one(ports, act, input)) };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const { detail, allowed } = error.parts;
    return { beadId: act.beadId, ok: false, message: detail, ...(allowed === undefined ? {} : { allowed: [...allowed] }) };
  }
};

/** Answers for each bead, in the order of the ids; a bead that is named twice is dealt with once. */
export const bulk = async (
  ports: Ports,
  { townId, actor, input }: { readonly townId: string; readonly actor: Principal; readonly input: BulkInput },
): Promise<{ items: BulkResult[] }> => {
  const ids = [...new Set(input.ids)];
  const items: BulkResult[] = [];
  for (let start = 0; start < ids.length; start += atOnce)
    items.push(...(await Promise.all(ids.slice(start, start + atOnce).map((beadId) => answered(ports, { townId, beadId, actor }, input)))));
  return { items };
};
