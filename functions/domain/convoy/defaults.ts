// What a convoy is when nobody says: its merge mode, and whether it is a plan first. Pure.
import type { z } from 'zod';
import type { mergeModeSchema } from '../../contracts/primitives.schema.ts';
import type { Rig, Town } from '../../contracts/town.schema.ts';
import { settingFor } from '../settings.ts';

export type MergeMode = z.infer<typeof mergeModeSchema>;
/** A batch of the Mayor with more beads than this is a plan first. */
const mayorStagesAbove = 8;

export interface ConvoyWishes {
  readonly mergeMode?: MergeMode | undefined;
  readonly staged?: boolean | undefined;
}
export interface Modes {
  readonly mergeMode: MergeMode;
  readonly staged: boolean;
}
/** `rig`: of a batch that is all in one. `byMayor`: the batch comes from the Mayor, not from a person's own hand. */
export const settledModes = (
  wishes: ConvoyWishes,
  batch: { readonly beads: number; readonly byMayor: boolean; readonly town: Town | undefined; readonly rig?: Rig | undefined },
): Modes => ({
  mergeMode: wishes.mergeMode ?? settingFor('convoy.mergeMode', { town: batch.town, rig: batch.rig }),
  staged:
    wishes.staged ??
    (settingFor('convoy.staged', { town: batch.town, rig: batch.rig }) || (batch.byMayor && batch.beads > mayorStagesAbove)),
});
