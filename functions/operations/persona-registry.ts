// The account's registry of personas: published from a town with what its wearers have done, installed into others. Who published one is who
// may change it. It holds prompt, tools, gates and the name of a model: never a key, a variable of the environment, or anything else of the town.
import type { Bead } from '../contracts/bead.schema.ts';
import type { Persona, PersonaResults, PersonaView, PublishedPersona } from '../contracts/persona.schema.ts';
import { isIssue, isMergeRequest } from '../domain/bead-writes.ts';
import { presentedPersona } from '../domain/personas.ts';
import type { Ports } from '../ports.ts';
import { conflict, forbidden, notFound } from '../api/problems.ts';
import { changeEvent } from './change-settings.ts';
import { personasPerTown } from './personas.ts';
import { isoNow, transact } from './transact.ts';

const registry = 'personas' as const;
/** Finished beads of a town that are looked at for results, newest first. */
const newest = 200;
const modelsNamed = 5;

/** Throws 404. */
export const publishedPersona = async (ports: Pick<Ports, 'store'>, personaId: string): Promise<PublishedPersona> => {
  const found = await ports.store.get('publishedPersona', { registry, personaId });
  if (found === undefined) throw notFound(`There is no persona ${personaId} in the registry.`);
  return found;
};
const checkPublisher = (found: PublishedPersona, userId: string): void => {
  if (found.publishedBy !== userId)
    throw forbidden(`${found.personaId} was published by ${found.publishedBy}, who alone may change it. Give yours another id.`);
};

const firstPassOf = async (
  { store }: Pick<Ports, 'store'>,
  townId: string,
  beads: readonly Bead[],
): Promise<Pick<PersonaResults, 'firstPassRate'>> => {
  const ids = beads.flatMap((bead) => (isIssue(bead) ? (bead.details.latestMergeRequestId ?? []) : []));
  if (ids.length === 0) return {};
  const read = await store.getMany(
    'bead',
    ids.map((beadId) => ({ townId, beadId })),
  );
  const requests = read.flatMap((bead) => (bead !== undefined && isMergeRequest(bead) ? [bead.details.reworkRounds] : []));
  return requests.length === 0 ? {} : { firstPassRate: requests.filter((rounds) => rounds === 0).length / requests.length };
};

/** What the wearers have done, of the newest finished beads. Read when it is asked for; nothing is counted on the way of work. */
const resultsOf = async (ports: Pick<Ports, 'store'>, townId: string, personaId: string): Promise<PersonaResults> => {
  const { items } = await ports.store.beadsBy({ townId, type: 'issue', status: 'closed' }, { limit: newest });
  const beads = items.filter((bead) => isIssue(bead) && bead.details.personaId === personaId && bead.details.kind !== 'step');
  if (beads.length === 0) return { beads: 0, models: [] };
  const [tallies, firstPass] = await Promise.all([
    ports.store.getMany(
      'tally',
      beads.map(({ beadId }) => ({ townId, period: 'life' as const, scope: `bead#${beadId}` })),
    ),
    firstPassOf(ports, townId, beads),
  ]);
  const paid = tallies.flatMap((tally) => tally ?? []);
  const byModel = Map.groupBy(
    paid.flatMap(({ model }) => model ?? []),
    (model) => model,
  );
  const models = [...byModel].toSorted(([, one], [, other]) => other.length - one.length).map(([model]) => model);
  const cost = paid.reduce((sum, { costMicroUsd }) => sum + costMicroUsd, 0);
  return {
    beads: beads.length,
    ...firstPass,
    ...(paid.length === 0 ? {} : { beadMicroUsd: Math.round(cost / paid.length) }),
    models: models.slice(0, modelsNamed),
  };
};

/** The way of working alone. */
const configOf = ({ name, overlay, withoutTools, gates, model }: Persona | PublishedPersona) => ({
  name,
  overlay,
  ...(withoutTools === undefined ? {} : { withoutTools }),
  ...(gates === undefined ? {} : { gates }),
  ...(model === undefined ? {} : { model }),
});

export interface RegistryAct {
  readonly townId: string;
  readonly personaId: string;
  readonly userId: string;
}
/** Publishes a persona of a town, or its newest state and results. Throws 404 when the town has none of its own, 403 when the id is somebody else's. */
export const publishPersona = (ports: Ports, { townId, personaId, userId }: RegistryAct): Promise<PublishedPersona> =>
  transact(ports, 'The persona', async () => {
    const [stored, before] = await Promise.all([
      ports.store.get('persona', { townId, personaId }),
      ports.store.get('publishedPersona', { registry, personaId }),
    ]);
    if (stored === undefined) throw notFound(`The town has no persona ${personaId} of its own to publish.`);
    if (before !== undefined) checkPublisher(before, userId);
    const at = isoNow(ports);
    const item: PublishedPersona = {
      registry,
      personaId,
      ...configOf(stored),
      results: await resultsOf(ports, townId, personaId),
      publishedBy: userId,
      fromTownId: townId,
      version: (before?.version ?? 0) + 1,
      createdAt: before?.createdAt ?? at,
      updatedAt: at,
    };
    return {
      writes: [{ put: 'publishedPersona', item, when: before === undefined ? { absent: true } : { equals: { version: before.version } } }],
      result: item,
    };
  });

/** Takes a persona out of the registry. Throws 404, 403 when somebody else has published it. */
export const withdrawPersona = (ports: Ports, { personaId, userId }: Omit<RegistryAct, 'townId'>): Promise<{ ok: true }> =>
  transact(ports, 'The persona', async () => {
    const before = await publishedPersona(ports, personaId);
    checkPublisher(before, userId);
    return {
      writes: [{ remove: 'publishedPersona', key: { registry, personaId }, when: { equals: { version: before.version } } }],
      result: { ok: true },
    };
  });

/** Copies it into the town; again takes over the newest version. Throws 404, and 409 for one that the town has made itself, or has too many. */
export const installPersona = (ports: Ports, { townId, personaId, userId }: RegistryAct): Promise<PersonaView> =>
  transact(ports, 'The persona', async () => {
    const [found, own] = await Promise.all([publishedPersona(ports, personaId), ports.store.personasOf(townId)]);
    const before = own.find((persona) => persona.personaId === personaId);
    if (before !== undefined && before.installedVersion === undefined)
      throw conflict(`The town has made a persona ${personaId} itself; remove it first if the one of the registry shall take its place.`);
    if (before?.installedVersion === found.version) return { writes: [], result: presentedPersona(before) };
    if (before === undefined && own.length >= personasPerTown) throw conflict(`A town can have ${personasPerTown} personas.`);
    const at = isoNow(ports);
    const item: Persona = {
      townId,
      personaId,
      ...configOf(found),
      installedVersion: found.version,
      version: (before?.version ?? 0) + 1,
      createdAt: before?.createdAt ?? at,
      updatedAt: at,
    };
    return {
      writes: [
        { put: 'persona', item, when: before === undefined ? { absent: true } : { equals: { version: before.version } } },
        { put: 'event', item: changeEvent(ports, { townId, userId, at }, [`persona.${personaId}`]), when: 'none' },
      ],
      result: presentedPersona(item),
    };
  });
