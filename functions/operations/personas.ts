// Personas of a town: its own and the built-in ones. A town's own of the same id takes the place of a built-in one.
import type { Persona, PersonaInput, PersonaPatch, PersonaView, Worn } from '../contracts/persona.schema.ts';
import { tools } from '../contracts/tools.schema.ts';
import { builtInPersonas, presentedPersona } from '../domain/personas.ts';
import type { Ports } from '../ports.ts';
import { conflict, notFound, unprocessable } from '../api/problems.ts';
import { checkVersion } from '../api/serve.ts';
import { changeEvent } from './change-settings.ts';
import { isoNow, transact } from './transact.ts';

export const personasPerTown = 100;
type Reads = Pick<Ports, 'store'>;

/** The persona of this id, as it is now; undefined when there is none (any more). */
export const personaOf = async (ports: Reads, townId: string, personaId: string): Promise<Worn | undefined> =>
  (await ports.store.get('persona', { townId, personaId })) ?? builtInPersonas.get(personaId);

/** Those of these ids that exist, by id. */
export const personasById = async (ports: Reads, townId: string, personaIds: readonly string[]): Promise<ReadonlyMap<string, Worn>> => {
  const unique = [...new Set(personaIds)];
  if (unique.length === 0) return new Map();
  const own = await ports.store.getMany(
    'persona',
    unique.map((personaId) => ({ townId, personaId })),
  );
  const found = unique.flatMap((personaId, index) => own[index] ?? builtInPersonas.get(personaId) ?? []);
  return new Map(found.map((persona) => [persona.personaId, persona]));
};

/** Throws 422 naming the personas that there are. */
export const checkPersonas = async (
  ports: Reads,
  townId: string,
  wanted: readonly { readonly id: string | undefined; readonly path: string }[],
): Promise<void> => {
  const named = wanted.flatMap(({ id, path }) => (id === undefined ? [] : [{ id, path }]));
  const found = await personasById(
    ports,
    townId,
    named.map(({ id }) => id),
  );
  const missing = named.filter(({ id }) => !found.has(id));
  if (missing.length === 0) return;
  const known = (await listPersonas(ports, townId)).map((persona) => persona.personaId);
  throw unprocessable(
    `There is no persona ${missing.map(({ id }) => id).join(', ')} in this town; there are: ${known.join(', ')}.`,
    missing.map(({ path }) => ({ path, message: 'no such persona' })),
  );
};

export const listPersonas = async (ports: Reads, townId: string): Promise<PersonaView[]> => {
  const own = await ports.store.personasOf(townId);
  const all = new Map<string, Worn>([...builtInPersonas, ...own.map((persona) => [persona.personaId, persona] as const)]);
  return [...all.values()].toSorted((one, other) => (one.personaId < other.personaId ? -1 : 1)).map(presentedPersona);
};

/** Throws 404. */
export const personaView = async (ports: Reads, townId: string, personaId: string): Promise<PersonaView> => {
  const persona = await personaOf(ports, townId, personaId);
  if (persona === undefined) throw notFound(`There is no persona ${personaId} in this town.`);
  return presentedPersona(persona);
};

/** Throws 422 for tools that do not exist. */
const checkTools = (names: readonly string[] | undefined): void => {
  const unknown = (names ?? []).filter((name) => !Object.hasOwn(tools, name));
  if (unknown.length > 0)
    throw unprocessable(`There is no tool ${unknown.join(', ')}.`, [
      { path: 'body.withoutTools', message: `unknown: ${unknown.join(', ')}` },
    ]);
};

interface Change {
  readonly townId: string;
  readonly userId: string;
  readonly ifMatch?: number | undefined;
}
const eventOf = (ports: Ports, { townId, userId }: Change, at: string, personaId: string) =>
  ({ put: 'event', item: changeEvent(ports, { townId, userId, at }, [`persona.${personaId}`]), when: 'none' }) as const;
const ownPersona = async (ports: Reads, townId: string, personaId: string): Promise<Persona> => {
  const persona = await ports.store.get('persona', { townId, personaId });
  if (persona !== undefined) return persona;
  if (builtInPersonas.has(personaId))
    throw conflict(`${personaId} is built in and cannot be changed; create a persona of the same id, which takes its place.`);
  throw notFound(`There is no persona ${personaId} in this town.`);
};

/** Throws 409 when the town has one of this id, or too many. */
export const createPersona = (ports: Ports, request: Change & { readonly input: PersonaInput }): Promise<PersonaView> =>
  transact(ports, 'The persona', async () => {
    const { townId, input } = request;
    checkTools(input.withoutTools);
    const own = await ports.store.personasOf(townId);
    if (own.some((persona) => persona.personaId === input.personaId)) throw conflict(`The town has a persona ${input.personaId} already.`);
    if (own.length >= personasPerTown) throw conflict(`A town can have ${personasPerTown} personas.`);
    const at = isoNow(ports);
    const item: Persona = { townId, ...input, version: 1, createdAt: at, updatedAt: at };
    return {
      writes: [{ put: 'persona', item, when: { absent: true } }, eventOf(ports, request, at, input.personaId)],
      result: presentedPersona(item),
    };
  });

/** What is absent stays. Who wears it has the new text from the next prompt on. Throws 404 and 409. */
export const updatePersona = (
  ports: Ports,
  request: Change & { readonly personaId: string; readonly patch: PersonaPatch },
): Promise<PersonaView> =>
  transact(ports, 'The persona', async () => {
    const { townId, personaId, patch } = request;
    checkTools(patch.withoutTools);
    const before = await ownPersona(ports, townId, personaId);
    checkVersion(request.ifMatch, before.version);
    if (Object.keys(patch).length === 0) return { writes: [], result: presentedPersona(before) };
    const at = isoNow(ports);
    const item: Persona = {
      ...before,
      name: patch.name ?? before.name,
      overlay: patch.overlay ?? before.overlay,
      ...(patch.withoutTools === undefined ? {} : { withoutTools: patch.withoutTools }),
      ...(patch.gates === undefined ? {} : { gates: patch.gates }),
      ...(patch.model === undefined ? {} : { model: patch.model }),
      version: before.version + 1,
      updatedAt: at,
    };
    return {
      writes: [{ put: 'persona', item, when: { equals: { version: before.version } } }, eventOf(ports, request, at, personaId)],
      result: presentedPersona(item),
    };
  });

/** Beads that name it go on without it, or with the built-in one of the same id. Throws 404 and 409. */
export const deletePersona = async (ports: Ports, request: Change & { readonly personaId: string }): Promise<void> =>
  transact(ports, 'The persona', async () => {
    const { townId, personaId } = request;
    const before = await ownPersona(ports, townId, personaId);
    return {
      writes: [
        { remove: 'persona', key: { townId, personaId }, when: { equals: { version: before.version } } },
        eventOf(ports, request, isoNow(ports), personaId),
      ],
      result: undefined,
    };
  });
