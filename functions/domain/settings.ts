// What a setting says for something: the narrowest scope that says anything, else the built-in value. Pure; knows the table, no store.
import type { Bead } from '../contracts/bead.schema.ts';
import { rowOf, settingScopes, settings } from '../contracts/settings.schema.ts';
import type { SettingKey, SettingScope, SettingValue, Settings } from '../contracts/settings.schema.ts';
import type { Rig, Town } from '../contracts/town.schema.ts';

/** What each scope says. A value in a scope that its row does not name counts for nothing. */
export type Scopes = { readonly [S in SettingScope]?: Settings | undefined };

/** A setting with a built-in value always has one; the others may be undefined. */
export type Effective<K extends SettingKey> = SettingValue<K> | (undefined extends (typeof settings)[K]['default'] ? undefined : never);

export interface Found<K extends SettingKey> {
  readonly value: Effective<K>;
  /** Which scope said so. */
  readonly from: SettingScope | 'built-in';
}

/** What holds, and who said so. Scopes from the narrowest: bead, persona, convoy, rig, user, town, organisation. */
export const foundSetting = <K extends SettingKey>(key: K, scopes: Scopes): Found<K> => {
  const row = rowOf(key);
  for (const from of settingScopes) {
    const value = row.scopes.includes(from) ? scopes[from]?.[key] : undefined;
    if (value !== undefined) return { value, from };
  }
  return { value: settings[key].default as Effective<K>, from: 'built-in' };
};
export const effective = <K extends SettingKey>(key: K, scopes: Scopes): Effective<K> => foundSetting(key, scopes).value;

/** The items that a decision has read anyway; what is not given says nothing. */
export interface SettingsOwners {
  readonly town?: Pick<Town, 'config' | 'inherited'> | undefined;
  readonly rig?: Pick<Rig, 'config' | 'gates'> | undefined;
  readonly convoy?: Bead | undefined;
  readonly bead?: Bead | undefined;
  readonly persona?: Settings | undefined;
  /** The person for whose work it is asked. */
  readonly userId?: string | undefined;
}
const slungSettings = (bead: Bead | undefined): Settings | undefined =>
  bead?.details.type === 'issue' || bead?.details.type === 'convoy' ? bead.details.settings : undefined;
/** A rig's own gates are a field of the rig; none means the town's. */
const rigSettings = (rig: SettingsOwners['rig']): Settings | undefined =>
  rig === undefined || rig.gates.length === 0 ? rig?.config : { ...rig.config, gates: rig.gates };

/** What the owners say, ready for `effective`. */
export const scopesOf = ({ town, rig, convoy, bead, persona, userId }: SettingsOwners): Scopes => ({
  bead: slungSettings(bead),
  persona,
  convoy: slungSettings(convoy),
  rig: rigSettings(rig),
  user: userId === undefined ? undefined : town?.inherited?.people[userId],
  town: town?.config,
  organisation: town?.inherited?.organisation,
});
/** What a setting says for these owners. */
export const settingFor = <K extends SettingKey>(key: K, owners: SettingsOwners): Effective<K> => effective(key, scopesOf(owners));
