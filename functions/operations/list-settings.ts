// The table of settings for a town or one of its rigs.
import type { SettingRow } from '../contracts/settings.schema.ts';
import { settingRows } from '../domain/setting-rows.ts';
import { scopesOf } from '../domain/settings.ts';
import type { Ports } from '../ports.ts';
import { ownTown, rigOf } from './access.ts';
import { renewedTown } from './owner-settings.ts';

/** Throws 404 and 403. */
export const listSettings = async (
  ports: Ports,
  request: { readonly userId: string; readonly townId: string; readonly rigId?: string | undefined },
): Promise<{ items: SettingRow[] }> => {
  const { userId, townId, rigId } = request;
  const own = await ownTown(ports, userId, townId);
  const [town, rig] = await Promise.all([
    renewedTown(ports, townId, ['inherited']),
    rigId === undefined ? undefined : rigOf(ports, townId, rigId),
  ]);
  return { items: settingRows(scopesOf({ town: town ?? own, rig, userId })) };
};
