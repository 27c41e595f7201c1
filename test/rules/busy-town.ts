// A stored town with one agent at work, for tests of what rules do to it.
import type { Agent, ObservedAgent } from '../../functions/contracts/agent.schema.ts';
import type { Bead } from '../../functions/contracts/bead.schema.ts';
import { writesOf } from '../../functions/domain/bead-writes.ts';
import type { PassContext } from '../../functions/reconcile/context.ts';
import { fakePorts } from '../fakes/ports.ts';
import type { FakePorts } from '../fakes/ports.ts';
import { aLease, aReport, aRig, aTown, anIssue, hooked, otherRigId, rigId, townId } from './build.ts';

export interface BusyTown {
  readonly ports: FakePorts;
  readonly ctx: PassContext;
  agent(agentId?: string): Promise<Agent | undefined>;
  bead(beadId?: string): Promise<Bead | undefined>;
  /** Work ids of one kind. */
  workIds(kind: string): Promise<string[]>;
  /** Beads of one type that are open. */
  open(type: Bead['type']): Promise<Bead[]>;
  /** The runner says how the agent is, now. */
  observe(observed: Partial<ObservedAgent>): Promise<void>;
}

/** Toast works on web-a001 in a live runtime. */
export const busyTown = async (more: { readonly agent?: Partial<Agent>; readonly bead?: Partial<Bead> } = {}): Promise<BusyTown> => {
  const ports = fakePorts();
  const { store, clock, ids } = ports;
  const toast = hooked('toast', 'web-a001', { name: 'Toast', ...more.agent });
  const bead = anIssue(
    'web-a001',
    { status: 'in_progress', assigneeAgentId: 'toast', dispatchAttempts: 1, ...more.bead },
    { branch: 'gt/toast/web-a001', targetBranch: 'main' },
  );
  const moment = { nowMs: clock.nowMs(), stamp: ids.ulid() };
  await store.commit([
    { put: 'town', item: aTown(), when: 'none' },
    { put: 'rig', item: aRig(), when: 'none' },
    { put: 'rig', item: { ...aRig(otherRigId), prefix: 'api' }, when: 'none' },
    { put: 'lease', item: aLease(), when: 'none' },
    { put: 'agent', item: toast, when: 'none' },
    { put: 'slot', item: { townId, slotId: `${rigId}#1`, holder: 'toast', claimedAt: bead.createdAt, stamp: 's1' }, when: 'none' },
    { put: 'slot', item: { townId, slotId: 'town#1', holder: `${rigId}#1@s1`, claimedAt: bead.createdAt }, when: 'none' },
  ]);
  await store.commit(writesOf([{ after: bead }], undefined, moment));
  const agent: BusyTown['agent'] = (agentId = 'toast') => store.get('agent', { townId, agentId });
  return {
    ports,
    ctx: { ports, townId },
    agent,
    bead: (beadId = 'web-a001') => store.get('bead', { townId, beadId }),
    workIds: async (kind) => (await store.workOf(townId)).filter((item) => item.kind === kind).map((item) => item.workId),
    open: async (type) => [...(await store.beadsBy({ townId, type, status: 'open' }, { limit: 50 })).items],
    observe: async (observed) => {
      const lease = await store.get('lease', { townId });
      const now = (await agent()) ?? toast;
      await store.commit([
        { put: 'report', item: { ...aReport(now, observed, clock.nowMs()), runtimeEpoch: lease?.runtimeEpoch ?? 0 }, when: 'none' },
        { put: 'lease', item: aLease({ ...lease, lastReportAtMs: clock.nowMs() }), when: 'none' },
      ]);
    },
  };
};
