// Towns: create, rename, configure. Keys go into secrets before the town is stored; what goes out is presented, with masks.
import type { z } from 'zod';
import type { routes } from '../contracts/routes.ts';
import { storedTownConfigSchema, townViewSchema } from '../contracts/town.schema.ts';
import type { StoredTownConfig, Town, TownConfig, TownConfigPatch, TownView } from '../contracts/town.schema.ts';
import { newEvent } from '../domain/new-bead.ts';
import { defaultConfig, maskedConfig, patchedConfig } from '../domain/town-config.ts';
import type { Ports } from '../ports.ts';
import { unprocessable } from '../api/problems.ts';
import { presentTown } from '../api/present.ts';
import { ownTown } from './access.ts';
import { checkVersion } from '../api/serve.ts';
import { changingKeys } from './model-keys.ts';
import type { KeyChange } from './model-keys.ts';
import { actOnce } from './once.ts';
import { isoNow, transact } from './transact.ts';

export type CreateTownInput = z.infer<(typeof routes.createTown)['body']>;
const firstIdLength = 8;

/** The configuration to store, its new keys put aside. Throws 422 for a mask that stands for no stored key. */
const configured = async (
  keys: KeyChange,
  townId: string,
  change: { readonly base: StoredTownConfig; readonly patch: TownConfigPatch | undefined },
): Promise<StoredTownConfig> => {
  const result = patchedConfig(change.base, change.patch ?? {}, (role) => keys.nameOf(townId, role));
  if (!result.ok) throw unprocessable(`${result.path}: ${result.message}.`, [{ path: result.path, message: result.message }]);
  const config = storedTownConfigSchema.parse(result.config);
  await keys.put(townId, result.fresh);
  keys.letGo(townId, change.base, config);
  return config;
};

/** Creates a town with the deployment's default configuration. Throws 422 for a masked key, or a key of another request. */
export const createTown = async (
  ports: Ports,
  request: { readonly userId: string; readonly input: CreateTownInput; readonly idempotencyKey?: string | undefined },
): Promise<TownView> => {
  const { userId, input } = request;
  const once = {
    what: 'The town',
    scope: `user#${userId}`,
    key: request.idempotencyKey,
    act: 'createTown',
    request: { userId, input },
    answer: townViewSchema,
  };
  return changingKeys(ports, (keys) =>
    actOnce(ports, once, async (attempt) => {
      const at = isoNow(ports);
      const townId = `t-${ports.ids.base36(firstIdLength + attempt)}`;
      const config = await configured(keys, townId, { base: defaultConfig(ports.deployment.defaultModel), patch: input.config });
      const town: Town = {
        townId,
        name: input.name,
        ownerId: userId,
        config,
        eventMonths: [at.slice(0, 7).replace('-', '')],
        version: 1,
        createdAt: at,
        updatedAt: at,
      };
      const event = newEvent({ townId, eventId: ports.ids.ulid(), type: 'town_created', actor: `user:${userId}`, at }, { new: input.name });
      return {
        writes: [
          { put: 'town', item: town, when: { absent: true } },
          { put: 'event', item: event, when: 'none' },
        ],
        result: presentTown(town),
      };
    }),
  );
};

export interface TownChange {
  readonly userId: string;
  readonly townId: string;
  readonly ifMatch?: number | undefined;
}

const changeTown = async (
  ports: Ports,
  request: TownChange,
  change: (town: Town) => Promise<{ readonly town: Town; readonly what: readonly string[] }>,
): Promise<Town> =>
  transact(ports, 'The town', async () => {
    const before = await ownTown(ports, request.userId, request.townId);
    checkVersion(request.ifMatch, before.version);
    const at = isoNow(ports);
    const changed = await change(before);
    if (changed.what.length === 0) return { writes: [], result: before };
    const town: Town = { ...changed.town, version: before.version + 1, updatedAt: at };
    const event = newEvent(
      { townId: town.townId, eventId: ports.ids.ulid(), type: 'config_changed', actor: `user:${request.userId}`, at },
      { data: { changed: [...changed.what] } },
    );
    return {
      writes: [
        { put: 'town', item: town, when: { equals: { version: before.version } } },
        { put: 'event', item: event, when: 'none' },
      ],
      result: town,
    };
  });

/** Throws 404, 403, and 409 when `ifMatch` is not the stored version. */
export const renameTown = async (ports: Ports, request: TownChange & { readonly name: string }): Promise<TownView> =>
  presentTown(
    await changeTown(ports, request, async (town) => ({
      town: { ...town, name: request.name },
      what: town.name === request.name ? [] : ['name'],
    })),
  );

/** The configuration with the patch applied, masked. Throws 404, 403, 409, and 422 for a mask that stands for no stored key. */
export const updateConfig = async (ports: Ports, request: TownChange & { readonly patch: TownConfigPatch }): Promise<TownConfig> => {
  const town = await changingKeys(ports, (keys) =>
    changeTown(ports, request, async (before) => ({
      town: { ...before, config: await configured(keys, before.townId, { base: before.config, patch: request.patch }) },
      what: sectionsOf(request.patch),
    })),
  );
  return maskedConfig(town.config);
};
/** Names only: values may hold secrets. */
const sectionsOf = (patch: TownConfigPatch): string[] =>
  Object.entries(patch).flatMap(([section, value]) => (value === undefined ? [] : Object.keys(value).map((key) => `${section}.${key}`)));

/** A person's towns that are not deleted, presented. */
export const listTowns = async (
  ports: Ports,
  userId: string,
  page: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<{ items: TownView[]; cursor?: string }> => {
  const found = await ports.store.townsOf(userId, page);
  return {
    items: found.items.filter((town) => town.deletedAt === undefined).map(presentTown),
    ...(found.cursor === undefined ? {} : { cursor: found.cursor }),
  };
};
