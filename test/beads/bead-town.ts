// A town over REST for tests of beads: one rig, short calls, and passes that run until nothing is left to do.
import type { Bead } from '../../functions/contracts/bead.schema.ts';
import type { RouteId } from '../../functions/contracts/routes.ts';
import { applyAction } from '../../functions/reconcile/apply/apply.ts';
import type { Action } from '../../functions/domain/plan/action.ts';
import { plan } from '../../functions/domain/plan/plan.ts';
import { loadSnapshot } from '../../functions/reconcile/snapshot.ts';
import type { Ports } from '../../functions/ports.ts';
import { bodyOf, client } from '../api/call.ts';
import type { Answer, CallInput } from '../api/call.ts';
import { fakePorts } from '../fakes/ports.ts';

/** Actions that need a runtime are left out: nobody works in these towns. */
const bookkeeping: readonly Action['kind'][] = [
  'release',
  'open-gate',
  'tell-children',
  'follow-retry',
  'archive-step',
  'delete-step',
  'drop-work',
  'drop-ready',
  'count-convoy',
];

export const beadTown = async (ports = fakePorts()) => {
  const call = client(ports);
  const { townId } = bodyOf('createTown', await call('createTown', { as: 'ada', body: { name: 'Harbour' } }));
  const body = { name: 'web', gitUrl: 'https://git.example.com/web.git' };
  const { rigId } = bodyOf('createRig', await call('createRig', { as: 'ada', params: { townId }, body }));
  const at = (beadId: string) => ({ townId, beadId });
  /** As Ada, about one bead. */
  const on = (id: RouteId, beadId: string, more: CallInput = {}): Promise<Answer> => call(id, { as: 'ada', params: at(beadId), ...more });
  const sling = async (title: string, more: Record<string, unknown> = {}): Promise<Bead> =>
    bodyOf('sling', await call('sling', { as: 'ada', params: { townId }, body: { rigId, title, ...more } }));
  const bead = async (beadId: string): Promise<Bead> => {
    const found = await ports.store.get('bead', at(beadId));
    if (found === undefined) throw new Error(`no bead ${beadId}`);
    return found;
  };
  const depend = (beadId: string, dependsOnId: string, more: Record<string, unknown> = {}): Promise<Answer> =>
    on('addDependency', beadId, { body: { dependsOnId, ...more } });
  const edges = (beadId: string) => ports.store.dependenciesOf(townId, beadId);
  const close = (beadId: string): Promise<Answer> => on('closeBead', beadId, { body: {} });
  const fail = (beadId: string): Promise<Answer> => on('failBead', beadId, { body: { reason: 'it did not work' } });
  /** Puts a bead as the rules would have left it. */
  const force = async (beadId: string, patch: Partial<Bead>): Promise<void> => {
    const before = await bead(beadId);
    await ports.store.commit([{ put: 'bead', item: { ...before, ...patch, version: before.version + 1 }, when: 'none' }]);
  };
  /** Bookkeeping of passes until none is left. */
  const settle = async (through: Ports = ports): Promise<void> => {
    for (let pass = 0; pass < 200; pass += 1) {
      const snapshot = await loadSnapshot(ports, townId);
      const actions =
        snapshot === undefined
          ? []
          : plan(snapshot, ports.clock.nowMs(), ports.deployment.timings).actions.filter(({ kind }) => bookkeeping.includes(kind));
      if (actions.length === 0) return;
      for (const action of actions) await applyAction({ ports: through, townId }, action);
    }
    throw new Error('200 passes were not enough');
  };
  const ready = async (): Promise<string[]> => (await ports.store.readyOf(townId, rigId, '-', 1000)).map((entry) => entry.beadId);
  return { ports, call, townId, rigId, at, on, sling, bead, depend, edges, close, fail, force, settle, ready };
};
export type BeadTown = Awaited<ReturnType<typeof beadTown>>;

/** Lets `rival` write once, just before the next commit of the returned ports. */
export const racing = (ports: Ports, rival: () => Promise<unknown>): Ports => {
  let arrived = false;
  return {
    ...ports,
    store: {
      ...ports.store,
      commit: async (writes) => {
        if (!arrived) {
          arrived = true;
          await rival();
        }
        return ports.store.commit(writes);
      },
    },
  };
};
