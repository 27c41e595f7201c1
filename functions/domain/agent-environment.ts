// The environment that an agent's process gets from the settings: the town's variables, each replaced by the rig's of the same name.
import type { StoredEnv } from '../contracts/settings/environment.ts';
import { scopesOf } from './settings.ts';
import type { SettingsOwners } from './settings.ts';

/** Secret values by reference, in the order of their names. */
export const environmentFor = (owners: Pick<SettingsOwners, 'town' | 'rig'>): StoredEnv => {
  const { town, rig } = scopesOf(owners);
  const byName = new Map([...(town?.env ?? []), ...(rig?.env ?? [])].map((variable) => [variable.name, variable]));
  return [...byName.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
};

/** The variables with their secrets. One whose secret is gone is left out. */
export const environmentWith = (variables: StoredEnv, secrets: ReadonlyMap<string, string>): Record<string, string> =>
  Object.fromEntries(
    variables.flatMap((variable) => {
      const value = variable.secret ? secrets.get(variable.valueRef) : variable.value;
      return value === undefined ? [] : [[variable.name, value]];
    }),
  );
