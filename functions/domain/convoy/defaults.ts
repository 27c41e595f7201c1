// What a convoy is when nobody says: its merge mode, and whether it is a plan first. Pure.
import type { z } from 'zod';
import type { mergeModeSchema } from '../../contracts/primitives.schema.ts';
import type { Rig, Town } from '../../contracts/town.schema.ts';
import { microUsdOf } from '../spending/budgets.ts';
import { settingFor } from '../settings.ts';

export type MergeMode = z.infer<typeof mergeModeSchema>;

export interface ConvoyWishes {
  readonly mergeMode?: MergeMode | undefined;
  readonly staged?: boolean | undefined;
}
export interface Modes {
  readonly mergeMode: MergeMode;
  readonly staged: boolean;
}
export interface BatchFacts {
  readonly beads: number;
  /** The batch comes from the Mayor, not from a person's own hand. */
  readonly byMayor: boolean;
  /** What it is estimated to cost, once that is known. */
  readonly costMicroUsd?: number | undefined;
  readonly town: Town | undefined;
  /** Of a batch that is all in one. */
  readonly rig?: Rig | undefined;
}

/** What the Mayor makes on its own is looked at first when it is large, in beads or in money. */
const isLarge = ({ beads, costMicroUsd = 0, ...owners }: BatchFacts): boolean =>
  beads > settingFor('convoy.stagedAboveBeads', owners) || costMicroUsd > microUsdOf(settingFor('convoy.stagedAboveUsd', owners));

export const settledModes = (wishes: ConvoyWishes, batch: BatchFacts): Modes => ({
  mergeMode: wishes.mergeMode ?? settingFor('convoy.mergeMode', { town: batch.town, rig: batch.rig }),
  staged: wishes.staged ?? (settingFor('convoy.staged', { town: batch.town, rig: batch.rig }) || (batch.byMayor && isLarge(batch))),
});
