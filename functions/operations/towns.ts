// Towns: create, rename, configure. Keys go into secrets before the town is stored; what goes out is presented, with masks.
import type { z } from 'zod';
import type { routes } from '../contracts/routes.ts';
import { townViewSchema } from '../contracts/town.schema.ts';
import type { Town, TownView } from '../contracts/town.schema.ts';
import { firstModel } from '../domain/model-choice.ts';
import { newEvent } from '../domain/new-bead.ts';
import type { Ports } from '../ports.ts';
import { presentTown } from '../api/present.ts';
import { ownTown } from './access.ts';
import { checkVersion } from '../api/serve.ts';
import { sealedChange, townOwner } from './change-settings.ts';
import { changingSecrets } from './setting-secrets.ts';
import { inheritedBy } from './owner-settings.ts';
import { actOnce } from './once.ts';
import { isoNow, transact } from './transact.ts';

export type CreateTownInput = z.infer<(typeof routes.createTown)['body']>;
const firstIdLength = 8;

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
  return changingSecrets(ports, (secrets) =>
    actOnce(ports, once, async (attempt) => {
      const at = isoNow(ports);
      const townId = `t-${ports.ids.base36(firstIdLength + attempt)}`;
      const first = { 'models.default': firstModel(ports.deployment.defaultModel) };
      const { settings } = await sealedChange(secrets, townOwner(ports, townId), { said: first, patch: input.config ?? {} });
      const inherited = await inheritedBy(ports, userId);
      const town: Town = {
        townId,
        name: input.name,
        ownerId: userId,
        config: settings,
        inherited,
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

interface TownChange {
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
