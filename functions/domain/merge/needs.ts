// What a merge needs before it lands: gates on the merged result, and somebody who looks at it. Pure.
import { gatesFor } from '../gates.ts';
import { settingFor } from '../settings.ts';
import type { SettingsOwners } from '../settings.ts';

/** On a train a request has been reviewed before. */
export const mergeNeeds = (owners: SettingsOwners, onTrain: boolean): { readonly gates: boolean; readonly review: boolean } => ({
  gates: gatesFor('merge', owners).length > 0,
  review: settingFor('merge.codeReview', owners) && !onTrain,
});
