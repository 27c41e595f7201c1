// What a pass reads of a town before it decides: pure data, read once. Knows no store.
import type { Agent, AgentReport } from '../../contracts/agent.schema.ts';
import type { Bead } from '../../contracts/bead.schema.ts';
import type { Command, RuntimeLease } from '../../contracts/runner.schema.ts';
import type { MayorMessage, Rig, Town } from '../../contracts/town.schema.ts';
import type { AlarmItem, ReadyEntry, Slot, Train, WorkItem } from '../../contracts/work.schema.ts';

/** The first entries of one ready queue; enough of them are due to fill every free slot, if so many are due at all. */
export interface ReadyHead {
  readonly rigId: string;
  readonly queue: string;
  readonly entries: readonly ReadyEntry[];
}

export interface Snapshot {
  readonly town: Town;
  readonly rigs: readonly Rig[];
  readonly lease?: RuntimeLease;
  readonly alarm?: AlarmItem;
  readonly work: readonly WorkItem[];
  readonly agents: readonly Agent[];
  readonly reports: readonly AgentReport[];
  readonly slots: readonly Slot[];
  readonly trains: readonly Train[];
  /** Beads named by work items, hooks, ready entries and convoys, and the requests and sources of those. */
  readonly beads: readonly Bead[];
  readonly ready: readonly ReadyHead[];
  /** Commands named by work items that are queued or not yet taken. */
  readonly commands: readonly Command[];
  /** Messages named by work items of kind `mayor`. */
  readonly mayorMessages: readonly MayorMessage[];
}
