// Towns: create, rename, configure. What goes out is presented: keys are masked.
import type { z } from 'zod';
import type { routes } from '../contracts/routes.ts';
import { townConfigSchema, townSchema } from '../contracts/town.schema.ts';
import type { Town, TownConfig, TownConfigPatch } from '../contracts/town.schema.ts';
import { newEvent } from '../domain/new-bead.ts';
import { defaultConfig, maskedConfig, patchedConfig } from '../domain/town-config.ts';
import type { Ports } from '../ports.ts';
import { unprocessable } from '../api/problems.ts';
import { presentTown } from '../api/present.ts';
import { ownTown } from './access.ts';
import { checkVersion } from '../api/serve.ts';
import { actOnce } from './once.ts';
import { isoNow, transact } from './transact.ts';

export type CreateTownInput = z.infer<(typeof routes.createTown)['body']>;
const firstIdLength = 8;

const configured = (base: TownConfig, patch: TownConfigPatch | undefined): TownConfig => {
  const result = patchedConfig(base, patch ?? {});
  if (!result.ok) throw unprocessable(`${result.path}: ${result.message}.`, [{ path: result.path, message: result.message }]);
  return townConfigSchema.parse(result.config);
};

/** Creates a town with the deployment's default configuration. Throws 422 for a masked key, or a key of another request. */
export const createTown = async (
  ports: Ports,
  request: { readonly userId: string; readonly input: CreateTownInput; readonly idempotencyKey?: string | undefined },
): Promise<Town> => {
  const { userId, input } = request;
  const config = configured(defaultConfig(ports.deployment.defaultModel), input.config);
  const once = {
    what: 'The town',
    scope: `user#${userId}`,
    key: request.idempotencyKey,
    act: 'createTown',
    request: { userId, input },
    answer: townSchema,
  };
  return actOnce(ports, once, async (attempt) => {
    const at = isoNow(ports);
    const townId = `t-${ports.ids.base36(firstIdLength + attempt)}`;
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
  });
};

export interface TownChange {
  readonly userId: string;
  readonly townId: string;
  readonly ifMatch?: number | undefined;
}

const changeTown = async (
  ports: Ports,
  request: TownChange,
  change: (town: Town) => { readonly town: Town; readonly what: readonly string[] },
): Promise<Town> =>
  transact(ports, 'The town', async () => {
    const before = await ownTown(ports, request.userId, request.townId);
    checkVersion(request.ifMatch, before.version);
    const at = isoNow(ports);
    const changed = change(before);
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
export const renameTown = async (ports: Ports, request: TownChange & { readonly name: string }): Promise<Town> =>
  presentTown(
    await changeTown(ports, request, (town) => ({
      town: { ...town, name: request.name },
      what: town.name === request.name ? [] : ['name'],
    })),
  );

/** The configuration with the patch applied, masked. Throws 404, 403, 409, and 422 for a mask that stands for no stored key. */
export const updateConfig = async (ports: Ports, request: TownChange & { readonly patch: TownConfigPatch }): Promise<TownConfig> => {
  const town = await changeTown(ports, request, (before) => ({
    town: { ...before, config: configured(before.config, request.patch) },
    what: sectionsOf(request.patch),
  }));
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
): Promise<{ items: Town[]; cursor?: string }> => {
  const found = await ports.store.townsOf(userId, page);
  return {
    items: found.items.filter((town) => town.deletedAt === undefined).map(presentTown),
    ...(found.cursor === undefined ? {} : { cursor: found.cursor }),
  };
};
