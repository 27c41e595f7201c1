// How many workers there may be, and how often a bead is tried: the limits of town, rig and bead as the rules read them. Pure.
import type { Bead } from '../../contracts/bead.schema.ts';
import type { Rig, Town } from '../../contracts/town.schema.ts';
import { settingFor } from '../settings.ts';

/** Workers in the town at the same time. */
export const townPlaces = (town: Town): number => settingFor('limits.maxAgents', { town });
/** Workers of a rig at the same time: the limit of workers per rig, and the rig's own limit of agents if it has one. */
export const rigPlaces = (town: Town, rig: Rig | undefined): number =>
  Math.min(settingFor('limits.maxPolecatsPerRig', { town, rig }), rig?.config?.['limits.maxAgents'] ?? Number.POSITIVE_INFINITY);
/** Attempts after which a bead fails. */
export const attemptsOf = (owners: { readonly town: Town; readonly rig: Rig | undefined; readonly bead?: Bead | undefined }): number =>
  settingFor('limits.maxDispatchAttempts', owners);
