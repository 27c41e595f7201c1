// Settings of an organisation and of a person. They are stored once and copied to every town of theirs; a copy that is behind (a kill, a
// town that was made meanwhile) is renewed when the settings of that town are looked at, and by the next change.
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { OwnerSettings } from '../contracts/owner-settings.schema.ts';
import type { Settings, SettingsPatch, SettingsView } from '../contracts/settings.schema.ts';
import type { Town } from '../contracts/town.schema.ts';
import { lookAgain } from '../domain/bead-writes.ts';
import { maskedSettings } from '../domain/secret-settings.ts';
import type { Ports } from '../ports.ts';
import { changeEvent, sealedChange } from './change-settings.ts';
import { changingSecrets } from './setting-secrets.ts';
import { isoNow, momentOf, transact } from './transact.ts';

export type Owner = Pick<OwnerSettings, 'scope' | 'ownerId'>;
const townsPerPage = 100;

/** Ids of people may hold characters that the name of a secret may not. */
const prefixOf = ({ scope, ownerId }: Owner): string =>
  `${scope === 'user' ? 'people' : 'orgs'}/${createHash('sha256').update(ownerId).digest('hex').slice(0, 24)}`;

const storedFor = async (ports: Pick<Ports, 'store'>, { scope, ownerId }: Owner): Promise<Settings> =>
  (await ports.store.get('ownerSettings', { scope, ownerId }))?.settings ?? {};

/** What the owner has set, masked. */
export const ownerConfig = async (ports: Pick<Ports, 'store'>, owner: Owner): Promise<SettingsView> =>
  maskedSettings(await storedFor(ports, owner));

type Inherited = NonNullable<Town['inherited']>;
/** What a town of this person inherits now. */
export const inheritedBy = async (ports: Pick<Ports, 'store'>, userId: string): Promise<Inherited> => {
  const [organisation, user] = await Promise.all([
    storedFor(ports, { scope: 'organisation', ownerId: userId }),
    storedFor(ports, { scope: 'user', ownerId: userId }),
  ]);
  return { organisation, people: { [userId]: user } };
};

/** Renews a town's copies; writes nothing when they are the newest. Resolves with the town as it is then. */
export const renewedTown = async (
  ports: Pick<Ports, 'store' | 'clock' | 'ids'>,
  townId: string,
  keys: readonly string[],
): Promise<Town | undefined> =>
  transact(ports, 'The town', async () => {
    const before = await ports.store.get('town', { townId });
    if (before === undefined || before.deletedAt !== undefined) return { writes: [], result: before };
    const fresh = await inheritedBy(ports, before.ownerId);
    const inherited: Inherited = { organisation: fresh.organisation, people: { ...before.inherited?.people, ...fresh.people } };
    const old = before.inherited ?? { organisation: {}, people: { [before.ownerId]: {} } };
    if (isDeepStrictEqual(inherited, old)) return { writes: [], result: before };
    const at = isoNow(ports);
    const town: Town = { ...before, inherited, version: before.version + 1, updatedAt: at };
    return {
      writes: [
        { put: 'town', item: town, when: { equals: { version: before.version } } },
        lookAgain(townId, momentOf(ports)),
        { put: 'event', item: changeEvent(ports, { townId, userId: before.ownerId, at }, keys), when: 'none' },
      ],
      result: town,
    };
  });

const renewTowns = async (ports: Ports, ownerId: string, keys: readonly string[]): Promise<void> => {
  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const page = await ports.store.townsOf(ownerId, { limit: townsPerPage, ...(cursor === undefined ? {} : { cursor }) });
    for (const town of page.items) if (town.deletedAt === undefined) await renewedTown(ports, town.townId, keys);
    cursor = page.cursor;
  }
};

/** What the owner has set after the change, masked; it holds in every town of theirs when this resolves. Throws 409 and 422. */
export const updateOwnerConfig = async (ports: Ports, request: Owner & { readonly patch: SettingsPatch }): Promise<SettingsView> => {
  const { scope, ownerId, patch } = request;
  const owner = { prefix: prefixOf(request), stored: () => storedFor(ports, request) };
  const change = await changingSecrets(ports, (secrets) =>
    transact(ports, 'The settings', async () => {
      const before = await ports.store.get('ownerSettings', { scope, ownerId });
      const result = await sealedChange(secrets, owner, { said: before?.settings ?? {}, patch });
      if (result.keys.length === 0) return { writes: [], result };
      const item: OwnerSettings = {
        scope,
        ownerId,
        settings: result.settings,
        version: (before?.version ?? 0) + 1,
        updatedAt: isoNow(ports),
      };
      return {
        writes: [{ put: 'ownerSettings', item, when: before === undefined ? { absent: true } : { equals: { version: before.version } } }],
        result,
      };
    }),
  );
  await renewTowns(ports, ownerId, change.keys);
  return maskedSettings(change.settings);
};
