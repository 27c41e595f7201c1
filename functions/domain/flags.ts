// Whether a feature is on for a town and a person. Pure. Off wins over everything: it is the kill switch.
import type { Flag } from '../contracts/settings/flags.ts';
import type { SettingKey } from '../contracts/settings.schema.ts';
import type { Town } from '../contracts/town.schema.ts';
import { settingFor } from './settings.ts';

type FlagKey = Extract<SettingKey, `flags.${string}`>;
export interface FlagSubject {
  readonly townId: string;
  readonly userId: string;
  readonly isAdmin: boolean;
}

/** Always the same share for the same town and feature, evenly spread from 0 to 99 (FNV-1a). */
const shareOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return hash % 100;
};

export const isOn = (name: string, flag: Flag, { townId, userId, isAdmin }: FlagSubject): boolean => {
  switch (flag.to) {
    case 'off':
      return false;
    case 'admins':
      return isAdmin;
    case 'allowlist':
      return flag.allow?.includes(userId) === true;
    case 'percent':
      return shareOf(`${name}#${townId}`) < (flag.percent ?? 0);
    case 'all':
      return true;
    default:
      return flag.to satisfies never;
  }
};

/** Whether the town's organisation lets this person use it here. Its owner is its admin. */
export const mayUse = (key: FlagKey, town: Town, userId: string): boolean =>
  isOn(key, settingFor(key, { town }), { townId: town.townId, userId, isAdmin: userId === town.ownerId });
