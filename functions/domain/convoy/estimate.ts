// What a plan will cost, from what finished beads of the town have cost. Pure; what has been is read by the caller.
import type { Bead } from '../../contracts/bead.schema.ts';
import type { ConvoyDetails, ConvoyEstimate } from '../../contracts/convoy.schema.ts';
import { dollars, microUsdOf } from '../spending/budgets.ts';
import { scriptedProvider } from '../spending/price.ts';
import { counted } from '../words.ts';

/** A finished bead with all that was paid for it: its own work, reviews and repairs. */
export interface FinishedBead {
  readonly rigId: string | undefined;
  /** The model that its worker used last; unknown for beads of before this was kept. */
  readonly model: string | undefined;
  readonly costMicroUsd: number;
}
/** A repository of the plan, with the models of its workers: the one of their work, and the one for small steps. */
export interface PlannedRig {
  readonly rigId: string;
  readonly name: string;
  readonly model: string;
  readonly models: readonly string[];
}
/** Fewer beads than this say nothing about the next one. */
const fewest = 3;
/** What a bead is taken to cost as long as too few have been finished with its model. */
const statedMicroUsd = microUsdOf(2);

type RigEstimate = ConvoyEstimate['rigs'][number];
const meanOf = (beads: readonly FinishedBead[]): number =>
  Math.round(beads.reduce((sum, bead) => sum + bead.costMicroUsd, 0) / beads.length);

const rigEstimate = ({ rigId, name, model, models }: PlannedRig, finished: readonly FinishedBead[]): RigEstimate => {
  const same = finished.filter((bead) => bead.model !== undefined && models.includes(bead.model));
  const here = same.filter((bead) => bead.rigId === rigId);
  const about = { rigId, name, model };
  if (here.length >= fewest) return { ...about, from: 'rig', beads: here.length, beadMicroUsd: meanOf(here) };
  if (same.length >= fewest) return { ...about, from: 'town', beads: same.length, beadMicroUsd: meanOf(same) };
  if (model === scriptedProvider) return { ...about, from: 'free', beads: 0, beadMicroUsd: 0 };
  return { ...about, from: 'stated', beads: 0, beadMicroUsd: statedMicroUsd };
};

export const estimateOf = (rigs: readonly PlannedRig[], finished: readonly FinishedBead[]): ConvoyEstimate => ({
  rigs: rigs.map((rig) => rigEstimate(rig, finished)),
});

/** A bead of a rig that came to the plan later counts like the dearest. */
const beadMicroUsdIn = ({ rigs }: ConvoyEstimate, rigId: string | undefined): number =>
  (rigs.find((rig) => rig.rigId === rigId) ?? rigs.toSorted((one, other) => other.beadMicroUsd - one.beadMicroUsd)[0])?.beadMicroUsd ?? 0;

export const estimatedMicroUsd = (estimate: ConvoyEstimate, rigIds: readonly (string | undefined)[]): number =>
  rigIds.reduce((sum, rigId) => sum + beadMicroUsdIn(estimate, rigId), 0);

const reasonOf = ({ name, model, from, beads, beadMicroUsd }: RigEstimate): string => {
  const each = `${dollars(beadMicroUsd)} a bead in ${name}`;
  switch (from) {
    case 'rig':
      return `${each}, the mean of the last ${counted(beads, 'finished bead')} there with ${model}`;
    case 'town':
      return `${each}, the mean of the last ${counted(beads, 'finished bead')} of the town with ${model}`;
    case 'free':
      return `nothing in ${name}, where the scripted model works`;
    case 'stated':
      return `${each}, a figure that stands in until ${counted(fewest, 'bead')} are finished with ${model}`;
    default:
      return from satisfies never;
  }
};

/** What the plan will cost and how that was found; undefined for a convoy that is no plan. */
export const planEstimate = (
  details: Pick<ConvoyDetails, 'staged' | 'estimate'>,
  members: readonly Pick<Bead, 'rigId'>[],
): { costMicroUsd: number; sentence: string } | undefined => {
  if (!details.staged || details.estimate === undefined) return undefined;
  const costMicroUsd = estimatedMicroUsd(
    details.estimate,
    members.map((bead) => bead.rigId),
  );
  const reasons = details.estimate.rigs.map(reasonOf).join('; ');
  return {
    costMicroUsd,
    sentence: `About ${dollars(costMicroUsd)} for ${counted(members.length, 'bead')}: ${reasons}. Reviews and repairs are in it, the machine is not.`,
  };
};
