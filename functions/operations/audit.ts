// Checks every invariant over a whole town, page by page. What is found is looked at once more before it counts, because a page is not read at one moment.
import type { Bead } from '../contracts/bead.schema.ts';
import { isConvoy, isIssue } from '../domain/bead-writes.ts';
import { waitsOn } from '../domain/edges.ts';
import { violationsIn, violationsOfBead } from '../domain/invariants.ts';
import type { AuditedBead, Violation } from '../domain/invariants.ts';
import type { Ports } from '../ports.ts';
import { repairViolation } from '../reconcile/apply/repair-invariant.ts';
import { loadSnapshot } from '../reconcile/snapshot.ts';
import { isHidden } from './visible.ts';

export interface AuditPage {
  /** Beads of this page. */
  readonly checked: number;
  readonly violations: readonly Violation[];
  readonly repaired: number;
  readonly cursor?: string;
}
export interface AuditRequest {
  readonly townId: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Sets right what can be set right, as a pass would. */
  readonly repair: boolean;
}

const present = <T>(values: readonly (T | undefined)[]): T[] => values.filter((value): value is T => value !== undefined);

const audited = async ({ store }: Pick<Ports, 'store'>, bead: Bead): Promise<AuditedBead> => {
  const { townId } = bead;
  const memberKeys = isConvoy(bead) ? bead.details.memberIds.map((beadId) => ({ townId, beadId })) : [];
  const requestId = isIssue(bead) && bead.status === 'in_review' ? bead.details.latestMergeRequestId : undefined;
  const [edges, members, request] = await Promise.all([
    store.dependenciesOf(townId, bead.beadId),
    store.getMany('bead', memberKeys),
    requestId === undefined ? undefined : store.get('bead', { townId, beadId: requestId }),
  ]);
  const awaited = edges.filter(waitsOn).map(({ dependsOnId }) => ({ townId, beadId: dependsOnId }));
  const others = awaited.length === 0 ? [] : present(await store.getMany('bead', awaited));
  return { bead, edges, members: present(members), others, request };
};

const keyOf = ({ invariant, subject }: Violation): string => `${invariant}#${subject}`;

/** Violations of a bead that are there at two readings. */
const ofBead = async (ports: Ports, bead: Bead): Promise<Violation[]> => {
  const first = violationsOfBead(await audited(ports, bead));
  if (first.length === 0 || (await isHidden(ports, bead))) return [];
  const again = await ports.store.get('bead', bead);
  if (again === undefined) return [];
  const still = new Set(violationsOfBead(await audited(ports, again)).map(keyOf));
  return first.filter((violation) => still.has(keyOf(violation)));
};

const ofTown = async (ports: Ports, townId: string): Promise<Violation[]> => {
  const look = async (): Promise<Violation[]> => {
    const snapshot = await loadSnapshot(ports, townId);
    return snapshot === undefined ? [] : violationsIn(snapshot, new Set());
  };
  const first = await look();
  if (first.length === 0) return [];
  const still = new Set((await look()).map(keyOf));
  return first.filter((violation) => still.has(keyOf(violation)));
};

/** One page; the first also looks at agents, places, leases and epochs. */
export const auditPage = async (ports: Ports, request: AuditRequest): Promise<AuditPage> => {
  const { townId, limit, cursor } = request;
  const page = await ports.store.everyBead(townId, { limit, cursor });
  const found = cursor === undefined ? await ofTown(ports, townId) : [];
  for (const bead of page.items) found.push(...(await ofBead(ports, bead)));
  // Passes of a stopped town do nothing but stop it: what they would set right waits until it goes on.
  const isStopped = found.length > 0 && (await ports.store.get('town', { townId }))?.stopped !== undefined;
  const violations = isStopped ? found.filter(({ repair }) => repair.by === 'person') : found;
  let repaired = 0;
  if (request.repair)
    for (const violation of violations) if ((await repairViolation({ ports, townId }, violation)) === 'done') repaired += 1;
  return { checked: page.items.length, violations, repaired, ...(page.cursor === undefined ? {} : { cursor: page.cursor }) };
};
