// What a pass reads of a town before it decides: pure data, read once. Knows no store.
import type { Bead } from '../../contracts/bead.schema.ts';
import type { Command } from '../../contracts/runner.schema.ts';
import type { MayorMessage, Town } from '../../contracts/town.schema.ts';
import type { ReadyEntry } from '../../contracts/work.schema.ts';
import type { PassItems } from '../../ports.ts';

/** The first entries of one ready queue; enough of them are due to fill every free slot, if so many are due at all. */
export interface ReadyHead {
  readonly rigId: string;
  readonly queue: string;
  readonly entries: readonly ReadyEntry[];
}

/** The town's partition of passes, and what its items name. */
export interface Snapshot extends PassItems {
  readonly town: Town;
  /** Beads named by work items, hooks, ready entries and convoys, and the requests and sources of those. */
  readonly beads: readonly Bead[];
  readonly ready: readonly ReadyHead[];
  /** Commands of workflows, and those named by work items that are queued or not yet taken. */
  readonly commands: readonly Command[];
  /** Messages named by work items of kind `mayor`. */
  readonly mayorMessages: readonly MayorMessage[];
}
