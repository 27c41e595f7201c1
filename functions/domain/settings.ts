// What a setting says for something: the narrowest scope that says anything, else the built-in value. Pure; knows the table, no store.
import { rowOf, settingScopes, settings } from '../contracts/settings.schema.ts';
import type { SettingKey, SettingScope, SettingValue, Settings } from '../contracts/settings.schema.ts';

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
export const found = <K extends SettingKey>(key: K, scopes: Scopes): Found<K> => {
  const row = rowOf(key);
  for (const from of settingScopes) {
    const value = row.scopes.includes(from) ? scopes[from]?.[key] : undefined;
    if (value !== undefined) return { value, from };
  }
  return { value: settings[key].default as Effective<K>, from: 'built-in' };
};
export const effective = <K extends SettingKey>(key: K, scopes: Scopes): Effective<K> => found(key, scopes).value;
