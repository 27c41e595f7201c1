// What a merge needs before it lands: gates on the merged result, and somebody who looks at it. Pure.
import { gatesFor } from '../gates.ts';
import { settingFor } from '../settings.ts';
import type { SettingsOwners } from '../settings.ts';

/** On a train a request has been reviewed before. */
export const mergeNeeds = (owners: SettingsOwners, onTrain: boolean): { readonly gates: boolean; readonly review: boolean } => ({
  gates: gatesFor('merge', owners).length > 0,
  review: settingFor('merge.codeReview', owners) && !onTrain,
});

/** Rounds of repair before a person is asked. Without the resolving of conflicts by agents there is none of it. */
export const mergeRounds = (owners: SettingsOwners): { readonly maxReworkRounds: number; readonly maxConflictRounds: number } => ({
  maxReworkRounds: settingFor('merge.maxReworkRounds', owners),
  maxConflictRounds: settingFor('merge.autoResolveConflicts', owners) ? settingFor('merge.maxConflictRounds', owners) : 0,
});
