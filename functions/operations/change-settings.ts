// Settings of a town and of a rig: read, checked against the table, secrets put aside, stored with an event. Takes effect at the next decision.
import type { Settings, SettingsPatch, SettingsView } from '../contracts/settings.schema.ts';
import type { Town } from '../contracts/town.schema.ts';
import { lookAgain } from '../domain/bead-writes.ts';
import { newEvent } from '../domain/new-bead.ts';
import { changedSettings, maskedSettings } from '../domain/secret-settings.ts';
import type { Changed } from '../domain/secret-settings.ts';
import type { Ports } from '../ports.ts';
import { unprocessable } from '../api/problems.ts';
import { checkVersion } from '../api/serve.ts';
import { ownTown, rigOf } from './access.ts';
import { changingSecrets } from './setting-secrets.ts';
import type { SecretChange, SecretOwner } from './setting-secrets.ts';
import { isoNow, momentOf, transact } from './transact.ts';

export const townOwner = (ports: Pick<Ports, 'store'>, townId: string): SecretOwner => ({
  prefix: `towns/${townId}`,
  stored: async () => (await ports.store.get('town', { townId }))?.config,
});
const rigOwner = (ports: Pick<Ports, 'store'>, townId: string, rigId: string): SecretOwner => ({
  prefix: `towns/${townId}/rigs/${rigId}`,
  stored: async () => (await ports.store.get('rig', { townId, rigId }))?.config,
});

/** The settings to store, their new secrets put aside. Throws 422 for a mask that stands for no stored secret. */
export const sealedChange = async (
  secrets: SecretChange,
  owner: SecretOwner,
  change: { readonly said: Settings; readonly patch: SettingsPatch },
): Promise<Extract<Changed, { ok: true }>> => {
  const result = changedSettings(change.said, change.patch, (part) => secrets.nameOf(owner, part));
  if (!result.ok) throw unprocessable(`${result.path}: ${result.message}.`, [{ path: result.path, message: result.message }]);
  await secrets.put(owner, result.fresh);
  secrets.letGo(owner, change.said, result.settings);
  return result;
};

export interface ConfigChange {
  readonly userId: string;
  readonly townId: string;
  readonly patch: SettingsPatch;
  readonly ifMatch?: number | undefined;
}

/** What is set for the town after the change, masked. Throws 404, 403, 409, and 422 for a mask that stands for no stored secret. */
export const updateConfig = async (ports: Ports, request: ConfigChange): Promise<SettingsView> => {
  const { townId, userId, patch } = request;
  const settings = await changingSecrets(ports, (secrets) =>
    transact(ports, 'The town', async () => {
      const before = await ownTown(ports, userId, townId);
      checkVersion(request.ifMatch, before.version);
      const change = await sealedChange(secrets, townOwner(ports, townId), { said: before.config, patch });
      if (change.keys.length === 0) return { writes: [], result: before.config };
      const at = isoNow(ports);
      const town: Town = { ...before, config: change.settings, version: before.version + 1, updatedAt: at };
      return {
        writes: [
          { put: 'town', item: town, when: { equals: { version: before.version } } },
          lookAgain(townId, momentOf(ports)),
          { put: 'event', item: changeEvent(ports, { townId, userId, at }, change.keys), when: 'none' },
        ],
        result: change.settings,
      };
    }),
  );
  return maskedSettings(settings);
};

/** Names only: values may hold secrets. */
export const changeEvent = (
  ports: Pick<Ports, 'ids'>,
  who: { readonly townId: string; readonly userId: string; readonly at: string; readonly rigId?: string },
  keys: readonly string[],
) =>
  newEvent(
    { townId: who.townId, eventId: ports.ids.ulid(), type: 'config_changed', actor: `user:${who.userId}`, at: who.at },
    { data: { changed: [...keys] }, ...(who.rigId === undefined ? {} : { rigId: who.rigId }) },
  );

/** What is set for the rig after the change, masked. Its gates are a field of the rig. Throws as `updateConfig`. */
export const updateRigConfig = async (ports: Ports, request: ConfigChange & { readonly rigId: string }): Promise<SettingsView> => {
  const { townId, rigId, userId, patch } = request;
  const view = await changingSecrets(ports, (secrets) =>
    transact(ports, 'The rig', async () => {
      const before = await rigOf(ports, townId, rigId);
      checkVersion(request.ifMatch, before.version);
      const said: Settings = { ...before.config, gates: before.gates };
      const change = await sealedChange(secrets, rigOwner(ports, townId, rigId), { said, patch });
      const { gates = [], ...config } = change.settings;
      if (change.keys.length === 0) return { writes: [], result: { ...config, gates } };
      const at = isoNow(ports);
      const rig = { ...before, gates, config, version: before.version + 1, updatedAt: at };
      return {
        writes: [
          { put: 'rig', item: rig, when: { equals: { version: before.version } } },
          lookAgain(townId, momentOf(ports)),
          { put: 'event', item: changeEvent(ports, { townId, userId, at, rigId }, change.keys), when: 'none' },
        ],
        result: { ...config, gates },
      };
    }),
  );
  return maskedSettings(view);
};
